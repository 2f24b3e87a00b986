"""Rewards and next state by the counts of agents at facilities; `game.LoadGame`."""
