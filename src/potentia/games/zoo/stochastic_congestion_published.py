"""The game that the published stochastic congestion experiments play.

It is not Example 1 of the paper: every agent picks one of two vertices in every step, the reward is
1 / (number of agents that picked the same one), wherever they come from, and the next state is the
joint action itself. There is no source and no sink.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import whole_number
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame

SOURCE = ("the published experiment scripts of Fox, McAleer, Overman, Panageas: Independent "
          "Natural Policy Gradient Always Converges in Markov Potential Games (arXiv 2110.10614), "
          "Figures 4 to 6")


def build(n_agents: int = 4, discount: float = 0.99) -> MarkovGame:
    """The congestion game of the published scripts: the next state is the joint action, the origin
    is ignored.

    n_agents: N >= 1; 2^N states and as many joint actions. discount: in [0, 1).

    State and joint action are numbered alike: agents' choices as bits, agent 1's first, so that
    joint action j leads to state j. The start is uniform. Rewards lie in [1/N, 1], so values in
    [0, 100] at 0.99. The scripts cut play after 20 steps; this game goes on for ever.

    Raises InputError for parameters out of range and tables above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    check_table(n_agents, 2**min(n_agents, 62), 2)
    n_states = 2**n_agents
    choices = np.indices((2,) * n_agents)                                          # [N, 2, ..., 2]
    load = (choices[:, None] == choices[None, :]).sum(axis=1)
    shape = (n_states, *choices.shape[1:])
    rewards = np.broadcast_to((1.0 / load)[:, None], (n_agents, *shape))
    following = np.broadcast_to(np.arange(n_states).reshape(choices.shape[1:]), shape)
    return MarkovGame.from_arrays(rewards, following, discount=discount,
                                  name="stochastic-congestion-published")
