"""From links, costs and demand to the checked data of a `RoutingGame`, laid out in rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from potentia.console.text import counted
from potentia.errors import InputError, known_name, one_line, positive_number, whole_number
from potentia.games.checks import array_of, name_of
from potentia.games.roads import bushes, charges, large_loads, link_facts
from potentia.games.roads import classes as kinds
from potentia.games.roads.classes import TrafficClass
from potentia.games.roads.cost_kinds import MOST_POWER, on_host, steep_links, summed
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import MOST_DEGREE, Costs, PowerLaw, checked
from potentia.games.roads.link_facts import LinkId
from potentia.games.roads.network import split_zones
from potentia.games.roads.node_names import called
from potentia.games.roads.node_names import checked as names_of
from potentia.games.roads.power_means import NODES
from potentia.games.roads.reach import Types, reach_of
from potentia.games.roads.room import Room
from potentia.games.roads.row_layout import rows_of
from potentia.games.roads.rows import Rows
from potentia.games.roads.shared_rows import shared
from potentia.games.roads.timetable import Timetable
from potentia.games.roads.trips import Trips
from potentia.runtime.float64 import float64_on_one_blas_thread

POLICIES = ("type", "agent", "destination")
MOST_AGENTS = 10**15      # counts are exact in float64
MOST_TOTAL = 1e300        # of all costs together, so that float64 holds what is made of them
MOST_COUNTED = 1000       # agents up to which the distribution of a load is found, exactly


def from_links(links: object, costs: object, demand: object, *, weight: float, policies: str,
               horizon: int | None, closed: object, detour: float | None, reorient_every: int,
               name: str, tolls: object, distance_costs: object, node_names: Iterable[str],
               link_ids: Iterable[LinkId] | None, capacity: object, length: object,
               classes: object = None, entering: object = (),
               timetable: Timetable | None = None) -> RoadData:
    """What `RoutingGame.from_links` says. entering: numbers of links that lead to where trips begin
    at a closed node, see `split_zones`. timetable: of those that choose when to leave, whose links
    stand after the roads."""
    known_name(policies, POLICIES, "policies")
    every = whole_number(reorient_every, "reorient_every", 1)
    known = None if classes is None else kinds.checked(classes)
    alike = kinds.common_weight(known)
    w = kinds.vehicles(weight, known)
    numbers, ends, costs = _links(links, costs)
    if alike is None:
        _refuse_unequal(costs)
    names = names_of(node_names, numbers)
    facts = link_facts.checked(len(ends), link_ids, capacity, length)
    zones = _closed(closed, numbers)
    types = _types(demand, numbers, policies, known)
    meant = numbers if timetable is None else timetable.meant(numbers)
    if timetable is not None:
        types = _grouped(timetable.moved(types, numbers), policies)
    steps = None if horizon is None else whole_number(horizon, "horizon", 1)
    n_agents = int(types.count.sum())
    costs = costs.of_agents(n_agents, w)
    large = large_loads.are_large(costs, w)
    order = 0 if large else _order(costs, n_agents, policies, w)
    by_table = not (large or order) and costs.coefficients is None
    by_sums = large or summed(costs)
    room = Room(policies, by_sums, steps, _detour(detour), n_agents, by_table)
    room.refuse_large_search(types, numbers.size, len(ends))
    free_flow, link_of = _free_flow(costs, w), np.arange(len(ends))
    toll, distance = (charges.by_link(numbers[ends], given, what, names, facts) for given, what in (
        (tolls, "tolls"), (distance_costs, "distance_costs")))
    if toll.any() or distance.any():
        with np.errstate(over="ignore", invalid="ignore"):      # what is beyond float64 is refused
            costs = costs.raised(toll + distance)
        free_flow = _free_flow(costs, w)
    _refuse_overflow(costs, n_agents, w, steps or 1, known, by_sums)
    roads = ends[:len(ends) if timetable is None else timetable.n_roads]
    network = split_zones(roads[:, 0], roads[:, 1], len(numbers), zones, entering)
    within = ["" if horizon is None else f" within {horizon} steps"] * len(types.count)
    if timetable is not None:
        within = timetable.within()
        free_flow = np.append(free_flow[:len(roads)], np.zeros(len(ends) - len(roads)))
    if steps is not None:
        network = (network.unrolled(steps) if timetable is None
                   else timetable.unrolled(network, numbers))
        link_of, free_flow = np.tile(link_of, steps), np.tile(free_flow, steps)
    reach = reach_of(network, types, free_flow)
    reach.refuse_cut_off([called(names, number) for number in meant], within)
    room.refuse_large(reach, network.widest, len(ends))
    types = types.each_agent() if policies == "agent" else types
    usable, goal = reach.usable(types, room.detour)
    rows = rows_of(network, usable, goal, np.searchsorted(numbers, meant)[goal])
    bush, cyclic = _first_bush(rows, free_flow)
    row = rows.find(types.group, types.origin)
    by_destination = policies == "destination"
    return RoadData(
        costs=costs, weight=w, table=_table(costs, w, n_agents) if by_table else None,
        order=order, large=large, rows=rows, bush=bush,
        trips=_trips(types, row, rows, meant, by_destination), links=numbers[ends],
        link_of=link_of, tolls=toll, distance_costs=distance,
        shared=shared(rows, types.group) if by_destination else None,
        shares=_no_shares(costs, len(link_of), types, known) if by_destination else None,
        shares_at=np.zeros(len(link_of)) if by_destination else None,
        closed=numbers[zones], facts=facts, policies=policies, horizon=horizon,
        classes=_classes(known, types, rows, costs),
        detour=room.detour, reorient_every=every if cyclic or by_destination else None,
        name=name_of(name), node_names=names)


def _links(links: object, costs: object) -> tuple[np.ndarray, np.ndarray, Costs]:
    """The nodes' numbers, ascending, [links, 2] which of them each link joins, and the links'
    costs."""
    pairs = array_of(links, "links", whole=True)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not len(pairs):
        raise InputError(
            f"links has shape {pairs.shape}, but it must be [links, 2], node numbers from and to")
    found = checked(costs)
    if found.n_links != len(pairs):
        raise InputError(
            f"costs are of {counted(found.n_links, 'link')}, but there are {len(pairs)}")
    loops = np.flatnonzero(pairs[:, 0] == pairs[:, 1])
    if loops.size:
        raise InputError(f"links[{loops[0]}] leads from node {pairs[loops[0], 0]} to itself")
    numbers, ends = np.unique(pairs, return_inverse=True)
    return numbers, ends.reshape(pairs.shape), found


def _closed(closed: object, numbers: np.ndarray) -> np.ndarray:
    given = closed.tolist() if isinstance(closed, np.ndarray) else closed
    if isinstance(given, list | tuple) and not given:
        return np.zeros(len(numbers), bool)       # an empty array holds no numbers of any kind
    nodes = np.atleast_1d(array_of(closed, "closed", whole=True))
    strange = nodes[~np.isin(nodes, numbers)]
    if strange.size:
        raise InputError(f"closed holds the node {strange[0]}, which no link touches")
    return np.isin(numbers, nodes)


def _detour(value: float | None) -> float | None:
    if value is None:
        return None
    stretch = float(positive_number(value, "detour"))
    if stretch < 1:
        raise InputError(f"detour is {stretch:g}, but it must be at least 1, the shortest path")
    return stretch


def _types(demand: object, numbers: np.ndarray, policies: str,
           classes: Mapping[str, TrafficClass] | None) -> Types:
    of_class = np.zeros(0, int)
    if classes is None:
        kinds.refuse_undeclared(demand)
    else:
        demand, of_class = kinds.split(demand, classes)
    if isinstance(demand, list | tuple) and not demand:
        raise InputError("demand is empty, but rows (origin, destination, agents) were expected")
    rows = array_of(demand, "demand", whole=True)
    if rows.ndim != 2 or rows.shape[1] != 3 or not len(rows):
        raise InputError(
            f"demand has shape {rows.shape}, but it must be rows (origin, destination, agents)")
    for column, what in ((0, "origin"), (1, "destination")):
        strange = np.flatnonzero(~np.isin(rows[:, column], numbers))
        if strange.size:
            raise InputError(
                f"demand[{strange[0]}] has the {what} {rows[strange[0], column]}, which no link "
                f"touches")
    for bad, why in ((rows[:, 2] < 0, "a negative number of agents"),
                     (rows[:, 0] == rows[:, 1], "nowhere to go")):
        if bad.any():
            at = int(np.flatnonzero(bad)[0])
            entry = tuple(int(k) for k in rows[at])
            raise InputError(f"demand[{at}] = {entry} (origin, destination, agents) has {why}")
    some = rows[:, 2] > 0
    of_class = np.zeros(int(some.sum()), int) if classes is None else of_class[some]
    if classes is not None:
        kinds.refuse_unused(classes, of_class)
    rows = rows[some]
    if not len(rows):
        raise InputError("demand has no agents")
    if rows[:, 2].astype(np.float64).sum() > MOST_AGENTS:
        raise InputError(f"demand has more than {MOST_AGENTS:,} agents")
    origin, destination = np.searchsorted(numbers, rows[:, 0]), np.searchsorted(numbers, rows[:, 1])
    return _grouped(Types(origin, destination, rows[:, 2], np.arange(len(rows)), of_class),
                    policies)


def _grouped(types: Types, policies: str) -> Types:
    return types.by_destination() if policies == "destination" else types


def _refuse_unequal(costs: Costs) -> None:
    """Raise InputError for costs whose means take whole numbers of agents, all of one weight."""
    if costs.coefficients is None:
        raise InputError(f"classes have different weights, which costs of the kind {costs.kind!r} "
                         f"do not take; polynomials do, such as BPR costs of whole powers up to "
                         f"{MOST_DEGREE}")


def _classes(classes: Mapping[str, TrafficClass] | None, types: Types, rows: Rows,
             costs: Costs) -> kinds.Classes | None:
    """The classes of the types and of the rows."""
    if classes is None:
        return None
    of_group = np.zeros(int(types.group.max()) + 1, int)
    of_group[types.group] = types.of_class
    of_row = np.where(rows.group >= 0, of_group[rows.group], 0)
    return kinds.built(classes, types.of_class, of_row, kinds.affine(costs))


def _free_flow(costs: Costs, weight: np.float64) -> np.ndarray:
    """[links] what each costs a lone agent."""
    found = _at(costs, np.full(costs.n_links, weight))
    bad = ~np.isfinite(found) | (found < 0)
    if bad.any():
        link = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"costs[link={link}] of one agent is {found[link]:g}, but it must be finite and not "
            f"negative")
    return found


def _refuse_overflow(costs: Costs, n_agents: int, weight: np.float64, steps: int,
                     classes: Mapping[str, TrafficClass] | None, by_sums: bool) -> None:
    """Refuse costs whose sum over all trips may be beyond float64, all agents on every link, each
    of the largest weight and value of time."""
    most = [] if classes is None else classes.values()
    if kinds.common_weight(classes) is None:
        weight = weight * max(each.weight for each in most)
    with np.errstate(over="ignore", invalid="ignore"):
        load = np.full(costs.n_links, n_agents * weight)
        if not load[0] < MOST_TOTAL:
            raise InputError(f"weight: {counted(n_agents, 'agent')} of up to {weight:g} vehicles "
                             f"each are more than sums of costs can hold")
        cost = _at(costs, load)
        if not by_sums:                      # their table is checked load by load
            cost = np.where(np.isfinite(cost), cost, 0.0)
        total = steps * load * cost * max([1.0, *(each.value_of_time for each in most)])
    if not total.sum() < MOST_TOTAL:
        link = int(np.nan_to_num(total, nan=np.inf).argmax())
        raise InputError(f"costs[link={link}] of {counted(n_agents, 'agent')} is {cost[link]:g}, "
                         f"too large for sums over trips to be numbers")


def _at(costs: Costs, load: np.ndarray) -> np.ndarray:
    with float64_on_one_blas_thread():
        try:
            found = np.asarray(on_host(costs, load), np.float64)
        except Exception as error:
            # A function of the user's own may raise anything.
            raise InputError(
                f"costs cannot be computed: {type(error).__name__}: {one_line(error)}") from error
    if found.shape != load.shape:
        raise InputError(
            f"costs have shape {found.shape} at loads {load.shape}, but there must be one for each "
            f"load")
    return found


def _first_bush(rows: Rows, free_flow: np.ndarray) -> tuple[bushes.Bush, bool]:
    """All usable links if they have no cycle, else those that lead closer to the end; and whether
    they have one."""
    level = bushes.levels(rows, rows.usable)
    if level is not None:
        return bushes.bush_of(rows, rows.usable, level, bushes.room_of(rows)), False
    cost = np.append(free_flow, 0.0)[rows.link]
    label = bushes.cheapest(rows, bushes.untied(rows, cost))
    allowed = bushes.below(rows, label)
    level = bushes.levels(rows, allowed)
    if level is None:
        raise AssertionError("labels that fall along a link leave no cycle")
    return bushes.bush_of(rows, allowed, level, bushes.room_of(rows)), True


def _trips(types: Types, row: np.ndarray, rows: Rows, numbers: np.ndarray,
           by_destination: bool) -> Trips:
    start = np.zeros(len(rows.node))
    if by_destination:
        np.add.at(start, row, types.count.astype(np.float64))
        agents = (rows.node >= 0).astype(np.float64)
    else:
        start[row] = 1.0
        agents = np.where(rows.node >= 0, types.count[rows.group], 0).astype(np.float64)
    return Trips(origin=numbers[types.origin], destination=numbers[types.destination],
                 count=types.count, row=row,
                 start=start, agents=agents, total=int(types.count.sum()))


def _order(costs: Costs, n_agents: int, policies: str, weight: float) -> int:
    """A whole number above the powers by 1 or more, where means are taken by sums of powers; else
    0. Raises InputError where policies by destination need such sums and there are none."""
    if policies == "destination" and not summed(costs):
        enough = large_loads.enough(costs, n_agents * weight, MOST_AGENTS)
        way_out = f"; {enough:,} agents, of less weight each, would do" if enough else ""
        raise InputError(f"policies='destination' needs costs that are polynomials, or powers of "
                         f"at most {MOST_POWER}, such as BPR costs{steep_links(costs)}{way_out}")
    many = n_agents > MOST_COUNTED or policies == "destination"
    if not isinstance(costs, PowerLaw) or not many or not summed(costs):
        return 0
    return int(np.floor(costs.power.max())) + 2


def _no_shares(costs: Costs, n_links: int, types: Types,
               classes: Mapping[str, TrafficClass] | None) -> np.ndarray:
    """As if each agent took a link with a probability near 0, until the first reorientation finds
    out."""
    coefficients = costs.coefficients
    number = NODES - 1 if coefficients is None else coefficients.shape[1] - 1
    if classes is None or kinds.common_weight(classes) is not None:
        return np.zeros((number, n_links))
    weight = np.array([each.weight for each in classes.values()])[types.of_class]
    powers = weight ** np.arange(1, number + 2)[:, None] @ types.count
    return np.broadcast_to((powers[1:] / powers[0])[:, None], (number, n_links)).copy()


def _table(costs: Costs, weight: np.float64, n_agents: int) -> np.ndarray:
    """[links, n + 2] costs by number of agents (0 at none)."""
    load = np.broadcast_to(weight * np.arange(1, n_agents + 2), (costs.n_links, n_agents + 1))
    table = _at(costs, load)
    for bad, why in ((~np.isfinite(table), "not finite"), (table < 0, "negative"),
                     (np.pad(table[:, 1:] < table[:, :-1], ((0, 0), (1, 0))),
                      "less than at one agent fewer")):
        if bad.any():
            link, load = (int(k) for k in np.argwhere(bad)[0])
            raise InputError(
                f"costs[link={link}] of {counted(load + 1, 'agent')} is {table[link, load]:g}, "
                f"{why}")
    return np.pad(table, ((0, 0), (1, 0)))
