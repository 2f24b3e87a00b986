"""The stag hunt: two hunters need each other for the stag; a hare is caught alone.

Actions: 0 stag, 1 hare.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, positive_number
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Rousseau: Discours sur l'origine de l'inégalité (1755); payoffs of Osborne: An "
          "Introduction to Game Theory (2004), section 2.5")


def build(stag: float = 2.0, hare: float = 1.0) -> MarkovGame:
    """The stag hunt: two hunters need each other for the stag; a hare is caught alone.

    stag > hare > 0: of each who hunts the stag with the other, and of who hunts the hare. Who hunts
        the stag alone gets nothing.

    Actions: 0 stag, 1 hare. A potential game. Both on the stag and both on the hare are equilibria;
    a third is mixed, stag with probability hare / stag. From the uniform profile independent
    learners come to the stag if stag > 2 hare, to the hare if stag < 2 hare; at the defaults
    nothing moves there.

    Raises InputError for payoffs out of range.
    """
    together, alone = positive_number(stag, "stag"), positive_number(hare, "hare")
    if together <= alone:
        raise InputError(f"stag is {together:g}, but it must be above hare, {alone:g}")
    own = np.array([[together, 0.0], [alone, alone]])
    return MarkovGame.from_payoffs(own, own.T, stage_potential=[[together - alone, 0], [0, alone]],
                                   name="stag-hunt", actions=["stag", "hare"])
