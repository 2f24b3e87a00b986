"""Identical agents who all play alike, on a layered graph; `game.SymmetricCongestionGame`."""
