"""Games of other tools that are given where one of ours is expected, by the package that their
class comes from: nothing is loaded before such a game is there."""

from __future__ import annotations

from typing import Any

from potentia.bridges.packages import package

# Root module of a class -> the bridge whose `certifiable` takes a game and a profile over.
BRIDGES = {"pyspiel": "openspiel"}


def taken_over(game: object, profile: object) -> tuple[Any, Any] | None:
    """A game of another tool's and a profile of it as ours; None for any other object.

    Raises InputError for a game that does not fit, saying which property does not.
    """
    roots = (kind.__module__.partition(".")[0] for kind in type(game).__mro__)
    bridge = next((BRIDGES[root] for root in roots if root in BRIDGES), None)
    if bridge is None:
        return None
    return package(f"potentia.bridges.{bridge}", bridge).certifiable(game, profile)
