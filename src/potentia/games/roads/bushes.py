"""The acyclic part of a network that trips may use now, as the order in which its rows are worked
through.

Each destination has labels of its own for the nodes, and a link may be used if it leads to a lower
one, which leaves no cycle. Rows are worked through level by level, a level holding rows that do not
depend on each other; levels are filled up to whole blocks, so that a new order is nothing but other
data of the same shapes. (Dial 2006, "A path-based user-equilibrium traffic assignment algorithm
that obviates path storage and enumeration": bushes.)
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from potentia.errors import InputError
from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import Leaf, static, tree

TIE = 1e-9                # of the mean cost of a link


class Room(NamedTuple):
    """Positions in a block, and in all."""

    size: int
    capacity: int


@tree
class Bush:
    """What may be used, and in which order it is worked through.

    mask: [R, A] actions that may be used. position: [R] of each row in the order, those nearest to
    the end first.
    row: [Q] row at each position, R where there is none. following: [Q, A] positions that actions
    lead to, Q where the trip ends.
    blocks: how many blocks hold rows. size: positions in a block.
    """

    mask: Leaf
    position: Leaf
    row: Leaf
    following: Leaf
    blocks: Leaf
    size: int = static()

    @property
    def room(self) -> Room:
        """What other bushes of the same shapes have."""
        return Room(self.size, len(self.row))

    def in_order(self, array: Array) -> Array:
        """[Q, ...] by position, from [R, ...] by row; 0 where a position has no row."""
        return jnp.concatenate([array, jnp.zeros((1, *array.shape[1:]))])[self.row]


def room_for(n_rows: int, n_levels: int) -> Room:
    """For any bush of so many rows in so many levels at most."""
    size = 1
    while 2 * size * n_levels <= n_rows:
        size *= 2
    return Room(size, (n_rows // size + n_levels + 1) * size)


def room_of(rows: Rows) -> Room:
    """For any bush of these rows."""
    return room_for(len(rows.node), int(np.bincount(rows.group[rows.group >= 0]).max()))


def bush_of(rows: Rows, allowed: np.ndarray, level: np.ndarray, room: Room) -> Bush:
    """The bush of the actions `allowed` [R, A], where `level` [R] counts the rows on the longest
    path to the end."""
    n_rows, n_actions = allowed.shape
    size, capacity = room
    order = np.argsort(level, kind="stable")
    counts = np.bincount(level)
    filled = -(-counts // size) * size
    first = np.cumsum(filled) - filled
    position = np.empty(n_rows, np.int64)
    position[order] = np.arange(n_rows) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    row = np.full(capacity, n_rows)
    row[position] = np.arange(n_rows)
    position_of = np.append(position, capacity)
    following = np.full((capacity, n_actions), capacity)
    following[position] = position_of[np.where(allowed, rows.following, n_rows)]
    return Bush(mask=allowed, position=position.astype(np.int32), row=row.astype(np.int32),
                following=following.astype(np.int32), blocks=np.int32(filled.sum() // size),
                size=size)


def levels(rows: Rows, allowed: np.ndarray) -> np.ndarray | None:
    """[R] rows on the longest path from each row to the end by the actions `allowed`; None if there
    is a cycle."""
    n_rows = len(rows.node)
    target = np.where(allowed, rows.following, n_rows)
    waiting = (target < n_rows).sum(axis=1)
    sources = np.nonzero(target < n_rows)
    order = np.argsort(target[sources], kind="stable")
    source, starts = sources[0][order], np.searchsorted(target[sources][order],
                                                        np.arange(n_rows + 1))
    level, ready, depth = np.full(n_rows, -1), np.flatnonzero(waiting == 0), 0
    last = np.empty(n_rows, np.int64)
    while ready.size:
        level[ready] = depth
        spans = starts[ready + 1] - starts[ready]
        led = source[np.repeat(starts[ready] - (np.cumsum(spans) - spans), spans)
                     + np.arange(spans.sum())]
        np.subtract.at(waiting, led, 1)
        ready = led[waiting[led] == 0]
        last[ready] = np.arange(len(ready))             # each of them once
        ready, depth = ready[last[ready] == np.arange(len(ready))], depth + 1
    return level if (level >= 0).all() else None


def bush_holding(rows: Rows, bush: Bush, used: np.ndarray) -> Bush:
    """The bush itself if it holds the actions `used` [R, A], else one of these actions alone, of
    the same shapes.

    Raises InputError where the actions used have a cycle.
    """
    if not (used & ~np.asarray(bush.mask)).any():
        return bush
    level = levels(rows, used)
    if level is None:
        raise InputError(
            "profile uses links that form a cycle, so that a link might be taken twice")
    return bush_of(rows, used, level, bush.room)


def cheapest(rows: Rows, cost: np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
    """[R + 1] cost to the end from each row by the cheapest usable actions; cost: [R, A], not
    negative. By Dijkstra's algorithm, from the end on.

    known: [R] what it is where it is known, NaN elsewhere. Rows that stand for nothing are worth 0.
    """
    found = np.append(np.full(len(rows.node), np.nan) if known is None else known, 0.0)
    row, = np.nonzero(np.isnan(found))
    place = np.full(len(found), len(row))                 # where it is known, the end
    place[row] = np.arange(len(row))
    source, action = np.nonzero(rows.usable[row])
    target = rows.following[row[source], action]
    weights = cost[row[source], action] + np.where(np.isnan(found), 0.0, found)[target]
    back = np.argsort(place[target], kind="stable")
    first = np.searchsorted(place[target][back], np.arange(len(row) + 2))
    graph = csr_array((weights[back], source[back], first), shape=2 * (len(row) + 1,))
    found[row] = dijkstra(graph, indices=len(row))[:-1]
    return found


def untied(rows: Rows, cost: np.ndarray) -> np.ndarray:
    """`cost` [R, A] with a little more for each link, so that paths of no cost have an order
    too."""
    return cost + TIE * max(float(cost[rows.usable].mean()), np.finfo(np.float64).tiny)


def below(rows: Rows, label: np.ndarray) -> np.ndarray:
    """[R, A] usable actions that lead to a lower label; label: [R + 1]."""
    return rows.usable & ((label[:-1, None] > label[rows.following]) | (rows.node < 0)[:, None])


def passed(rows: Rows, allowed: np.ndarray, begins: np.ndarray) -> np.ndarray:
    """[R] rows to which the actions `allowed` [R, A] may lead a trip."""
    found = np.append(begins, True)                       # the end needs no look
    here = np.flatnonzero(begins)
    while here.size:
        ahead = rows.following[here][allowed[here]]
        here = np.unique(ahead[~found[ahead]])
        found[here] = True
    return found[:-1]
