"""The same trips on another network: what its links and their costs are once some are taken away,
added, tolled, or made wider or faster; and more or fewer trips.

Every function takes roads with their tolls, and the costs of their time alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np

from potentia.console.log import LOG
from potentia.errors import InputError, finite_number, not_negative_number, positive_number, shown
from potentia.games.checks import array_of
from potentia.games.roads import link_facts, node_names
from potentia.games.roads.build import MOST_AGENTS
from potentia.games.roads.charges import by_link, named
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import Costs, checked
from potentia.games.roads.node_names import Names, number
from potentia.games.roads.plan import Plan
from potentia.games.roads.stretched import stretched
from potentia.runtime.float64 import float64_on_one_blas_thread

MOVED = 0.005             # share of a pair's agents that rounding may move without a warning


def without(roads: Plan, link: object) -> Plan:
    """Without the link, or links, from one node to another: (from, to).

    Raises InputError for a link that is not there, and for costs that cannot be told apart.
    """
    kept = np.flatnonzero(~named(roads.links, link, roads.node_names, roads.facts))
    if not kept.size:
        raise InputError(f"there is no other link than {link}, so that nobody could travel without")
    return Plan(roads.links[kept], roads.costs.kept(kept), roads.tolls[kept],
                roads.distance_costs[kept], roads.node_names,
                link_facts.kept(roads.facts, len(roads.links), kept))


def joined(roads: Plan, link: object, costs: object, toll: object,
           capacity: object = None, length: object = None) -> Plan:
    """With one more link, (from, to), whose time has costs of its own, of the kind that the others
    have, and with a toll on it. Where nodes have names, a node that is new has one, too; the link's
    id is a number that no other has."""
    names = _with_new(roads.node_names, link)
    ends = array_of(node_names.ends(names, link), "link", whole=True)
    if ends.shape != (2,):
        raise InputError(f"link has shape {ends.shape}, but it must be (from, to)")
    more = checked(costs)
    if more.n_links != 1:
        raise InputError(f"costs are of {more.n_links} links, but one is added")
    return Plan(np.append(roads.links, ends[None], axis=0), roads.costs.joined(more),
                   np.append(roads.tolls, finite_number(toll, "toll")),
                   np.append(roads.distance_costs, 0.0), names,
                   link_facts.joined(roads.facts, len(roads.links), capacity, length))


def _with_new(names: Names, link: object) -> Names:
    if not names or not isinstance(link, tuple | list):
        return names
    return tuple(dict.fromkeys((*names, *map(str, link))))


def tolled(roads: Plan, tolls: object) -> Plan:
    """With a further toll on each link, [links], or on those that a mapping {(from, to): toll}
    names.

    Tolls are in units of cost and not negative. Raises InputError naming the link at fault.
    """
    return Plan(roads.links, roads.costs, roads.tolls + by_link(
        roads.links, tolls, "tolls", roads.node_names, roads.facts), roads.distance_costs,
                   roads.node_names, roads.facts)


def altered(roads: Plan, link: object, sizes: Mapping[str, object]) -> Plan:
    """With another capacity or free-flow time of the link, or links, from one node to another, or
    of an id; see `WhatIfs.altered`, whose numbers `sizes` are by name, None where one is not given.

    Raises InputError for a link that is not there, where nothing is given, or a thing twice.
    """
    chosen = named(roads.links, link, roads.node_names, roads.facts)
    if all(value is None for value in sizes.values()):
        raise InputError(f"nothing of the link {link} is altered: give {' or '.join(sizes)}")
    at_none = _without_load(roads.costs)
    room = _times(roads, "capacity", sizes, chosen, link_facts.known(
        roads.facts.capacity, len(roads.links)))
    slower = _times(roads, "free_flow_time", sizes, chosen, at_none)
    capacity = roads.facts.capacity
    facts = dataclasses.replace(roads.facts, capacity=capacity if not np.size(capacity)
                                else np.asarray(capacity) * room)
    return Plan(roads.links, stretched(roads.costs, room, slower), roads.tolls,
                roads.distance_costs, roads.node_names, facts)


def _times(roads: Plan, name: str, sizes: Mapping[str, object], chosen: np.ndarray,
           before: np.ndarray) -> np.ndarray:
    """[links] by how much `name` is multiplied: as its factor says, or so that it is as given."""
    given, factor = sizes[name], sizes[f"{name}_factor"]
    found = np.ones(len(roads.links))
    if given is not None and factor is not None:
        raise InputError(f"{name} and {name}_factor are both given, but one of them is enough")
    if factor is not None:
        found[chosen] = positive_number(factor, f"{name}_factor")
    elif given is not None:
        value = positive_number(given, name)
        unknown = np.flatnonzero(chosen & ~(np.isfinite(before) & (before > 0)))
        if unknown.size:
            ids = link_facts.ids(roads.facts, len(roads.links))
            raise InputError(f"the link {shown(ids[unknown[0]])} has no {name} to be "
                             f"changed: give {name}_factor, or the costs anew")
        found[chosen] = value / before[chosen]
    return found


def _without_load(time: Costs) -> np.ndarray:
    with float64_on_one_blas_thread():
        return np.asarray(time.at(jnp.zeros(time.n_links)), dtype=np.float64)


def grown(game: RoadData, factor: object, pair: object) -> tuple[np.ndarray, np.float64]:
    """[T] agents of each type, and what weighs each of them, when the demand is `factor` times as
    large: of all, by what agents weigh; or of one pair (origin, destination), in whole agents.

    Raises InputError for a pair without trips, a factor that leaves nobody, and costs that are told
    by the number of agents.
    """
    if pair is None:
        if game.costs.kind == "tabulated":
            raise InputError("costs are a table by the number of agents, whatever they weigh: give "
                             "the factor of each pair")
        with np.errstate(over="ignore", under="ignore"):
            weight = game.weight * positive_number(factor, "factor")
        return np.asarray(game.trips.count), positive_number(weight, "weight times factor")
    times, types = not_negative_number(factor, "factor"), _of_pair(game, pair)
    count = np.array(game.trips.count)
    if game.policies == "agent":              # one type each, as many as there are to be
        first, size = _alike(game, types)
        count[types], count[first] = 0, size
    with np.errstate(over="ignore"):
        wanted = count[types] * times
    if not wanted.sum() <= MOST_AGENTS:
        raise InputError(f"factor is {times:g}, but of {count[types].sum():,} agents that would be "
                         f"more than {MOST_AGENTS:,}")
    count[types] = np.floor(wanted + 0.5)
    if not count.any():
        raise InputError("nobody is left who travels")
    off = abs(count[types].sum() - wanted.sum())
    if off:
        told = LOG.warning if off > MOVED * wanted.sum() else LOG.info
        told("%g times the demand from %s to %s is %g agents, rounded to %d: more agents in all "
             "are nearer", times, *game.ends_of(types[0]), wanted.sum(), count[types].sum())
    return count, game.weight


def _alike(game: RoadData, types: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first of these types of each kind, and how many are of it: of one class, and of one cost
    of staying at home, and of one wish when to leave."""
    own = [game.stay, *np.asarray(game.wishes).T, *([] if game.classes is None
                                                    else [game.classes.of_type])]
    table = [np.asarray(column, float)[types] for column in own if np.size(column)]
    kinds = np.nan_to_num(np.column_stack([np.zeros(len(types)), *table]), nan=-1.0)
    _, first, size = np.unique(kinds, axis=0, return_index=True, return_counts=True)
    return types[first], size


def _of_pair(game: RoadData, pair: object) -> np.ndarray:
    """The types of a pair."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise InputError(f"pair is {shown(pair)}, but it must be (origin, destination)")
    start, end = (number(game.node_names, node) for node in pair)
    types = np.flatnonzero((np.asarray(game.trips.origin) == start)
                           & (np.asarray(game.trips.destination) == end))
    if not types.size:
        raise InputError(f"there are no trips from {shown(pair[0])} to {shown(pair[1])}")
    return types
