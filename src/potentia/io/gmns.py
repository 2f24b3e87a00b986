"""Road networks of the General Modeling Network Specification (GMNS 0.9): link.csv, node.csv and
config.csv; the parameters of costs and demand.csv as DTALite and its kin add them."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import InputError, one_line
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.node_places import of_nodes
from potentia.io.csv_tables import Row, read_table
from potentia.io.gmns_nodes import COORDINATES, coordinates, refuse_twice
from potentia.io.gmns_units import minutes_of
from potentia.io.read import as_path
from potentia.io.road_csv import with_open_nodes
from potentia.io.road_files import Demand, Roads, demand_of, refuse_steep, without_loops
from potentia.io.road_games import OPTIONS, road_game
from potentia.io.road_nodes import WHOLE, Nodes, numbered
from potentia.io.text_lines import Line

LINK = ("link_id", "from_node_id", "to_node_id")
MORE = ("directed", "length", "lanes", "capacity", "free_speed", "toll", "vdf_fftt", "vdf_alpha",
        "vdf_beta")
TRIP = ("o_zone_id", "d_zone_id", "volume")
ALPHA, BETA = 0.15, 4.0
PARTS = ("link", "demand", "node", "config")      # names of a folder's files
TRUE, FALSE = ("", "1", "true", "t", "yes"), ("0", "false", "f", "no")


def read_gmns(links: object, demand: object = None, n_agents: int | None = None, *,
              nodes: object = None, toll_weight: float | None = None,
              length_weight: float | None = None, **options: Any) -> RoutingGame:
    """The routing game of GMNS files, times in minutes.

    links: a folder with link.csv, demand.csv and, if there are any, node.csv and config.csv; or the
        file of links, whose speeds are then in its unit of length per hour.
    demand: the file of trips, o_zone_id,d_zone_id,volume; the folder's if omitted.
    nodes: the file of nodes, for their zones and coordinates; the folder's, or none, if omitted.
        Without zones, trips lead from node to node; x_coord and y_coord are `places` of the game,
        by which pictures lay it out.

    Links need link_id, from_node_id and to_node_id, and vdf_fftt (minutes) or length and
    free_speed. Their capacity is of a lane and an hour, so that volumes have to be of an hour, too;
    without one, or at one that is infinite, the load does not matter. Times are BPR's of vdf_alpha
    (0.15) and vdf_beta (4). Links that are not directed become two, the second called ID back.
    Nodes of the type centroid are not crossed. All links carry vehicles: allowed_uses is not read.
    The rest as `pt.io.read_tntp`; tolls are left out without a toll_weight, since they are money.

    Raises InputError naming the file, the line and the column.
    """
    for name in options:
        if name not in OPTIONS:
            raise InputError(f"unknown keyword of read_gmns {name!r}; known: {', '.join(OPTIONS)}")
    files = _files(links, demand, nodes)
    roads = read_links(files.links, files.config)
    told = ToldOfNodes({}, [], {}) if files.nodes is None else _nodes(files.nodes, roads)
    if told.closed:
        options = {"closed": told.closed, **options}
    game = road_game(roads, read_demand(files.demand, roads, told.zones), n_agents,
                     toll_weight=toll_weight, length_weight=length_weight,
                     **{"name": files.name, **options})
    return dataclasses.replace(game, placed=of_nodes(told.places))


@dataclasses.dataclass(frozen=True)
class Files:
    """Where the parts of a network are; name: what the game is called."""

    links: Path
    demand: Path
    nodes: Path | None
    config: Path | None
    name: str


def is_folder(path: Path) -> bool:
    """Whether it is a folder of GMNS files."""
    return (path / "link.csv").is_file()


def _files(links: object, demand: object, nodes: object) -> Files:
    given = as_path(links)
    folder = given if given.is_dir() else None
    if folder is not None and not is_folder(folder):
        raise InputError(f"{folder} has no link.csv, which a GMNS network is made of")
    if folder is None and not given.exists():
        raise InputError(f"{given} does not exist, but a folder of GMNS files, or a file of links, "
                         f"was expected")
    if demand is None and folder is None:
        raise InputError(f"demand is missing: trips on {given} come from a file of their own")
    beside = {name: folder / f"{name}.csv" for name in ("node", "config")
              if folder is not None and (folder / f"{name}.csv").is_file()}
    return Files(given if folder is None else folder / "link.csv",
                 as_path(demand) if demand is not None else given / "demand.csv",
                 as_path(nodes) if nodes is not None else beside.get("node"),
                 beside.get("config"), given.resolve().name if folder is not None else given.stem)


def read_links(path: object, config: Path | None = None) -> Roads:
    """The network in a file of links, its times in minutes; config: with the units."""
    rows = _both_ways(read_table(path, LINK, MORE, {}, {"from": "one for pt.io.read_csv",
                                                        "o_zone_id": "a file of trips"}))
    numbers, names = numbered([_named(line, cells[end], end)
                               for line, cells in rows for end in LINK[1:]])
    links = numbers.reshape(-1, 2)
    kept = without_loops([line for line, _ in rows], (links[:, 0] == links[:, 1]).tolist())
    minutes = minutes_of(config)
    table = [_numbers(line, cells, minutes) for line, cells in rows]
    ids = _ids(rows)
    roads = with_open_nodes(links[kept], {
        name: np.array([numbers[name] for numbers in table])[kept] for name in table[0]}, names,
        [ids[k] for k in kept])
    return dataclasses.replace(roads, tolls_are_costs=False)


def _both_ways(rows: list[Row]) -> list[Row]:
    """With another row for each link that is not directed."""
    found = []
    for line, cells in rows:
        directed = cells.get("directed", "").lower()
        if directed not in (*TRUE, *FALSE):
            raise line.error(f"directed is {one_line(directed, 40)!r}, but true or false was "
                             f"expected")
        found.append((line, cells))
        if directed in FALSE:
            found.append((line, {**cells, "link_id": f"{cells['link_id']} back",
                                 "from_node_id": cells["to_node_id"],
                                 "to_node_id": cells["from_node_id"]}))
    return found


def _ids(rows: list[Row]) -> list[int | str]:
    """What each link is called, whole numbers or text. Raises InputError naming the line whose id
    is missing or there twice."""
    called: dict[str, Line] = {}
    for line, cells in rows:
        text = _named(line, cells["link_id"], "link_id")
        if text in called:
            raise line.error(f"link_id is {text!r}, as in line {called[text].number}")
        called[text] = line
    whole = all(map(WHOLE.fullmatch, called)) and len(set(map(int, called))) == len(called)
    return [int(text) if whole else text for text in called]


def _numbers(line: Line, cells: dict[str, str], minutes: float) -> dict[str, float]:
    """The numbers of a link by column; minutes: of a unit of length over one of speed."""

    def told(name: str, default: float, positive: bool = False, finite: bool = True) -> float:
        return line.real(cells[name], name, positive, finite) if cells.get(name) else default

    found = {"capacity": told("capacity", 0.0, finite=False) * told("lanes", 1.0, positive=True),
             "length": told("length", math.nan), "free_flow_time": told("vdf_fftt", math.nan),
             "b": told("vdf_alpha", ALPHA), "power": told("vdf_beta", BETA),
             "toll": told("toll", 0.0)}
    if math.isnan(found["free_flow_time"]):
        speed = told("free_speed", math.nan, positive=True)
        found["free_flow_time"] = minutes * found["length"] / speed
        if math.isnan(found["free_flow_time"]):
            raise line.error("there is no time: vdf_fftt, or length and free_speed, were expected")
    if cells.get("capacity") and not found["capacity"] and found["b"] * found["free_flow_time"]:
        raise line.error(f"capacity of the link {one_line(cells['link_id'], 40)} is 0, but it must "
                         f"be positive where vdf_alpha and the time are")
    refuse_steep(line, *(found[name] for name in ("free_flow_time", "capacity", "b", "power")))
    return found


class ToldOfNodes(NamedTuple):
    """zones: the node of each zone. closed: centroids among the nodes of the network, as it calls
    them. places: (x, y) by the nodes' numbers."""

    zones: dict[str, str]
    closed: list[int | str]
    places: dict[int, tuple[float, float]]


