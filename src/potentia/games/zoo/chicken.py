"""Chicken, or hawk and dove: each would rather press on if the other gives way, and both lose if
neither does.

Actions: 0 give way (dove), 1 press on (hawk). Payoffs of agent 0, by its action and the other's:

    shared  yielding
    daring  crash
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, finite_number
from potentia.games.tabular.game import MarkovGame

SOURCE = "Osborne, Rubinstein: A Course in Game Theory (1994), section 2.3 (hawk and dove)"


def build(shared: float = 3.0, yielding: float = 1.0, daring: float = 4.0,
          crash: float = 0.0) -> MarkovGame:
    """Chicken: each would rather press on if the other gives way, and both lose if neither does.

    daring > shared > yielding > crash: of who presses on alone, of both who give way, of who gives
        way alone, of both who press on.

    Actions: 0 give way (dove), 1 press on (hawk). A potential game. One gives way and the other
    does not are the two pure equilibria; a third is mixed, where each presses on with probability
    (daring - shared) / (daring - shared + yielding - crash), a half at the defaults.

    Raises InputError for payoffs in another order.
    """
    both, gives_way = finite_number(shared, "shared"), finite_number(yielding, "yielding")
    dares, none = finite_number(daring, "daring"), finite_number(crash, "crash")
    if not dares > both > gives_way > none:
        raise InputError(f"daring, shared, yielding and crash are {dares:g}, {both:g}, "
                         f"{gives_way:g} and {none:g}, but in chicken they fall")
    own = np.array([[both, gives_way], [dares, none]])
    return MarkovGame.from_payoffs(own, own.T,
                                   stage_potential=[[both - dares, 0], [0, none - gives_way]],
                                   name="chicken", actions=["give way", "press on"])
