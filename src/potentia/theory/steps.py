"""Step sizes: what Theorem 3.1 allows, and what this game bears.

    L = 27 n^2 Amax^2 M / (1-gamma)^3        (Proposition 3.3, rewards in [0, 1])
    eta < 1/L                                (Theorem 3.1: the potential rises at every step)

Fox, McAleer, Overman and Panageas, arXiv 2110.10614. One factor common to all agents brings the
rewards to a range of 1 (a factor for each agent would break the potential), so that in raw units
the step is 1/(L range). A shift for each agent changes no advantage where play never ends; where it
can end, at reward 0, the range includes 0. At discount 1 the theorem says nothing.

The measured step size is the largest found at which the potential never falls in runs of exact INPG
on this game. That it rises is not monotone in the step: very large steps may jump to a pure profile
at once and rest there. So steps are tried upwards by a fixed factor until the potential first
falls, and then the last two are bisected: at no smaller step that was tried did it fall.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from potentia.certificates.joint_actions import playable, reachable
from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.theory.dynamics import ROUNDING, Run, follow, starts

# of the first update's fastest logit: where the search begins and gives up
SMALL_MOVE, LARGE_MOVE = 0.01, 500.0
FACTOR = 4.0
SMALLER = 8  # steps tried below the first, each by FACTOR: below, rounding hides a fall
BISECTIONS = 8                          # of log FACTOR: the step is found to half a percent
NEVER = -1.0                            # advantages at which a run rests


@dataclasses.dataclass(frozen=True)
class MeasuredStep:
    """The largest step found at which the potential never fell.

    step_size: in raw reward units; None if it fell at every step tried, inf if nothing ever moves.
    fell_at: the smallest step at which it was seen to fall, and at_update in which update (the
        first is 1); None if it never did.
    runs: number of random starts. updates: length of each run.
    """

    step_size: float | None
    fell_at: float | None
    at_update: int | None
    runs: int
    updates: int


def reward_range(game: MarkovGame) -> float:
    """Largest over agents of max - min reward over what can be played in reachable states, with 0
    if play can end.

    Raises InputError where that is more than float64 holds.
    """
    reached, absorbing = reachable(game), np.asarray(game.absorbing)
    rewards = np.asarray(game.rewards)[reached & ~absorbing][playable(game)[reached & ~absorbing]]
    if absorbing[reached].any():
        rewards = np.concatenate([rewards, np.zeros((1, game.n_agents))])
    highest, lowest = rewards.max(axis=0), rewards.min(axis=0)
    with np.errstate(over="ignore"):
        range_ = float((highest - lowest).max())
    if math.isinf(range_):
        raise InputError(f"rewards range from {lowest.min():.3g} to {highest.max():.3g}, further "
                         f"apart than float64 holds (divide all of them by one factor)")
    return range_


def smoothness(game: MarkovGame, mismatch: float) -> float:
    """L of Proposition 3.3, for rewards rescaled to a range of 1; infinite at discount 1 or an
    infinite mismatch."""
    if game.undiscounted:
        return math.inf
    constant = 27.0 * game.n_agents**2 * max(game.action_counts)**2
    return float(constant * mismatch / (1.0 - float(game.discount))**3)


def theorem_step(game: MarkovGame, smoothness: float, range_: float) -> float:
    """1/(L range), Theorem 3.1's step in raw reward units; 0 where it is not covered, inf where
    nothing is at stake."""
    if not game.full_information or math.isinf(smoothness):
        return 0.0
    return math.inf if range_ == 0 else 1.0 / (smoothness * range_)


def measure(game: MarkovGame, *, seed: int = 0, runs: int = 4, updates: int = 500) -> MeasuredStep:
    """Find the largest step at which the potential never falls in runs of exact INPG from random
    interior starts.

    game: with a `stage_potential`. seed: of the starts. runs: number of starts. updates: of each
    run.
    """
    with float64_on_one_blas_thread():
        search = _Search(game, list(np.asarray(starts(game.mask, np.int64(seed), runs))), updates)
        fastest = max(search.fastest(start) for start in search.starts)
        if fastest <= ROUNDING * game.scale**2 * float(np.abs(game.rewards).max()):
            return MeasuredStep(math.inf, None, None, runs, updates)
        found = search.run(SMALL_MOVE / fastest, LARGE_MOVE / fastest)
        return MeasuredStep(found, search.fell_at, search.at_update, runs, updates)


class _Search:
    """Runs at one step size after another, and the smallest step that was seen to fail."""

    def __init__(self, game: MarkovGame, starts: list[np.ndarray], updates: int):
        self.game, self.starts, self.updates = game, starts, updates
        self.fell_at: float | None = None
        self.at_update: int | None = None

    def run(self, small: float, large: float) -> float | None:
        """Upwards from `small` until the first fall or `large`, downwards if it falls at once; then
        bisect."""
        if not self.rises(small):
            low = self._down(small)
            return low and self._bisected(low)
        low = small
        while low < large and self.rises(low * FACTOR):
            low *= FACTOR
        return self._bisected(low)

    def rises(self, step_size: float) -> bool:
        """Whether the potential never falls at this step, from any start."""
        for start in self.starts:
            run = self._follow(start, step_size, self.updates)
            if run.fell:
                self.fell_at, self.at_update = step_size, int(run.updates)
                return False
        return True

    def fastest(self, start: np.ndarray) -> float:
        """How far the fastest logit moves in an update of step size 1."""
        return float(np.abs(self._follow(start, 1.0, 0).advantage).max() * self.game.scale)

    def _follow(self, start: np.ndarray, step_size: float, updates: int) -> Run:
        everywhere = np.ones(self.game.mask.shape[:2], bool)
        return follow(self.game, start, np.float64(step_size), np.int64(updates), np.float64(NEVER),
                      everywhere)

    def _down(self, step_size: float) -> float | None:
        """The first smaller step at which the potential rises, if any."""
        smaller = (step_size / FACTOR**power for power in range(1, SMALLER + 1))
        return next((step for step in smaller if self.rises(step)), None)

    def _bisected(self, low: float) -> float:
        """The last step that rises, between `low` and the smallest that falls."""
        for _ in range(BISECTIONS):
            if self.fell_at is None:
                break
            middle = math.sqrt(low * self.fell_at)
            if self.rises(middle):
                low = middle
        return low
