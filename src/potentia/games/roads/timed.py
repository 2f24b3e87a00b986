"""Routing games some of whose trips choose when to leave (`departures`), by links besides the roads
(`timetable`)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from potentia.errors import InputError, whole_number
from potentia.games.checks import array_of
from potentia.games.roads import build, elastic, further_links
from potentia.games.roads import classes as kinds
from potentia.games.roads.data import RoadData
from potentia.games.roads.departures import checked, written
from potentia.games.roads.further_links import shaped
from potentia.games.roads.link_costs import checked as costs_of
from potentia.games.roads.room import refuse_long
from potentia.games.roads.timetable import Timetable, timetable_of


def from_links(links: object, costs: object, demand: object, *, departures: object, at_home: object,
               **options: Any) -> RoadData:
    """What `RoutingGame.from_links` says; options: those of `build.from_links`.

    Raises InputError naming the departures at fault.
    """
    if departures is None:
        return elastic.from_links(links, costs, demand, at_home=at_home, **options)
    if at_home is not None:
        raise InputError("at_home goes without departures: whoever chooses when to leave travels")
    if options["horizon"] is None:
        raise InputError("departures need a horizon, the steps within which trips arrive, such as "
                         "horizon=12")
    horizon = whole_number(options["horizon"], "horizon", 1)
    pairs, rows = array_of(links, "links", whole=True), _rows(demand, options["classes"])
    if not shaped(pairs, 2) or not shaped(rows, 3):        # which is refused there
        return build.from_links(links, costs, demand, **options)
    refuse_long(horizon, len(pairs))
    names = tuple(options["node_names"])
    further_links.refuse_strangers(pairs, rows)
    found = further_links.by_row(departures, rows, names, "departures",
                                 lambda value, name: checked(value, name, horizon),
                                 "a pt.Departures", "they leave at step 0")
    kept = np.flatnonzero(rows[:, 2] > 0)
    own = [found[at] for at in kept.tolist()]
    if not any(own):
        return build.from_links(links, costs, demand, **{**options, "node_names": names})
    table = timetable_of(rows[kept], own, len(pairs), horizon,
                         max(int(pairs.max()), len(names)) + 1)
    further = table.links
    padded = further_links.padded(pairs, len(further), options, names, "departures")
    padded["distance_costs"][len(pairs):] = table.charges
    game = build.from_links(
        np.concatenate([pairs, further]),
        further_links.costs_with(costs_of(costs), np.zeros(len(further)), len(pairs), "departures"),
        demand, timetable=table,
        **{**options, **padded, "node_names": _named(names, table)})
    if options["policies"] == "agent":
        own = [one for one, row in zip(own, kept, strict=True) for _ in range(rows[row, 2])]
    return dataclasses.replace(game, timed=len(further), gates=len(table.gates),
                               wishes=written(own))


def _rows(demand: Any, classes: Any) -> np.ndarray:
    """The demand as rows (origin, destination, agents), without classes."""
    if classes is not None:
        demand = kinds.split(demand, kinds.checked(classes))[0]
    return array_of(demand, "demand", whole=True)


def _named(names: tuple[str, ...], table: Timetable) -> list[str]:
    """The names of nodes, with those of gates and sinks."""
    stood_for = table.nodes[:, 1].tolist()
    return [] if not names else [*names, *(
        f"departures {k + 1}: {'from' if k < len(table.gates) else 'at'} {names[node - 1]}"
        for k, node in enumerate(stood_for))]
