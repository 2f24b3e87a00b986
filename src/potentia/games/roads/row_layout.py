"""Where the rows of a road network's nodes stand, and which links each block of them has.

Most links out of a junction beside a town's zones lead to a zone, and none but the trips that end
there takes one. So a block has those links alone that its rows use, and rows that need links of
their own are shared out among their node's blocks: a policy is then as wide as the most links of a
block, not as the most links out of a node.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from potentia.games.roads.network import RoadNetwork
from potentia.games.roads.rows import Rows


class _Used(NamedTuple):
    """[n] node and group of each row; [n, A] the links out of its node, -1 where there is none,
    which of them it may take, and which end its trip."""

    node: np.ndarray
    group: np.ndarray
    links: np.ndarray
    exists: np.ndarray
    arrives: np.ndarray


def rows_of(network: RoadNetwork, usable: np.ndarray, destination: np.ndarray,
            stop: np.ndarray) -> Rows:
    """Rows for the nodes that each group may leave; usable: [G, V]. destination: [G] as `node_of`
    says. stop: [G] likewise, where nothing is left but to end the trip."""
    used = _used(network, usable, destination, stop)
    size = block_size(len(used.node), int(usable.any(axis=0).sum()))
    place, n_rows = _places(used, network.n_nodes, size)
    at = np.full(usable.shape, n_rows, np.int32)
    at[used.group, used.node] = place
    ahead = at[used.group[:, None], network.head[used.links]]
    follows = used.exists & ~used.arrives
    node, group = np.full((2, n_rows), -1, np.int32)
    node[place], group[place] = used.node, used.group
    following, exists, links = _narrowed(
        _put(place, n_rows, np.where(follows, ahead, n_rows), n_rows),
        _put(place, n_rows, used.exists, False), _put(place, n_rows, used.links, -1), size)
    exists[node < 0, 0] = True
    return Rows(group=group, node=node, following=following.astype(np.int32), usable=exists,
                links=np.where(links < 0, len(network.tail), links).astype(np.int32), size=size,
                n_links=len(network.tail))


def block_size(n_rows: int, n_nodes: int) -> int:
    """Rows in a block: so many that filling up adds no more than about a quarter."""
    size = 1
    while size < 32 and 4 * size * n_nodes <= n_rows:
        size *= 2
    return size


def _used(network: RoadNetwork, usable: np.ndarray, destination: np.ndarray,
          stop: np.ndarray) -> _Used:
    """As `rows_of` is asked, by node and, of a node, by group."""
    node, group = np.nonzero(usable.T)
    links = network.leaving()[node]
    head = network.head[links]
    arrives = (links >= 0) & (network.node_of[head] == destination[group][:, None])
    goes_on = network.node_of[node] != stop[group]
    exists = arrives | ((links >= 0) & usable[group[:, None], head] & goes_on[:, None])
    return _Used(node, group, links, exists, arrives)


def _places(used: _Used, n_nodes: int, size: int) -> tuple[np.ndarray, int]:
    """[n] where each row stands, a node's in whole blocks one after another, and how many rows
    that makes with those that fill up blocks."""
    count = np.bincount(used.node, minlength=n_nodes)
    blocks = -(-count // size)
    first, begins = (np.cumsum(each) - each for each in (blocks * size, count))
    place = first[used.node] + np.arange(len(used.node)) - begins[used.node]
    taken = np.zeros((n_nodes, used.exists.shape[1]), bool)
    np.logical_or.at(taken, used.node, used.exists)
    widest = used.exists.sum(axis=1).max(initial=0)
    for node in np.flatnonzero(taken.sum(axis=1) > widest):
        own = slice(begins[node], begins[node] + count[node])
        place[own] = first[node] + _shared_out(used.exists[own], int(blocks[node]), size)
    return place, int(blocks.sum()) * size


def _shared_out(exists: np.ndarray, n_blocks: int, size: int) -> np.ndarray:
    """[n] places in a node's blocks for its rows, so that the rows of a block use few links
    together; exists: [n, A]. Rows alike go together, the rarest first, to the emptiest block."""
    _, alike, count = np.unique(exists, axis=0, return_inverse=True, return_counts=True)
    held, place = np.zeros(n_blocks, np.int64), np.empty(len(exists), np.int64)
    for kind in np.argsort(count, kind="stable"):
        rows = np.flatnonzero(alike.ravel() == kind)
        while rows.size:
            block = held.argmin()
            here, rows = np.split(rows, [size - held[block]])
            place[here] = block * size + held[block] + np.arange(len(here))
            held[block] += len(here)
    return place


def _put(place: np.ndarray, n_rows: int, array: np.ndarray, nothing: int | bool) -> np.ndarray:
    found = np.full((n_rows, array.shape[1]), nothing, array.dtype)
    found[place] = array
    return found


def _narrowed(following: np.ndarray, exists: np.ndarray, links: np.ndarray,
              size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """[R, A] rows that actions lead to and which of them exist, and [R / size, A] links of blocks,
    of those links alone that a block uses, in their order, where that is narrower."""
    of_block = links.reshape(-1, size, links.shape[1]).max(axis=1)
    taken = exists.reshape(-1, size, links.shape[1]).any(axis=1)
    width = max(int(taken.sum(axis=1).max(initial=0)), 1)
    if width == links.shape[1]:
        return following, exists, of_block
    kept = np.argsort(~taken, axis=1, kind="stable")[:, :width]
    of_row = np.repeat(kept, size, axis=0)
    return (np.take_along_axis(following, of_row, axis=1),
            np.take_along_axis(exists, of_row, axis=1), np.take_along_axis(of_block, kept, axis=1))
