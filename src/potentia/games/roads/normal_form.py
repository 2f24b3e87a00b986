"""Small routing games as normal forms over paths, for what needs joint actions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from potentia.errors import InputError
from potentia.games.limits import check_table
from potentia.games.roads.cost_kinds import on_host
from potentia.games.roads.data import RoadData
from potentia.games.roads.table import INSTEAD, checked_policy, costs_by_number, type_of_agents
from potentia.games.tabular.game import MarkovGame

MOST_PATHS = 100_000      # of a type

Path = tuple[tuple[int, int], ...]      # rows and actions, from the origin on


def normal_form(game: RoadData) -> tuple[MarkovGame, list[list[Path]]]:
    """Everybody chooses a path at once, at discount 0; and the paths of each type, in the order of
    its actions.

    A path passes no node twice. Agents are numbered type after type.

    Raises InputError where the table does not fit.
    """
    paths, agents = _paths(game), type_of_agents(game)
    counts = tuple(len(paths[of_type]) for of_type in agents)
    uses = [_uses(game, of_type) for of_type in paths]
    rewards, stage = np.zeros((len(agents), *counts)), np.zeros(counts)
    costs = None if game.classes is not None else costs_by_number(game)
    summed = None if costs is None else np.cumsum(costs, axis=1)
    for link in np.flatnonzero(np.any([used.any(axis=0) for used in uses], axis=0)):
        takes = [_along(uses[of_type][:, link], agent, len(agents))
                 for agent, of_type in enumerate(agents)]
        for own, take, paid in zip(rewards, takes, _paid(game, costs, int(link), takes),
                                   strict=True):
            own -= take * paid
        if summed is not None:
            stage -= summed[link][np.broadcast_to(sum(takes[1:], start=takes[0]), counts)]
    table = MarkovGame.from_arrays(
        rewards[:, None], np.zeros((1, *counts), int), discount=0.0, name=game.name,
        stage_potential=None if summed is None else stage[None])
    return table, paths


def _paid(game: RoadData, costs: np.ndarray | None, link: int,
          takes: list[np.ndarray]) -> list[np.ndarray]:
    """[paths of each agent] each, what the loaded link costs each agent, if it takes it, by the
    paths of all; takes: which of its paths take it; costs: by number of agents, where there are no
    classes."""
    counts = np.broadcast_shapes(*(take.shape for take in takes))
    if costs is not None:
        return [costs[link][np.broadcast_to(sum(takes[1:], start=takes[0]), counts)]] * len(takes)
    assert game.classes is not None
    kinds = np.asarray(game.classes.of_type)[type_of_agents(game)]
    weight, value = (np.asarray(each)[kinds].tolist() for each in (
        game.classes.weight, game.classes.value))
    load = sum((one * take for one, take in zip(weight, takes, strict=True)),
               start=np.zeros(counts))
    real = int(game.link_of[link])
    charge = float(game.tolls[real] + game.distance_costs[real])
    paid = _at(game, real, load)
    return [one * (paid - charge) + charge for one in value]


def _at(game: RoadData, link: int, load: np.ndarray) -> np.ndarray:
    """What an agent of weight and value of time 1 pays for a link at these loads, in agents of
    weight 1."""
    every = np.zeros((len(game.links), load.size))
    every[link] = game.weight * load.ravel()
    return on_host(game.costs, every)[link].reshape(load.shape)


def over_paths(game: RoadData, profile: object) -> np.ndarray:
    """[N, 1, paths] the probabilities of each agent's paths under a profile [R, 1, A], as
    `normal_form` numbers them.

    Raises InputError for a profile that has a cycle.
    """
    policy, paths, agents = checked_policy(game, profile), _paths(game), type_of_agents(game)
    probabilities = np.zeros((len(paths), 1, max(map(len, paths))))
    for of_type, row in zip(paths, probabilities[:, 0], strict=True):
        row[:len(of_type)] = [np.prod([policy[step] for step in path]) for path in of_type]
    return probabilities[agents]


def _paths(game: RoadData) -> list[list[Path]]:
    """The paths of each type."""
    agents = np.asarray(game.trips.count).tolist()
    counts = np.ones(len(agents), int)
    found = []
    for of_type, path in _listed(game):
        if of_type == len(found):
            found.append([])
        found[of_type].append(path)
        counts[of_type] = len(found[of_type])
        check_table(game.n_agents, 1, np.repeat(counts, agents).tolist(), INSTEAD)
    return found


def _listed(game: RoadData) -> Iterator[tuple[int, Path]]:
    """All paths, type after type."""
    rows, trips = game.rows, game.trips
    check_table(game.n_agents, 1, 1, INSTEAD)
    import networkx as nx  # takes half a second, and games of roads seldom need it
    graph = nx.MultiDiGraph()
    row, action = np.nonzero(np.asarray(rows.usable) & (np.asarray(rows.node) >= 0)[:, None])
    graph.add_edges_from(np.column_stack([row, rows.following[row, action], action]).tolist())
    for of_type, origin in enumerate(np.asarray(trips.row).tolist()):
        found = nx.all_simple_edge_paths(graph, origin, len(rows.node))
        for number, path in enumerate(found):
            if number == MOST_PATHS:
                raise InputError(f"from {trips.origin[of_type]} to {trips.destination[of_type]} "
                                 f"there are more than {MOST_PATHS:,} paths, the limit of a "
                                 f"table{INSTEAD}")
            yield of_type, tuple((step[0], step[-1]) for step in path)


def _uses(game: RoadData, paths: list[Path]) -> np.ndarray:
    """[paths, E] which links each takes."""
    used = np.zeros((len(paths), len(game.link_of)), int)
    for own, path in zip(used, paths, strict=True):
        own[[game.rows.link[step] for step in path]] = 1
    return used


def _along(column: np.ndarray, agent: int, n_agents: int) -> np.ndarray:
    return column.reshape([-1 if other == agent else 1 for other in range(n_agents)])
