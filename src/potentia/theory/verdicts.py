"""What is found of one statement of the paper on one game, and of all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from potentia.console.text import Line, Readable, counted

HOLDS, FAILS, UNDECIDED, NOT_APPLICABLE = "HOLDS", "FAILS", "UNDECIDED", "NOT APPLICABLE"


@dataclasses.dataclass(frozen=True)
class Lemma:
    """One statement, judged by numbers.

    name: by which a report is asked for it. source: where the paper says it. statement: what was
        checked.
    verdict: HOLDS, FAILS, UNDECIDED (the numbers cannot tell) or NOT APPLICABLE (a hypothesis is
        not met). It speaks of the points that were looked at: HOLDS is evidence, FAILS is a
        counterexample.
    covered: whether the paper's hypotheses are met: policies of the whole state and, for what is
        said of the run itself, a step size below 1/L. Beyond them FAILS says nothing against the
        paper.
    margin: what is left of the inequality at its tightest point, in its own unit; negative where it
        fails; None where nothing was measured. numbers: what was measured, rewards rescaled to a
        range of 1. note: in words.
    """

    name: str
    source: str
    statement: str
    verdict: str
    margin: float | None
    numbers: dict[str, float]
    note: str = ""
    covered: bool = True

    @property
    def details(self) -> str:
        """The numbers and the note, in words."""
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.numbers.items())
        return "; ".join(filter(None, [numbers, self.note]))

    @property
    def beyond(self) -> str:
        """What follows the verdict where it says nothing against the paper."""
        return "" if self.covered else ", beyond the paper's hypotheses"

    def __str__(self) -> str:
        return (f"{self.verdict:<15}{self.name}{self.beyond}: "
                f"{self.statement}\n{'':<15}{self.details}")


@dataclasses.dataclass(frozen=True)
class LemmaReport(Readable):
    """The lemmas of the paper along one trajectory; `report["Lemma 3.4"]` is one of them.

    reward_range: by which rewards were divided, so that their range is 1; 0 where all are alike,
    and none was.
    step_size: eta, for rewards of range 1. smoothness: the stated L (inf if the mismatch
    coefficient is).
    mismatch_coefficient: M of Definition 3. steps: updates of the trajectory.
    """

    lemmas: tuple[Lemma, ...]
    reward_range: float
    step_size: float
    smoothness: float
    mismatch_coefficient: float
    steps: int

    def __getitem__(self, name: str) -> Lemma:
        return {lemma.name: lemma for lemma in self.lemmas}[name]

    def __iter__(self) -> Iterator[Lemma]:
        return iter(self.lemmas)

    def __str__(self) -> str:
        return "\n".join([self._run(), self._unit(), *map(str, self.lemmas)])

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("run", self._run()), ("unit", self._unit()),
                *((lemma.name,
                   f"{lemma.verdict}{lemma.beyond}: {lemma.statement} ({lemma.details})")
                  for lemma in self.lemmas)]

    def _run(self) -> str:
        return (f"{counted(self.steps, 'step')} of size {self.step_size:.4g}; M "
                f"{self.mismatch_coefficient:.4g}, 1/L {1 / self.smoothness:.4g}")

    def _unit(self) -> str:
        if self.reward_range == 0:
            return "rewards are all alike, so that none was rescaled"
        return (f"all numbers are for rewards rescaled to a range of 1: divided by "
                f"{self.reward_range:.6g}, and the step size multiplied by it")


def undecided(name: str, source: str, statement: str, note: str) -> Lemma:
    """Nothing could be measured, and why."""
    return Lemma(name, source, statement, UNDECIDED, None, {}, note)


def not_applicable(name: str, source: str, statement: str, note: str) -> Lemma:
    """A hypothesis of the statement is not met, and which."""
    return Lemma(name, source, statement, NOT_APPLICABLE, None, {}, note)


def judged(holds: bool) -> str:
    """HOLDS or FAILS."""
    return HOLDS if holds else FAILS
