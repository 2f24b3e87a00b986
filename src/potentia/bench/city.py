"""A made-up city as large as Chicago's sketch network: 916 nodes, about 3,000 links, 94,000 pairs
of zones."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.games.roads import link_costs
from potentia.games.roads.apportionment import rounded
from potentia.games.roads.game import RoutingGame

DECAY = 6.0               # blocks over which trips become rarer by e
PAIRS = 0.63              # share of the pairs of zones between which there are trips


@dataclasses.dataclass(frozen=True)
class City:
    """links: [m, 2]. time, capacity: [m]. demand: [k, 3] origin, destination, vehicles. zones:
    nodes 1 to `zones`."""

    links: np.ndarray
    time: np.ndarray
    capacity: np.ndarray
    demand: np.ndarray
    zones: int

    def game(self, policies: str = "destination", parts: int = 1) -> RoutingGame:
        """So many agents a vehicle; zones are not crossed."""
        return RoutingGame.from_links(self.links, link_costs.bpr(self.time, self.capacity),
                                      self.demand * [1, 1, parts], weight=1 / parts,
                                      policies=policies, closed=np.arange(1, self.zones + 1),
                                      name="city")


def city(side: int = 23, zones: int = 387, trips: int = 1_200_000, room: float = 1.0,
         seed: int = 0) -> City:
    """Streets on a square grid, some wider, and zones beside it; trips by gravity. room: scales the
    capacities."""
    rng = np.random.default_rng(seed)
    grid = np.arange(side * side).reshape(side, side) + zones + 1
    across = np.concatenate([np.column_stack([grid[:, :-1].ravel(), grid[:, 1:].ravel()]),
                             np.column_stack([grid[:-1].ravel(), grid[1:].ravel()])])
    streets = np.concatenate([across, across[:, ::-1]])
    wide = rng.random(len(streets)) < 0.2
    time = rng.uniform(1, 3, len(streets)) * np.where(wide, 0.6, 1.0)
    capacity = room * np.where(wide, 6000, 2500) * rng.uniform(0.7, 1.3, len(streets))
    at = rng.choice(side * side, zones, replace=False)
    access = np.column_stack([np.arange(1, zones + 1), grid.ravel()[at]])
    # Some zones are joined to the next crossing too.
    more = np.flatnonzero((rng.random(zones) < 0.3) & (at + side < side * side))
    access = np.concatenate([access, np.column_stack([more + 1, grid.ravel()[at[more] + side]])])
    access = np.concatenate([access, access[:, ::-1]])
    return City(links=np.concatenate([streets, access]), zones=zones,
                time=np.concatenate([time, np.full(len(access), 0.5)]),
                capacity=np.concatenate([capacity, np.full(len(access), 1e5)]),
                demand=_gravity(np.column_stack(np.divmod(at, side)), trips, rng))


def _gravity(coordinates: np.ndarray, trips: int, rng: np.random.Generator) -> np.ndarray:
    size = rng.lognormal(0.0, 0.8, len(coordinates))
    distance = np.abs(coordinates[:, None] - coordinates).sum(axis=-1)
    pull = size[:, None] * size * np.exp(-distance / DECAY)
    np.fill_diagonal(pull, 0.0)
    pull[pull < np.quantile(pull[pull > 0], 1 - PAIRS)] = 0.0
    origin, destination = np.nonzero(pull)
    count = rounded(pull[origin, destination], trips)
    return np.column_stack([origin + 1, destination + 1, count])
