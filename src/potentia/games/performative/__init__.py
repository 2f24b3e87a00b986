"""Rewards and moves that respond to the profile that is deployed; `game.PerformativeGame`."""
