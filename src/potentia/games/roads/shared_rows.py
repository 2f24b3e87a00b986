"""Which rows and types belong together where all types of a destination share their rows."""

from __future__ import annotations

import numpy as np

from potentia.games.roads.rows import Rows
from potentia.runtime.pytree import Leaf, tree


@tree
class Shared:
    """rows: [D, V] rows of each destination, R after the last. types: [D, O] types, T after the
    last."""

    rows: Leaf
    types: Leaf


def shared(rows: Rows, types_group: np.ndarray) -> Shared:
    """Which rows and types belong to each destination; types_group: [T] destination of each
    type."""
    real = np.flatnonzero(rows.node >= 0)
    return Shared(_listed(rows.group[real], real, len(rows.node)),
                  _listed(types_group, np.arange(len(types_group)), len(types_group)))


def _listed(owner: np.ndarray, items: np.ndarray, none: int) -> np.ndarray:
    """[owners, most] the items of each owner, `none` after the last."""
    order = np.argsort(owner, kind="stable")
    count = np.bincount(owner)
    table = np.full((len(count), int(count.max())), none)
    slot = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    table[owner[order], slot] = items[order]
    return table
