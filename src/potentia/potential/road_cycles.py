"""Four-cycles of two agents on roads, at pure profiles, where classes may leave no potential.

Two agents of different classes change between two paths each, all others keep to a path of theirs.
Loads are known then, and costs that are polynomials are fractions, without any rounding: what the
four gains sum to is exact.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from potentia.games.roads import bushes
from potentia.games.roads.classes import Classes
from potentia.games.roads.data import RoadData
from potentia.potential.cycles import CORNERS
from potentia.potential.road_witness import Path, RoadWitness
from potentia.potential.weighted import Sums

MOST_PATHS, MOST_PAIRS = 4, 60    # of a type, and of types
MOST_LINKS = 100_000      # of all rows: beyond, no paths are looked for


def sums(cycle: RoadWitness) -> Sums:
    """What each of the two agents gains in all."""
    of_each = [float(max(map(abs, cycle.gains[first::2]))) for first in range(2)]
    return Sums(cycle.types, cycle.gains[0] + cycle.gains[2], cycle.gains[1] + cycle.gains[3],
                exact=True, rounding=0.0, largest=max(of_each), smaller=min(of_each))


def cycles(game: RoadData) -> Iterator[RoadWitness]:
    """Four-cycles of agents of different classes, in exact fractions."""
    classes = game.classes
    if classes is None or game.costs.coefficients is None or np.size(game.usable) > MOST_LINKS:
        return
    kinds = np.asarray(classes.of_type).tolist()
    label = _usual(game)
    paths = [list(itertools.islice(_paths(game, kind, label), 1)) for kind in range(len(kinds))]
    priced = _Prices(game, classes, [of_type[0] for of_type in paths])
    for i, j in itertools.islice(_pairs(game, kinds), MOST_PAIRS):
        mine, theirs = (list(itertools.islice(_paths(game, kind, label), MOST_PATHS))
                        for kind in (i, j))
        for one, other in itertools.product(itertools.combinations(mine, 2),
                                            itertools.combinations(theirs, 2)):
            if set(one[0] + one[1]) & set(other[0] + other[1]):
                yield priced.cycle((i, j), (one, other))


def _pairs(game: RoadData, kinds: list[int]) -> Iterator[tuple[int, int]]:
    """Types of different classes, those first that have both ends in common, then one of them:
    they meet on most links."""
    ends = np.column_stack([game.trips.origin, game.trips.destination]).tolist()
    for alike in (2, 1, 0):
        for i, j in itertools.combinations(range(len(kinds)), 2):
            common = sum(one == other for one, other in zip(ends[i], ends[j], strict=True))
            if kinds[i] != kinds[j] and common == alike:
                yield i, j


def _usual(game: RoadData) -> np.ndarray:
    """[R + 1] labels of the cheapest way to the end from each row, for an agent alone."""
    cost = np.append(np.asarray(game.costs.coefficients)[:, 0], 0.0)
    links = np.append(np.asarray(game.link_of), len(cost) - 1)[game.rows.link]
    return bushes.cheapest(game.rows, bushes.untied(game.rows, cost[links]))


def _paths(game: RoadData, kind: int, label: np.ndarray) -> Iterator[Path]:
    """The cheapest path of a type, and those that leave it once to go on by the cheapest way."""
    rows, begin = game.rows, int(np.asarray(game.trips.row)[kind])
    cheapest = _onward(game, begin, label)
    yield _links(game, cheapest)
    for length in range(len(cheapest)):
        row, taken = cheapest[length]
        for action in np.flatnonzero(np.asarray(rows.usable)[row]):
            ahead = int(np.asarray(rows.following)[row, action])
            if action == taken or not np.isfinite(label[ahead]):
                continue
            path = [*cheapest[:length], (row, int(action)), *_onward(game, ahead, label)]
            if len({step[0] for step in path}) == len(path):
                yield _links(game, path)


def _onward(game: RoadData, row: int, label: np.ndarray) -> list[tuple[int, int]]:
    """Rows and actions of the cheapest way to the end; each step leads to the lowest label."""
    usable, following = np.asarray(game.rows.usable), np.asarray(game.rows.following)
    path: list[tuple[int, int]] = []
    while row < len(usable):
        ahead = np.where(usable[row], label[following[row]], np.inf)
        action = int(ahead.argmin())
        path.append((row, action))
        row = int(following[row, action])
    return path


def _links(game: RoadData, path: list[tuple[int, int]]) -> Path:
    return tuple(int(game.rows.link[step]) for step in path)


class _Prices:
    """What agents pay at pure profiles; usual: the path of each type that others keep to."""

    def __init__(self, game: RoadData, classes: Classes, usual: list[Path]) -> None:
        self.game, self.usual = game, usual
        of_type = np.asarray(classes.of_type).tolist()
        self.names = [classes.names[k] for k in of_type]
        self.weight, self.value = ([_fraction(each[k]) for k in of_type] for each in (
            np.asarray(classes.weight), np.asarray(classes.value)))
        self.load: dict[int, Fraction] = {}
        for kind, path in enumerate(usual):
            self._add(self.load, path, self.weight[kind] * int(game.trips.count[kind]))

    def cycle(self, types: tuple[int, int],
              paths: tuple[tuple[Path, Path], tuple[Path, Path]]) -> RoadWitness:
        """The four-cycle of an agent of each of two types between two paths each."""
        load = dict(self.load)
        for kind in types:
            self._add(load, self.usual[kind], -self.weight[kind])
        paid = [self._paid(load, types, [of_type[k] for of_type, k in zip(
            paths, corner, strict=True)]) for corner in CORNERS]
        gains = tuple(paid[k][k % 2] - paid[(k + 1) % 4][k % 2] for k in range(4))
        total, largest = sum(gains, Fraction(0)), max(map(abs, gains))
        i, j = (f"an agent from {start} to {end} ({self.names[kind]})" for kind in types
                for start, end in [self.game.ends_of(kind)])
        return RoadWitness(types, (i, j), paths, gains, total,
                           float(abs(total) / largest) if largest else 0.0)

    def _paid(self, load: dict[int, Fraction], types: tuple[int, int],
              paths: list[Path]) -> list[Fraction]:
        """What the two pay on these paths, beside a load of others."""
        load = dict(load)
        for kind, path in zip(types, paths, strict=True):
            self._add(load, path, self.weight[kind])
        return [sum((self._cost(kind, link, load[link]) for link in path), Fraction(0))
                for kind, path in zip(types, paths, strict=True)]

    def _cost(self, kind: int, link: int, load: Fraction) -> Fraction:
        """What an agent of this type pays for a loaded link at a load of so many agents of
        weight 1."""
        game, real = self.game, int(self.game.link_of[link])
        table = game.costs.coefficients
        assert table is not None
        vehicles, cost = _fraction(game.weight) * load, Fraction(0)
        for coefficient in np.asarray(table)[real][::-1]:
            cost = cost * vehicles + _fraction(coefficient)
        besides = _fraction(game.tolls[real]) + _fraction(game.distance_costs[real])
        return self.value[kind] * (cost - besides) + besides

    @staticmethod
    def _add(load: dict[int, Fraction], path: Path, weight: Fraction) -> None:
        for link in path:
            load[link] = load.get(link, Fraction(0)) + weight


def _fraction(number: object) -> Fraction:
    return Fraction(float(np.asarray(number)))
