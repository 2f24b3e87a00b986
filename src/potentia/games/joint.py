"""Algebra of joint actions: product distributions and the marginals that leave one agent out.

A joint action is one index j in 0..J-1, J = A_1 ... A_N, agent 1 slowest (C order). Policies come as a
list of `[S, A_i]`, one for each agent, with unequal A_i.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array


def product(policies: Sequence[Array]) -> Array:
    """Distribution of the joint action in every state, `[S, J]`."""
    weights = policies[0]
    for policy in policies[1:]:
        weights = (weights[:, :, None] * policy[:, None, :]).reshape(weights.shape[0], -1)
    return weights


def replace_each(policies: Sequence[Array], own: Sequence[Array]) -> Array:
    """For each agent i, the distribution with i's policy replaced by `own[i]`: `[N, S, J]`."""
    return jnp.stack([product([*policies[:i], own[i], *policies[i + 1:]]) for i in range(len(policies))])


def leave_one_out(values: Array, policies: Sequence[Array]) -> list[Array]:
    """Marginal action values: for each agent the mean of its column over the others' actions.

    values: [S, J, N], one column for each agent. Returns a list of `[S, A_i]`.

    The agents are split in two halves; each half's columns are averaged over the other half's joint
    action, and the two small results are split again. The cost is two passes over `values`.
    (Whole rows are averaged and cut afterwards: columns cut first were three times slower.)
    """
    if len(policies) == 1:
        return [values[:, :, 0]]
    half = len(policies) // 2
    high, low = policies[:half], policies[half:]
    weights_high, weights_low = product(high), product(low)
    table = values.reshape(-1, weights_high.shape[1], weights_low.shape[1], len(policies))
    of_high = jnp.sum(table * weights_low[:, None, :, None], axis=2)[..., :half]
    of_low = jnp.sum(table * weights_high[:, :, None, None], axis=1)[..., half:]
    return leave_one_out(of_high, high) + leave_one_out(of_low, low)
