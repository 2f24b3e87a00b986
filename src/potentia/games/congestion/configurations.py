"""Configurations of agents on a network: which there are, how they are numbered, how long play
lasts.

A configuration is the node of every agent, `[N]`; its code is that of the nodes as digits, agent
1's first. `moves` is `[V, A]`: the next node of each move of a node, -1 where it has fewer than A
moves.
"""

from __future__ import annotations

import math

import numpy as np

from potentia.errors import InputError


def digit_weights(n_nodes: int, n_agents: int) -> np.ndarray:
    """[N] value of each agent's digit. Raises InputError where the codes pass 64 bits."""
    if n_nodes**n_agents > np.iinfo(np.int64).max:
        raise InputError(
            f"{n_agents} agents on {n_nodes} nodes have more configurations than can be numbered")
    return n_nodes ** np.arange(n_agents)[::-1]


def nodes_of(codes: np.ndarray, n_nodes: int, digit_weights: np.ndarray) -> np.ndarray:
    """[S, N] nodes of each agent."""
    return codes[:, None] // digit_weights % n_nodes


def most(moves: np.ndarray, starts: np.ndarray) -> int:
    """At least the number of configurations that play from `starts` [K, N] can reach, at once and
    without a list.

    Exact where the nodes that agents can be on at different times are different, as in layers.
    """
    total = 0
    for start in starts:
        nodes, agents = np.unique(start, return_counts=True)
        reach = np.zeros((nodes.size, len(moves)), bool)
        reach[np.arange(nodes.size), nodes] = True
        seen = set()
        while reach.tobytes() not in seen:
            seen.add(reach.tobytes())
            total += math.prod(int(count)**int(alike)
                               for count, alike in zip(reach.sum(axis=1), agents, strict=True))
            reach = np.stack([_after(moves, row) for row in reach])
    return min(total, len(moves) ** starts.shape[1])


def _after(moves: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """[V] nodes one step after any of `nodes` [V]."""
    reached = np.zeros(len(moves), bool)
    following = moves[nodes]
    reached[following[following >= 0]] = True
    return reached


def reachable(moves: np.ndarray, digit_weights: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Codes of the configurations that play from the codes `start` can reach, ascending."""
    known = frontier = np.unique(start)
    while frontier.size:
        frontier = np.setdiff1d(following(moves, digit_weights, frontier), known,
                                assume_unique=True)
        known = np.union1d(known, frontier)
    return known


def following(moves: np.ndarray, digit_weights: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Codes of the configurations one step after any of `codes`, ascending."""
    # One digit after the other: the sets stay as small as the configurations they stand for.
    for value in digit_weights:
        node = codes // value % len(moves)
        after = codes[:, None] + (moves[node] - node[:, None]) * value
        codes = np.unique(after[moves[node] >= 0])
    return codes


def steps_left(moves: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """[V] fewest and most steps until a node with `ends` [V] is reached; None if a walk may never
    get there."""
    fewest, most = np.zeros(len(moves), int), np.zeros(len(moves), int)
    known = ends.copy()
    while not known.all():
        ready = ~known & np.where(moves >= 0, known[moves], True).all(axis=1)
        if not ready.any():
            return None
        after = moves[ready]
        fewest[ready] = 1 + np.where(after >= 0, fewest[after], len(moves)).min(axis=1)
        most[ready] = 1 + np.where(after >= 0, most[after], -1).max(axis=1)
        known |= ready
    return fewest, most
