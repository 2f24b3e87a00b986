"""Battle of the sexes: two want to meet, each at the place that it likes better.

Payoffs of agent 0, by its action and the other's, and of agent 1:

    preferred  0          other  0
    0          other      0      preferred
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, positive_number
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Luce, Raiffa: Games and Decisions (1957); payoffs of Osborne, Rubinstein: A Course in "
          "Game Theory (1994), section 2.3")


def build(preferred: float = 2.0, other: float = 1.0) -> MarkovGame:
    """Battle of the sexes: two want to meet, agent 0 rather at place 0 and agent 1 rather at place
    1.

    preferred > other > 0: of meeting at the place that the agent likes better, and at the other.
        Who meets nobody gets nothing.

    A potential game. Both places are equilibria; a third is mixed, where each goes to the place
    that it likes better with probability preferred / (preferred + other).

    Raises InputError for payoffs out of range.
    """
    best, second = positive_number(preferred, "preferred"), positive_number(other, "other")
    if best <= second:
        raise InputError(f"preferred is {best:g}, but it must be above other, {second:g}")
    return MarkovGame.from_payoffs(np.diag([best, second]), np.diag([second, best]),
                                   stage_potential=[[best, best - second], [0, best]],
                                   name="battle-of-the-sexes")
