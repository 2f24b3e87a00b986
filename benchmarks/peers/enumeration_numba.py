"""Exact INPG by enumeration of joint actions with an index table, compiled by numba; definitions in
`enumeration_numpy`.

`plain` forms the weights that leave one agent out for each joint action, from products over the
agents before and after. `halved` keeps sums over one half of the agents for each joint action of
the other half, so that a return is multiplied once. Kernels are compiled for a number of agents:
with constant bounds the inner loops become vector code. On all cores, the states of a level are
taken in parallel.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange

if TYPE_CHECKING:
    from game import Tables


def _learned(method: str, parallel: bool, tables: Tables, profile: np.ndarray, step_size: float,
             iterations: int) -> np.ndarray:
    """The profile [N, S, 2] after so many updates from `profile`, which must be interior."""
    level = _update_of_a_level(len(profile), method, parallel)
    policies = np.ascontiguousarray(profile.transpose(1, 0, 2))  # [S, N, 2]
    theta = np.log(np.where(policies > 0, policies, 1.0))
    values = np.where((tables.counts == 1)[:, None], tables.rewards[:, 0], 0.0)           # [S, N]
    following = tables.following.astype(np.int32)
    for _ in range(iterations):
        for first, last in tables.levels:
            level(tables.rewards, following, tables.discount, step_size / (1 - tables.discount),
                  theta, policies,
                  values, first, last)
    return policies.transpose(1, 0, 2)


@functools.cache
def _update_of_a_level(n_agents: int, method: str, parallel: bool):
    """The compiled update of theta, policies and values in the states first..last-1."""
    action_values = {"plain": _plain, "halved": _halved}[method](n_agents)

    @njit(parallel=parallel, fastmath=True)
    def level(rewards, following, discount, step, theta, policies, values, first, last):
        for state in prange(first, last):
            q = np.zeros((n_agents, 2))
            action_values(rewards[state], following[state], discount, policies[state], values, q)
            for i in range(n_agents):
                values[state, i] = policies[state, i, 0] * q[i, 0] + policies[state, i, 1] * q[i, 1]
            for i in range(n_agents):
                theta[state, i, 0] += step * (q[i, 0] - values[state, i])
                theta[state, i, 1] += step * (q[i, 1] - values[state, i])
                policies[state, i, 0] = 1 / (1 + np.exp(theta[state, i, 1] - theta[state, i, 0]))
                policies[state, i, 1] = 1 / (1 + np.exp(theta[state, i, 0] - theta[state, i, 1]))

    return level


def _plain(n_agents: int):
    """q [N, 2] of one state from rewards [J, N], next states [J], policies [N, 2] and next values
    [S, N]."""
    n_joint = 2**n_agents

    @njit(fastmath=True)
    def action_values(rewards, following, discount, policies, values, q):
        before, after = np.ones(n_agents + 1), np.ones(n_agents + 1)
        for joint in range(n_joint):
            for i in range(n_agents):
                before[i + 1] = before[i] * policies[i, joint >> (n_agents - 1 - i) & 1]
            for i in range(n_agents - 1, -1, -1):
                after[i] = after[i + 1] * policies[i, joint >> (n_agents - 1 - i) & 1]
            target = following[joint]
            for i in range(n_agents):
                q[i, joint >> (n_agents - 1 - i) & 1] += before[i] * after[i + 1] * (
                    rewards[joint, i] + discount * values[target, i])

    return action_values


def _halved(n_agents: int):
    """The same by halves of the agents; `high` is the one whose bits come first."""
    n_high = n_agents // 2
    n_low = n_agents - n_high
    weigh_high, weigh_low, fold_high, fold_low = _weigh(n_high), _weigh(n_low), _fold(
        n_high), _fold(n_low)

    @njit(fastmath=True)
    def action_values(rewards, following, discount, policies, values, q):
        weight_high, weight_low = weigh_high(policies[:n_high]), weigh_low(policies[n_high:])
        of_high, of_low = np.zeros((2**n_high, n_high)), np.zeros((2**n_low, n_low))
        for high in range(2**n_high):
            own = np.zeros(n_high)
            for low in range(2**n_low):
                joint = high * 2**n_low + low
                target = following[joint]
                for i in range(n_high):
                    own[i] += weight_low[low] * (rewards[joint, i] + discount * values[target, i])
                for i in range(n_low):
                    of_low[low, i] += weight_high[high] * (
                        rewards[joint, n_high + i] + discount * values[target, n_high + i])
            of_high[high] = own
        fold_high(of_high, policies[:n_high], q[:n_high])
        fold_low(of_low, policies[n_high:], q[n_high:])

    return action_values


def _weigh(count: int):
    """Probability of each joint action [2^count] of agents with policies [count, 2]."""
    @njit
    def weigh(policies):
        weights = np.ones(2**count)
        for joint in range(2**count):
            for i in range(count):
                weights[joint] *= policies[i, joint >> (count - 1 - i) & 1]
        return weights

    return weigh


def _fold(count: int):
    """Average each column of `sums` [2^count, count] over the other agents' actions into q
    [count, 2]."""
    @njit
    def fold(sums, policies, q):
        for joint in range(2**count):
            for i in range(count):
                weight = 1.0
                for k in range(count):
                    if k != i:
                        weight *= policies[k, joint >> (count - 1 - k) & 1]
                q[i, joint >> (count - 1 - i) & 1] += weight * sums[joint, i]

    return fold


LEARNERS = {"numba, plain, one core": functools.partial(_learned, "plain", False),
            "numba, halved, one core": functools.partial(_learned, "halved", False),
            "numba, halved, all cores": functools.partial(_learned, "halved", True)}
