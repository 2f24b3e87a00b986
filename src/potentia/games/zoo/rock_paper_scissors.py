"""Rock, paper, scissors: each action beats one and loses to the other.

Actions: 0 rock, 1 paper, 2 scissors.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import positive_number
from potentia.games.tabular.game import MarkovGame

SOURCE = "von Neumann, Morgenstern: Theory of Games and Economic Behavior (1944)"


def build(win: float = 1.0, loss: float = 1.0) -> MarkovGame:
    """Rock, paper, scissors: each action beats one and loses to the other.

    win, loss: positive; what the winner gets, and what the loser pays. A draw pays nothing.

    Actions: 0 rock, 1 paper, 2 scissors. Zero-sum if win = loss, and no potential game. The one
    equilibrium is uniform.

    Raises InputError for parameters out of range.
    """
    beats = np.roll(np.eye(3), 1, axis=0)                     # [own action, other's action]
    own = positive_number(win, "win") * beats - positive_number(loss, "loss") * beats.T
    return MarkovGame.from_payoffs(own, own.T, name="rock-paper-scissors",
                                   actions=["rock", "paper", "scissors"])
