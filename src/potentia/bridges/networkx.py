"""Games that have a graph, as graphs of networkx; those of others are of the states that play may
come to.

From networkx to games: `pt.io.from_networkx`, and `graph=` of the named congestion games.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import scipy.sparse as sp

from potentia.errors import InputError
from potentia.games.congestion.data import CongestionData
from potentia.games.joint_table import as_table
from potentia.games.roads import charges, link_table
from potentia.games.roads.cost_kinds import Polynomial, PowerLaw
from potentia.games.roads.data import RoadData
from potentia.games.roads.node_names import called
from potentia.games.tabular.data import TabularData


def to_networkx(game: object, profile: object = None) -> nx.DiGraph:
    """The graph of a game; `name` and what else is said of the whole is in `graph.graph`.

    Roads: a MultiDiGraph of the links, their keys the links' ids, with free_flow_time, toll,
    distance_cost, capacity and length where known, and b and power where costs are BPR's of a known
    capacity, else NaN; `trips` (vehicles, of all classes together) and `n_agents` of the whole.
    Without distance costs and classes, `pt.io.from_networkx(graph, graph.graph["trips"], n_agents)`
    builds the game again, or refuses it for its NaN. With a `profile` [R, 1, A] links have their
    flow, time and cost, too.

    Congestion with joint states: a MultiDiGraph of the moves, their keys the moves' numbers, with
    `rewards` by the number 1..N of agents that take it.

    Any other game, by its table: a DiGraph of the states that play may come to from the initial
    distribution, by their names or numbers, with `initial` (probability) and `absorbing`, and edges
    from each state to those that may follow, with `joint_actions`, the number of those after which
    it may.

    Raises InputError for a profile of a game without flows, and for a game without a table.
    """
    if isinstance(game, RoadData):
        return _roads(game, profile)
    if profile is not None:
        raise InputError(f"game is a {type(game).__name__}, but only links of a RoutingGame have "
                         f"flows; leave profile out")
    if isinstance(game, CongestionData):
        return _network(game)
    return _states(as_table(game, "to_networkx needs"))


def _roads(game: RoadData, profile: object) -> nx.MultiDiGraph:
    untolled = charges.taken_off(game)
    free = link_table.free_flow_times(untolled)
    b, power = _bpr(untolled, free)
    columns = {"free_flow_time": free, "b": b, "power": power, "capacity": game.capacities,
               "length": game.lengths, "toll": game.tolls, "distance_cost": game.distance_costs}
    if profile is not None:
        told = link_table.columns(game, profile)
        columns |= {name: told[name] for name in ("flow", "time", "cost")}
    vehicles = float(game.weight) * np.asarray(game.trips.count)
    if game.classes is not None:
        vehicles = vehicles * np.asarray(game.classes.weight)[game.classes.of_type]
    trips: dict[tuple[int | str, int | str], float] = {}
    for kind, number in enumerate(vehicles.tolist()):
        trips[game.ends_of(kind)] = trips.get(game.ends_of(kind), 0.0) + number
    graph = nx.MultiDiGraph(name=game.name, n_agents=game.n_agents, trips=trips)
    for link, (ends, key) in enumerate(zip(game.road_links, game.link_ids, strict=False)):
        facts = {name: float(column[link]) for name, column in columns.items()}
        start, end = (called(game.node_names, node) for node in ends)
        graph.add_edge(start, end, key=key, **{
            name: fact for name, fact in facts.items()
            if name not in ("capacity", "length") or not np.isnan(fact)})
    return graph


def _bpr(untolled: RoadData, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[links] b and power of t0 (1 + b (x / capacity)^power), NaN where costs are no such."""
    n_links, costs = len(untolled.links), untolled.costs
    if isinstance(costs, PowerLaw):
        rise, scale, power = (np.asarray(each) for each in (costs.rise, costs.scale, costs.power))
        steep, single = rise / scale ** power, np.ones(n_links, bool)
    elif isinstance(costs, Polynomial):
        rising = np.asarray(costs.coefficients)[:, 1:]
        power = 1.0 + np.argmax(rising > 0, axis=1)
        steep, single = rising.sum(axis=1), np.count_nonzero(rising, axis=1) <= 1
    else:
        return np.full(n_links, np.nan), np.full(n_links, np.nan)
    flat = single & (steep == 0)
    fits = single & (free > 0) & ~np.isnan(untolled.capacities)
    with np.errstate(divide="ignore", invalid="ignore"):
        b = np.where(fits, steep * untolled.capacities ** power / free, np.nan)
    return np.where(flat, 0.0, b), np.where(flat | fits, power, np.nan)


def _network(game: CongestionData) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(name=game.name, n_agents=game.n_agents, discount=float(game.discount),
                            starts=game.starts)
    moves, pay = np.asarray(game.moves), np.asarray(game.pay)
    graph.add_nodes_from(range(len(moves)))
    for node, move in zip(*np.nonzero(moves >= 0), strict=True):
        graph.add_edge(int(node), int(moves[node, move]), key=int(move),
                       rewards=tuple(pay[node, move, 1:].tolist()))
    return graph


def _states(game: TabularData) -> nx.DiGraph:
    n_states = game.n_states
    table = game.transitions.csr()
    n_joint = table.shape[0] // n_states
    plays = _playable(game).ravel()
    entries = sp.coo_array(table)
    kept = plays[entries.row] & (entries.data > 0)
    leads = sp.csr_array((np.ones(np.count_nonzero(kept), int),
                          (entries.row[kept] // n_joint, entries.col[kept])),
                         shape=(n_states, n_states))             # joint actions, summed
    initial, absorbing = np.asarray(game.initial), np.asarray(game.absorbing)
    whole = nx.from_scipy_sparse_array(leads, create_using=nx.DiGraph,
                                       edge_attribute="joint_actions")
    starts = np.flatnonzero(initial > 0).tolist()
    found = [state for layer in nx.bfs_layers(whole, starts) for state in layer]
    graph = nx.DiGraph(whole.subgraph(found), name=game.name, n_agents=game.n_agents,
                       discount=float(game.discount))
    for state in found:
        graph.add_node(state, initial=float(initial[state]), absorbing=bool(absorbing[state]))
    return nx.relabel_nodes(graph, dict(enumerate(game.names.states)))


def _playable(game: TabularData) -> np.ndarray:
    """[S, J] joint actions that exist."""
    plays = np.ones((game.n_states, 1), bool)
    for agent, count in enumerate(game.action_counts):
        own = np.asarray(game.mask)[agent][np.asarray(game.information)[agent], :count]
        plays = (plays[:, :, None] & own[:, None, :]).reshape(game.n_states, -1)
    return plays
