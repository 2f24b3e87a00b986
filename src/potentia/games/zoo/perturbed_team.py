"""A team whose agents have small interests of their own: they approve of a project or do not.

With k of N agents approving in state s, and k >= N/2, agent i = 1..N is paid

    1 + epsilon [1(a_i = s) 5 (N + 1 - i) / N - a_i (i + 1) / N],

and nothing if k < N/2, the perturbation neither. States: 0 low excitement, 1 high. Actions: 0
disapprove, 1 approve.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import finite_number, known_name, whole_number
from potentia.games.counts import count_vectors
from potentia.games.limits import check_table
from potentia.games.load_driven.build import check_counts
from potentia.games.load_driven.game import INSTEAD, REPRESENTATIONS, LoadGame
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Guo, Li, Maheshwari, Sastry, Wu: Markov alpha-Potential Games (arXiv 2305.12553); "
          "numbers from the published experiment scripts of that paper")

EXCITED, CALM = 0.8, 0.2          # probability of high excitement next, with approval enough or not


def build(n_agents: int = 3, epsilon: float = 0.1, discount: float = 0.9,
          representation: str = "auto") -> MarkovGame | LoadGame:
    """A team that is paid alike where half approve, but for small interests of each agent's own.

    n_agents: N >= 1. epsilon: of those interests; at 0 it is a game of common interest. discount:
        in [0, 1).
    representation: "tabular", a table of joint actions; "loads", exact from the number of those who
        approve; or "auto", tabular where the table is not above 2 GB.

    Excitement is high next with probability .8 if at least N/2 approve (in the low state) or N/4
    (in the high state), else .2. The start is low. Three agents are at least 1.3531 from a
    potential game at discount .9 and epsilon .1 (alpha, which is linear in epsilon), 0.1353 in the
    source's unit of (1 - discount); the source states .068.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    if known_name(representation, REPRESENTATIONS, "representation") == "tabular":
        check_table(n_agents, 2, 2, INSTEAD)
    check_counts(n_agents, 2, 2)
    approving = count_vectors(n_agents, 2)[:, 1]
    high = np.where([2 * approving >= n_agents, 4 * approving >= n_agents], EXCITED, CALM)
    game = LoadGame.from_loads(_pay(n_agents, float(finite_number(epsilon, "epsilon"))),
                               np.stack([1 - high, high], axis=2), discount=discount,
                               n_agents=n_agents, initial=[1.0, 0.0], name="perturbed-team")
    return game.represented(representation)


def _pay(n_agents: int, epsilon: float) -> np.ndarray:
    """[N, S, A, N] by how many do the same as the agent."""
    agent = np.arange(1, n_agents + 1)[:, None, None]
    state, action = np.arange(2)[:, None], np.arange(2)
    own = ((action == state) * 5 * (n_agents + 1 - agent) - action * (agent + 1)) / n_agents
    alike = np.arange(1, n_agents + 1)
    approving = np.stack([n_agents - alike, alike])                                # [A, N]
    return (1 + epsilon * own)[..., None] * (2 * approving >= n_agents)
