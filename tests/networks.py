"""Small networks for congestion games, drawn by seed, and the games on them from the definition
alone.

Nothing here knows Potentia: `arrays` writes every joint action of a game out, one after the other.
"""

from __future__ import annotations

import itertools

import numpy as np


def network(kind: str, seed: int) -> np.ndarray:
    """[V, 3] next nodes of up to three moves each, -1 where there are fewer.

    kind: "forward": walks of different lengths to one end; "layers": of one length; "two ends";
    "return": layers whose last node leads to node 0; "recurrent": anywhere; "caught": anywhere,
    with an end too.
    """
    rng = np.random.default_rng(seed)
    if kind in ("layers", "return"):
        last = 0 if kind == "return" else 3
        return padded([[1, 2, 1], [3] if seed % 2 else [3, 3], [3], [last]])
    n_nodes = 3 if kind == "recurrent" else 4
    lowest = [0] * n_nodes if kind in ("recurrent", "caught") else range(1, n_nodes + 1)
    rows = [rng.integers(low, n_nodes, size=rng.integers(1, 4)).tolist() for low in lowest[:-1]]
    if kind == "two ends":
        rows[-1] = [n_nodes - 2]
    return padded([*rows, rng.integers(n_nodes, size=2).tolist() if kind == "recurrent"
                   else [n_nodes - 1]])


def padded(rows: list[list[int]]) -> np.ndarray:
    """Rows of different lengths as a table, filled up with -1."""
    widest = max(len(row) for row in rows)
    return np.array([row + [-1] * (widest - len(row)) for row in rows])


def pays(moves: np.ndarray, n_agents: int, seed: int) -> np.ndarray:
    """[V, A, N] random rewards of either sign by load; ends pay nothing."""
    rewards = np.random.default_rng(seed).normal(size=(*moves.shape, n_agents))
    if is_end(moves).any():
        rewards[is_end(moves)] = 0.0
    return rewards


def is_end(moves: np.ndarray) -> np.ndarray:
    """[V] nodes that lead to themselves only; all nodes of a network that is meant to go on have
    more moves."""
    return (moves[:, 0] == np.arange(len(moves))) & (moves[:, 1:] < 0).all(axis=1)


def arrays(moves: np.ndarray, rewards: np.ndarray, states: list[tuple[int, ...]], discount: float,
           initial: np.ndarray) -> dict:
    """The arrays that `MarkovGame.from_arrays` takes, for the configurations `states`."""
    n_agents, n_actions = len(states[0]), moves.shape[1]
    shape = (len(states), *[n_actions] * n_agents)
    paid, following = np.zeros((n_agents, *shape)), np.zeros(shape, int)
    for s, nodes in enumerate(states):
        for actions in itertools.product(*[[a for a in range(n_actions) if moves[v, a] >= 0]
                                           for v in nodes]):
            taken = list(zip(nodes, actions, strict=True))
            for i, (v, a) in enumerate(taken):
                paid[(i, s, *actions)] = rewards[v, a, taken.count((v, a)) - 1]
            following[(s, *actions)] = states.index(tuple(int(moves[v, a]) for v, a in taken))
    mask = np.array([[[bool(moves[nodes[i], a] >= 0) for a in range(n_actions)] for nodes in states]
                     for i in range(n_agents)])
    return {"rewards": paid, "transitions": following, "discount": discount, "initial": initial,
            "mask": mask}


def reached(moves: np.ndarray, starts: list[tuple[int, ...]]) -> set[tuple[int, ...]]:
    """Configurations that play from `starts` can come to, by plain search."""
    found, waiting = set(), list(starts)
    while waiting:
        nodes = waiting.pop()
        if nodes not in found:
            found.add(nodes)
            waiting += itertools.product(*[[int(v) for v in moves[node] if v >= 0]
                                           for node in nodes])
    return found
