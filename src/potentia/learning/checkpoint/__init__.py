"""What survives a killed solve: `store` keeps it in files, `arrays` turns runs into arrays,
`fingerprint` into text."""
