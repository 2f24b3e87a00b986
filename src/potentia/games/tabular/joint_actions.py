"""Joint actions: products of policies, and means over what others play.

A joint action (a_1, ..., a_N) is the row-major index into A_1 x ... x A_N. Policies come as a list
of `[S, A_i]`, one for each agent, with unequal A_i.

Means over the others' actions are taken by halves: each half of the agents faces the other half's
joint actions, and the two small results are halved again. The cost is two passes over the table,
whatever the number of agents.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import Array

MOST_TERMS = 32           # of a sum that is written out: beyond, compiling it takes too long


def product(policies: Sequence[Array]) -> Array:
    """Distribution of the joint action in every state, `[S, J]`."""
    weights = policies[0]
    for policy in policies[1:]:
        weights = (weights[:, :, None] * policy[:, None, :]).reshape(weights.shape[0], -1)
    return weights


@jax.jit
def average(table: Array, weights: Array) -> Array:
    """`table` [S, B, A, M] averaged over A by `weights` [S, A]: `[S, B, M]`."""
    if weights.shape[1] > MOST_TERMS:
        return jnp.sum(weights[:, None, :, None] * table, axis=2)
    # Written out, the sum streams through memory on all cores; as a product of matrices it takes
    # twice as long.
    terms = [weights[:, None, a, None] * table[:, :, a] for a in range(weights.shape[1])]
    return sum(terms[1:], terms[0])


class Halves:
    """The agents in two halves (one agent: in one), each of which faces the other.

    policies: the agents' [S, A_i]. parts: each half's agents. weights: each half's joint
    distribution [S, J_k].
    """

    def __init__(self, policies: Sequence[Array]):
        middle = len(policies) // 2
        self.policies = list(policies)
        self.parts = [part for part in (slice(0, middle), slice(middle, len(policies)))
                      if part.stop > part.start]
        self.weights = [product(self.policies[part]) for part in self.parts]

    def averaged(self, table: Array) -> list[Array]:
        """`table` [S, J, M] over each half's own joint actions, averaged over the other half's:
        `[S, J_k, M]` each."""
        if len(self.parts) == 1:
            return [table]
        high, low = self.weights
        n_states, _, last = table.shape
        of_low = average(table.reshape(n_states, 1, high.shape[1], -1), high)
        return [average(table.reshape(n_states, high.shape[1], low.shape[1], last), low),
                of_low.reshape(n_states, low.shape[1], last)]

    def of_own(self, tables: Sequence[Array]) -> list[Array]:
        """The columns of each half's own agents in tables [S, J_k, N]."""
        return [table[..., part] for table, part in zip(tables, self.parts, strict=True)]

    def marginal(self, tables: Sequence[Array]) -> list[Array]:
        """Action values of each half's agents [S, J_k, n_k] averaged over all but the own action:
        `[S, A_i]` each."""
        return [q for table, part in zip(tables, self.parts, strict=True)
                for q in leave_one_out(table, self.policies[part])]


def leave_one_out(values: Array, policies: Sequence[Array]) -> list[Array]:
    """For each agent the mean of its column of `values` [S, J, N] over the others' actions: a list
    of `[S, A_i]`."""
    if len(policies) == 1:
        return [values[:, :, 0]]
    halves = Halves(policies)
    # Whole rows are averaged and cut afterwards: columns cut first were three times slower.
    return halves.marginal(halves.of_own(halves.averaged(values)))
