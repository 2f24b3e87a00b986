"""Joint actions drawn by one uniform number each, by successive decoding.

With c_k(a) the probability that agent k plays an action up to a, and the uniform u in an interval
of width w (at first [0, 1)), agent 1's action is the a with w c_1(a-1) <= u < w c_1(a); u and w are
then measured within that part, and the next agent's action is decoded from what is left. This is
the inversion of the joint distribution function, agent 1 slowest: one uniform of 52 bits decides
all agents' independent actions, every joint probability is met to about 2^-52, and no action of
probability 0 is ever drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import jax.numpy as jnp
from jax import Array


def probabilities(policies: Array) -> Array:
    """Probabilities of an action up to each, `[N, S, A] -> [N, A-1, S]`; the last one's, 1, is left
    out."""
    # Added up in order and divided by the row's own total, so that an action of probability 0 adds
    # exactly nothing, and a last action of probability 0 starts at exactly 1.
    total = list(accumulate(policies[..., action] for action in range(policies.shape[-1])))
    up_to = [partial / total[-1] for partial in total[:-1]]
    return (jnp.stack(up_to, axis=1) if up_to
            else jnp.zeros((policies.shape[0], 0, policies.shape[1])))


def with_own_action(table: Array, agent: Array) -> Array:
    """Probabilities [N, A-1, S] with `agent` playing for sure: `[N, A-1, A, 1, S]`, its action on
    the third axis."""
    n_agents, before_last = table.shape[:2]
    own = jnp.arange(before_last + 1)
    pure = (own <= jnp.arange(before_last)[:, None]).astype(table.dtype)[:, :, None, None]
    plays = (jnp.arange(n_agents) == agent)[:, None, None, None, None]
    return jnp.where(plays, pure, table[:, :, None, None, :])


def in_states(table: Array, states: Array) -> list[list[Array]]:
    """The probabilities that hold in each of `states` (which must exist), for `decode`."""
    return [[row.at[states].get(mode="promise_in_bounds") for row in agent] for agent in table]


def decode(uniform: Array, table: Sequence[Sequence[Array]] | Array,
           counts: Sequence[int]) -> Array:
    """Joint actions (int32) drawn by `uniform` in [0, 1).

    table: by agent and action, probabilities that broadcast against `uniform`. counts: (A_1, ...,
    A_N).
    """
    left, width = uniform, jnp.ones_like(uniform)
    joint = jnp.zeros(uniform.shape, jnp.int32)
    for agent, count in enumerate(counts):
        action, low, high = jnp.zeros_like(joint), jnp.zeros_like(width), width
        for candidate in range(count - 1):
            probability = table[agent][candidate]
            bound = width * probability
            # Rounding may bring `left` up to `width`; a probability of 1 is never passed all the
            # same.
            passed = (left >= bound) & (probability < 1.0)
            action = action + passed
            low = jnp.where(passed, bound, low)
            high = jnp.where(passed, high, jnp.minimum(high, bound))
        left, width = left - low, high - low
        joint = joint * count + action
    return joint
