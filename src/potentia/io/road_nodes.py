"""What files call nodes: by whole numbers, which they keep, or by any other names, which get the
numbers 1, 2, ... in the order in which they come."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import InputError, nearest, one_line, shown
from potentia.io.text_lines import Line
from potentia.names import refuse_alike

WHOLE = re.compile(r"[+-]?[0-9]{1,18}")      # what 64 bits hold


def numbered(names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The number of each of these nodes, and the names of the nodes 1, 2, ...; no names where all
    are whole numbers."""
    if all(map(WHOLE.fullmatch, names)):
        return np.array([int(name) for name in names]), ()
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names), 1)}
    return np.array([numbers[name] for name in names]), tuple(numbers)


def note_strangers(path: object, nodes: Sequence[object]) -> None:
    """Warn of nodes in a file of places that the network has not; it may be another's."""
    if nodes:
        LOG.warning("%s has %s that the network has not, such as %s", path,
                    counted(len(nodes), "node"), one_line(nodes[0], 40))


class Nodes:
    """The nodes of a network that is read, to find those of another file among them."""

    def __init__(self, links: np.ndarray, names: Sequence[str]) -> None:
        """links: [m, 2] numbers of nodes. names: of the nodes 1, 2, ...; or none."""
        self.named = bool(names)
        self.numbers = ({name: number for number, name in enumerate(names, 1)} if names
                        else {str(number): number for number in np.unique(links).tolist()})

    def called(self, name: str) -> str:
        """The one name of a node: of whole numbers, without signs and zeros that say nothing."""
        return str(int(name)) if not self.named and WHOLE.fullmatch(name) else name

    def number(self, line: Line, name: str, column: str) -> int:
        """The number of a node. Raises InputError naming the line and what is there."""
        if name not in self.numbers:
            raise line.error(f"{column} is {shown(name)}, which no link touches"
                             f"{nearest(name, self.numbers) if self.named else ''}")
        return self.numbers[name]


class Labels:
    """The nodes of a graph in a program: whole numbers that stay, or anything that can be hashed,
    with a name each. Raises InputError for two whose names read alike."""

    def __init__(self, nodes: Iterable[Any]) -> None:
        found = dict.fromkeys(nodes)
        whole = all(isinstance(node, int | np.integer) and not isinstance(node, bool)
                    and abs(int(node)) < 2**63 for node in found)
        self.numbers = {node: int(node) if whole else k for k, node in enumerate(found, 1)}
        if not whole:
            refuse_alike(found, "the graph has", "node")          # 1 and "1"
        self.names = () if whole else tuple(map(one_line, found))

    def number(self, node: Hashable) -> int:
        """The number of a node. Raises InputError for one that there is not."""
        if node not in self.numbers:
            raise InputError(f"node {shown(node)} of the trips is on no edge of the graph")
        return self.numbers[node]
