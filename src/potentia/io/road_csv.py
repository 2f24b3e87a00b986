"""Road networks and trips as plain CSV with a row of names: `from,to,free_flow_time,...` and
`from,to,trips`."""

from __future__ import annotations

import csv
import math

import numpy as np

from potentia.console.text import there_are
from potentia.errors import InputError
from potentia.io.road_files import Demand, Roads
from potentia.io.text_lines import Line, read_lines
from potentia.io.tntp_lines import node_number

NEEDED = ("from", "to", "free_flow_time")
DEFAULTS = {"capacity": 0.0, "length": 0.0, "b": 0.15, "power": 4.0, "toll": 0.0}


def read_links(path: object) -> Roads:
    """The network in a CSV file with the columns from, to, free_flow_time, and, if there are any,
    capacity, b, power, toll and length. Without a capacity the load does not matter; b is 0.15 and
    power 4 if omitted. Tolls are in units of time unless a weight says otherwise. All nodes may be
    crossed.

    Raises InputError naming the file, the line and the column.
    """
    rows = _rows(path, NEEDED, tuple(DEFAULTS))
    links, table = [], {name: [] for name in ("free_flow_time", *DEFAULTS)}
    for line, cells in rows:
        ends = [node_number(line, cells[name], name) for name in ("from", "to")]
        if ends[0] == ends[1]:
            raise line.error(f"the link leads from node {ends[0]} to itself")
        links.append(ends)
        for name, column in table.items():
            column.append(line.real(cells[name], name, positive=name == "capacity")
                          if cells.get(name) or name in NEEDED else DEFAULTS[name])
    return with_open_nodes(np.array(links),
                           {name: np.array(column) for name, column in table.items()})


def with_open_nodes(links: np.ndarray, columns: dict[str, np.ndarray]) -> Roads:
    """Roads of links [E, 2] and their columns [E] by name, whose nodes may all be crossed, tolls in
    units of time unless a weight says otherwise; without a capacity the load does not matter."""
    most = int(links.max())
    return Roads(
        links=links, capacity=columns["capacity"], length=columns["length"],
        free_flow_time=columns["free_flow_time"],
        b=np.where(columns["capacity"] > 0, columns["b"], 0.0), power=columns["power"],
        toll=columns["toll"],
        n_zones=most, n_nodes=most, tolls_are_costs=True)


def read_demand(path: object) -> Demand:
    """The trips in a CSV file with the columns from, to, trips. Raises InputError naming the file
    and the line."""
    found: dict[tuple[int, int], float] = {}
    for line, cells in _rows(path, ("from", "to", "trips"), ()):
        pair = (node_number(line, cells["from"], "from"), node_number(line, cells["to"], "to"))
        if pair in found:
            raise line.error(f"trips from {pair[0]} to {pair[1]} are there twice")
        found[pair] = line.real(cells["trips"], "trips")
    if not math.isfinite(sum(found.values())):
        raise InputError(f"{path} has trips whose sum is too large for a number")
    pairs = sorted(pair for pair, trips in found.items() if pair[0] != pair[1] and trips > 0)
    if not pairs:
        raise InputError(f"{path} has no trips between different nodes")
    ends = np.array(pairs)
    return Demand(ends[:, 0], ends[:, 1], np.array([found[pair] for pair in pairs]),
                  float(sum(trips for (start, end), trips in found.items() if start == end)))


def _rows(path: object, needed: tuple[str, ...],
          optional: tuple[str, ...]) -> list[tuple[Line, dict[str, str]]]:
    first, *lines = read_lines(path)
    names = [name.lower() for name in _cells(first)]
    for name in needed:
        if name not in names:
            raise first.error(f"the column {name!r} is missing; the first row names the columns: "
                              + ",".join((*needed, *(f"[{extra}]" for extra in optional))))
    for name in names:
        if name not in (*needed, *optional):
            raise first.error(f"unknown column {name!r}; known: {', '.join((*needed, *optional))}")
        if names.count(name) > 1:
            raise first.error(f"the column {name!r} is there twice")
    if not lines:
        raise first.error("the file ends after the names of its columns")
    found = []
    for line in lines:
        cells = _cells(line)
        if len(cells) != len(names):
            raise line.error(f"{there_are(len(cells), 'column')}, but {len(names)} were expected: "
                             f"{','.join(names)}")
        found.append((line, dict(zip(names, cells, strict=True))))
    return found


def _cells(line: Line) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line.text]))]
    except csv.Error as error:
        raise line.error(f"it is no row of CSV: {error}") from None
