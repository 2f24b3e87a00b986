"""How far nodes lie, without any load, from where trips begin and to where they end, and by that
which nodes they may pass."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import dijkstra

from potentia.errors import InputError
from potentia.games.roads.network import RoadNetwork


class CutOffError(InputError):
    """A destination that cannot be reached."""


@dataclasses.dataclass(frozen=True)
class Types:
    """Origins, destinations (as numbered inside) and counts, which row group each type belongs to,
    and the number of its class, all [T]."""

    origin: np.ndarray
    destination: np.ndarray
    count: np.ndarray
    group: np.ndarray
    of_class: np.ndarray

    def by_destination(self) -> Types:
        """All types of a class that have the same destination in one group."""
        ends = np.stack([self.destination, self.of_class])
        return dataclasses.replace(self, group=np.unique(ends, axis=1, return_inverse=True)[1]
                                   .ravel())

    def each_agent(self) -> Types:
        """A type for each agent."""
        origin, destination, of_class = (np.repeat(each, self.count) for each in (
            self.origin, self.destination, self.of_class))
        return Types(origin, destination, np.ones_like(origin), np.arange(len(origin)), of_class)


@dataclasses.dataclass(frozen=True)
class Reach:
    """from_origin: [origins, V] distances from those of `origins`. to_goal: [goals, V] distances to
    those of `goals`, both ascending; infinite where there is no way."""

    network: RoadNetwork
    types: Types
    origins: np.ndarray
    goals: np.ndarray
    from_origin: np.ndarray
    to_goal: np.ndarray

    def refuse_cut_off(self, names: list[int | str], within: list[str]) -> None:
        """Raise CutOffError where a destination cannot be reached, by the names of nodes; within:
        [T] what is said of the time."""
        origin, destination = self.types.origin, self.types.destination
        lost = np.flatnonzero(~np.isfinite(self.to_goal[self._goal(self.types), origin]))
        if lost.size:
            raise CutOffError(f"destination {names[int(destination[lost[0]])]} cannot be reached "
                         f"from origin {names[int(origin[lost[0]])]}{within[lost[0]]}")

    def usable(self, types: Types, detour: float | None) -> tuple[np.ndarray, np.ndarray]:
        """[G, V] nodes that each group of these types may leave, and [G] its destination."""
        of_goal, of_start = self._goal(types), np.searchsorted(self.origins, types.origin)
        groups = int(types.group.max()) + 1
        usable, goal = np.zeros((groups, self.network.n_nodes), bool), np.zeros(groups, np.int64)
        goal[types.group] = types.destination
        for k, group in enumerate(types.group):
            usable[group] |= self._passed(of_start[k], of_goal[k], types.origin[k], detour)
        return usable & (self.network.node_of[None, :] != goal[:, None]), goal

    def count_rows(self, policies: str, detour: float | None) -> int:
        """How many rows there would be."""
        types = self.types
        if policies == "destination":
            return int(self.usable(types.by_destination(), detour)[0].sum())
        alone = dataclasses.replace(types, group=np.arange(len(types.count)))
        times = types.count if policies == "agent" else np.ones_like(types.count)
        return int(self.usable(alone, detour)[0].sum(axis=1).astype(np.int64) @ times)

    def _goal(self, types: Types) -> np.ndarray:
        return np.searchsorted(self.goals, types.destination)

    def _passed(self, start: int, goal: int, origin: int, detour: float | None) -> np.ndarray:
        """[V] nodes on walks that are short enough."""
        direct = self.to_goal[goal, origin]
        longest = np.finfo(np.float64).max if detour is None else detour * direct * (1 + 1e-9)
        return self.from_origin[start] + self.to_goal[goal] <= longest


def reach_of(network: RoadNetwork, types: Types, free_flow: np.ndarray) -> Reach:
    """The distances of these types' trips; free_flow: [E] what each link costs a lone agent."""
    goals, origins = np.unique(types.destination), np.unique(types.origin)
    return Reach(network, types, origins, goals, _distances(network, origins, free_flow),
                 _distances_to(network, goals, free_flow))


def _distances_to(network: RoadNetwork, goals: np.ndarray, free_flow: np.ndarray) -> np.ndarray:
    """[goals, V] distance to the nearest node that is the goal."""
    back = _graph(RoadNetwork(network.head, network.tail, network.node_of), free_flow)
    found = np.full((len(goals), network.n_nodes), np.inf)
    for k, goal in enumerate(goals):
        ends = np.flatnonzero(network.node_of == goal)
        found[k] = dijkstra(back, indices=ends, min_only=True)
    return found


def _distances(network: RoadNetwork, starts: np.ndarray, free_flow: np.ndarray) -> np.ndarray:
    return np.atleast_2d(dijkstra(_graph(network, free_flow), indices=starts))


def _graph(network: RoadNetwork, free_flow: np.ndarray) -> sp.csr_array:
    # Of several links between two nodes the shortest counts; one of no length must not be taken for
    # none.
    order = np.lexsort((free_flow, network.head, network.tail))
    order = order[network.tail[order] >= 0]
    pairs = np.column_stack([network.tail, network.head])[order]
    first = np.append(True, (pairs[1:] != pairs[:-1]).any(axis=1))
    return sp.csr_array((np.maximum(free_flow[order][first], 1e-300), pairs[first].T),
                        shape=(network.n_nodes, network.n_nodes))
