"""Sweeps: every game by every rule, oracle and schedule, over seeds; one table, cell by cell."""
