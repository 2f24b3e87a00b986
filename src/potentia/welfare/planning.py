"""The planner's problem: one mind picks every agent's action and is paid the sum of their rewards.

    W*(s) = max_a [sum_i r_i(s, a) + discount sum_s' P(s' | s, a) W*(s')]

Stationary deterministic joint policies suffice (Puterman, Markov Decision Processes, 1994, Theorem
6.2.10). The planner sees the state: for agents that see less, W* bounds their best joint play from
above.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.certificates.decision_problem import best_policy, horizon
from potentia.certificates.joint_actions import planner
from potentia.equilibria.start import mean_at_start
from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame

OVERFLOW = "the maximum welfare overflows float64: the sum of the agents' rewards is too large"


@dataclasses.dataclass(frozen=True)
class Optimum:
    """Bounds on the maximum welfare from the initial distribution, and [S, N] actions that attain
    the lower."""

    lower: float
    upper: float
    actions: np.ndarray


def best_joint_play(game: MarkovGame) -> Optimum:
    """The maximum welfare, by policy iteration over joint actions, bounded from both sides.

    Raises InputError where it or its bounds overflow.
    """
    rewards = np.asarray(game.rewards)
    if not np.isfinite(np.abs(rewards).sum(axis=2)).all():
        raise InputError(OVERFLOW)
    plan = planner(game, rewards.sum(axis=2))
    # The stage is a sum over agents, rounded as often; what rounding is relative to is the sum of
    # the absolutes.
    plan = dataclasses.replace(plan, magnitude=np.abs(rewards).sum(axis=2).max(axis=1),
                               operations=plan.operations + game.n_agents)
    policy, values = best_policy(plan, np.zeros(len(rewards)))
    reach = horizon(plan)
    actions = np.stack(np.unravel_index(policy.argmax(axis=1), game.action_counts), axis=1)
    lower = values - reach.around(plan, policy, values)[0]
    upper = values + reach.above_best(plan, values)
    if not (np.isfinite(lower).all() and np.isfinite(upper).all()):
        raise InputError(OVERFLOW)
    return Optimum(lower=mean_at_start(game, lower), upper=mean_at_start(game, upper),
                   actions=actions)
