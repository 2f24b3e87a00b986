"""What play is worth from the initial distribution, and how much is at stake there."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from potentia.certificates.decision_problem import System, best_policy
from potentia.certificates.joint_actions import planner, product
from potentia.certificates.tabular import by_state
from potentia.games.tabular.game import MarkovGame


def mean_at_start(game: MarkovGame, values: np.ndarray) -> float:
    """sum_s mu(s) values(s) where mu is positive, of values [S]."""
    mu = np.asarray(game.initial)
    return math.fsum(mu[mu > 0] * values[mu > 0])


def values_at_start(game: MarkovGame, profiles: Sequence[np.ndarray]) -> np.ndarray:
    """V_i(mu) of profiles [N, H, A], [profiles, N]."""
    rewards = np.asarray(game.rewards)
    problem = planner(game, rewards[:, :, 0])
    found = np.empty((len(profiles), game.n_agents))
    for row, profile in zip(found, profiles, strict=True):
        weights = product(by_state(game, profile))
        values = System(problem, weights).solve(np.einsum("sj,sjn->sn", weights, rewards))
        row[:] = [mean_at_start(game, values[:, agent]) for agent in range(game.n_agents)]
    return found


def at_stake(game: MarkovGame) -> float:
    """The most absolute reward that any joint play brings one agent from the start: what rounding
    is measured by.

    Counted from the start, so that a state that is hardly ever reached does not make any gap look
    small.
    """
    problem = planner(game, np.abs(np.asarray(game.rewards)).max(axis=2))
    return mean_at_start(game, best_policy(problem, np.zeros(len(problem.magnitude)))[1])
