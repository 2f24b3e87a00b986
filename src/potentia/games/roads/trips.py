"""The types of a routing game: who travels from where to where."""

from __future__ import annotations

from potentia.runtime.pytree import Leaf, static, tree


@tree
class Trips:
    """T types, and how many agents begin at each row.

    origin, destination: [T] nodes as they are numbered outside. count: [T] agents. row: [T] where
        each begins.
    start: [R] what begins at each row: 1 for a type of its own, all its agents where a
        destination's types share rows.
    agents: [R] how many agents go through a row alike: a type's, 1 where types share rows, 0 where
        a row stands for nothing. total: all agents.
    """

    origin: Leaf
    destination: Leaf
    count: Leaf
    row: Leaf
    start: Leaf
    agents: Leaf
    total: int = static()
