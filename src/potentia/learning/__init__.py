"""The loop: `solver.solve`, its host's and its device's side, what is recorded, and checkpoints."""
