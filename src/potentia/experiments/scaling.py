"""How many iterations rules need as one size of a game grows: agents, or actions.

What is counted is the Nash regret of Ding et al. (arXiv 2202.04129): of every profile on the way
the largest gain of any agent, averaged over the profiles so far, the start included.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from potentia import games, rules
from potentia.certificates.equilibrium import certify
from potentia.experiments.courses import follow
from potentia.experiments.statements import Measured
from potentia.game import Game
from potentia.runtime.float64 import float64_on_one_blas_thread

NEVER = -1


@dataclasses.dataclass(frozen=True)
class Series:
    """One rule at every size.

    rule: a registered name. parameters: by size.
    """

    rule: str
    parameters: Callable[[int], Mapping[str, Any]]


@dataclasses.dataclass(frozen=True)
class Scaling:
    """Rules on games that differ in size alone, each played once.

    game: a registered name; discount 0 and one state. sizes: increasing. parameters: by size.
    start: by size, one agent's probabilities [A]; all agents start alike. regret: the average Nash
    regret to be reached, in the unit of the rewards. updates: of every course, so that courses of
    one rule share a program. series: label -> what learns.
    """

    game: str
    sizes: tuple[int, ...]
    parameters: Callable[[int], Mapping[str, Any]]
    start: Callable[[int], np.ndarray]
    regret: float
    updates: int
    series: Mapping[str, Series]

    def measured(self, seed: int) -> Measured:
        """Of each series the iterations at each size, `NEVER` where the updates were too few; and
        where they never were, the exponent of a power law by least squares. Certified is the
        largest gap of the last profiles. Nothing is random."""
        made = [games.make(self.game, **self.parameters(size)) for size in self.sizes]
        numbers, ends = {}, {}
        for label, series in self.series.items():
            found = [self._course(game, series, size)
                     for game, size in zip(made, self.sizes, strict=True)]
            counts = [iterations(gaps, self.regret) for gaps, _ in found]
            numbers |= {f"{label} iterations ({size})": float(count)
                        for size, count in zip(self.sizes, counts, strict=True)}
            if NEVER not in counts:
                numbers[f"{label} exponent"] = exponent(self.sizes, counts)
            ends[f"{label} at the end"] = max(gap for _, gap in found)
        return Measured(numbers, ends)

    def _course(self, game: Game, series: Series, size: int) -> tuple[np.ndarray, float]:
        """The largest gains of the profiles on the way, [updates + 1], and the last one's certified
        gap."""
        rule = rules.make(series.rule, **series.parameters(size))
        profile = np.broadcast_to(self.start(size), np.asarray(game.mask).shape)
        with float64_on_one_blas_thread():
            gains, _, last = follow(game, rule, jnp.asarray(profile), self.updates)
        return np.asarray(gains).max(axis=1), certify(game, np.asarray(last)).nash_gap


def iterations(gaps: np.ndarray, regret: float) -> int:
    """The least number of profiles from the start whose mean gap is at most `regret`, or `NEVER`;
    `gaps` [T] of all profiles, in order."""
    mean = np.cumsum(gaps) / np.arange(1, len(gaps) + 1)
    reached = np.flatnonzero(mean <= regret)
    return int(reached[0]) + 1 if reached.size else NEVER


def exponent(sizes: Sequence[int], counts: Sequence[int]) -> float:
    """The slope of log counts over log sizes, by least squares."""
    slope, _ = np.polyfit(np.log(sizes), np.log(counts), 1)
    return float(slope)
