"""Road networks, trips, flows and coordinates of nodes in the TNTP text format.

"Transportation Networks for Research" (Transportation Networks for Research Core Team) describes
it: metadata in `<TAG> value`, `~` before comments, `;` after rows. Errors name the file and the
line.
"""

from __future__ import annotations

import math

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted, there_are
from potentia.errors import InputError, one_line
from potentia.io.road_files import Demand, Roads
from potentia.io.text_lines import Line, read_lines
from potentia.io.tntp_lines import (
    ORIGIN,
    cells_of,
    metadata,
    node_number,
    number,
    rows_of,
    statements,
    value,
)

COLUMNS = ("init node", "term node", "capacity", "length", "free-flow time", "b", "power", "speed",
           "toll", "type")
OFF = 1e-3  # share by which the total that a file states may differ from the sum of its trips


def read_network(path: object) -> Roads:
    """The network in a file `*_net.tntp`. Raises InputError naming the file, the line, and what was
    expected."""
    lines = read_lines(path)
    tags, rows = metadata(lines, "NUMBER OF LINKS", "a network")
    n_nodes, n_zones, expected = (number(tags, name, lines[0]) for name in (
        "NUMBER OF NODES", "NUMBER OF ZONES", "NUMBER OF LINKS"))
    if n_zones > n_nodes:
        raise tags["NUMBER OF ZONES"].error(
            f"{there_are(n_zones, 'zone')}, but only {counted(n_nodes, 'node')}")
    table = [_link(line, n_nodes) for line in rows]
    if len(table) != expected:
        raise (rows[-1] if rows else lines[-1]).error(
            f"the file ends after {len(table):,} of {counted(expected, 'link')}"
            if len(table) < expected
            else f"{there_are(len(table), 'link')}, but the metadata says {expected:,}")
    columns = np.array(table).T
    through = number(tags, "FIRST THRU NODE", lines[0]) if "FIRST THRU NODE" in tags else 1
    factors = [tags[name].real(value(tags[name]), name) if name in tags else None
               for name in ("TOLL FACTOR", "DISTANCE FACTOR")]
    return Roads(links=columns[:2].T.astype(int), capacity=columns[2], length=columns[3],
                 free_flow_time=columns[4],
                 b=columns[5], power=columns[6], toll=columns[8], n_zones=n_zones, n_nodes=n_nodes,
                 first_through=through, toll_factor=factors[0], length_factor=factors[1])


def read_trips(path: object, n_zones: int | None = None) -> Demand:
    """The trips in a file `*_trips.tntp`; n_zones: of the network they belong to.

    Raises InputError naming the file, the line, and what was expected.
    """
    lines = read_lines(path)
    tags, rows = metadata(lines, "NUMBER OF ZONES", "a table of trips", without="NUMBER OF LINKS")
    zones = number(tags, "NUMBER OF ZONES", lines[0])
    if n_zones is not None and zones != n_zones:
        raise tags["NUMBER OF ZONES"].error(
            f"{there_are(zones, 'zone')}, but the network has {n_zones:,}")
    found: dict[tuple[int, int], float] = {}
    origin, origins = None, set()
    for line, text in statements(rows):
        if text.lower().startswith(ORIGIN):
            origin = line.whole(text[len(ORIGIN):].strip(), ORIGIN, zones)
            if origin in origins:
                raise line.error(f"origin {origin} is there twice")
            origins.add(origin)
        elif origin is None:
            raise line.error("trips begin without a line 'Origin NUMBER'")
        else:
            _entry(line, text, origin, zones, found)
    if not found:
        raise lines[-1].error("the file ends without any trips")
    return _demand(found, tags, lines[0])


def read_flows(path: object) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Links [m, 2], volumes [m] and costs [m] in a file `*_flow.tntp`.

    Raises InputError naming the file, the line, and what was expected.
    """
    lines = read_lines(path)
    table = []
    for line in rows_of(lines):
        cells = cells_of(line, (4,), "from, to, volume, cost")
        table.append([node_number(line, cells[0], "from"), node_number(line, cells[1], "to"),
                      line.real(cells[2], "volume"), line.real(cells[3], "cost")])
    if not table:
        raise InputError(
            f"{lines[0].path} has no flows: rows of from, to, volume, cost were expected")
    columns = np.array(table).T
    return columns[:2].T.astype(int), columns[2], columns[3]


def read_nodes(path: object) -> dict[int, tuple[float, float]]:
    """Where each node lies, from a file `*_node.tntp`.

    Raises InputError naming the file, the line, and what was expected.
    """
    lines = read_lines(path)
    coordinates: dict[int, tuple[float, float]] = {}
    for line in rows_of(lines):
        cells = cells_of(line, (3, 4), "node, x, y")
        node = node_number(line, cells[0], "node")
        if node in coordinates:
            raise line.error(f"node {node} is there twice")
        coordinates[node] = (_coordinate(line, cells[1]), _coordinate(line, cells[2]))
    if not coordinates:
        raise InputError(f"{lines[0].path} has no nodes: rows of node, x, y were expected")
    return coordinates


def _coordinate(line: Line, text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise line.error(
            f"a coordinate is {one_line(text, 40)!r}, but coordinates are numbers: node, x, y")
    return found


def _link(line: Line, n_nodes: int) -> list[float]:
    cells = cells_of(line, (len(COLUMNS),), ", ".join(COLUMNS))
    ends = [line.whole(cell, name, n_nodes) for cell, name in zip(cells[:2], COLUMNS, strict=False)]
    if ends[0] == ends[1]:
        raise line.error(f"the link leads from node {ends[0]} to itself")
    # What is not used, the speed and the type, may be anything.
    read = [line.real(cell, name) if name not in ("speed", "type") else 0.0
            for cell, name in zip(cells[2:], COLUMNS[2:], strict=True)]
    if read[0] == 0 and read[3] > 0:
        raise line.error("capacity is 0, but it must be positive where b is")
    return [*ends, *read]


def _entry(line: Line, text: str, origin: int, zones: int,
           found: dict[tuple[int, int], float]) -> None:
    zone, colon, trips = text.partition(":")
    if not colon:
        raise line.error(f"{one_line(text, 40)!r} is no entry 'zone : trips'")
    pair = (origin, line.whole(zone.strip(), "destination", zones))
    if pair in found:
        raise line.error(f"destination {pair[1]} of origin {origin} is there twice")
    found[pair] = line.real(trips.strip(), f"trips from {origin} to {pair[1]}")


def _demand(found: dict[tuple[int, int], float], tags: dict[str, Line], first: Line) -> Demand:
    total, intrazonal = sum(found.values()), sum(trips for (start, end), trips in found.items()
                                                 if start == end)
    if not math.isfinite(total):
        raise InputError(f"{first.path} has trips whose sum is too large for a number")
    if "TOTAL OD FLOW" in tags:
        stated = tags["TOTAL OD FLOW"].real(value(tags["TOTAL OD FLOW"]), "<TOTAL OD FLOW>")
        if abs(stated - total) > OFF * max(stated, total):
            LOG.warning("%s: its trips sum to %g, but <TOTAL OD FLOW> is %g", first.path, total,
                        stated)
    pairs = sorted(pair for pair, trips in found.items() if pair[0] != pair[1] and trips > 0)
    if not pairs:
        raise InputError(f"{first.path} has no trips between different zones")
    ends = np.array(pairs)
    return Demand(ends[:, 0], ends[:, 1], np.array([found[pair] for pair in pairs]),
                  float(intrazonal))
