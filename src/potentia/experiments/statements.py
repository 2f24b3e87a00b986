"""Claims that numbers decide which are computed once: no trials, no runs.

A statement says what a paper claims, what is measured, and what the numbers must be like for it to
hold. What is measured is data (see `courses`, `potentials` and `arrivals`); one measure may serve
several statements.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Protocol

from potentia.experiments.verdicts import EXACT, NO, UNDECIDED, YES, verdict_of

Numbers = Mapping[str, float]
TOLERANCE = 1e-6         # relative, of a number that is held against the one on record


@dataclasses.dataclass(frozen=True)
class Measured:
    """numbers: what was measured, by name. nash_gap: certified upper bounds of the Nash gap where
    it ended, by name."""

    numbers: dict[str, float]
    nash_gap: dict[str, float]


class Measure(Protocol):
    """Something to compute."""

    def measured(self, seed: int) -> Measured:
        """The numbers; seed: of what is drawn at random, if anything is."""
        ...


@dataclasses.dataclass(frozen=True)
class Statement:
    """A claim of a paper, and what decides it.

    paper: what the paper says, in words. number: the number in it, if there is one. measures: label
    -> what is measured; a number is called by its label and its name, with a blank between. holds:
    whether the claim does, from all numbers, or None where they do not tell. reason: why it is not
    reproduced, where it is not. tolerances: relative, by the number's whole name; any other is held
    to `tolerance`. kind: EXACT, or SAMPLED where agents learn from play.
    """

    id: str
    claim: str
    source: str
    paper: str
    measures: Mapping[str, Measure]
    holds: Callable[[Numbers], bool | None]
    number: float | None = None
    reason: str = ""
    tolerances: Mapping[str, float] = dataclasses.field(default_factory=dict)
    tolerance: float = TOLERANCE
    kind: str = EXACT


def judged(statement: Statement, found: Mapping[str, Measured], figure: str) -> dict[str, object]:
    """The entry of a statement, from what was measured by label. figure: the word by which the
    command line is asked for it."""
    numbers = _named({label: one.numbers for label, one in found.items()})
    told = statement.holds(numbers)
    holds = UNDECIDED if told is None else YES if told else NO
    return {"id": statement.id, "figure": figure, "mode": "as-written", "kind": statement.kind,
            "claim": statement.claim, "source": statement.source, "paper": statement.paper,
            "paper_number": statement.number, "measured": numbers,
            "nash_gap": _named({label: one.nash_gap for label, one in found.items()}),
            "tolerance": {name: statement.tolerances.get(name, statement.tolerance)
                          for name in numbers},
            "holds": holds, "verdict": verdict_of({statement.kind: holds}),
            "reason": statement.reason}


def _named(groups: Mapping[str, Numbers]) -> dict[str, float]:
    return {f"{label} {name}".strip(): float(number) for label, numbers in groups.items()
            for name, number in numbers.items()}
