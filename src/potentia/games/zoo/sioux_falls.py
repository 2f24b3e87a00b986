"""Sioux Falls: the road network on which traffic assignment has been tested since 1975.

24 nodes, 38 roads of one lane each way (76 links), 528 pairs of origin and destination, 360,600
trips a day. Costs are BPR, t0 (1 + 0.15 (x / capacity)^4). LeBlanc, Morlok and Pierskalla, "An
efficient approach to solving the road network equilibrium traffic assignment problem",
Transportation Research 9 (1975).

With infinitely many drivers the equilibrium's total travel time is 7,480,225.34 and the system
optimum's 7,194,256.05, a price of anarchy of 1.03975 (Transportation Networks for Research).
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np

from potentia.errors import whole_number
from potentia.games.roads import link_costs
from potentia.games.roads.apportionment import rounded
from potentia.games.roads.build import MOST_AGENTS
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.rounding_notes import Pairs, note_loss

SOURCE = ("LeBlanc, Morlok, Pierskalla: An efficient approach to solving the road network "
          "equilibrium traffic assignment problem (Transportation Research 9, 1975)")
VEHICLES_TO_A_TRIP = 100
# Where the nodes are drawn: the scheme in which the network is usually shown, not a map.
NODE_COORDINATES = {1: (0, 7), 2: (4, 7), 3: (0, 6), 4: (1, 6), 5: (2, 6), 6: (4, 6), 7: (5, 5),
                    8: (4, 5), 9: (2, 5),
                    10: (2, 4),
                    11: (1, 4), 12: (0, 4), 13: (0, 0), 14: (1, 2), 15: (2, 2), 16: (4, 4), 17: (
                        4, 3), 18: (5, 4),
                    19: (4, 2),
                    20: (4, 0), 21: (2, 0), 22: (2, 1), 23: (1, 1), 24: (1, 0)}


def build(n_agents: int = 3606, policies: str = "type", reorient_every: int = 10) -> RoutingGame:
    """The road network of Sioux Falls with its daily demand of 360,600 vehicles, shared by so many
    agents.

    n_agents: at least 1; each weighs 360,600 / n_agents vehicles. The demand is exact where this is
        a multiple of 3,606, else rounded by largest remainders, and what that moves is noted.
    policies, reorient_every: see `RoutingGame.from_links`.

    Values are negative travel times, in the source's unit.
    """
    n_agents = whole_number(n_agents, "n_agents", 1, MOST_AGENTS)
    roads = _table("sioux_falls_roads.csv", skip=1)
    links = np.concatenate([roads[:, :2], roads[:, 1::-1]]).astype(int)
    order = np.lexsort(links.T[::-1])
    trips = _table("sioux_falls_trips.csv").astype(int)
    origin, destination = np.nonzero(trips)
    vehicles = VEHICLES_TO_A_TRIP * trips[origin, destination].astype(np.float64)
    count = rounded(vehicles, n_agents)
    note_loss(Pairs(origin + 1, destination + 1, vehicles), count, MOST_AGENTS)
    capacity, time = (np.tile(roads[:, column], 2)[order] for column in (2, 3))
    return RoutingGame.from_links(
        links[order], link_costs.bpr(time, capacity),
        np.column_stack([origin + 1, destination + 1, count]),
        weight=VEHICLES_TO_A_TRIP * trips.sum() / n_agents, policies=policies,
        reorient_every=reorient_every, name="sioux-falls", capacity=capacity)


def _table(name: str, skip: int = 0) -> np.ndarray:
    with (files("potentia.games.zoo") / "data" / name).open() as file:
        return np.loadtxt(file, delimiter=",", skiprows=skip)
