"""Joint actions drawn by one uniform number each, by successive decoding.

With c_k(a) the chance that agent k plays an action up to a, and the uniform u in an interval of width w
(at first [0, 1)), agent 1's action is the a with w c_1(a-1) <= u < w c_1(a); u and w are then measured
within that part, and the next agent's action is decoded from what is left. This is the inversion of
the joint distribution function, agent 1 slowest: one uniform of 52 bits decides all agents' independent
actions, every joint probability is met to about 2^-52, and no action of probability 0 is ever drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array, lax

Thresholds = Sequence[Sequence[Array]]       # by agent, by action but the last: the chance of an action up to it


def thresholds(policies: Sequence[Array]) -> list[list[Array]]:
    """Cumulative chances of each agent's actions: a list by agent of lists by action of `[S]`.

    policies: a list of `[S, A_k]`. The last action's, which is 1, is left out.
    """
    # Divided by the row's own total, so that a last action of probability 0 starts at exactly 1.
    cumulative = [jnp.cumsum(policy, axis=1) / jnp.sum(policy, axis=1, keepdims=True) for policy in policies]
    return [[table[:, action] for action in range(table.shape[1] - 1)] for table in cumulative]


def with_own_action(tables: Thresholds, counts: Sequence[int]) -> list[list[Array]]:
    """The same with each agent in turn playing each of its actions: a list by agent of `[N, A, 1, S]`.

    Entry [i, a] has agent i play a for sure (its last action if it has no a) and leaves the others.
    """
    agent = jnp.arange(len(counts))[:, None, None, None]
    own = jnp.arange(max(counts))[:, None, None]
    return [[jnp.where(agent == k, (own <= action).astype(table.dtype), table)
             for action, table in enumerate(row)] for k, row in enumerate(tables)]


def at(tables: Thresholds, states: Array) -> list[list[Array]]:
    """The thresholds that hold in each of `states`, which must be valid."""
    return [[table.at[states].get(mode="promise_in_bounds") for table in row] for row in tables]


def decode(uniform: Array, tables: Thresholds) -> Array:
    """Joint actions (int32) drawn by `uniform` in [0, 1), with tables that broadcast against it."""
    left, width = uniform, jnp.ones_like(uniform)
    joint = jnp.zeros(uniform.shape, jnp.int32)
    for row in tables:
        action, low, high = jnp.zeros_like(joint), jnp.zeros_like(width), width
        for table in reversed(row):
            high = jnp.where(left < width * table, width * table, high)
        for table in row:
            # Rounding may bring `left` up to `width`; a threshold of 1 is never passed all the same.
            passed = (left >= width * table) & (table < 1.0)
            action = action + passed
            low = jnp.where(passed, width * table, low)
        left, width = left - low, high - low
        joint = joint * (len(row) + 1) + action
    # Decoded once: without the barrier the compiler repeats the work for each use of the draws.
    return lax.optimization_barrier(joint)
