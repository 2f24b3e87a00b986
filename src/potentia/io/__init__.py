"""Files: runs, games and networks."""
