"""Shortest paths in the whole network of a routing game, at costs that are not negative, so that no
walk is cheaper (Dijkstra 1959)."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from potentia.games.roads.data import RoadData

LEAST = np.nextafter(0.0, 1.0)          # what a free link costs: distances must not be too long


def usable(game: RoadData) -> np.ndarray:
    """[R, A] actions that lead somewhere."""
    return np.asarray(game.rows.usable) & (np.asarray(game.rows.node) >= 0)[:, None]


def shortest(game: RoadData, cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[R + 1] cost of the shortest path to the end from each row at costs [R, A], and the action
    [R] it begins with."""
    end = len(cost)
    row, action = np.nonzero(usable(game))
    target = np.asarray(game.rows.following)[row, action]
    order = np.lexsort((cost[row, action], row, target))
    row, action, target = row[order], action[order], target[order]
    # Of several links between the same rows the cheapest counts; one that costs nothing is still a
    # link.
    first = np.append(True, (row[1:] != row[:-1]) | (target[1:] != target[:-1]))
    weights = np.maximum(cost[row[first], action[first]], LEAST)
    graph = sp.csr_array((weights, (target[first], row[first])), shape=(end + 1, end + 1))
    distance, before = dijkstra(graph, indices=end, return_predecessors=True)
    taken = np.zeros(end, np.int64)
    on_path = before[row[first]] == target[first]
    taken[row[first][on_path]] = action[first][on_path]
    return distance, taken


def of_each(game: RoadData, rows: np.ndarray, cost: np.ndarray, joining: np.ndarray,
            steps: np.ndarray) -> np.ndarray:
    """[r, k] cost of the shortest path to the end from each of a destination's rows [r], at costs
    [r, A, k] of k types, infinite for what leads nowhere.

    joining: [R + 1] the same at costs that are not less. From these, distances fall until none is
    longer than any next link and the path from there, which is what shortest distances are.
    steps: [R] as `steps_of` says, so that few rounds are needed.
    """
    place = np.full(len(joining), len(rows))
    place[rows] = np.arange(len(rows))
    following, step = place[np.asarray(game.rows.following)[rows]], steps[rows]
    found = np.repeat(np.append(joining[rows], 0.0)[:, None], cost.shape[2], axis=1)
    in_order = np.split(np.argsort(step, kind="stable"), np.cumsum(np.bincount(step))[:-1])
    while True:
        before = found.copy()
        for here in in_order:
            onward = (cost[here] + found[following[here]]).min(axis=1)
            found[here] = np.minimum(found[here], onward)
        if (found == before).all():
            return found[:-1]


def steps_of(game: RoadData, distance: np.ndarray) -> np.ndarray:
    """[R] most links on a walk from each row that comes nearer to the end with each of them;
    distance: [R + 1]."""
    row, action = np.nonzero(usable(game))
    target = np.asarray(game.rows.following)[row, action]
    nearer = distance[target] < distance[row]
    row, target = row[nearer], target[nearer]
    found = np.zeros(len(distance), np.int64)
    while True:
        further = found.copy()
        np.maximum.at(further, row, found[target] + 1)
        if (further == found).all():
            return found[:-1]
        found = further


def walk(game: RoadData, following: np.ndarray, row: int) -> np.ndarray:
    """Links, as they are numbered in the game, of the walk that begins at a row."""
    links = []
    while row < len(following):
        action = following[row]
        links.append(int(np.asarray(game.link_of)[np.asarray(game.rows.link)[row, action]]))
        row = int(np.asarray(game.rows.following)[row, action])
    return np.array(links)
