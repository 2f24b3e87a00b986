"""Demand response on an energy market: agents choose how much energy to take at a price that all
drive.

In state s an agent that takes a_i of 0..4 is paid, as published,

    2 a_i^2 - a_i^2 (a_1 + ... + a_N) / 4 - 1.25^s a_i,

and the next state is 2 (a_1 + ... + a_N) / N + w, rounded half to even and cut to 0..4, with w
uniform on 0..4.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import whole_number
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Jordan, Barakat, He: Independent Learning in Constrained Markov Potential Games (arXiv "
          "2402.17885); numbers from the published experiment scripts of that paper, without the "
          "constraint")

LEVELS = 5


def build(n_agents: int = 2, discount: float = 0.9) -> MarkovGame:
    """Agents take energy at a price that all of them drive, as published.

    n_agents: N >= 1; 5^N joint actions. discount: in [0, 1).

    The start is the state of the highest price, 4. Three quirks of the published script are kept:
    the first two terms of the reward are squares of the own choice, so that the potential that the
    script computes belongs to another reward; the next state is drawn the same way always, where
    one time in ten it was to be w alone; numbers are rounded half to even. Called a Markov
    potential game by the source, it is none: with two agents alpha is at least 22.9.

    Raises InputError for parameters out of range and tables above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    check_table(n_agents, LEVELS, LEVELS)
    taken = np.indices((LEVELS,) * n_agents)                                       # [N, 5, ..., 5]
    total = taken.sum(axis=0)
    price = (1.25 ** np.arange(LEVELS)).reshape(-1, *[1] * n_agents)
    rewards = (2 * taken**2 - 0.25 * taken**2 * total)[:, None] - price * taken[:, None]
    shown = np.clip(np.round(2 * total[..., None] / n_agents + np.arange(LEVELS)), 0, LEVELS - 1)
    following = (shown[..., None] == np.arange(LEVELS)).mean(axis=-2)              # [5, ..., 5, S]
    return MarkovGame.from_arrays(
        rewards, np.broadcast_to(following, (LEVELS, *following.shape)), discount=discount,
        initial=np.eye(LEVELS)[-1], name="energy-demand-response")
