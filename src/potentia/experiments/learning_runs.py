"""A rule on a registered game, solved as anybody would, and its exact Nash gaps on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from potentia import games, oracles, rules, schedules
from potentia.certificates.equilibrium import certify
from potentia.experiments.statements import Measured
from potentia.learning.solver import solved
from potentia.result import Result, Status


@dataclasses.dataclass(frozen=True)
class Learning:
    """Runs of one rule.

    game, rule, oracle, schedule: registered names and parameters. at: updates after which the exact
    gap is read, multiples of the first that is not 0; the last is how many there are. runs: 1 where
    nothing is random. initial: "uniform", or "random", another start for each run. level: a gap;
    how long some run is above it is read too, at these multiples.
    """

    game: str
    game_parameters: Mapping[str, Any]
    rule: str
    rule_parameters: Mapping[str, Any]
    at: tuple[int, ...]
    oracle: str = "exact"
    oracle_parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    schedule: str = "simultaneous"
    schedule_parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    runs: int = 1
    initial: str = "uniform"
    level: float | None = None

    def measured(self, seed: int) -> Measured:
        """The largest gap of any run after so many updates, and the largest certified one at the
        end. seed: of what is sampled, and of random starts.

        Where runs ended before, in numbers that are not finite, how many did; no gap is read then
        after more updates than all runs made.
        """
        game = games.make(self.game, **self.game_parameters)
        every = min(at for at in self.at if at)
        result = solved(game, rules.make(self.rule, **self.rule_parameters),
                       oracles.make(self.oracle, **self.oracle_parameters), initial=self.initial,
                       seed=seed, max_iterations=max(self.at), tolerance=None, check_every=every,
                       runs=self.runs, progress=False,
                       schedule=schedules.make(self.schedule, **self.schedule_parameters))
        gaps = np.atleast_2d(result.history["nash_gap"]).max(axis=0)
        made = int(np.min(result.iterations))
        numbers = {f"gap after {at:,} updates": float(gaps[at // every]) for at in self.at
                   if at <= made}
        numbers |= self._settled(gaps, every) if made == max(self.at) else _broken_off(result)
        last = [result.profile] if self.runs == 1 else result.profile
        ends = [certify(game, profile).nash_gap for profile in last]
        return Measured(numbers, {"at the end": max(ends)})

    def _settled(self, gaps: np.ndarray, every: int) -> dict[str, float]:
        """After how many updates some gap is last above the level; -1: never. gaps [checks]."""
        if self.level is None:
            return {}
        above = np.flatnonzero(gaps > self.level)
        last = float(above[-1] * every) if above.size else -1.0
        return {f"gap last above {self.level:g} after": last}


def _broken_off(result: Result) -> dict[str, float]:
    """How many runs ended in numbers that are not finite."""
    statuses = result.status if isinstance(result.status, tuple) else (result.status,)
    return {"runs that are not finite": float(statuses.count(Status.NONFINITE))}
