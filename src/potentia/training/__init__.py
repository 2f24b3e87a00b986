"""Training in simulators: episodes, updates, what is returned, and estimated gaps."""
