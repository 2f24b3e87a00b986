"""Names of nodes: networks are held by whole numbers; where people call nodes otherwise, the nodes
1, 2, ... have names, by which a game and people speak of them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from potentia.errors import InputError, nearest, shown
from potentia.names import refuse_alike

Names = tuple[str, ...]


def checked(names: Iterable[str], numbers: np.ndarray) -> Names:
    """The names of the nodes 1, 2, ..., for a network with nodes of these numbers; () for none.

    Raises InputError naming the name at fault, or the node without one.
    """
    found = tuple(names)
    for name in found:
        if not isinstance(name, str) or not name.strip() or "\n" in name:
            raise InputError(f"node_names holds {shown(name)}, but names are text on one line")
    refuse_alike(found, "node_names has", "name")
    bad = numbers[(numbers < 1) | (numbers > len(found))]
    if found and bad.size:
        raise InputError(f"node {bad[0]} has no name: node_names are of the nodes 1 to "
                         f"{len(found):,}")
    return found


def called(names: Names, node: int) -> int | str:
    """What a node is called: its name, or its number where there are none."""
    return names[int(node) - 1] if names else int(node)


def number(names: Names, node: object) -> object:
    """The number of a node that is called so; a node that is no text is called by its text.

    Raises InputError if there are names, but not this one, and for true and false.
    """
    if isinstance(node, bool | np.bool_):
        raise InputError(f"{node} is no node")
    if not names:
        return node
    name = node if isinstance(node, str) else str(node)
    if name not in names:
        raise InputError(f"there is no node {shown(node)}{nearest(name, names)}")
    return names.index(name) + 1


def ends(names: Names, link: object) -> object:
    """A link (from, to) by the numbers of its nodes."""
    if not isinstance(link, tuple | list | np.ndarray):
        return link
    return tuple(number(names, node) for node in link)
