"""Exact INPG by enumeration of joint actions with an index table, in NumPy.

    q_i(s, a_i) = sum over a_-i of prod_{k != i} pi_k(a_k | s) (r_i(s, a) + discount V_i(s'(s, a)))
    V_i(s) = sum over a_i of pi_i(a_i | s) q_i(s, a_i),
    theta_i <- theta_i + eta/(1 - discount) (q_i - V_i)

States are taken backward, a level at a time, so that each joint action of a state is looked at once
an iteration. `plain` forms the weights that leave one agent out for each joint action, as the
definition reads. `halved` splits the agents in two: each half's returns are averaged over the other
half's joint action by products of matrices, and the two small results are split again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from game import Tables

LeaveOneOut = Callable[[np.ndarray, list[np.ndarray]], list[np.ndarray]]


def _learned(leave_one_out: LeaveOneOut, tables: Tables, profile: np.ndarray, step_size: float,
             iterations: int) -> np.ndarray:
    """The profile [N, S, 2] after so many updates from `profile`, which must be interior."""
    profile = profile.copy()
    theta = np.log(np.where(profile > 0, profile, 1.0))
    for _ in range(iterations):
        values = _values_without_choice(tables)
        for first, last in tables.levels:
            states = slice(first, last)
            policies = list(profile[:, states])
            returns = np.take(tables.discount * values, tables.following[states], axis=0)
            returns += tables.rewards[states]
            q = np.stack(leave_one_out(returns, policies))
            v = np.sum(profile[:, states] * q, axis=2)
            values[states] = v.T
            theta[:, states] += step_size / (1 - tables.discount) * (q - v[..., None])
            weights = np.exp(theta[:, states] - theta[:, states].max(axis=2, keepdims=True))
            profile[:, states] = weights / weights.sum(axis=2, keepdims=True)
    return profile


def _values_without_choice(tables: Tables) -> np.ndarray:
    """[S, N] values of the states after the last decision, 0 for the others: one step, then t."""
    return np.where((tables.counts == 1)[:, None], tables.rewards[:, 0], 0.0)


def _products(policies: list[np.ndarray]) -> np.ndarray:
    """Probability of each joint action, [S, 2^k], of agents with policies [S, 2]."""
    weights = np.ones((1, 1))
    for policy in policies:
        weights = (weights[:, :, None] * policy[:, None, :]).reshape(len(policy), -1)
    return weights


def _plain(returns: np.ndarray, policies: list[np.ndarray]) -> list[np.ndarray]:
    """Each agent's column of `returns` [S, 2^k, k], averaged over the others' actions: a list of
    [S, 2]."""
    averaged = []
    for agent in range(len(policies)):
        before, after = _products(policies[:agent]), _products(policies[agent + 1:])
        others = before[:, :, None, None] * after[:, None, None, :]
        averaged.append(np.sum(others * returns[..., agent].reshape(len(returns), 2**agent, 2, -1),
                               axis=(1, 3)))
    return averaged


def _halved(returns: np.ndarray, policies: list[np.ndarray]) -> list[np.ndarray]:
    """The same by halves."""
    if len(policies) == 1:
        return [returns[..., 0]]
    half, states = len(policies) // 2, len(returns)
    high, low = policies[:half], policies[half:]
    of_low = (_products(high)[:, None, :] @ returns.reshape(states, 2**half, -1)).reshape(
        states, -1, len(policies))
    of_high = (_products(low)[:, None, None, :] @ returns.reshape(states, 2**half, -1,
                                                                  len(policies))[..., :half])
    return _halved(of_high[:, :, 0], high) + _halved(of_low[..., half:], low)


LEARNERS = {"NumPy, plain": partial(_learned, _plain), "NumPy, halved": partial(_learned, _halved)}
