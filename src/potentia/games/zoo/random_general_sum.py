"""Random Markov games without any structure: no two agents want the same."""

from __future__ import annotations

import numpy as np

from potentia.errors import whole_number
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame

SOURCE = "Potentia's own"


def build(n_agents: int = 2, n_states: int = 3, n_actions: int = 2, seed: int = 0,
          discount: float = 0.9) -> MarkovGame:
    """A random Markov game of general sum, which is no potential game.

    n_agents, n_states, n_actions: each >= 1; every agent has as many actions. seed: of what is
        drawn. discount: in [0, 1].

    Rewards are uniform on [0, 1), for each agent by itself, next states flat Dirichlet, the start
    uniform. Of one agent it is a random Markov decision process.

    Raises InputError for parameters out of range and tables above 2 GB.
    """
    n_agents, n_states = (whole_number(n_agents, "n_agents", 1),
                          whole_number(n_states, "n_states", 1))
    n_actions = whole_number(n_actions, "n_actions", 1)
    check_table(n_agents, n_states * (1 + n_states // (n_agents + 2)), n_actions)
    rng = np.random.default_rng(whole_number(seed, "seed"))
    shape = (n_states, *(n_actions,) * n_agents)
    return MarkovGame.from_arrays(rng.random((n_agents, *shape)),
                                  rng.dirichlet(np.ones(n_states), size=shape), discount=discount,
                                  name="random-general-sum")
