"""What a trial, a figure and its curves are: one algorithm on one game, run several times."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from potentia.experiments.setting import Setting
from potentia.experiments.verdicts import EXACT, PUBLISHED, SAMPLED

_SUFFIX = {PUBLISHED: "published", SAMPLED: "sampled", EXACT: "exact"}


@dataclasses.dataclass(frozen=True)
class Trial(Setting):
    """One algorithm on one game.

    kind: PUBLISHED, SAMPLED or EXACT of `verdicts`. stop: step tolerance. cap: most iterations.
    check_every: iterations between exact Nash gaps.
    """

    kind: str
    initial: str
    stop: float
    cap: int
    check_every: int


@dataclasses.dataclass(frozen=True)
class Figure:
    """A figure of a paper: its title, its curves (label -> stem of the trials' names), and their
    form.

    mean: mean and one standard deviation over the runs, or every run by itself. marks: numbers of
    iterations that the paper gives, and what to call them.
    """

    title: str
    curves: Mapping[str, str]
    mean: bool
    marks: Mapping[int, str] = dataclasses.field(default_factory=dict)


def trial_name(stem: str, kind: str) -> str:
    """The name of a trial from its stem and kind."""
    return f"{stem}-{_SUFFIX[kind]}"


def trials_of(figure: Figure, kind: str) -> dict[str, str]:
    """The curves of a figure in one kind: label -> name of the trial."""
    return {label: trial_name(stem, kind) for label, stem in figure.curves.items()}
