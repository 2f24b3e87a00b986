"""The most probable paths between two nodes, best first, from what agents do at each node.

A path's probability is the product of what is done along it. Of each beginning of a path the most
that any end can make of it is known (the best product from each row on), so that paths come out in
the order of their probability, and nothing is looked at that is not needed for those asked for
(Hart, Nilsson and Raphael 1968, "A formal basis for the heuristic determination of minimum cost
paths"). Where several types travel between the two nodes, a path's probability is that of a vehicle
of theirs.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from potentia.games.roads import bushes
from potentia.games.roads.data import RoadData

Trail = tuple["Trail", int] | None     # links, the last one first


class Path(NamedTuple):
    """links: as rows number them, with copies for each step of a horizon. agents: expected to take
    it. time, cost: what they expect."""

    links: tuple[int, ...]
    agents: float
    time: float
    cost: float


class _Part(NamedTuple):
    """Agents of one row, and what they have paid to get there."""

    row: int
    agents: float
    time: float
    cost: float


class PathSearch:
    """Paths of a game whose rows do `policy` [R, A], at the time and cost [R, A] of each action."""

    def __init__(self, game: RoadData, policy: np.ndarray, time: np.ndarray,
                 cost: np.ndarray) -> None:
        self.game, self.policy, self.time, self.cost = game, policy, time, cost
        self.link, self.following = game.rows.link, np.asarray(game.rows.following)
        surprise = np.full(policy.shape, np.inf)
        np.log(policy, out=surprise, where=policy > 0)
        self.best = np.exp(-bushes.cheapest(game.rows, np.abs(surprise))).tolist()
        self.known: dict[int, list[tuple[int, int, float, float, float]]] = {}

    def paths(self, starts: dict[int, float]) -> Iterator[Path]:
        """All paths to the end, of falling probability, for so many agents from each of these
        rows, all at one node."""
        number, end = itertools.count(), len(self.policy)
        parts = [_Part(row, agents, 0.0, 0.0) for row, agents in starts.items()]
        waiting: list[tuple[float, int, Trail, list[_Part]]] = [
            (-self._most(parts), next(number), None, parts)]
        while waiting:
            _, _, trail, parts = heapq.heappop(waiting)
            if parts[0].row == end:
                yield _path(trail, parts)
                continue
            for link, ahead in self._ahead(parts).items():
                if most := self._most(ahead):
                    heapq.heappush(waiting, (-most, next(number), (trail, link), ahead))

    def _most(self, parts: list[_Part]) -> float:
        """The most agents that can go on in the same way to the end."""
        return sum(part.agents * self.best[part.row] for part in parts)

    def _ahead(self, parts: list[_Part]) -> dict[int, list[_Part]]:
        """Where these agents go next, by link."""
        found: dict[int, list[_Part]] = {}
        for row, agents, time, cost in parts:
            for link, following, share, longer, dearer in self._steps(row):
                found.setdefault(link, []).append(
                    _Part(following, agents * share, time + longer, cost + dearer))
        return found

    def _steps(self, row: int) -> list[tuple[int, int, float, float, float]]:
        """Of each action that a row takes: its link, the row it leads to, probability, time and
        cost."""
        if row not in self.known:
            taken = np.flatnonzero(self.policy[row] > 0)
            self.known[row] = list(zip(*(table[row, taken].tolist() for table in (
                self.link, self.following, self.policy, self.time, self.cost)), strict=True))
        return self.known[row]


def _path(trail: Trail, parts: list[_Part]) -> Path:
    links = []
    while trail is not None:
        trail, link = trail
        links.append(link)
    agents = sum(part.agents for part in parts)
    time, cost = (sum(part.agents * value for part, value in zip(parts, values, strict=True))
                  / agents for values in ([part.time for part in parts],
                                          [part.cost for part in parts]))
    return Path(tuple(reversed(links)), agents, time, cost)
