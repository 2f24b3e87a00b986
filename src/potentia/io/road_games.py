"""Routing games from files of road networks, TNTP or CSV, and from networkx graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from potentia.console.log import LOG
from potentia.errors import InputError, known_name, not_negative_number, shown
from potentia.games.roads import large_loads, link_costs
from potentia.games.roads.build import MOST_AGENTS, MOST_COUNTED
from potentia.games.roads.classes import TrafficClass, checked
from potentia.games.roads.cost_kinds import MOST_POWER, steep_links, summed
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.node_names import Names, number
from potentia.games.roads.reach import CutOffError
from potentia.io import road_csv, tntp
from potentia.io.read import as_path
from potentia.io.road_charges import charges_of
from potentia.io.road_demand import counts_of
from potentia.io.road_files import Demand, Roads, demand_of, of_classes
from potentia.io.road_nodes import Labels
from potentia.io.text_lines import plain_name, suffix

OPTIONS = ("policies", "horizon", "detour", "reorient_every", "closed", "name", "at_home",
           "departures")
MOST_ROWS = 100_000       # of policies by type, where it is left to us
KEYWORDS = (*OPTIONS, "n_agents", "toll_weight", "length_weight", "classes")


def read_tntp(network: object, trips: object, n_agents: int | None = None, *,
              toll_weight: float | None = None, length_weight: float | None = None,
              classes: Mapping[str, TrafficClass] | None = None, **options: Any) -> RoutingGame:
    """The routing game of a TNTP network and its trips.

    network, trips: paths of the files `*_net.tntp` and `*_trips.tntp`; with `classes`, a mapping
        from the name of each to the path of its trips.
    n_agents: agents in all. They all weigh the same, so that together they are the trips; demand
        that this does not divide is rounded by largest remainders. If omitted, as many as trips;
        or 2, 5, 10, 20, ... times as many where these are fewer than 1,000, leave a pair of zones
        without an agent or move more than 0.5 % of the trips, up to 10^9 (10,000 with a policy for
        each agent; a table of 200 MB where costs are no polynomials). What is moved beyond 0.5 %
        is warned of, and the pair that it changes most.
    toll_weight, length_weight: what a unit of toll and of length costs, in units of time, not
        negative; both are paid, but take no time. If omitted, the <TOLL FACTOR> and the <DISTANCE
        FACTOR> of the file, or 0; tolls that are left out are warned of.
    classes: what agents of each class are, as `RoutingGame.from_links` takes them. Trips are in
        vehicles of their class: each of them counts as its weight.
    options: of `RoutingGame.from_links`: policies, horizon, detour, reorient_every, closed, name,
        at_home (a number, or of pairs of zones), departures (of all, or of pairs of zones).
        policies may be "auto", too: by type up to 100,000 rows, by destination beyond.

    Zones before the first through node are not crossed; trips within a zone use no road. Values are
    negative costs. Raises InputError naming the file, the line and what was expected.
    """
    _refuse_unknown(options, "read_tntp")
    roads = tntp.read_network(network)
    demand = _by_class(trips, classes, lambda path: tntp.read_trips(path, roads.n_zones))
    return road_game(roads, demand, n_agents, toll_weight=toll_weight,
                     length_weight=length_weight, classes=classes,
                     **{"name": _name(as_path(network)), **options})


def read_csv(links: object, trips: object, n_agents: int | None = None, *,
             toll_weight: float | None = None, length_weight: float | None = None,
             columns: Mapping[str, str] | None = None,
             classes: Mapping[str, TrafficClass] | None = None, **options: Any) -> RoutingGame:
    """The routing game of two CSV files: from,to,free_flow_time[,capacity,b,power,toll,length,
    link_id] and from,to,trips[,at_home].

    Nodes are called by whole numbers or by any names; other columns are ignored.
    columns: what the files call the columns, by these names, where it is something else, such as
        {"free_flow_time": "t0"}; origin and destination for from and to of trips alone.

    classes: as `read_tntp`; the trips of all may be in one file with a column `class`, or each in
        one of its own, a mapping from the class to the path.
    toll_weight, length_weight: what a unit of toll and of length costs, in units of time, not
        negative. If omitted, tolls count as they are, which is warned of, and lengths not at all.
    The rest as `read_tntp`.
    """
    _refuse_unknown(options, "read_csv")
    roads = road_csv.read_links(links, columns)
    if classes is None or isinstance(trips, Mapping):
        demand = _by_class(trips, classes, lambda path: road_csv.read_demand(path, roads, columns))
    else:
        demand = road_csv.read_demand(trips, roads, columns, list(checked(classes)))
    return road_game(roads, demand, n_agents, toll_weight=toll_weight,
                     length_weight=length_weight, classes=classes,
                     **{"name": _name(as_path(links)), **options})


def _by_class(trips: object, classes: Mapping[str, TrafficClass] | None,
              read: Callable[[object], Demand]) -> Demand:
    """The trips of one file, or of one file for each class.

    Raises InputError where files and classes do not go together.
    """
    if classes is None:
        if isinstance(trips, Mapping):
            raise InputError(f"trips are of {', '.join(map(str, trips))}, but no classes are given")
        return read(trips)
    names = checked(classes)
    if not isinstance(trips, Mapping):
        if len(names) == 1:
            return of_classes({name: read(trips) for name in names})
        raise InputError(f"trips is one file, but there are the classes {', '.join(names)}: give a "
                         f"file of each, as a mapping")
    for name in trips:
        known_name(name, names, "class")
    return of_classes({name: read(path) for name, path in trips.items()})


def from_networkx(graph: Any, trips: dict[tuple[Any, Any], float], n_agents: int | None = None, *,
                  toll_weight: float | None = None, length_weight: float | None = None,
                  **options: Any) -> RoutingGame:
    """The routing game of a networkx (multi)graph; one that is not directed has each edge both
    ways.

    graph: edges with the attributes free_flow_time and, if there are any, capacity, b, power, toll
        and length; without a capacity, or at one that is infinite, the load does not matter. Nodes
        may be anything whose texts do not read alike; unless all are whole numbers, the game calls
        them by these. Edges from a node to itself are left out, which is noted.
    trips: by (origin, destination).
    The rest as `read_csv`.

    Raises InputError naming the edge or the node at fault.
    """
    _refuse_unknown(options, "from_networkx")
    from networkx import Graph  # 0.1 s that files do not need
    if not isinstance(graph, Graph):
        raise InputError(f"graph is {shown(graph)}, but a graph of networkx was expected")
    edges = list(graph.to_directed().edges(data=True))
    ids = [number for number, edge in enumerate(edges, 1) if edge[0] != edge[1]]
    kept = [edges[number - 1] for number in ids]
    if len(kept) < len(edges):
        one = len(edges) - len(kept) == 1
        LOG.warning("%s of the graph %s from a node to itself: %s left out",
                    *(("an edge", "leads", "it is") if one else ("edges", "lead", "they are")))
    if not kept:
        raise InputError("the graph has no edges between different nodes")
    nodes = Labels(node for start, end, _ in kept for node in (start, end))
    links = np.array([(nodes.number(start), nodes.number(end)) for start, end, _ in kept])
    columns = {name: np.array([_attribute(edge, name, default) for edge in kept])
               for name, default in (("free_flow_time", None), *road_csv.DEFAULTS.items())}
    _refuse_no_capacity(kept, columns)
    return road_game(road_csv.with_open_nodes(links, columns, nodes.names, ids),
                     _demand(trips, nodes), n_agents,
                     toll_weight=toll_weight, length_weight=length_weight,
                     **{"name": str(graph.name or "networkx"), **options})


def _demand(trips: dict[tuple[Any, Any], float], nodes: Labels) -> Demand:
    """The trips of a dictionary, between nodes of a graph."""
    number_of = {}
    if not isinstance(trips, Mapping):
        raise InputError(f"trips is {shown(trips)}, but a mapping {{(origin, destination): trips}} "
                         f"was expected")
    for pair, given in trips.items():
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InputError(f"trips has the key {shown(pair)}, but (origin, destination) was "
                             f"expected")
        start, end = pair
        vehicles = float(not_negative_number(given, f"trips from {start!r} to {end!r}"))
        if start != end and vehicles:
            number_of[nodes.number(start), nodes.number(end)] = vehicles
    return demand_of(number_of, 0.0, "the mapping", "nodes")


def road_game(roads: Roads, demand: Demand, n_agents: int | None = None, *,
              toll_weight: float | None = None, length_weight: float | None = None, name: str,
              **options: Any) -> RoutingGame:
    """The routing game of what files say; see `read_tntp`."""
    charges = charges_of(roads, toll_weight, length_weight, name)
    if demand.intrazonal:
        LOG.warning("%g trips end in the zone where they begin, and use no road", demand.intrazonal)
    costs = link_costs.bpr(roads.free_flow_time, roads.capacity, roads.b, roads.power)
    if "closed" in options:
        options["closed"] = _closed(options["closed"], roads.node_names)
    if options.get("policies") == "auto":
        options["policies"] = _policies(len(demand.trips), roads.n_nodes, costs)
    if demand.at_home and options.get("at_home") is not None:
        raise InputError(f"{demand.path} has a column at_home, and at_home is given, too: give one "
                         f"of them")
    counts = counts_of(demand, n_agents, costs, options.get("policies"), roads.node_names)
    if demand.at_home:
        options["at_home"] = [demand.at_home.get(pair) for pair in zip(
            demand.origin.tolist(), demand.destination.tolist(), strict=True)]
    closed = np.intersect1d(np.arange(1, min(roads.first_through, roads.n_nodes + 1)), roads.links)
    try:
        rows = np.column_stack([demand.origin, demand.destination, counts])
        game = RoutingGame.from_links(
            roads.links, costs, [(*row, name) for row, name in zip(
                rows.tolist(), demand.classes, strict=True)] if demand.classes else rows,
            weight=demand.total / int(counts.sum()), name=name, **charges,
            node_names=roads.node_names, link_ids=roads.ids, length=roads.length,
            capacity=np.where(roads.capacity > 0, roads.capacity, np.nan),
            **{"closed": closed, **options})
    except CutOffError as error:
        if demand.path is None:
            raise
        raise CutOffError(f"{demand.path}: {error}") from None
    _note_counting(game)
    return game


def _note_counting(game: RoutingGame) -> None:
    """Say why many agents are counted on each link, which takes long, and how many are not."""
    steep = steep_links(game.costs)
    if game.table is None or game.n_agents <= MOST_COUNTED or not steep:
        return
    enough = large_loads.enough(game.costs, game.n_agents * float(game.weight), MOST_AGENTS)
    LOG.info("%s: agents are counted link by link, which takes many times as long as sums of "
             "powers up to %d%s%s", game.name, MOST_POWER, steep,
             f"; {enough:,} agents (n_agents), of less weight each, are not" if enough else "")


def _closed(nodes: Any, names: Names) -> Any:
    """The nodes that a user closes, or the one, by their numbers."""
    if not names:
        return nodes
    alone = isinstance(nodes, str) or not isinstance(nodes, Iterable)
    return [number(names, node) for node in ([nodes] if alone else nodes)]


def _policies(pairs: int, nodes: int, costs: link_costs.Costs) -> str:
    """By type, which is exact, while its rows are few; by destination beyond, where costs allow."""
    if pairs * nodes <= MOST_ROWS or not summed(costs):
        return "type"
    LOG.info("policies are by destination: by type, %s pairs of zones would have up to %s rows",
             f"{pairs:,}", f"{pairs * nodes:,}")
    return "destination"


def read_roads(network: Path, trips: Path | Mapping[str, Path], n_agents: int | None = None,
               **options: Any) -> RoutingGame:
    """The routing game of two files, by the suffix of the first."""
    read = read_csv if suffix(network) == ".csv" else read_tntp
    return read(network, trips, n_agents, **options)


def _refuse_unknown(options: dict[str, Any], reader: str) -> None:
    for keyword in options:
        if keyword not in OPTIONS:
            known_name(keyword, KEYWORDS, f"keyword of {reader}")


def _attribute(edge: tuple[Any, Any, dict], name: str, default: float | None) -> float:
    start, end, found = edge
    if name not in found and default is None:
        raise InputError(f"the edge {start} -> {end} has no attribute {name!r}")
    if name not in found:
        return float(default or 0.0)
    what = f"{name} of the edge {start} -> {end}"
    try:
        value = float(found[name])
    except (TypeError, ValueError):
        raise InputError(f"{what} is {shown(found[name])}, not a number") from None
    if name == "capacity" and not value >= 0:
        raise InputError(f"{what} is {value:g}, but it must not be negative")
    return value


def _refuse_no_capacity(edges: list[tuple[Any, Any, dict]], columns: dict[str, np.ndarray]) -> None:
    """Raise InputError naming the first edge whose capacity is 0 where the load matters."""
    rises = columns["b"] * columns["free_flow_time"]
    for (start, end, found), capacity, rise in zip(edges, columns["capacity"], rises, strict=True):
        if "capacity" in found and capacity == 0 and rise:
            raise InputError(f"capacity of the edge {start} -> {end} is 0, but it must be positive "
                             f"where b and the time are")


def _name(path: Path) -> str:
    return plain_name(path).stem.removesuffix("_net")
