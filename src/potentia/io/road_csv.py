"""Road networks and trips as plain CSV with a row of names: `from,to,free_flow_time,...` and
`from,to,trips`."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from potentia.console.log import LOG
from potentia.io.csv_tables import Row, checked_names, read_table
from potentia.io.road_files import (
    Demand,
    Roads,
    demand_of,
    of_classes,
    refuse_steep,
    without_loops,
)
from potentia.io.road_nodes import WHOLE, Nodes, numbered
from potentia.io.text_lines import Line

ENDS = ("from", "to")
DEFAULTS = {"capacity": 0.0, "length": math.nan, "b": 0.15, "power": 4.0, "toll": 0.0}
LINKS, TRIPS = (*ENDS, "free_flow_time", *DEFAULTS), (*ENDS, "trips")
ORIGINS = {"from": "origin", "to": "destination"}      # names for the ends of trips alone
IDS = ("link_id", "id")
CLASS, AT_HOME = "class", "at_home"
COLUMNS = (*LINKS, *IDS, "trips", CLASS, AT_HOME, *ORIGINS.values())


def read_links(path: object, columns: Mapping[str, str] | None = None) -> Roads:
    """The network in a CSV file with the columns from, to, free_flow_time, and, if there are any,
    capacity, b, power, toll, length and link_id (or id), by which links are called.

    columns: what the file calls them, by these names, where it is something else.

    Without ids links are called by where they stand among the rows, from 1 on, those left out
    counted; so too, with a warning, where an id that `columns` does not name is missing or there
    twice.

    Nodes are called by whole numbers or else by any names. Without a capacity, or at one that is
    infinite, the load does not matter, and at one of 0 only where b or the time is 0; b is 0.15 and
    power 4 if omitted. Tolls are in units of time unless a weight says otherwise. All nodes may be
    crossed. Links from a node to itself are left out, which is noted.

    Raises InputError naming the file, the line and the column.
    """
    rows = read_table(path, LINKS[:3], (*DEFAULTS, *IDS), _of(columns, (*LINKS, *IDS)), {
        "trips": "a trips file"})
    ends = [_node(line, cells[name], name) for line, cells in rows for name in ENDS]
    numbers, names = numbered(ends)
    links = numbers.reshape(-1, 2)
    kept = without_loops([line for line, _ in rows], (links[:, 0] == links[:, 1]).tolist())
    table = [_numbers(line, cells) for line, cells in rows]
    ids = _ids(rows, columns or {})
    return with_open_nodes(links[kept], {
        name: np.array([numbers[name] for numbers in table])[kept] for name in LINKS[2:]},
        names, [ids[k] for k in kept])


def with_open_nodes(links: np.ndarray, columns: dict[str, np.ndarray], names: tuple[str, ...] = (),
                    ids: Sequence[int | str] | None = None) -> Roads:
    """Roads of links [E, 2] and their columns [E] by name, whose nodes may all be crossed, tolls in
    units of time unless a weight says otherwise; without a capacity, or at one that is infinite,
    the load does not matter. names: of the nodes 1, 2, ..., if they are not called by numbers. ids:
    of the links; 1, 2, ... if omitted."""
    some = (columns["capacity"] > 0) & (columns["capacity"] != math.inf)
    most = int(links.max())
    return Roads(
        links=links, capacity=np.where(some, columns["capacity"], 0.0), length=columns["length"],
        free_flow_time=columns["free_flow_time"],
        b=np.where(some, columns["b"], 0.0), power=columns["power"],
        toll=columns["toll"], ids=ids,
        n_zones=most, n_nodes=most, tolls_are_costs=True, node_names=names)


def _ids(rows: list[Row], columns: Mapping[str, str]) -> list[int | str]:
    """What each link is called: whole numbers or text, each once, or else where it stands.

    Raises InputError naming the line whose id is missing or there twice, if `columns` names it.
    """
    name = next((name for name in IDS if name in rows[0][1]), None)
    if name is None:
        return list(range(1, len(rows) + 1))
    called: dict[str, Line] = {}
    for line, cells in rows:
        text = cells[name]
        if text and text not in called:
            called[text] = line
            continue
        why = f"{name} is {text!r}{f', as in line {called[text].number}' if text else ''}"
        if name in columns:
            raise line.error(f"{why}, but each link needs an id of its own")
        LOG.warning("%s: %s: links are called by where they stand, from 1 on", line.where, why)
        return list(range(1, len(rows) + 1))
    whole = all(map(WHOLE.fullmatch, called)) and len(set(map(int, called))) == len(called)
    return [int(text) if whole else text for text in called]


def read_demand(path: object, roads: Roads, columns: Mapping[str, str] | None = None,
                classes: Sequence[str] = ()) -> Demand:
    """The trips on these roads in a CSV file with the columns from, to, trips; class, where there
    are several `classes` (without any it is not read, which is warned of); and perhaps, without
    classes, at_home, what staying at home costs, empty where it is not possible.

    columns: what the file calls them, by these names, where it is something else; origin and
        destination for from and to, where the network has these under other names.

    Raises InputError naming the file and the line.
    """
    renamed = _of(columns, (*TRIPS, CLASS, AT_HOME))
    renamed |= {end: _of(columns, COLUMNS)[name] for end, name in ORIGINS.items()
                if name in (columns or {})}
    nodes, intrazonal = Nodes(roads.links, roads.node_names), 0.0
    needed, more = (*TRIPS, *[CLASS] * (len(classes) > 1)), [CLASS] * (len(classes) < 2)
    rows = read_table(path, needed, (*more, AT_HOME), renamed,
                      {"free_flow_time": "a network file"})
    if not classes and any(cells.get(CLASS) for _, cells in rows):
        LOG.warning("%s: the column class is not read: no classes are given, so that all trips are "
                    "alike", rows[0][0].path)
    trips: dict[str, dict[tuple[int, int], float]] = {}
    at_home: dict[tuple[int, int], float] = {}
    told: set[tuple[str, ...]] = set()
    for line, cells in rows:
        pair = tuple(nodes.called(_node(line, cells[name], name)) for name in ENDS)
        own = _class(line, cells, classes)
        if (*pair, own) in told:
            unread = "" if classes or not cells.get(CLASS) else (
                ", if of different classes: these are not read, since none are given")
            raise line.error(f"trips from {pair[0]} to {pair[1]}{f' of {own}' if own else ''} are "
                             f"there twice{unread}")
        told.add((*pair, own))
        number = line.real(cells["trips"], "trips")
        if pair[0] == pair[1]:
            intrazonal += number
        elif number > 0:
            start, end = (nodes.number(line, *found) for found in zip(pair, ENDS, strict=True))
            trips.setdefault(own, {})[start, end] = number
            if cells.get(AT_HOME):
                at_home[start, end] = _at_home(line, cells[AT_HOME], classes)
        if cells.get(AT_HOME) and not (number > 0 and pair[0] != pair[1]):
            raise line.error("at_home of a pair without trips on roads")
    if not classes:
        found = demand_of(trips.get("", {}), intrazonal, rows[0][0].path, "nodes")
        return dataclasses.replace(found, at_home=at_home)
    found = of_classes({own: demand_of(some, 0.0, rows[0][0].path, "nodes")
                        for own, some in (trips or {classes[0]: {}}).items()})
    return dataclasses.replace(found, intrazonal=intrazonal)


def _at_home(line: Line, cell: str, classes: Sequence[str]) -> float:
    """What staying at home costs. Raises InputError where nobody may."""
    cost = line.real(cell, AT_HOME)
    if cost < 0:
        raise line.error(f"at_home is {cost:g}, but it must not be negative")
    if classes:
        raise line.error("at_home goes without classes: who may stay at home is of one kind")
    return cost


def _class(line: Line, cells: dict[str, str], classes: Sequence[str]) -> str:
    """The class of a row; "" where there are none. Raises InputError for one that is unknown."""
    own = cells.get(CLASS, classes[0]) if classes else ""
    if classes and own not in classes:
        raise line.error(f"class is {own!r}, which is none of the classes: {', '.join(classes)}")
    return own


def _of(columns: Mapping[str, str] | None, names: tuple[str, ...]) -> dict[str, str]:
    """What `columns` says of these names."""
    return {name: called for name, called in checked_names(columns, COLUMNS).items()
            if name in names}


def _node(line: Line, name: str, column: str) -> str:
    if not name:
        raise line.error(f"{column} is '', but a node was expected")
    return name


def _numbers(line: Line, cells: dict[str, str]) -> dict[str, float]:
    """The numbers of a link by column, with those that are omitted."""
    found = {name: line.real(cells[name], name, finite=name != "capacity")
             if cells.get(name) or name not in DEFAULTS else DEFAULTS[name] for name in LINKS[2:]}
    if cells.get("capacity") and not found["capacity"] and found["b"] * found["free_flow_time"]:
        raise line.error("capacity is 0, but it must be positive where b and the time are")
    refuse_steep(line, *(found[name] for name in ("free_flow_time", "capacity", "b", "power")))
    return found
