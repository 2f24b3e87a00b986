"""Expected pay of agents who share facilities, from the distribution of the others' number on each.

The number of the others on a facility, each there with a probability p_j of its own, is
Poisson-binomial. Leaving one agent out by dividing its factor out again loses all digits where p_j
is near 1, so it is left out by meeting in the middle: with f_i the distribution of the number among
agents 1..i-1 and

    g_i(l) = E pay(1 + l + number among agents i..k),
    g_i(l) = (1 - p_i) g_{i+1}(l) + p_i g_{i+1}(l + 1),

agent i expects sum_l f_i(l) g_{i+1}(l). That takes about 2 k^2 multiplications for all k agents.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def expected_pay(probability: Array, pay: Array) -> Array:
    """What each agent expects on a facility, itself on it for sure: `[k, ..., m]`.

    probability: [k, ..., m] of each agent being there, in each of m states. pay: [..., k, m] or
    [..., k, 1] by number 1..k.
    """
    k = probability.shape[0]
    if k == 1:
        return jnp.broadcast_to(pay[..., 0, :], probability.shape)
    before = _distributions(probability)
    after = pay
    expected = []
    for agent in reversed(range(k)):
        expected.append(jnp.sum(before[agent] * after[..., :agent + 1, :], axis=-2))
        there = probability[agent][..., None, :]
        after = after[..., :-1, :] * (1 - there) + after[..., 1:, :] * there
    return jnp.stack(expected[::-1])


def _distributions(probability: Array) -> list[Array]:
    """f_1 .. f_k, the i-th of shape `[..., i, m]`: the number among the agents before i."""
    number = jnp.ones((*probability.shape[1:-1], 1, probability.shape[-1]))
    found = [number]
    for there in probability[:-1]:
        there = there[..., None, :]
        none = jnp.zeros_like(number[..., :1, :])
        number = jnp.concatenate([number * (1 - there), none], axis=-2) \
            + jnp.concatenate([none, number * there], axis=-2)
        found.append(number)
    return found
