"""Scenarios: changes to the roads and the trips of a network, in words that a file holds.

A change is a table that says what it is about (`KINDS`), and numbers:

    close = LINK
    link = LINK, with capacity, free_flow_time, each perhaps as a factor, or a further toll
    build = LINK, with what the new link costs
    demand_factor = NUMBER, of all trips, or with pair = ORIGIN-DESTINATION of these

A LINK is text, FROM-TO or an id, a whole number, an id, or a list [FROM, TO].
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from potentia.errors import (
    InputError,
    finite_number,
    known_name,
    nearest,
    not_negative_number,
    shown,
)
from potentia.games.roads import link_costs
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_facts import LinkId
from potentia.games.roads.link_texts import Ends, ends_in, link_called, refuse_id
from potentia.games.roads.node_names import called
from potentia.games.roads.what_ifs import WhatIfs

SIZES = ("capacity", "capacity_factor", "free_flow_time", "free_flow_time_factor")
KINDS: dict[str, tuple[str, ...]] = {       # what a change is about, and what it may say of it
    "close": (), "link": (*SIZES, "toll"),
    "build": ("free_flow_time", "capacity", "b", "power", "toll", "length"),
    "pair": ("demand_factor",), "demand_factor": ()}
BASE = "base"             # what the roads are called without a scenario
NEEDED = {"build": "free_flow_time", "pair": "demand_factor"}
Roads = TypeVar("Roads", bound=WhatIfs)


@dataclasses.dataclass(frozen=True)
class Scenario:
    """changes: one after another, each checked for its keys and numbers. source: the file that has
    it, for messages; "" if none."""

    name: str
    changes: tuple[Mapping[str, Any], ...]
    source: str = ""

    def of(self, game: Roads) -> Roads:
        """The roads with these changes. Raises InputError naming the scenario, the change and the
        key at fault."""
        before = game
        for number, change in enumerate(self.changes, 1):
            try:
                game = _changed(game, change)
            except InputError as error:
                raise InputError(f"{self.called}, change {number} "
                                 f"({', '.join(change)}): {error}") from None
        try:
            refuse_dead_ends(before, game)
        except InputError as error:
            raise InputError(f"{self.called}: {error}") from None
        return game

    @property
    def called(self) -> str:
        """What messages call it."""
        return _called(self.name, self.source)


def scenario(name: object, changes: object, source: str = "") -> Scenario:
    """A scenario of that name, of `changes`, a list of mappings as the module says.

    Raises InputError naming the scenario, the change and the key at fault.
    """
    name = name_of(name, source)
    told = _called(name, source)
    if not isinstance(changes, list | tuple) or not changes:
        raise InputError(f"{told}: changes is {shown(changes)}, but a list of changes was "
                         f"expected, such as {{close = \"3-4\"}}")
    for number, change in enumerate(changes, 1):
        try:
            _check(change)
        except InputError as error:
            raise InputError(f"{told}, change {number}: {error}") from None
    return Scenario(name, tuple(dict(change) for change in changes), source)


def name_of(name: object, source: str = "") -> str:
    """The name of a scenario, without blanks around it.

    Raises InputError for what is no text on one line, and for what the roads as they are are
    called.
    """
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise InputError(f"{_from(source)}name is {shown(name)}, but a scenario's name is text on "
                         f"one line, of characters that can be seen")
    if name.strip() == BASE:
        raise InputError(f"{_called(name, source)} is called like the roads as they are: give "
                         f"another name")
    return name.strip()


def refuse_dead_ends(before: RoadData, game: RoadData) -> None:
    """Raise InputError naming a node that is new and that no link leads to, or on from, so that a
    new link is of no use: a name may be mistyped."""
    there = {called(before.node_names, node) for node in np.unique(before.road_links).tolist()}
    starts, ends = ([called(game.node_names, node) for node in column]
                    for column in game.road_links.T.tolist())
    for node in dict.fromkeys((*ends, *starts)):
        if node not in there and not (node in starts and node in ends):
            near = nearest(node, [str(name) for name in there]) if isinstance(node, str) else ""
            raise InputError(f"the node {node} is new, and no link leads "
                             f"{'on from' if node in ends else 'to'} it{near}")


def _called(name: str, source: str) -> str:
    return f"{_from(source)}scenario {shown(name)}"


def _from(source: str) -> str:
    return f"{source}: " if source else ""


def _check(change: Any) -> None:
    """Refuse what is no change, before any is made."""
    if not isinstance(change, Mapping):
        raise InputError(f"{shown(change)} is no change, such as {{close = \"3-4\"}}")
    kinds = [key for key in KINDS if key in change]
    kinds = [key for key in kinds if key != "demand_factor"] or kinds
    if not kinds:
        for key in change:
            known_name(key, {key for kind in KINDS.items() for key in (kind[0], *kind[1])}, "key")
        raise InputError(f"it names no link: give {'link or build beside ' if change else ''}"
                         f"{', '.join(change) or 'close, link or build'}")
    if len(kinds) > 1:
        raise InputError(f"{' and '.join(kinds)} are two changes: give each its own")
    kind = kinds[0]
    for key in change:
        known_name(key, (kind, *KINDS[kind]), f"key beside {kind}")
    if kind == "link" and len(change) == 1:
        raise InputError(f"link has no value to change: give {', '.join(KINDS[kind])}")
    if kind in NEEDED and NEEDED[kind] not in change:
        raise InputError(f"{kind} needs {NEEDED[kind]}")
    for key in change:
        if key in KINDS[kind] or key == "demand_factor":
            finite_number(change[key], key)


def _changed(game: Roads, change: Mapping[str, Any]) -> Roads:
    if "close" in change:
        return game.without(_link(game, change["close"]))
    if "build" in change:
        return _built(game, change)
    if "link" in change:
        link, sizes = _link(game, change["link"]), {
            key: change[key] for key in SIZES if key in change}
        if sizes:
            game = game.altered(link, **sizes)
        return game.tolled({link: change["toll"]}) if "toll" in change else game
    pair = _ends(game, change["pair"], "pair") if "pair" in change else None
    return game.demand_times(change["demand_factor"], pair)


def _built(game: Roads, change: Mapping[str, Any]) -> Roads:
    """With a new link of BPR costs; without a capacity the load does not matter."""
    given = {key: float(change[key]) for key in ("capacity", "b", "power") if key in change}
    for key in given.keys() - {"capacity"}:
        not_negative_number(given[key], key)
    costs = link_costs.bpr(change["free_flow_time"],
                           **({"capacity": 1.0, "b": 0.0, "power": 1.0} if "capacity" not in given
                              else given))
    return game.joined(_ends(game, change["build"], "build"), costs, change.get("toll", 0.0),
                       capacity=given.get("capacity"), length=change.get("length"))


def _link(game: RoadData, given: Any) -> Ends | LinkId:
    """The link that is meant, (from, to) or an id."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    known = link_called(game, given.strip()) if isinstance(given, str) else None
    if known is None and isinstance(given, str) and ends_in(game, given.strip()) is None:
        refuse_id(game, given.strip())
    return _ends(game, given, "link") if known is None else known


def _ends(game: RoadData, given: Any, what: str) -> Ends:
    """Two nodes, as FROM-TO or [FROM, TO]."""
    if (isinstance(given, list | tuple) and len(given) == 2
            and all(isinstance(end, int | str) and not isinstance(end, bool) for end in given)
            and (game.node_names or not any(isinstance(end, str) for end in given))):
        return given[0], given[1]
    found = ends_in(game, given.strip()) if isinstance(given, str) else None
    if found is None:
        raise InputError(f"{what} is {shown(given)}, but FROM-TO was expected, as \"3-4\"")
    return found
