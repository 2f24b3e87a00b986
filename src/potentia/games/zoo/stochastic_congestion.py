"""Stochastic congestion games: agents walk through a network and share the edges they take.

State: the node of every agent. Action: the next edge; all agents move at once. Reward of an agent:
r_e(l_e), with l_e the number of agents that take the same edge e in the same step. Fox, McAleer,
Overman and Panageas, arXiv 2110.10614, Example 1 (in costs) and Section 4.2 (in rewards, r_e(l) =
1/l).

Agents that see their own node only choose their walks independently, and the Rosenthal sum

    phi(s, a) = sum_e sum_{k <= l_e} r_e(k)

is then the stage reward of an exact potential (Example 1). With policies of the whole state the
others react to an agent's position, and the same sum is not a potential for three or more agents.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np

from potentia.errors import (
    InputError,
    finite_number,
    known_name,
    one_line,
    positive_number,
    shown,
    whole_number,
)
from potentia.games.congestion import configurations as numbering
from potentia.games.congestion.game import CongestionGame
from potentia.games.graphs import Dag, dag, edge_name, layered
from potentia.games.limits import MOST_AGENTS, check_agents, check_table, table_bytes
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Fox, McAleer, Overman, Panageas: Independent Natural Policy Gradient Always Converges "
          "in Markov Potential Games (arXiv 2110.10614), Example 1 and Section 4.2")

SOURCE_NODE = 0           # of every checked network
SMALL_TABLE = 2e6          # bytes
ByLoad = Callable[[int], float] | Sequence[float]


def build(n_agents: int = 4, layers: int = 2, width: int = 2, *, ending: str = "absorbing",
          loop_reward: float = 1.0, reward: ByLoad | Mapping[tuple, ByLoad] | None = None,
          reward_scale: float = 1.0, discount: float | None = None, start: object = "source",
          states: str = "reachable", observe: str = "state", graph: object = None,
          source: Hashable = None, sink: Hashable = None,
          representation: str = "auto", shards: int = 1) -> MarkovGame | CongestionGame:
    """Agents walk through a network to its sink; the more take an edge, the less each is paid.

    n_agents: N >= 1. layers, width: of the default network, both >= 1: "s", layers of fully
        connected nodes, "t".
    graph, source, sink: another acyclic network instead; see `graphs.dag`. Out-degrees may differ.
    ending: "absorbing": an agent stays at the sink at reward 0, and play ends when all are there;
        or "loop": an agent at the sink is taken back to the source, at `loop_reward` whatever the
        load.
    reward: pay of an edge by load, a function of the load 1..N or a sequence of N numbers, or a
        mapping {(node, next node): either} with every edge. 1/load if omitted. Costs are negative
        rewards.
    reward_scale: positive factor on the edges' rewards.
    discount: in [0, 1], below 1 with "loop"; 0.99 if omitted (Section 4).
    start: "source" (all agents there), "uniform" over the states where play goes on, or a
        distribution [S].
    states: "reachable" from the source, or "all" |V|^N configurations. Both are in the order that
        `configurations` tells; the state with all agents at the source comes first.
    observe: "state", or "own": policies of the own node alone, information state h = node h of the
        network.
    representation: "tabular", a table of joint actions; "congestion", which never makes one and is
        exact for many more agents (its states are in the order of `game.configurations`); or
        "auto": tabular where the table is small (up to 2 MB: six agents on the default network) and
        with `observe="own"`.
    shards: equal parts that a congestion game's states are split in, to be spread over as many
    devices.

    Actions lead to the next nodes in the order of the network's nodes. Reachable states of the
    default network: 1 + width^N for each layer + 1; 514 for 8 agents on two layers of two. From the
    source it ends after layers + 1 steps. With `observe="own"` it is a potential game and carries
    its potential. The distribution mismatch M (Definition 3) of four agents on the default network
    at 0.99 is 17.82 from the uniform start, 842.5 with "loop" as well, and infinite from the
    source.

    Raises InputError for parameters out of range, networks with a cycle, a dead end or a node out
    of reach, and tables above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    check_agents(n_agents)
    gamma = finite_number(0.99 if discount is None else discount, "discount")
    if known_name(ending, ("absorbing", "loop"), "ending") == "loop" and gamma == 1:
        raise InputError(
            "discount is 1, but with ending='loop' play never ends; give a discount below 1")
    network = _network(n_agents, layers, width, graph, source, sink)
    moves = _moves(network, ending)
    at_sink = finite_number(loop_reward, "loop_reward") if ending == "loop" else 0.0
    paid = reward_table(network, reward, positive_number(reward_scale, "reward_scale"), n_agents,
                        at_sink)
    own = known_name(observe, ("state", "own"), "observe") == "own"
    every = known_name(states, ("reachable", "all"), "states") == "all"
    count = (len(moves)**n_agents if every
             else numbering.most(moves, np.full((1, n_agents), SOURCE_NODE)))
    if _has_table(representation if shards == 1 else "congestion", own, n_agents, count,
                  moves.shape[1]):
        return _tabular(moves, paid, n_agents, states, start, ending, gamma, own)
    return CongestionGame.from_network(
        moves, paid.reshape(*moves.shape, n_agents + 1)[:, :, 1:], n_agents=n_agents,
        discount=gamma, states=states,
        initial=lambda positions: _initial(start, positions, ending), shards=shards,
        name="stochastic-congestion")