def _nodes(path: Path, roads: Roads) -> ToldOfNodes:
    """What a file says of the nodes of the network. Raises InputError for a node that is there
    twice, a zone of several nodes, and a coordinate that is none."""
    known = Nodes(roads.links, roads.node_names)
    zones, closed, places = told = ToldOfNodes({}, [], {})
    lines: dict[str, Line] = {}
    for line, cells in read_table(path, ("node_id",), ("zone_id", "node_type", *COORDINATES), {},
                                  {}):
        node = known.called(_named(line, cells["node_id"], "node_id"))
        refuse_twice(line, node, lines)
        if node not in known.numbers:
            continue
        if place := coordinates(line, cells):
            places[known.numbers[node]] = place
        if cells.get("node_type", "").lower() == "centroid":
            closed.append(node if roads.node_names else known.numbers[node])
        if zone := cells.get("zone_id"):
            if zone in zones:
                raise line.error(f"zone {one_line(zone, 40)} has the nodes {zones[zone]} and "
                                 f"{node}, but trips begin and end at one: give it a centroid")
            zones[zone] = node
    if missing := [node for node in known.numbers if node not in lines]:
        raise InputError(f"{path} has not the node {one_line(missing[0], 40)}, from or to which a "
                         f"link leads")
    return told


def read_demand(path: object, roads: Roads, zones: dict[str, str]) -> Demand:
    """The trips between zones, or between nodes where there are no zones; several rows of a pair,
    such as of several classes, are added."""
    nodes, trips, intrazonal = Nodes(roads.links, roads.node_names), {}, 0.0
    rows = read_table(path, TRIP, (), {}, {"link_id": "a file of links"})
    added = 0
    for line, cells in rows:
        ends = []
        for end in TRIP[:2]:
            name = _named(line, cells[end], end)
            if zones and name not in zones:
                raise line.error(f"{end} is {one_line(name, 40)!r}, a zone of no node")
            ends.append(nodes.number(line, nodes.called(zones.get(name, name)), end))
        number, pair = line.real(cells["volume"], "volume"), (ends[0], ends[1])
        if pair[0] == pair[1]:
            intrazonal += number
            continue
        added += pair in trips
        trips[pair] = trips.get(pair, 0.0) + number
    if added:
        LOG.info("%s: %s of pairs that are there before: they are added", rows[0][0].path,
                 counted(added, "row"))
    return demand_of(trips, intrazonal, rows[0][0].path, "zones" if zones else "nodes")


def _named(line: Line, name: str, column: str) -> str:
    if not name:
        raise line.error(f"{column} is '', but it must be there")
    return name
