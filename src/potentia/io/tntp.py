"""Road networks, trips, flows and coordinates of nodes in the TNTP text format.

"Transportation Networks for Research" (Transportation Networks for Research Core Team) describes
it: metadata in `<TAG> value`, `~` before comments, `;` after rows. Errors name the file and the
line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted, there_are
from potentia.errors import InputError, one_line
from potentia.games.roads.node_places import FARTHEST
from potentia.io.road_files import Demand, Roads, demand_of, refuse_steep, without_loops
from potentia.io.road_nodes import note_strangers
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
CUT = 1e-2  # share that may be missing of it; a file that lacks more has been cut


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
    kept = without_loops(rows, [link[0] == link[1] for link in table])
    columns = np.array(table)[kept].T
    through = number(tags, "FIRST THRU NODE", lines[0]) if "FIRST THRU NODE" in tags else 1
    if through > n_nodes + 1:                       # one more where nothing is a through node
        raise tags["FIRST THRU NODE"].error(
            f"<FIRST THRU NODE> is {through:,}, but {there_are(n_nodes, 'node')}")
    factors = [tags[name].real(value(tags[name]), name) if name in tags else None
               for name in ("TOLL FACTOR", "DISTANCE FACTOR")]
    return Roads(links=columns[:2].T.astype(int), capacity=columns[2], length=columns[3],
                 free_flow_time=columns[4],
                 b=columns[5], power=columns[6], toll=columns[8],
                 ids=[k + 1 for k in kept], n_zones=n_zones, n_nodes=n_nodes,
                 first_through=through, toll_factor=factors[0], length_factor=factors[1])


def read_trips(path: object, n_zones: int | None = None) -> Demand:
    """The trips in a file `*_trips.tntp`; n_zones: of the network they belong to.

    Raises InputError naming the file, the line, and what was expected; also for a file that lacks
    more than 1 % of the trips that it states, or that ends within an entry.
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
    within = [pair for pair in found if pair[0] == pair[1]]
    intrazonal = float(sum(found.pop(pair) for pair in within))
    demand = demand_of(found, intrazonal, lines[0].path, "zones")
    _check_total(demand.total + demand.intrazonal, tags, rows)
    return demand


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


def read_nodes(path: object, names: Sequence[str] = ()) -> dict[int, tuple[float, float]]:
    """Where each node lies, by its number, from a file `*_node.tntp`; names: of the nodes 1, 2,
    ..., by which the file calls them, if they are not called by numbers. Others are told of
    and ignored then.

    Raises InputError naming the file, the line, and what was expected.
    """
    lines = read_lines(path)
    numbers = {name: number for number, name in enumerate(names, 1)}
    coordinates: dict[int, tuple[float, float]] = {}
    strangers = []
    for line in rows_of(lines):
        cells = cells_of(line, (3, 4), "node, x, y")
        node = numbers.get(cells[0]) if names else node_number(line, cells[0], "node")
        if node is None:
            strangers.append(cells[0])
            continue
        if node in coordinates:
            raise line.error(f"node {cells[0]} is there twice")
        coordinates[node] = (coordinate(line, cells[1]), coordinate(line, cells[2]))
    if not coordinates:
        raise InputError(f"{lines[0].path} has no nodes: rows of node, x, y were expected")
    note_strangers(lines[0].path, strangers)
    return coordinates


def coordinate(line: Line, text: str) -> float:
    """A coordinate of a node. Raises InputError naming the line for what is no number, or far off.
    """
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise line.error(f"a coordinate is {one_line(text, 40)!r}, but coordinates are numbers")
    if abs(found) > FARTHEST:
        raise line.error(f"a coordinate is {found:g}, but it must be at most {FARTHEST:g} in size")
    return found


def _link(line: Line, n_nodes: int) -> list[float]:
    cells = cells_of(line, (len(COLUMNS),), ", ".join(COLUMNS))
    ends = [line.whole(cell, name, n_nodes) for cell, name in zip(cells[:2], COLUMNS, strict=False)]
    # What is not used, the speed and the type, may be anything.
    read = [line.real(cell, name, finite=name != "capacity") if name not in ("speed", "type")
            else 0.0
            for cell, name in zip(cells[2:], COLUMNS[2:], strict=True)]
    capacity, length, time, b, *rest = read
    if capacity == 0 and b > 0 and time > 0:
        raise line.error("capacity is 0, but it must be positive where b is")
    if capacity == 0 or math.isinf(capacity):          # the load does not matter
        return [*ends, 0.0, length, time, 0.0, *rest]
    refuse_steep(line, time, capacity, b, rest[0])
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


def _check_total(total: float, tags: dict[str, Line], rows: list[Line]) -> None:
    """Refuse trips that were cut; note a sum that is not quite the total that the file states."""
    last, tag = rows[-1], "TOTAL OD FLOW"
    stated = tags[tag].real(value(tags[tag]), f"<{tag}>") if tag in tags else None
    if stated is not None and abs(stated - total) <= OFF * max(stated, total):
        return
    if not last.text.endswith(";") and not last.text.lower().startswith(ORIGIN) and any(
            ";" in row.text for row in rows):
        raise last.error(
            f"the file ends within an entry, {one_line(last.text[-20:])!r} without ';'")
    if stated is not None and stated - total > CUT * stated:
        raise last.error(f"the file ends after {total:g} of {stated:g} trips, its <{tag}>")
    if stated is not None:
        LOG.warning("%s: its trips sum to %g, but <%s> is %g", last.path, total, tag, stated)
