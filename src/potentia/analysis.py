"""Everything that can be said of a game and a profile of it, part by part, and what each part took.

The parts: `equilibrium` (how far the profile is from Nash), `potential` (is it a Markov potential game), `theory`
(what Theorem 3.1 promises for it), `welfare` (what selfishness costs), and `lemmas` (the paper's lemmas along the run
that led to the profile). A part that a game is too large for says so, and the others go on.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from potentia import theory, welfare
from potentia.certificates.equilibrium import certify
from potentia.errors import InputError, known_name
from potentia.games.tabular import MarkovGame
from potentia.lines import Line
from potentia.potential import PROVEN, REFUTED, Classification, classify, with_policies
from potentia.progress import progress_bar
from potentia.result import Result

PARTS = ("equilibrium", "potential", "theory", "welfare", "lemmas")


@dataclasses.dataclass(frozen=True)
class Part:
    """One part: its name, its report (None where there is none), why there is none, and the seconds it took."""

    name: str
    report: Any
    without: str
    seconds: float

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("not computed", self.without)] if self.report is None else self.report.lines()


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is asked of a game: the parts; policies and states as `potential.classify` takes them; random starts of the
    welfare report; the seed of all random draws."""

    parts: Sequence[str] = PARTS
    policies: str | None = None
    states: str = "reachable"
    starts: int = 20
    seed: int = 0


def analyse(game: MarkovGame, profile: object = None, result: Result | None = None, asked: Asked = Asked(),
            progress: bool | None = None) -> list[Part]:
    """The parts that were asked for, of `game`, of `profile` [N, H, A] if given, and of the one run in `result`.

    Raises InputError for a part that does not exist, for bad settings, and for a profile that is none or that
    float64 cannot judge.
    """
    for name in asked.parts:
        known_name(name, PARTS, "part")
    game, parts = with_policies(game, asked.policies), []
    with progress_bar(len(asked.parts), progress, "analysing") as tell:
        for name in PARTS:
            if name in asked.parts:
                tell(len(parts), name)
                part = _part(name, game, profile, result, asked, parts)
                parts += [] if part is None else [part]
    return parts


def _part(name: str, game: MarkovGame, profile: object, result: Result | None, asked: Asked,
          before: Sequence[Part]) -> Part | None:
    """One part; None where it has no subject."""
    if name == "equilibrium":
        return None if profile is None else _timed(name, lambda: certify(game, profile))
    if name == "welfare":
        return _timed_if_it_fits(name, lambda: welfare.report(game, profile, starts=asked.starts, seed=asked.seed))
    if name == "potential":
        return _timed(name, lambda: _kind(game, asked))
    known = [part.report for part in before if part.name == "potential"]
    kind = known[0] if known else _kind(game, asked)
    if name == "theory":
        return _timed_if_it_fits(name, lambda: theory.report(game, kind, seed=asked.seed))
    return None if result is None else _timed_if_it_fits(name, lambda: _lemmas(game, result, kind))


def _kind(game: MarkovGame, asked: Asked) -> Classification:
    return classify(game, states=asked.states, seed=asked.seed)


def _lemmas(game: MarkovGame, result: Result, kind: Classification) -> Any:
    if kind.verdict != PROVEN:
        why = "is no potential game" if kind.verdict == REFUTED else "has no known potential"
        raise InputError(f"NOT APPLICABLE: the game {why}")
    return theory.check(game, result, stage_potential=np.asarray(kind.stage_potential))


def _timed(name: str, make: Callable[[], Any]) -> Part:
    began = time.perf_counter()
    report = make()
    return Part(name, report, "", time.perf_counter() - began)


def _timed_if_it_fits(name: str, make: Callable[[], Any]) -> Part:
    """A part, or the reason that the game is too large for it or not of its kind."""
    began = time.perf_counter()
    try:
        return _timed(name, make)
    except InputError as error:
        return Part(name, None, str(error), time.perf_counter() - began)
