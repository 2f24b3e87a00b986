"""The rows of a routing game's profile: what a group of agents does at a node, for the nodes that
it can use only.

Groups are types, or all types of a destination. Rows of one node are next to each other and fill
whole blocks, so that what a link carries is a sum over blocks, and what it costs is read block by
block. Rows that fill up a block stand for nothing: they have one action, which leads nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.runtime.pytree import Leaf, static, tree

LARGE = 2**19             # entries of a policy from which on iterations take longer than compiling


@tree
class Rows:
    """R rows of up to A links.

    group, node: [R], -1 in rows that stand for nothing. following: [R, A] row that an action leads
    to; R where the trip ends, and where there is no action. usable: [R, A] actions that exist; the
    first alone in rows that stand for nothing.
    links: [R / size, A] the links out of each block's node, E where there is none. n_links: E.
    """

    group: Leaf
    node: Leaf
    following: Leaf
    usable: Leaf
    links: Leaf
    size: int = static()
    n_links: int = static()

    @property
    def small(self) -> bool:
        """Whether a policy has less than LARGE entries."""
        return self.usable.size < LARGE

    @property
    def whole(self) -> bool:
        """Whether each node is a row."""
        return True

    @property
    def link(self) -> np.ndarray:
        """[R, A] link of each action, E where there is none."""
        return np.where(self.usable, np.repeat(self.links, self.size, axis=0), self.n_links)

    def find(self, group: np.ndarray, node: np.ndarray) -> np.ndarray:
        """The row of each `group` at each `node`, arrays of one shape; R where there is none."""
        real = np.flatnonzero(self.node >= 0)
        n_groups = int(self.group.max()) + 1
        codes = self.node[real].astype(np.int64) * n_groups + self.group[real]
        order = np.argsort(codes, kind="stable")
        real, codes = real[order], codes[order]
        wanted = np.asarray(node, dtype=np.int64) * n_groups + group
        found = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
        return np.where((codes[found] == wanted) & (group >= 0), real[found], len(self.node))

    def of_groups(self, amounts: Array) -> Array:
        """[R] totals of `amounts` [R] over each row's group, 0 in rows that stand for nothing."""
        group = jnp.asarray(self.group)
        total = jnp.zeros(len(self.node)).at[group].add(amounts)
        return jnp.where(group >= 0, total[group], 0.0)

    def by_link(self, amounts: Array) -> Array:
        """[E] totals of `amounts` [R, A]."""
        return self.kinds_by_link([amounts])[0]

    def kinds_by_link(self, kinds: Sequence[Array]) -> Array:
        """[K, E] the same of K kinds of amounts, each [R, A]."""
        blocks = jnp.stack([amounts.reshape(-1, self.size, amounts.shape[1]).sum(axis=1)
                            for amounts in kinds], axis=-1)
        total = jnp.zeros((self.n_links + 1, len(kinds)))
        return total.at[jnp.asarray(self.links)].add(blocks)[:-1].T

    def at_rows(self, of_links: Array) -> Array:
        """[R, A] of each action's link, from [E]; 0 where there is no link."""
        blocks = jnp.append(of_links, 0.0)[jnp.asarray(self.links)]
        shape = (blocks.shape[0], self.size, blocks.shape[1])
        return jnp.broadcast_to(blocks[:, None], shape).reshape(-1, blocks.shape[1])
