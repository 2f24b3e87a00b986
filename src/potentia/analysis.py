"""Everything that can be said of a game and a profile of it, part by part, and what each part took.

The parts: `equilibrium` (how far the profile is from Nash), `potential` (is it a Markov potential
game), `theory` (what Theorem 3.1 promises for it), `welfare` (what selfishness costs), and `lemmas`
(the paper's lemmas along the run that led to the profile). A part that a game is too large for says
so, and the others go on.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from potentia import theory, welfare
from potentia.certificates.certificate import Certificate
from potentia.certificates.equilibrium import certify
from potentia.console.progress import progress_bar
from potentia.console.text import Line
from potentia.errors import InputError, known_name
from potentia.game import Game, HasLinks, HasNormalForm
from potentia.potential import PROVEN, REFUTED, Classification, classify, with_policies
from potentia.potential.subject import STATES
from potentia.result import Result
from potentia.runtime.time_limits import TimeIsUpError, time_limit
from potentia.welfare import traffic

PARTS = ("equilibrium", "potential", "theory", "welfare", "lemmas")


@dataclasses.dataclass(frozen=True)
class Part:
    """One part: its name, its report (None where there is none), why there is none, and the seconds
    it took."""

    name: str
    report: Any
    without: str
    seconds: float

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("not computed", self.without)] if self.report is None else self.report.lines()


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is asked of a game: parts, or None for all that have a subject; policies and states as
    `potential.classify` takes them; random starts of the welfare report; the seed of all random
    draws; the pure profiles that the welfare report may try, or None for as many as it does
    unasked; whether on roads the system optimum is learnt; the seconds that all parts together may
    take, or None for as many as they need; the profile's certificate, if there is one already."""

    parts: Sequence[str] | None = None
    policies: str | None = None
    states: str = "reachable"
    starts: int = 20
    seed: int = 0
    limit: int | None = None
    price: bool = True
    seconds: float | None = None
    certificate: Certificate | None = None


def analyse(game: Game, profile: object = None, result: Result | None = None,
            asked: Asked = Asked(),
            progress: bool | None = None) -> list[Part]:
    """The parts that were asked for, of `game`, of `profile` [N, H, A] if given, and of the run in
    `result`.

    Raises InputError for a part that does not exist or has no subject, for bad settings, and for a
    profile that is none or that float64 cannot judge.
    """
    lacking = _lacking(profile, result)
    for name in asked.parts or ():
        known_name(name, PARTS, "part")
        if name in lacking:
            raise InputError(f"part {name!r} is about {lacking[name]}")
    known_name(asked.states, STATES, "states")
    wanted = [name for name in PARTS
              if (name not in lacking if asked.parts is None else name in asked.parts)]
    inquiry = _Inquiry(with_policies(game, asked.policies), profile, result, asked)
    parts: list[Part] = []
    with progress_bar(len(wanted), progress, "analysing") as tell:
        for name in wanted:
            tell(len(parts), name)
            parts.append(_timed(name, getattr(inquiry, name), asked.seconds,
                                sum(part.seconds for part in parts)))
    return parts


def _lacking(profile: object, result: Result | None) -> dict[str, str]:
    """The parts that have no subject: what each is about, and how to give it."""
    lacking = {}
    if profile is None:
        lacking["equilibrium"] = (
            "a profile, and none is given: add --profile FILE, or name a saved run")
    if result is None:
        lacking["lemmas"] = "one run, and none is given: name the directory of a saved one"
    elif isinstance(result.status, tuple):
        lacking["lemmas"] = (
            f"one run, and {len(result.status)} are given: save one alone, with --runs 1")
    return lacking


def _timed(name: str, make: Callable[[], Any], most: float | None, spent: float) -> Part:
    """A part, or the reason that the game is too large for it or not of its kind, or that the time
    was up: of `most` seconds so many are `spent`."""
    began = time.perf_counter()
    try:
        with time_limit(None if most is None else most - spent):
            report, without = make(), ""
    except UnansweredError as error:
        report, without = None, str(error)
    except TimeIsUpError:
        report, without = None, f"the time was up: all parts together may take {most:g} s"
    return Part(name, report, without, time.perf_counter() - began)


class UnansweredError(Exception):
    """Why a part has no report."""


@dataclasses.dataclass(frozen=True)
class _Inquiry:
    """The makers of the parts; what kind of game it is, is found out once, in the first part that
    needs it."""

    game: Game
    profile: object
    result: Result | None
    asked: Asked

    @cached_property
    def _certificate(self) -> Certificate:
        return self.asked.certificate or certify(self.game, self.profile)

    def equilibrium(self) -> Certificate:
        return self._certificate

    def potential(self) -> Classification:
        return _answered(lambda: self._kind)

    def welfare(self) -> Any:
        if isinstance(self.game, HasLinks):
            return self._welfare_of_roads(self.game)
        return _answered(lambda: welfare.report(self.game, self.profile, starts=self.asked.starts,
                                                seed=self.asked.seed, limit=self.asked.limit))

    def _welfare_of_roads(self, game: HasLinks) -> Any:
        if self.profile is None:
            raise UnansweredError("what selfishness costs on roads is told of a profile: add "
                                  "--profile FILE, or name a saved run")
        return traffic.report(game, self.profile, optimum=self.asked.price and game.has_optimum,
                              progress=False, certificate=self._certificate)

    def theory(self) -> Any:
        if isinstance(self.game, HasNormalForm):
            raise UnansweredError("Theorem 3.1 is about games of finitely many joint states: its "
                                  "constants are those of tabular() and normal_form()")
        return _answered(lambda: theory.report(self.game, self._kind, seed=self.asked.seed))

    def lemmas(self) -> Any:
        if isinstance(self.game, HasNormalForm):
            raise UnansweredError("the lemmas are checked on games of joint states")
        result = self.result
        assert result is not None, "a part without its subject is refused"
        kind = self.potential()
        if kind.verdict != PROVEN:
            why = "is no potential game" if kind.verdict == REFUTED else "has no known potential"
            raise UnansweredError(f"NOT APPLICABLE: the game {why}")
        return _answered(lambda: theory.check(self.game, result,
                                              stage_potential=np.asarray(kind.stage_potential)))

    @cached_property
    def _kind(self) -> Classification:
        return classify(self.game, states=self.asked.states, seed=self.asked.seed)


def _answered(make: Callable[[], Any]) -> Any:
    """What `make` makes; what it refuses about the game is no fault of the question."""
    try:
        return make()
    except InputError as error:
        raise UnansweredError(str(error)) from None
