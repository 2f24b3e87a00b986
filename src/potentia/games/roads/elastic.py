"""Elastic demand: trips that need not be made, at a cost that whoever stays at home pays instead.

Staying at home is one more way through the network (Gartner 1980; Sheffi 1985, chapter 6, calls it
the excess-demand formulation): such trips begin at a node of their own, from which a link of cost 0
leads to the origin and one of the constant cost to the destination. No other trip comes there, so
that costs, potential, best responses and certificates are those of a network like any other. These
links stand after the roads, two for each row of the demand that may stay, and what is told of roads
leaves them out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from potentia.console.text import counted
from potentia.errors import InputError, not_negative_number, shown
from potentia.games.checks import array_of
from potentia.games.roads import build, charges, link_facts, node_names
from potentia.games.roads.cost_kinds import Polynomial, PowerLaw, Tabulated
from potentia.games.roads.data import RoadData
from potentia.games.roads.held import policy_of
from potentia.games.roads.link_costs import Costs, checked
from potentia.games.roads.plan import Plan
from potentia.runtime.pytree import Leaf


def from_links(links: object, costs: object, demand: object, *, at_home: object,
               **options: Any) -> RoadData:
    """What `RoutingGame.from_links` says; options: those of `build.from_links`.

    Raises InputError naming the pair whose cost of staying at home is none.
    """
    if at_home is None:
        return build.from_links(links, costs, demand, **options)
    if options.get("classes") is not None:
        raise InputError("at_home goes without classes: who may stay at home is of one kind")
    pairs, rows = array_of(links, "links", whole=True), array_of(demand, "demand", whole=True)
    if not _shaped(pairs, 2) or not _shaped(rows, 3):       # which is refused there
        return build.from_links(links, costs, demand, **options)
    if options["horizon"] is not None:
        raise InputError("at_home goes without a horizon: steps are counted from the origin on")
    names = tuple(options["node_names"])
    cost = _by_row(at_home, rows, names)
    staying = np.flatnonzero(~np.isnan(cost) & (rows[:, 2] > 0))
    new = max(int(pairs.max()), len(names)) + 1 + np.arange(len(staying))
    ends = np.stack([np.column_stack([new, rows[staying, 0]]),
                     np.column_stack([new, rows[staying, 1]])], axis=1).reshape(-1, 2)
    begun = rows.copy()
    begun[staying, 0] = new
    _refuse_strangers(pairs, rows)
    found = build.from_links(
        np.concatenate([pairs, ends]), _joined(checked(costs), cost[staying], len(pairs)), begun,
        entering=len(pairs) + 2 * np.arange(len(staying)),
        **{**options, **_padded(pairs, len(ends), options, names),
           "node_names": _named(names, rows[staying])})
    kept = rows[:, 2] > 0
    origin, stay = rows[kept, 0], cost[kept]
    if options["policies"] == "agent":
        origin, stay = (np.repeat(each, rows[kept, 2]) for each in (origin, stay))
    return dataclasses.replace(found, trips=dataclasses.replace(found.trips, origin=origin),
                               homes=len(ends), stay=stay)


def plan_of(game: RoadData, costs: Costs) -> Plan:
    """The roads without the links home; costs: of all links."""
    real, named, facts = np.arange(game.n_roads), game.node_names, game.facts
    if game.homes:
        costs, facts = costs.kept(real), link_facts.kept(facts, len(game.links), real)
        named = named[:int(game.links[game.n_roads:, 0].min()) - 1]
    return Plan(game.road_links, costs, np.asarray(game.tolls)[real],
                np.asarray(game.distance_costs)[real], named, facts)


def at_home(stay: Leaf) -> list[float | None] | None:
    """`RoadData.stay` as `from_links` takes it."""
    return [None if np.isnan(one) else one for one in np.asarray(stay).tolist()] if np.size(
        stay) else None


def staying(game: RoadData, profile: object) -> np.ndarray:
    """[T] vehicles of each type that are expected to stay at home at `profile` [R, 1, A]."""
    vehicles = np.asarray(game.weight) * np.asarray(game.trips.count)
    if not game.homes:
        return np.zeros_like(vehicles)
    policy, row = np.asarray(policy_of(game, profile))[:, 0], np.asarray(game.trips.row)
    link = np.asarray(game.rows.link)[row]
    # The first link of each pair leads to the origin, the second one home.
    home = (link >= game.n_roads) & (link < len(game.links)) & ((link - game.n_roads) % 2 == 1)
    return vehicles * np.where(home, policy[row], 0.0).sum(axis=1)


def _shaped(table: np.ndarray, width: int) -> bool:
    return table.ndim == 2 and table.shape[1] == width and len(table) > 0


def _by_row(given: object, rows: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """[rows] what staying at home costs, NaN where it is not possible."""
    if isinstance(given, Mapping):
        cost = np.full(len(rows), np.nan)
        for pair, value in given.items():
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise InputError(f"at_home has {shown(pair)}, but pairs (origin, destination) were "
                                 f"expected")
            ends = [node_names.number(tuple(names), node) for node in pair]
            found = np.array([row[:2].tolist() == ends and row[2] > 0 for row in rows])
            if not found.any():
                raise InputError(f"at_home[{shown(pair)}]: there are no trips from {pair[0]} to "
                                 f"{pair[1]}")
            cost[found] = _cost(value, f"at_home[{shown(pair)}]")
        return cost
    if not isinstance(given, str) and np.ndim(np.asarray(given, dtype=object)) == 0:
        return np.full(len(rows), _cost(given, "at_home"))
    if isinstance(given, str) or len(given) != len(rows):  # pyright: ignore[reportArgumentType]
        raise InputError(f"at_home is {shown(given)}, but it must be a number, one for each of the "
                         f"{counted(len(rows), 'row')} of the demand (None where all must travel), "
                         f"or a mapping")
    return np.array([np.nan if one is None else _cost(one, f"at_home[{at}]")
                     for at, one in enumerate(given)])  # pyright: ignore[reportArgumentType]


def _cost(value: object, name: str) -> np.float64:
    if isinstance(value, float | np.floating) and np.isposinf(value):
        raise InputError(f"{name} is inf, but it must be finite: leave out of at_home who cannot "
                         f"stay there")
    return not_negative_number(value, name)


def _refuse_strangers(pairs: np.ndarray, rows: np.ndarray) -> None:
    """Refuse trips from or to where no road leads, which their links home would hide."""
    for column, what in ((0, "origin"), (1, "destination")):
        strange = np.flatnonzero(~np.isin(rows[:, column], pairs))
        if strange.size:
            raise InputError(f"demand[{strange[0]}] has the {what} {rows[strange[0], column]}, "
                             f"which no link touches")


def _joined(costs: Costs, cost: np.ndarray, n_roads: int) -> Costs:
    """The costs of the roads, and of the links to the origin and home, one after the other."""
    if costs.n_links != n_roads:
        raise InputError(f"costs are of {costs.n_links} links, but there are {n_roads}")
    flat = np.column_stack([np.zeros_like(cost), cost]).ravel()
    if isinstance(costs, Polynomial):
        return costs.joined(Polynomial(np.column_stack([flat, np.zeros_like(flat)])))
    if isinstance(costs, PowerLaw):
        one = np.ones_like(flat)
        return costs.joined(PowerLaw(base=flat, rise=0.0 * flat, scale=one, power=one))
    if isinstance(costs, Tabulated):
        return costs.joined(dataclasses.replace(
            costs, table=np.repeat(flat[:, None], costs.table.shape[1], axis=1)))
    raise InputError("at_home needs costs that are polynomials, power laws or tables: a function "
                     "of all links has none of more")


def _padded(pairs: np.ndarray, more: int, options: Mapping[str, Any],
            names: tuple[str, ...]) -> dict[str, Any]:
    """What `options` say of roads, with as much of the further links: nothing."""
    facts = link_facts.checked(len(pairs), options["link_ids"], options["capacity"],
                               options["length"])
    ids = link_facts.ids(facts, len(pairs))
    whole = [one for one in ids if isinstance(one, int)]
    further = [max(whole) + 1 + k for k in range(more)] if whole else [
        f"at home {k + 1} beside {ids[0]}" for k in range(more)]
    found: dict[str, Any] = {"link_ids": [*ids, *further]}
    for name in ("tolls", "distance_costs"):
        found[name] = np.append(charges.by_link(pairs, options[name], name, names, facts),
                                np.zeros(more))
    for name in ("capacity", "length"):
        if options[name] is not None:
            found[name] = np.append(np.asarray(options[name], dtype=float), np.full(more, np.nan))
    return found


def _named(names: tuple[str, ...], rows: np.ndarray) -> list[str]:
    """The names of nodes, with those where trips begin that may stay at home."""
    return [] if not names else [*names, *(
        f"at home {k + 1}: {names[a - 1]} to {names[b - 1]}"
        for k, (a, b) in enumerate(rows[:, :2].tolist()))]
