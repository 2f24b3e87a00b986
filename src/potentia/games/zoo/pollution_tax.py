"""A tax on pollution: dirty production earns twice as much, and all are taxed while the air is
polluted.

Actions: 0 clean, earns `profit`; 1 dirty, earns twice that. States: 0 free of pollution, 1
polluted. The state is polluted next unless all produce cleanly.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, finite_number, whole_number
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Jordan, Barakat, He: Independent Learning in Constrained Markov Potential Games (arXiv "
          "2402.17885); numbers from the published experiment scripts of that paper, without the "
          "constraint")

TAXES = {2: 4.0, 4: 8.0, 8: 32.0}        # of the script, by the number of agents
FREE_FIRST = 0.7


def build(n_agents: int = 2, profit: float = 2.0, tax: float | None = None,
          discount: float = 0.9) -> MarkovGame:
    """Agents produce cleanly or twice as profitably, and all are taxed while the air is polluted.

    n_agents: N >= 1; 2^N joint actions. profit: of clean production. discount: in [0, 1).
    tax: of every agent in the polluted state, whatever it does; that of the source if omitted, 4, 8
        and 32 for 2, 4 and 8 agents.

    The start is free of pollution with probability .7. Called a Markov potential game by the
    source, it is none: with two agents alpha is at least 5.35.

    Raises InputError for parameters out of range, a number of agents that the source has no tax
    for, and tables above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    check_table(n_agents, 2, 2)
    if tax is None and n_agents not in TAXES:
        raise InputError(f"n_agents is {n_agents}, but the source has taxes of 2, 4 and 8 agents "
                         f"only; give tax")
    taxed = finite_number(TAXES[n_agents] if tax is None else tax, "tax")
    dirty = np.indices((2,) * n_agents)                                            # [N, 2, ..., 2]
    earned = finite_number(profit, "profit") * (1 + dirty)
    following = np.broadcast_to(dirty.any(axis=0), (2, *dirty.shape[1:])).astype(int)
    return MarkovGame.from_arrays(np.stack([earned, earned - taxed], axis=1), following,
                                  discount=discount, initial=[FREE_FIRST, 1 - FREE_FIRST],
                                  name="pollution-tax", actions=["clean", "dirty"],
                                  states=["free of pollution", "polluted"])
