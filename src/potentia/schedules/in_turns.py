"""One mover at a time, in the order of their numbers."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.runtime.pytree import tree
from potentia.schedules.base import Facts

SOURCE = "Monderer, Shapley 1996, Games and Economic Behavior 14"


@tree
class InTurns:
    """One mover at a time, in the order of their numbers, over and over.

    With `BestResponseDynamics` it is sequential best response, which in a finite potential game
    ends at a pure Nash profile; with `RegretMatchingPlus` regret matching+ in turns
    (arXiv 2510.17067), whose advantages are taken anew before each turn.

    Source: Monderer and Shapley, Potential Games, 1996.
    """

    def init(self, n_movers: int, key: Array) -> None:
        """Nothing to remember: the iteration tells whose turn it is."""

    def move(self, memory: None, iteration: Array, facts: Facts, key: Array) -> tuple[Array, None]:
        """Whose turn it is, [M]."""
        return jnp.arange(facts.n_movers) == iteration % facts.n_movers, None
