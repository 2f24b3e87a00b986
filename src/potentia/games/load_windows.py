"""Loads of links with costs of any kind: the distribution of the number of agents, where it is not negligible."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.games.road_rows import Rows
from potentia.trees import tree


@tree
class Windows:
    """first: [E] the least number in each window. chances: [E, W] of each number from there. mean: [E]."""

    first: Array
    chances: Array
    mean: Array
    costs: Array

    def own_costs(self, rows: Rows, chance: Array) -> Array:
        """[R, A] what each action is expected to cost an agent that takes it with this chance, itself left out."""
        raise NotImplementedError

    def joining(self) -> Array:
        """[E] E c(w (1 + L)): what a link costs somebody who comes on top of the whole load."""
        raise NotImplementedError

    def leaving(self) -> Array:
        """[E] E c(w L), the cost at the load itself: no agent expects less, however often it takes the link itself."""
        raise NotImplementedError

    def potential(self) -> Array:
        """E sum over links of c(w) + ... + c(w L)."""
        raise NotImplementedError

    def total_cost(self) -> Array:
        """E sum over links of L c(w L)."""
        raise NotImplementedError


def windows(rows: Rows, costs: Array, agents: Array, chance: Array) -> Windows:
    """The loads where agents [R] alike take actions with `chance` [R, A]; costs: [E, n + 2] by number of agents."""
    return Windows(jnp.zeros(1), jnp.zeros(1), jnp.zeros(1), costs)
