"""The faults that `mutants.py` plants, in a file for each few rooms of the sources."""

from __future__ import annotations

from planted import games, ground, learning, reports, tools, training, verdicts

ROOMS = learning, games, verdicts, ground, reports, tools, training
MUTANTS = tuple(mutant for room in ROOMS for mutant in room.MUTANTS)
