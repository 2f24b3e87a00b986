"""What a vehicle pays for a link besides the time that it takes.

A toll is received by somebody, so that all together lose nothing by it; a cost of distance, such as
fuel, is gone, but takes no time. Both are in units of cost, the same at any load, and part of what
agents pay, `RoadData.costs`, by which they learn and by which their gaps are measured.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from potentia.errors import InputError, not_negative_number
from potentia.games.checks import array_of
from potentia.games.roads import link_facts, node_names
from potentia.games.roads.classes import of_time
from potentia.games.roads.cost_kinds import on_host
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_facts import LinkFacts
from potentia.games.roads.node_names import Names
from potentia.runtime.pytree import Leaf, is_concrete

Game = TypeVar("Game", bound=RoadData)
NOTHING = LinkFacts()     # known of links, whose ids are then where they stand


def by_link(links: np.ndarray, charges: object, name: str, names: Names = (),
            facts: LinkFacts = NOTHING) -> np.ndarray:
    """[links] charges given for each of `links` [links, 2], or for those that a mapping {(from,
    to): charge} or {id: charge} names; none if None. names: of the nodes, if they have any. facts:
    the links' ids.

    Raises InputError naming the link at fault, also for one that is not finite or is negative.
    """
    if charges is None:
        return np.zeros(len(links))
    if isinstance(charges, Mapping):
        column, given = np.zeros(len(links)), np.zeros(len(links), bool)
        for link, charge in charges.items():
            there = named(links, link, names, facts)
            if (there & given).any():
                raise InputError(f"{name}[{link!r}] is of a link that is named there before")
            given |= there
            column[there] = not_negative_number(charge, f"{name}[{link!r}]")
    else:
        given = array_of(charges, name)
        if given.dtype == bool:
            raise InputError(f"{name} holds true and false, not numbers")
        column = given.astype(np.float64)
    if column.shape != (len(links),):
        raise InputError(
            f"{name} has shape {column.shape}, but it must be ({len(links)},) [links]")
    bad = np.flatnonzero(~np.isfinite(column) | (column < 0))
    if bad.size:
        raise InputError(f"{name}[link={bad[0]}] is {column[bad[0]]:g}, but it must be finite and "
                         f"not negative")
    return column


def named(links: np.ndarray, link: object, names: Names = (),
          facts: LinkFacts = NOTHING) -> np.ndarray:
    """[links] which of them are meant: all from one node to another, (from, to), or the one of an
    id. Raises InputError where there is none."""
    if not isinstance(link, tuple | list | np.ndarray):
        return np.arange(len(links)) == link_facts.place(facts, len(links), link)
    if not np.size(np.asarray(link, dtype=object)):
        raise InputError("link is empty, but (from, to) or an id was expected")
    # Frames of people's own hold node numbers as floats.
    whole = [int(node) if isinstance(node, float) and node.is_integer() else node for node in link]
    ends = array_of(node_names.ends(names, whole), "link", whole=True)
    there = ((links == ends).all(axis=1) if ends.shape == (2,) else np.zeros(len(links), bool))
    if not there.any():
        raise InputError(
            f"there is no link "
            f"{tuple(ends.tolist()) if ends.ndim == 1 and not names else link} (from, to)")
    return there


def included(game: Game, tolls: object, distance_costs: object) -> Game:
    """The same game, which says what of its costs is no time.

    Raises InputError naming the link at fault, also where that is more than it costs without load.
    """
    given = (by_link(game.road_links, each, name) for each, name in (
        (tolls, "tolls"), (distance_costs, "distance_costs")))
    toll, distance = (np.append(each, np.asarray(before)[game.n_roads:]) for each, before in zip(
        given, (game.tolls, game.distance_costs), strict=True))
    found = dataclasses.replace(game, tolls=toll, distance_costs=distance)
    least = on_host(game.costs, np.zeros(len(game.links)))
    more = np.flatnonzero(of(found) > least)
    if more.size:
        raise InputError(f"tolls and distance_costs of link={more[0]} are {of(found)[more[0]]:g}, "
                         f"but without load it costs {least[more[0]]:g} in all")
    return found


def of(game: RoadData) -> Leaf:
    """[links] what each costs besides time."""
    return game.tolls + game.distance_costs


def taken_off(game: Game) -> Game:
    """The same game, of the same rows, in which links cost their time alone, all of it alike."""
    charges, classes = of(game), of_time(game.classes)
    if is_concrete(charges) and not charges.any() and game.classes is None:
        return game
    table = game.table
    if table is not None:
        some = (np.arange(table.shape[1]) > 0).astype(np.float64)      # nobody pays nothing
        table = table - charges[:, None] * some
    return dataclasses.replace(game, costs=game.costs.raised(-charges), table=table,
                               tolls=0.0 * game.tolls, distance_costs=0.0 * game.distance_costs,
                               classes=classes, recipe=None)
