"""A rule on a registered game, solved as anybody would, and its exact Nash gaps on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from potentia import games, oracles, rules, schedules
from potentia.certificates.equilibrium import certify
from potentia.experiments.statements import Measured
from potentia.learning.solver import solve


@dataclasses.dataclass(frozen=True)
class Learning:
    """Runs of one rule from the uniform profile.

    game, rule, oracle, schedule: registered names and parameters. updates: of each run. at: updates
    after which the exact gap is read, multiples of the first that is not 0. runs: 1 where nothing
    is random.
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

    def measured(self, seed: int) -> Measured:
        """The largest gap of any run after so many updates, and the largest certified one at the
        end. seed: of what is sampled."""
        game = games.make(self.game, **self.game_parameters)
        every = min(at for at in self.at if at)
        result = solve(game, rules.make(self.rule, **self.rule_parameters),
                       oracles.make(self.oracle, **self.oracle_parameters), initial="uniform",
                       seed=seed, max_iterations=max(self.at), tolerance=None, check_every=every,
                       runs=self.runs, progress=False,
                       schedule=schedules.make(self.schedule, **self.schedule_parameters))
        gaps = np.atleast_2d(result.history["nash_gap"]).max(axis=0)
        numbers = {f"gap after {at:,} updates": float(gaps[at // every]) for at in self.at}
        last = [result.profile] if self.runs == 1 else result.profile
        ends = [certify(game, profile).nash_gap for profile in last]
        return Measured(numbers, {"at the end": max(ends)})
