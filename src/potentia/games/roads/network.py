"""A directed road network as routing needs it: zones that are not crossed split in two, perhaps
unrolled over time.

A zone that may not be crossed becomes two nodes, one that trips leave from and one that they end
at. With a horizon of T steps, node v at step t is node t V + v, and link e taken at step t is link
t E + e; whoever has arrived stays. What agents may do is then a walk on one graph, whose links each
carry one load.
"""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class RoadNetwork:
    """tail, head: [E] nodes of each link, -1 where nobody can take it.

    node_of: [V] which node of the user's network each node is a copy of; -1 where trips do not end,
    see `split_zones`.
    """

    tail: np.ndarray
    head: np.ndarray
    node_of: np.ndarray

    @property
    def n_nodes(self) -> int:
        return len(self.node_of)

    def leaving(self) -> np.ndarray:
        """[V, A] links out of each node, in their own order; -1 after the last."""
        return _by_node(self.tail, self.n_nodes)

    @property
    def widest(self) -> int:
        """The most links that a trip has to choose from at a node: those that lead on, and one that
        ends it. (A second link to where it ends is not counted.)"""
        there = self.tail >= 0
        leads_on = np.isin(self.head, self.tail[there])
        onward, ending = (np.bincount(self.tail[there & kind], minlength=self.n_nodes)
                          for kind in (leads_on, ~leads_on))
        return int((onward + (ending > 0)).max(initial=1))

    def unrolled(self, steps: int) -> RoadNetwork:
        """Over so many steps of time."""
        times = np.arange(steps)[:, None]
        return RoadNetwork((self.tail + times * self.n_nodes).ravel(),
                           (self.head + (times + 1) * self.n_nodes).ravel(),
                           np.tile(self.node_of, steps + 1))


def split_zones(tail: np.ndarray, head: np.ndarray, n_nodes: int,
                closed: np.ndarray, entering: object = ()) -> RoadNetwork:
    """The network with each node v of `closed` [V] split in two: v itself, from which links lead
    on, and a copy beyond n_nodes, at which they arrive.

    Trips end at the copy, whose `node_of` is v; that of v itself is -1. entering: numbers of links
    that lead to v itself, as if trips began there.
    """
    zones = np.flatnonzero(closed)
    reached = np.arange(n_nodes)
    reached[zones] = n_nodes + np.arange(len(zones))
    arrived = reached[head]
    begun = np.asarray(entering, dtype=np.int64)
    arrived[begun] = head[begun]
    return RoadNetwork(tail, arrived,
                       np.concatenate([np.where(closed, -1, np.arange(n_nodes)), zones]))


def _by_node(nodes: np.ndarray, n_nodes: int) -> np.ndarray:
    order = np.argsort(nodes, kind="stable")
    order = order[nodes[order] >= 0]
    count = np.bincount(nodes[order], minlength=n_nodes)
    table = np.full((n_nodes, max(int(count.max(initial=0)), 1)), -1)
    slot = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    table[nodes[order], slot] = order
    return table
