"""Braess's network: a link is added, everybody chooses for himself, and everybody is worse off.

Six vehicles travel from node 1 to node 2, over node 3 or over node 4, which a fifth link may join.
Costs are 10 x on 1-3 and 4-2, 50 + x on 1-4 and 3-2, 10 + x on 3-4. Braess, "Über ein Paradoxon aus
der Verkehrsplanung", Unternehmensforschung 12 (1968); in English by Braess, Nagurney and
Wakolbinger, Transportation Science 39 (2005).

Together they pay 552 with the link and 498 without, at the pure equilibria of six agents (2 to each
path; 3 and 3), and in the limit of many. Where all six play alike they mix: from a uniform start
they end at 562.15 with the link (7308/13) and at 531 without.
"""

from __future__ import annotations

from potentia.errors import truth_value, whole_number
from potentia.games.roads import link_costs
from potentia.games.roads.build import MOST_AGENTS
from potentia.games.roads.game import RoutingGame

SOURCE = "Braess: Über ein Paradoxon aus der Verkehrsplanung (Unternehmensforschung 12, 1968)"
LINKS = [(1, 3), (1, 4), (3, 2), (4, 2), (3, 4)]
COSTS = [(0.0, 10.0), (50.0, 1.0), (50.0, 1.0), (0.0, 10.0), (10.0, 1.0)]
VEHICLES = 6
NODE_COORDINATES = {1: (0, 1), 2: (2, 1), 3: (1, 2), 4: (1, 0)}


def build(n_agents: int = 6, link: bool = True, policies: str = "type") -> RoutingGame:
    """Braess's network of four links, and a fifth that makes everybody worse off.

    n_agents: at least 1; together they weigh six vehicles.
    link: whether there is the link from node 3 to node 4.
    policies: see `RoutingGame.from_links`.

    Values are negative travel times.
    """
    truth_value(link, "link")
    n_agents = whole_number(n_agents, "n_agents", 1, MOST_AGENTS)
    kept = len(LINKS) if link else len(LINKS) - 1
    return RoutingGame.from_links(LINKS[:kept], link_costs.polynomial(COSTS[:kept]),
                                  [(1, 2, n_agents)],
                                  weight=VEHICLES / n_agents, policies=policies, name="braess")
