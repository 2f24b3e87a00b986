"""What a load-driven game holds: its arrays, checked by `build`."""

from __future__ import annotations

import jax.numpy as jnp

from potentia.games.counts import Counts
from potentia.games.full_information import EndlessPlay
from potentia.runtime.pytree import Leaf, static, tree


@tree
class LoadData(EndlessPlay):
    """N agents choose among A facilities in one of S global states.

    pay: [1 or N, S, A, N+1] by load (0 at load 0 and wherever it cannot be), the same for all
    agents or for each.
    common: [S, C] paid to every agent by count vector, or None.
    following: [S, C, S] probabilities of the next state by count vector.
    initial: [S] distribution mu. discount: in [0, 1). mask: [N, S, A] facilities that each agent
    may choose.
    stage_potential: [S, C] rewards whose value function is the potential of the game, or None.
    counts: all count vectors; at_one: those of two facilities, one and the rest. See `counts`.
    recipe: the registered name and parameters that rebuild this game, or None.
    """

    pay: Leaf
    common: Leaf | None
    following: Leaf
    initial: Leaf
    discount: Leaf
    mask: Leaf
    stage_potential: Leaf | None
    counts: Counts
    at_one: Counts
    name: str = static(default="loads")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @property
    def reward_bound(self) -> Leaf:
        """No reward is larger in size."""
        common = 0.0 if self.common is None else jnp.max(jnp.abs(jnp.asarray(self.common)))
        return jnp.max(jnp.abs(jnp.asarray(self.pay)) + common)

    @property
    def undiscounted(self) -> bool:
        return False
