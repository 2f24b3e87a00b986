"""Files: runs, games and profiles, as JSON and npz. Nothing is ever pickled."""
