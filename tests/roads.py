"""Small road networks drawn by seed, for routing games, and what is asked of them by listing all
there is."""

from __future__ import annotations

import dataclasses
import itertools
from functools import cached_property

import networkx as nx
import numpy as np

import potentia as pt
from potentia.games.roads import bushes, link_costs


@dataclasses.dataclass(frozen=True)
class Roads:
    """One shape for JAX, whatever the costs and the profile.

    agents: of each type. cycles: whether links may lead back. costs: degree of the polynomials,
    "bpr", or "rough" for powers that are not whole.
    """

    seed: int
    nodes: int
    agents: tuple[int, ...]
    policies: str = "type"
    cycles: bool = True
    costs: int | str = 3
    horizon: int | None = None
    extra: int = 4

    @cached_property
    def links(self) -> np.ndarray:
        """A round through all nodes, or a way, and further links at random, some of them next to
        another one."""
        rng = np.random.default_rng(self.seed)
        order = rng.permutation(self.nodes) if self.cycles else np.arange(self.nodes)
        base = np.column_stack([order, np.roll(order, -1)])[:None if self.cycles else -1]
        pairs = [(a, b) for a, b in itertools.permutations(range(self.nodes), 2) if self.cycles
                 or a < b]
        return np.concatenate([base, rng.choice(pairs, size=self.extra)]) + 1

    @cached_property
    def demand(self) -> list[tuple[int, int, int]]:
        """Types of random origins and destinations, some of which may be the same, with at least
        three paths each."""
        links, ends = self.links, itertools.permutations(range(1, self.nodes + 1), 2)
        pairs = [pair for pair in ends if len(simple_paths(links, *pair, most=3)) == 3]
        chosen = np.random.default_rng([self.seed, 1]).choice(pairs, size=len(self.agents))
        return [(int(a), int(b), count) for (a, b), count in zip(chosen, self.agents, strict=True)]

    def drawn(self, seed: int) -> dict:
        """Costs and weight of one game on these roads."""
        rng = np.random.default_rng([self.seed, seed, 2])
        n_links, weight = len(self.links), float(rng.uniform(0.2, 3.0))
        if self.costs == "bpr":
            costs = link_costs.bpr(rng.uniform(0.5, 5.0, n_links), rng.uniform(1.0, 4.0, n_links),
                                   rng.uniform(0.1, 1.0, n_links),
                                   fixed=rng.uniform(0.0, 1.0, n_links))
        elif self.costs == "rough":
            costs = link_costs.power_law(rng.random(n_links), rng.random(n_links),
                                         rng.uniform(0.5, 3.0, n_links),
                                         rng.uniform(0.3, 3.5, n_links))
        else:
            # Some links cost nothing, and some the same whatever the load is.
            shape = (n_links, int(self.costs) + 1)
            costs = link_costs.polynomial(rng.random(shape) * (rng.random(shape) < 0.7))
        return {"costs": costs, "weight": weight}

    def game(self, seed: int, **other) -> pt.RoutingGame:
        given = {**self.drawn(seed), "demand": self.demand, "policies": self.policies,
                 "horizon": self.horizon, **other}
        return pt.RoutingGame.from_links(self.links, **given)


def acyclic_profile(game: pt.RoutingGame, seed: int, pure: bool = False) -> np.ndarray:
    """[R, 1, A] a random profile on links that lead closer to the destinations by lengths of its
    own."""
    rng, rows = np.random.default_rng(seed), game.rows
    allowed = bushes.below(rows, bushes.cheapest(rows, rng.random(rows.usable.shape)))
    weights = rng.exponential(size=allowed.shape) * allowed
    if pure:
        weights = np.where(weights == weights.max(axis=1, keepdims=True), 1.0, 0.0)
    return (weights / weights.sum(axis=1, keepdims=True))[:, None]


def changed(game: pt.RoutingGame, profile: np.ndarray, other: np.ndarray,
            of_type: int) -> np.ndarray:
    """`profile`, but `other` in the rows of one type."""
    return np.where((np.asarray(game.rows.group) == of_type)[:, None, None], other, profile)


def path_links(game: pt.RoutingGame, path) -> list[int]:
    """The links of a path, as they were given."""
    return [int(game.link_of[game.rows.link[step]]) for step in path]


def simple_paths(links: np.ndarray, origin: int, destination: int,
                 most: int | None = None) -> set[tuple[int, ...]]:
    """All paths that pass no node twice, or so many of them, as tuples of links."""
    graph = nx.MultiDiGraph()
    graph.add_edges_from((int(a), int(b), link) for link, (a, b) in enumerate(links))
    paths = nx.all_simple_edge_paths(graph, origin, destination)
    return {tuple(key for *_, key in path) for path in itertools.islice(paths, most)}
