"""Traffic over three bridges: agents on a small network choose when and where to go.

Nodes 0 to 3 are where agents start, 4 to 6 bridges, 7 the goal. Edges: 0-4, 1-4, 1-5, 2-5, 2-6,
3-6 and from each bridge to the goal, one way. In each step an agent stays, at 1/2, or takes an
edge, at 1/2 and as much as there are agents on that edge in that step, itself included. Who has
arrived pays nothing.

The network is unrolled over time, with each step's costs discounted, so that a trip is a path and
nobody can take a link twice.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import whole_number
from potentia.games.checks import share_of
from potentia.games.roads import link_costs
from potentia.games.roads.game import RoutingGame

SOURCE = ("Zhou, Chen, Lin, Wierman: Convergence Rates for Localized Actor-Critic in Networked "
          "Markov Potential Games (arXiv 2303.04865); numbers from the published experiment "
          "scripts of that paper")

EDGES = np.array([(0, 4), (1, 4), (1, 5), (2, 5), (2, 6), (3, 6), (4, 7), (5, 7), (6, 7)])
STARTS, GOAL, NODES = range(4), 7, 8
STEP = 0.5
MOST_AGENTS, MOST_STEPS = 10**6, 10**4     # at each start; each step has 17 links


def build(agents_each: int = 3, horizon: int = 15, discount: float = 0.9,
          policies: str = "type") -> RoutingGame:
    """Agents choose when and over which of three bridges to drive, each looking at its own node
    only.

    agents_each: from 1 to a million; at each of the four starts. horizon: from 3 to 10,000 steps;
        who has not arrived by then pays no more. discount: in [0, 1).
    policies: "type" or "agent"; see `RoutingGame.from_links`.

    Values are negative costs. Policies are by node and time, where the source's are by node alone,
    so that what can be gained by deviating is not less. Node v at step t is node 1 + 8 t + v of the
    network, and all trips end at its last. The script gives every node three actions, of which
    those without an edge stay; here staying is one action.

    Raises InputError for parameters out of range.
    """
    each = whole_number(agents_each, "agents_each", 1, MOST_AGENTS)
    steps = whole_number(horizon, "horizon", 3, MOST_STEPS)
    weights = share_of(discount, "discount") ** np.arange(steps)[:, None]
    end = 1 + NODES * (steps + 1)
    waiting = np.setdiff1d(np.arange(NODES), [GOAL])
    tail, head = np.r_[EDGES[:, 0], waiting], np.r_[EDGES[:, 1], waiting]
    now = 1 + NODES * np.arange(steps)[:, None]
    # Whoever is at the goal, at any step, or anywhere at the last, has ended.
    ended = np.r_[now[:, 0] + GOAL, 1 + NODES * steps + np.arange(NODES)]
    links = np.concatenate([
        np.stack([(now + tail).ravel(), (now + NODES + head).ravel()], axis=1),
        np.stack([ended, np.full(ended.size, end)], axis=1)])
    crowded = np.r_[np.ones(len(EDGES)), np.zeros(waiting.size)]
    costs = np.zeros((len(links), 2))
    costs[:-ended.size] = np.stack([np.broadcast_to(STEP * weights, (steps, tail.size)).ravel(),
                                    (weights * crowded).ravel()], axis=1)
    return RoutingGame.from_links(links, link_costs.polynomial(costs),
                                  [(1 + start, end, each) for start in STARTS],
                                  policies=policies, name="networked-traffic")
