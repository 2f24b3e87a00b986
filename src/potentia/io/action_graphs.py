"""What the counts of an action graph are at each joint action: which configurations of a node's
neighbours can be, and which joint action leads to which."""

from __future__ import annotations

import dataclasses

import numpy as np

SUM, EXISTS, HIGHEST, LOWEST = range(4)
WEIGHTED = 10            # is added to the type of a function that weighs action nodes


@dataclasses.dataclass(frozen=True)
class Function:
    """The count of a function node, of the counts of its neighbours.

    kind: 0 their sum, 1 whether any is positive, 2 and 3 the highest and the lowest neighbour whose
    count is not 0; 10 to 13 the same with weights. default: what a sum begins with, or what stands
    for no neighbour. weights: [action nodes], instead of 1 in sums and of the neighbour's number
    otherwise.
    """

    kind: int
    default: int = 0
    weights: tuple[int, ...] = ()

    def counts(self, chosen: np.ndarray, neighbours: tuple[int, ...], n_nodes: int) -> np.ndarray:
        """[J] of the counts [J, action nodes] of joint actions, in a graph of so many nodes."""
        weighted, kind = self.kind >= WEIGHTED, self.kind % WEIGHTED
        if kind in (SUM, EXISTS):
            weights = [self.weights[node] for node in neighbours] if weighted else 1
            total = (chosen[:, neighbours].astype(np.int64) * weights).sum(axis=1) + self.default
            return total if kind == SUM else (total > 0).astype(np.int64)
        found = np.full(len(chosen), self.default if weighted else n_nodes, dtype=np.int64)
        for node in sorted(neighbours, reverse=kind == LOWEST):      # the last one counts
            found[chosen[:, node] > 0] = self.weights[node] if weighted else node
        return found


@dataclasses.dataclass(frozen=True)
class Graph:
    """Nodes 0, 1, ..., the action nodes first.

    choices: of each agent its action nodes. neighbours: of each node those whose counts matter to
    it. functions: of the other nodes, in their order.
    """

    n_actions: int
    choices: tuple[tuple[int, ...], ...]
    neighbours: tuple[tuple[int, ...], ...]
    functions: tuple[Function, ...]

    @property
    def counts(self) -> tuple[int, ...]:
        """(A_1, ..., A_N)."""
        return tuple(map(len, self.choices))


class Configurations:
    """The counts of all nodes at each of the J joint actions, in C order."""

    def __init__(self, graph: Graph):
        self.graph = graph
        joint = np.indices(graph.counts).reshape(len(graph.counts), -1)
        self._plays = [np.asarray(nodes)[actions]
                       for nodes, actions in zip(graph.choices, joint, strict=True)]
        rows = np.arange(joint.shape[1])
        chosen = np.zeros((rows.size, graph.n_actions), dtype=np.int32)
        for nodes in self._plays:
            chosen[rows, nodes] += 1
        n_nodes = len(graph.neighbours)
        others = [function.counts(chosen, graph.neighbours[graph.n_actions + place], n_nodes)
                  for place, function in enumerate(graph.functions)]
        self._counts = [*chosen.T, *others]

    def of(self, node: int) -> tuple[np.ndarray, dict[int, tuple[np.ndarray, np.ndarray]]]:
        """The configurations [K, neighbours] that can be where an agent chose this action node, in
        lexicographic order; and of each agent that can, at which joint actions it does [M], and
        which configuration is there [M]."""
        rows = {agent: np.flatnonzero(nodes == node) for agent, nodes in enumerate(self._plays)
                if node in self.graph.choices[agent]}
        every = np.concatenate([np.zeros(0, int), *rows.values()])
        near = self.graph.neighbours[node]
        table = np.stack([np.zeros(every.size, int), *(self._counts[other][every]
                                                       for other in near)], axis=1)
        found, which = np.unique(table, axis=0, return_inverse=True)
        parts = np.split(which.ravel(), np.cumsum([part.size for part in rows.values()])[:-1])
        return found[:, 1:], {agent: (part, parts[place])
                              for place, (agent, part) in enumerate(rows.items())}
