"""Where nodes lie, as the file of a network says. It has no part in play: pictures and maps use it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from potentia.errors import InputError
from potentia.runtime.pytree import Leaf, tree

FARTHEST = 1e12            # from where coordinates begin; the earth has 4e10 mm around it


@tree
class NodePlaces:
    """number: [K] of the nodes whose places are known, whole numbers. at: [K, 2] x and y of each.
    Both are () where nothing is known."""

    number: Leaf = ()
    at: Leaf = ()


def of_nodes(places: Mapping[int, tuple[float, float]]) -> NodePlaces:
    """Places (x, y) by the numbers of nodes."""
    if not places:
        return NodePlaces()
    return NodePlaces(np.array(list(places), dtype=np.int64),
                      np.array(list(places.values()), dtype=np.float64))


def by_node(places: NodePlaces) -> dict[int, tuple[float, float]]:
    """(x, y) by the numbers of the nodes whose places are known."""
    return {int(node): (float(x), float(y)) for node, (x, y) in zip(
        np.asarray(places.number).tolist(), np.reshape(places.at, (-1, 2)), strict=True)}


def checked(number: np.ndarray, at: np.ndarray) -> NodePlaces:
    """Places from a file of arrays. Raises InputError unless each node has one, of two numbers."""
    if (number.dtype.kind not in "iu" or at.dtype.kind not in "iuf" or number.ndim != 1
            or at.shape != (number.size, 2) or not (np.abs(at) <= FARTHEST).all()):
        raise InputError("the arrays of places do not hold two coordinates for each node")
    return NodePlaces(number.astype(np.int64), at.astype(np.float64))
