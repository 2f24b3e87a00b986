"""What people see while it runs: reports as text, the log, the progress bar."""
