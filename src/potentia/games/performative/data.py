"""What a performative game holds: its arrays, checked by `build`, and the table that they make with
whatever a profile induces."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np

from potentia.games.full_information import EndlessPlay
from potentia.games.tabular.data import TabularData
from potentia.games.tabular.transitions import DenseTransitions
from potentia.runtime.pytree import Leaf, static, tree


@tree
class PerformativeData(EndlessPlay):
    """N agents in S joint states, each at one of K places; J joint actions, A of each agent.

    rewards: [S, J, N] where nothing responds. places: [N, S] where each agent is in each state.
    moves: [K, A, K] probabilities of an agent's next place, where nothing responds.
    support: [K, A, K] >= 0: how much of an agent's moves the response leads to each place.
    pay: c_r, how strongly rewards respond, in their unit. lead: c_p >= 0, the same of moves.
    initial: [S] distribution mu. discount: in [0, 1). mask: [N, S, A], all true.
    direct: so few states that their chain's systems are factored; see `chains`.
    recipe: the registered name and parameters that rebuild this game, or None.
    """

    rewards: Leaf
    places: Leaf
    moves: Leaf
    support: Leaf
    pay: Leaf
    lead: Leaf
    initial: Leaf
    discount: Leaf
    mask: Leaf
    direct: bool = static()
    name: str = static(default="performative")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @property
    def responds(self) -> bool:
        """Whether profiles induce games that differ."""
        return bool(self.pay != 0 or (self.lead != 0 and np.any(self.support)))

    @property
    def undiscounted(self) -> bool:
        return False

    @property
    def reward_bound(self) -> Leaf:
        """No reward is larger in size, whatever is deployed."""
        return jnp.max(jnp.abs(jnp.asarray(self.rewards))) + jnp.abs(self.pay)

    def table(self, rewards: Leaf, matrix: Leaf) -> TabularData:
        """The tabular game of these rewards [S, J, N] and next-state probabilities [S, J, S]."""
        return TabularData(
            rewards=rewards, transitions=DenseTransitions(matrix), initial=self.initial,
            discount=self.discount, absorbing=self.absorbing, mask=self.mask,
            information=self.information, stage_potential=None, action_counts=self.action_counts,
            sweeps=None, direct=self.direct, undiscounted=False, full_information=True,
            separable=True, name=self.name)
