"""Where independent learning from random starts ends.

Independent natural policy gradient with exact gradients, at the step at which no logit rises by
more than 1 in the first update of any run. That step promises nothing later on: every profile at
the end is certified, and a run whose gap is not small reached no equilibrium.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia import rules
from potentia.certificates.equilibrium import certify
from potentia.console.text import counted
from potentia.games.tabular.game import MarkovGame
from potentia.learning import solver

MOST_ITERATIONS, LEAST_ITERATIONS, CHECK_EVERY = 2_000, 50, 50
BUDGET = 5e9  # entries of the joint table that all iterations of all runs may read: some 20 seconds
SOLVED = 1e-6             # runs stop at a gap of this share of what is at stake


@dataclasses.dataclass(frozen=True)
class Reached:
    """Where the runs ended: profiles [starts, N, H, A], [starts] welfare and certified Nash gaps;
    how they ran."""

    profiles: np.ndarray
    welfare: np.ndarray
    gap: np.ndarray
    note: str


def learn(game: MarkovGame, starts: int, seed: int, stake: float) -> Reached:
    """Learn from so many random starts, as far as the budget allows; `stake` is the unit of
    gaps."""
    if starts == 0:
        return _none(game, "left out")
    allowed = int(BUDGET) // (starts * entries(game))
    if allowed < LEAST_ITERATIONS:
        return _none(game,
                     f"left out: {counted(starts, 'run')} of {LEAST_ITERATIONS} iterations would "
                     f"read {starts * LEAST_ITERATIONS * entries(game):.2g} table entries, but the "
                     f"limit is {BUDGET:.0e}")
    iterations = min(MOST_ITERATIONS, allowed)
    step_size = _step_size(game, starts, seed)
    result = solver.solved(game, rules.make("inpg", step_size=step_size), runs=starts, seed=seed,
                        max_iterations=iterations, tolerance=SOLVED * stake,
                          check_every=CHECK_EVERY, progress=False)
    profiles = result.profile.reshape(starts, *np.shape(game.mask))
    certificates = [certify(game, profile) for profile in profiles]
    note = (f"INPG, exact, step size {step_size:.3g}, at most {counted(iterations, 'iteration')}, "
            f"seed {seed}")
    return Reached(profiles=profiles,
                   welfare=np.array([float(each.values.sum()) for each in certificates]),
                   gap=np.array([each.nash_gap for each in certificates]), note=note)


def _none(game: MarkovGame, note: str) -> Reached:
    return Reached(np.zeros((0, *np.shape(game.mask))), np.zeros(0), np.zeros(0), note)


def entries(game: MarkovGame) -> int:
    """What one iteration costs: the joint table is read once, and a matrix [S, S] is factored."""
    return int(np.size(game.rewards)) + game.n_states**3 // 8


def _step_size(game: MarkovGame, starts: int, seed: int) -> float:
    """The step size at which the largest advantage at the starts moves a logit by 1."""
    first = solver.solved(game, rules.make("inpg", step_size=1.0), runs=starts, seed=seed,
                         max_iterations=1,
                       tolerance=None, progress=False)
    largest = float(np.nanmax(first.history["advantage"], initial=0.0))
    return 1.0 / (float(game.scale) * largest) if largest > 0 else 1.0
