"""Matching pennies: one wants the coins to match, the other does not.

Actions: 0 heads, 1 tails.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import positive_number
from potentia.games.tabular.game import MarkovGame

SOURCE = ("von Neumann, Morgenstern: Theory of Games and Economic Behavior (1944); payoffs of "
          "Osborne, Rubinstein: A Course in Game Theory (1994), section 2.3")


def build(stake: float = 1.0) -> MarkovGame:
    """Matching pennies: agent 0 wins the stake if both show the same side, agent 1 if they do not.

    stake: positive.

    Actions: 0 heads, 1 tails. Zero-sum, and no potential game: best responses run in a cycle. The
    one equilibrium is that both toss their coins, at value 0.

    Raises InputError for a stake that is not positive.
    """
    wins = positive_number(stake, "stake") * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return MarkovGame.from_payoffs(wins, -wins, name="matching-pennies",
                                   actions=["heads", "tails"])
