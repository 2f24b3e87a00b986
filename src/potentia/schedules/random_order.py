"""One mover at a time, each once a round, in an order drawn anew for each round."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.runtime.pytree import tree
from potentia.schedules.base import Facts

SOURCE = "Kuba et al. 2021, arXiv 2109.11251"


@tree
class RandomOrder:
    """One mover at a time, each once a round, in an order drawn anew for each round.

    With `TrustRegion` it is the sequential trust region, whose guarantee is for cooperative games.

    Source: Kuba et al., arXiv 2109.11251, algorithm 1.
    """

    def init(self, n_movers: int, key: Array) -> Array:
        """The order [M] of the first round."""
        return jax.random.permutation(key, n_movers)

    def move(self, memory: Array, iteration: Array, facts: Facts,
             key: Array) -> tuple[Array, Array]:
        """Whose turn it is, [M], and the order of its round."""
        turn = iteration % facts.n_movers
        order = jax.lax.cond((turn == 0) & (iteration > 0),
                             lambda: jax.random.permutation(key, facts.n_movers), lambda: memory)
        return jnp.arange(facts.n_movers) == order[turn], order
