"""Rows of the nodes alone where something is left to choose, each action of which leads along
several links to the next choice."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array

from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import Leaf, tree


@tree
class ContractedRows(Rows):
    """C rows of up to A actions, which take links by M entries: an action (row times A plus action,
    ascending), a link, and how often it is taken.

    entry_action, entry_link, entry_times: [M]; action C A and link E in entries that stand for
    nothing. agents: [C] of each row's group, in the whole network.
    links, size: of no meaning here, since actions take more than one link.
    """

    entry_action: Leaf
    entry_link: Leaf
    entry_times: Leaf
    agents: Leaf

    @property
    def whole(self) -> bool:
        """False: they are what is left of many."""
        return False

    def of_groups(self, amounts: Array) -> Array:
        """[C] agents of each row's group, whatever the amounts that begin at rows."""
        return jnp.asarray(self.agents)

    def by_link(self, amounts: Array) -> Array:
        """[E] totals of `amounts` [C, A]."""
        taken = jnp.append(amounts.ravel(), 0.0)[self.entry_action] * self.entry_times
        return jnp.zeros(self.n_links + 1).at[self.entry_link].add(taken)[:-1]

    def kinds_by_link(self, kinds: Sequence[Array]) -> Array:
        """[K, E] the same of K kinds of amounts, each [C, A]."""
        return jnp.stack([self.by_link(amounts) for amounts in kinds])

    def at_rows(self, of_links: Array) -> Array:
        """[C, A] totals over the links of each action, from [E]; 0 where there is no action."""
        paid = jnp.append(of_links, 0.0)[self.entry_link] * self.entry_times
        n_rows, n_actions = self.usable.shape
        total = jnp.zeros(n_rows * n_actions + 1).at[self.entry_action].add(paid)
        return total[:-1].reshape(n_rows, n_actions)
