"""One mover until it plays a best response, then the next."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.errors import not_negative_number
from potentia.rules.base import check_range
from potentia.runtime.pytree import Number, traced, tree
from potentia.schedules.base import Facts

SOURCE = "arXiv 2206.07642"


@tree
class UntilBestResponse:
    """One mover until it plays a best response, then the next one who does not.

    The mover whose turn it is keeps it while its own largest advantage, over all its information
    states, exceeds `tolerance`. If that is so of nobody, the turn goes round.

    tolerance: not negative, in the units of values.

    Source: arXiv 2206.07642 (natural policy gradient by one agent at a time): with `INPG` it is
    NPG until best response, whose end bounds the price of anarchy.
    """

    tolerance: Number = traced(default=1e-6)

    def __post_init__(self) -> None:
        check_range(self, "tolerance", not_negative_number)

    def init(self, n_movers: int, key: Array) -> Array:
        """Whose turn it is: the first's."""
        return jnp.zeros((), jnp.int64)

    def move(self, memory: Array, iteration: Array, facts: Facts,
             key: Array) -> tuple[Array, Array]:
        """Whose turn it is, [M] and as a number."""
        turn_of = jnp.arange(facts.n_movers)
        wants = facts.largest > self.tolerance
        # The holder first, then those after it; at the start nobody has had the turn yet.
        ahead = (turn_of - memory) % facts.n_movers
        after = jnp.where(iteration > 0, (ahead - 1) % facts.n_movers, ahead)
        order = jnp.where(wants[memory], ahead, after)
        holder = jnp.argmin(jnp.where(wants | ~jnp.any(wants), order, facts.n_movers))
        return turn_of == holder, holder