def _has_table(representation: str, own: bool, n_agents: int, n_states: int,
               n_actions: int) -> bool:
    """Whether the game is to be tabular; refuses a table that does not fit."""
    chosen = known_name(representation, ("auto", "tabular", "congestion"), "representation")
    if chosen == "congestion" and own:
        raise InputError(
            "observe='own' needs representation='tabular': in a congestion game agents see the "
            "state")
    small = n_agents <= MOST_AGENTS and table_bytes(n_agents, n_states, n_actions) <= SMALL_TABLE
    if chosen == "tabular" or own or (chosen == "auto" and small):
        check_table(n_agents, n_states, n_actions,
                    "" if own else "; representation='congestion' needs no table")
        return True
    return False


def _tabular(moves: np.ndarray, paid: np.ndarray, n_agents: int, states: str, start: object,
             ending: str, gamma: float,
             own: bool) -> MarkovGame:
    positions, codes = _states(moves, n_agents, states)
    taken = _edges_taken(positions, moves.shape[1])
    load, rank = _loads(taken)
    table = (positions.shape[0], *[moves.shape[1]] * n_agents)
    return MarkovGame.from_arrays(
        paid[taken, load].reshape(n_agents, *table),
        _following(positions, codes, moves).reshape(table),
        discount=gamma, initial=_initial(start, positions, ending),
        mask=(moves >= 0)[positions.T], information=positions.T if own else None,
        # The k-th of the agents on an edge contributes r_e(k), so that each edge sums r_e(1) ...
        # r_e(l_e).
        stage_potential=paid[taken, rank].sum(axis=0).reshape(table) if own else None,
        name="stochastic-congestion")


def configurations(n_agents: int = 4, layers: int = 2, width: int = 2, *, ending: str = "absorbing",
                   states: str = "reachable", graph: object = None, source: Hashable = None,
                   sink: Hashable = None) -> list[tuple[Hashable, ...]]:
    """The agents' nodes in each state, by name, in the order of the states of `build` with these
    parameters.

    The order is lexicographic, agent 1 first, in the order of the network's nodes.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    network = _network(n_agents, layers, width, graph, source, sink)
    positions, _ = _states(_moves(network, known_name(ending, ("absorbing", "loop"), "ending")),
                           n_agents, states)
    return [tuple(network.nodes[node] for node in row) for row in positions]


def _network(n_agents: int, layers: int, width: int, graph: object, source: Hashable,
             sink: Hashable) -> Dag:
    if graph is not None:
        return dag(graph, source, sink)
    if source is not None or sink is not None:
        raise InputError("source and sink name nodes of graph=, but no graph is given")
    return layered(whole_number(layers, "layers", 1), whole_number(width, "width", 1))


def _moves(network: Dag, ending: str) -> np.ndarray:
    """[V, D] next node of each move, -1 where there is none; the sink has one."""
    moves = network.successors.copy()
    moves[-1, 0] = SOURCE_NODE if ending == "loop" else len(moves) - 1
    return moves


def _states(moves: np.ndarray, n_agents: int, states: str) -> tuple[np.ndarray, np.ndarray]:
    """Configurations as nodes [S, N] and as ascending codes [S]: the nodes as digits, agent 1's
    first."""
    digit_weights = numbering.digit_weights(len(moves), n_agents)
    every = known_name(states, ("reachable", "all"), "states") == "all"
    codes = np.arange(len(moves)**n_agents) if every else numbering.reachable(moves, digit_weights,
                                                                              np.array(
                                                                                  [SOURCE_NODE]))
    return numbering.nodes_of(codes, len(moves), digit_weights), codes


def _edges_taken(positions: np.ndarray, n_actions: int) -> np.ndarray:
    """[N, S, J] number node * D + action of the edge that each agent takes."""
    n_agents = positions.shape[1]
    actions = np.indices((n_actions,) * n_agents, np.int32).reshape(n_agents, 1, -1)
    return positions.T[:, :, None].astype(np.int32) * n_actions + actions


def _loads(taken: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[N, S, J] agents on each agent's edge, itself included, and its rank among them (1 for the
    first)."""
    load, rank = np.ones(taken.shape, np.int8), np.ones(taken.shape, np.int8)
    for agent in range(1, len(taken)):
        for other in range(agent):
            together = taken[agent] == taken[other]
            load[agent] += together
            load[other] += together
            rank[agent] += together
    return load, rank


