"""The network that the agents of a congestion game walk through, and how they share its edges."""

from __future__ import annotations

import dataclasses
from typing import Any

import networkx as nx
import numpy as np

from potentia import games
from potentia.game import Game, HasRecipe, usable
from potentia.games.congestion.game import CongestionGame
from potentia.games.zoo import stochastic_congestion

NAMED = "stochastic-congestion"
OF_NETWORK = ("layers", "width", "graph", "source", "sink")


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """moves: [V, A] next nodes, -1 where a node has fewer. names: [V]. node: [N, H] where each
    agent stands in each information state, -1 where a state stands for nothing."""

    moves: np.ndarray
    names: tuple[str, ...]
    node: np.ndarray

    def edges(self) -> np.ndarray:
        """[E, 2] nodes that each edge leads from and to, those that lead forward from the first
        node on."""
        rank = self.ranks()
        found = [(node, after) for node, row in enumerate(self.moves.tolist()) for after in row
                 if after >= 0 and rank[after] > rank[node]]
        return np.array(found, dtype=np.int64).reshape(-1, 2)

    def ranks(self) -> np.ndarray:
        """[V] the fewest steps to each node; in a network without cycles the most."""
        graph = nx.DiGraph([(node, after) for node, row in enumerate(self.moves.tolist())
                            for after in row if after not in (-1, node)])
        graph.add_nodes_from(range(len(self.moves)))
        if nx.is_directed_acyclic_graph(graph):
            rank = dict.fromkeys(graph, 0)
            for node in nx.topological_sort(graph):
                for after in graph.successors(node):
                    rank[after] = max(rank[after], rank[node] + 1)
        else:
            rank = dict.fromkeys(graph, 0) | nx.single_source_shortest_path_length(graph, 0)
        return np.array([rank[node] for node in range(len(self.moves))])

    def places(self) -> np.ndarray:
        """[V, 2] where nodes are drawn: by rank from left to right, those of one rank below each
        other."""
        rank = self.ranks()
        found = np.empty((len(rank), 2))
        for each in np.unique(rank):
            here = np.flatnonzero(rank == each)
            found[here] = np.column_stack([np.full(len(here), 2.0 * each),
                                           (len(here) - 1) / 2 - np.arange(len(here))])
        return found


def network_of(game: Game) -> Network | None:
    """The network of a congestion game, or of a named one that is held as a table; None of any
    other game."""
    recipe = game.recipe if isinstance(game, HasRecipe) else None
    parameters = dict(recipe[1]) if recipe is not None and recipe[0] == NAMED else None
    if isinstance(game, CongestionGame):
        return _network(game, np.asarray(game.configurations).T, parameters)
    if parameters is None:
        return None
    own = parameters.get("observe") == "own"
    other = games.make(NAMED, **{**parameters, "representation": "congestion", "observe": "state"})
    node = (np.tile(np.arange(len(other.moves)), (game.n_agents, 1)) if own
            # Tables have their states in ascending order of the configurations.
            else np.asarray(other.configurations)[np.asarray(other.position)].T)
    if node.shape != usable(game).shape[:2]:
        return None
    return _network(other, node, parameters)


def walks(game: Game, network: Network, profile: Any) -> np.ndarray:
    """[E, N] how often each agent is expected to take each of `edges`, step t counting
    discount^t."""
    policy: Any = np.asarray(profile)
    seen = np.asarray(game.evaluate(policy).visitation) * np.asarray(game.scale)
    taken = seen[..., None] * policy
    edges = network.edges()
    found = np.zeros((len(edges), game.n_agents))
    for place, (node, after) in enumerate(edges):
        move = int(np.flatnonzero(network.moves[node] == after)[0])
        found[place] = np.where(network.node == node, taken[..., move], 0.0).sum(axis=1)
    return found


def _network(game: CongestionGame, node: np.ndarray,
             parameters: dict[str, Any] | None) -> Network:
    moves = np.asarray(game.moves)
    names = tuple(map(str, range(len(moves))))
    if parameters is not None:
        given = {name: parameters[name] for name in OF_NETWORK if name in parameters}
        names = tuple(str(where) for where, in stochastic_congestion.configurations(
            1, states="all", **given))
    return Network(moves, names, node)
