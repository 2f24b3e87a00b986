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
from collections.abc import Sequence
from typing import Any

import numpy as np

from potentia.errors import InputError, not_negative_number
from potentia.games.checks import array_of
from potentia.games.roads import build, further_links
from potentia.games.roads.data import RoadData
from potentia.games.roads.departures import MOST
from potentia.games.roads.further_links import shaped
from potentia.games.roads.held import policy_of
from potentia.games.roads.link_costs import checked
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
    if not shaped(pairs, 2) or not shaped(rows, 3):       # which is refused there
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
    further_links.refuse_strangers(pairs, rows)
    constant = np.column_stack([np.zeros(len(staying)), cost[staying]]).ravel()
    found = build.from_links(
        np.concatenate([pairs, ends]),
        further_links.costs_with(checked(costs), constant, len(pairs), "at_home"), begun,
        entering=len(pairs) + 2 * np.arange(len(staying)),
        **{**options, **further_links.padded(pairs, len(ends), options, names, "at home"),
           "node_names": _named(names, rows[staying])})
    kept = rows[:, 2] > 0
    origin, stay = rows[kept, 0], cost[kept]
    if options["policies"] == "agent":
        origin, stay = (np.repeat(each, rows[kept, 2]) for each in (origin, stay))
    return dataclasses.replace(found, trips=dataclasses.replace(found.trips, origin=origin),
                               homes=len(ends), stay=stay)


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


def _by_row(given: object, rows: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """[rows] what staying at home costs, NaN where it is not possible."""
    cost = further_links.by_row(given, rows, names, "at_home", _cost, "a number",
                                "all must travel")
    return np.array([np.nan if one is None else one for one in cost])


def _cost(value: object, name: str) -> np.float64:
    if isinstance(value, float | np.floating) and np.isposinf(value):
        raise InputError(f"{name} is inf, but it must be finite: leave out of at_home who cannot "
                         f"stay there")
    cost = not_negative_number(value, name)
    if not cost < MOST:
        raise InputError(f"{name} is {cost:g}, too much for sums over trips to be numbers")
    return cost


def _named(names: tuple[str, ...], rows: np.ndarray) -> list[str]:
    """The names of nodes, with those where trips begin that may stay at home."""
    return [] if not names else [*names, *(
        f"at home {k + 1}: {names[a - 1]} to {names[b - 1]}"
        for k, (a, b) in enumerate(rows[:, :2].tolist()))]