def _following(positions: np.ndarray, codes: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """[S, J] index of the next state; anything where the joint action does not exist."""
    total = np.zeros((len(positions), 1), np.int64)
    for agent in range(positions.shape[1]):
        total = (total[:, :, None] * len(moves) + moves[positions[:, agent]][:, None, :]).reshape(
            len(total), -1)
    return np.searchsorted(codes, total)


def reward_table(network: Dag, reward: object, scale: float, n_agents: int,
                 at_sink: float) -> np.ndarray:
    """[V*D, N+1] reward of each edge by load; the sink's only move pays `at_sink`."""
    edges = {(network.nodes[node], network.nodes[network.successors[node, action]]): (node, action)
             for node, action in np.argwhere(network.successors >= 0)}
    by_edge = _by_edge(reward, edges)
    table = np.zeros((*network.successors.shape, n_agents + 1))
    for edge, (node, action) in edges.items():
        name = f"reward[{edge_name(*edge)}]" if isinstance(reward, Mapping) else "reward"
        table[node, action, 1:] = scale * _by_load(by_edge[edge], n_agents, name)
    table[-1, 0] = at_sink
    return table.reshape(-1, n_agents + 1)


def _by_edge(reward: object, edges: Mapping[tuple, object]) -> Mapping[tuple, object]:
    if not isinstance(reward, Mapping):
        return dict.fromkeys(edges, reward)
    for edge in reward:
        if edge not in edges:
            name = edge_name(*edge) if isinstance(edge, tuple) and len(edge) == 2 else repr(edge)
            raise InputError(f"reward names the edge {name}, which the graph does not have")
    for edge in edges:
        if edge not in reward:
            raise InputError(f"reward says nothing of the edge {edge_name(*edge)}")
    return reward


def _by_load(reward: object, n_agents: int, name: str) -> np.ndarray:
    """[N] rewards at load 1..N."""
    loads = range(1, n_agents + 1)
    if reward is None:
        return 1.0 / np.arange(1, n_agents + 1)
    if callable(reward):
        reward = [_called(reward, load, name) for load in loads]
    if not isinstance(reward, Sequence | np.ndarray) or isinstance(reward, str
                                                                   | bytes) or _is_single(reward):
        raise InputError(
            f"{name} is {shown(reward)}, but it must be a function of the load or a sequence by "
            f"load")
    if len(reward) != n_agents:
        raise InputError(
            f"{name} has length {len(reward)}, but it needs a value for each load 1..{n_agents}")
    return np.array([finite_number(reward[load - 1], f"{name} at load {load}") for load in loads])


def _called(reward: Callable[[int], object], load: int, name: str) -> object:
    try:
        return reward(load)
    except Exception as error:
        raise InputError(f"{name} at load {load} cannot be computed: "
                         f"{one_line(f'{type(error).__name__}: {error}')}") from error


def _is_single(reward: object) -> bool:
    """An array without axes, which has no length."""
    return isinstance(reward, np.ndarray) and reward.ndim == 0


def _initial(start: object, positions: np.ndarray, ending: str) -> object:
    """[S]; a distribution of the user's own is checked with the other arrays."""
    if not isinstance(start, str):
        return start
    if known_name(start, ("source", "uniform"), "start") == "source":
        chosen = (positions == SOURCE_NODE).all(axis=1)
    else:
        chosen = (positions != positions.max()).any(axis=1) | (ending == "loop")
    return chosen / chosen.sum()
