"""A coordination game of common interest: both want the same, and one way is better."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, positive_number
from potentia.games.tabular.game import MarkovGame

SOURCE = "Osborne, Rubinstein: A Course in Game Theory (1994), section 2.3"


def build(better: float = 2.0, worse: float = 1.0) -> MarkovGame:
    """A coordination game: both are paid alike if they choose alike, and action 0 pays more.

    better > worse > 0: of both for action 0, and for action 1. Different actions pay nothing.

    A potential game, of common interest: the payoff is the potential. Both pure choices of the same
    action are equilibria; a third is mixed, action 0 with probability worse / (better + worse).

    Raises InputError for payoffs out of range.
    """
    high, low = positive_number(better, "better"), positive_number(worse, "worse")
    if high <= low:
        raise InputError(f"better is {high:g}, but it must be above worse, {low:g}")
    paid = np.diag([high, low])
    return MarkovGame.from_payoffs(paid, paid, name="coordination")
