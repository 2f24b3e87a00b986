"""A public good: what agents give is multiplied and shared by all, the givers or not.

Actions: 0 keep, 1 give. The linear voluntary contribution game.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, known_name, positive_number, whole_number
from potentia.games.counts import count_vectors
from potentia.games.limits import check_table
from potentia.games.load_driven.build import check_counts
from potentia.games.load_driven.game import INSTEAD, REPRESENTATIONS, LoadGame
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Ledyard: Public Goods: A Survey of Experimental Research (Handbook of Experimental "
          "Economics, 1995); the defaults are a usual choice of such experiments")


def build(n_agents: int = 4, multiplier: float = 1.6, endowment: float = 1.0,
          representation: str = "auto") -> MarkovGame | LoadGame:
    """A public good: what agents give is multiplied and shared by all, the givers or not.

    n_agents: N >= 2. multiplier: in (1, N), of what is given. endowment: positive; what each has,
        to keep or to give.
    representation: "tabular", a table of joint actions; "loads", exact from the number of givers;
        or "auto", tabular where the table is not above 2 GB.

    An agent is paid endowment (1 - a_i) + multiplier endowment (a_1 + ... + a_N) / N, for actions
    0 keep, 1 give. A potential game; nobody gives is the one equilibrium, in dominant strategies,
    and pays each the endowment. If all gave, each would have multiplier times as much.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 2)
    factor, owned = positive_number(multiplier, "multiplier"), positive_number(endowment,
                                                                               "endowment")
    if not 1 < factor < n_agents:
        raise InputError(f"multiplier is {factor:g}, but it must lie between 1 and n_agents, "
                         f"{n_agents}")
    if known_name(representation, REPRESENTATIONS, "representation") == "tabular":
        check_table(n_agents, 1, 2, INSTEAD)
    check_counts(n_agents, 1, 2)
    kept = np.repeat([[owned], [0.0]], n_agents, axis=1)[None]                       # [1, 2, N]
    given = count_vectors(n_agents, 2)[None, :, 1]
    game = LoadGame.from_loads(kept, np.zeros(given.shape, int), discount=0.0, n_agents=n_agents,
                               common=factor * owned * given / n_agents, name="public-goods")
    return game.represented(representation)
