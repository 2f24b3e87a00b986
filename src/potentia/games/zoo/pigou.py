"""Pigou's network: two roads, one that always takes an hour and one that takes as long as its share
of the traffic.

Everybody takes the second, which then takes an hour too; if half took the first, the mean would be
three quarters of an hour. Pigou, "The Economics of Welfare" (1920); Roughgarden and Tardos, "How
bad is selfish routing?", Journal of the ACM 49 (2002): with costs x^p the price of anarchy is 1 /
(1 - p / (p + 1)^(1 + 1/p)), 4/3 at p = 1.
"""

from __future__ import annotations

from potentia.errors import positive_number, whole_number
from potentia.games.roads import link_costs
from potentia.games.roads.build import MOST_AGENTS
from potentia.games.roads.game import RoutingGame

SOURCE = "Pigou: The Economics of Welfare (1920)"
NODE_COORDINATES = {1: (0, 0), 2: (1, 0)}


def build(n_agents: int = 100, power: float = 1.0, policies: str = "type") -> RoutingGame:
    """Two parallel roads, one of constant cost 1, the other of cost x^power, x the share of all who
    take it.

    n_agents: at least 1. power: positive. policies: see `RoutingGame.from_links`.

    Values are negative travel times. All on the second road is an equilibrium for every n; where
    all play alike it is the only one.
    """
    n_agents = whole_number(n_agents, "n_agents", 1, MOST_AGENTS)
    costs = link_costs.power_law(base=[1.0, 0.0], rise=[0.0, 1.0], scale=1.0,
                                 power=positive_number(power, "power"))
    return RoutingGame.from_links([(1, 2), (1, 2)], costs, [(1, 2, n_agents)],
                                  weight=1.0 / n_agents,
                                  policies=policies, name="pigou")
