"""The prisoner's dilemma: what is best for each is worst for both.

Actions: 0 cooperate, 1 defect. Payoffs of agent 0, by its action and the other's:

    reward      sucker
    temptation  punishment
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, finite_number
from potentia.games.tabular.game import MarkovGame

SOURCE = "Osborne, Rubinstein: A Course in Game Theory (1994), section 2.3"


def build(reward: float = 3.0, sucker: float = 0.0, temptation: float = 4.0,
          punishment: float = 1.0) -> MarkovGame:
    """The prisoner's dilemma: each gains by defecting, whatever the other does, and both lose by
    it.

    temptation > reward > punishment > sucker: of who defects alone, of both who cooperate, of both
        who defect, of who cooperates alone.

    Actions: 0 cooperate, 1 defect. It is played once; for ever, it is
    `MarkovGame.from_arrays` with a discount. A potential game; the one equilibrium is that both
    defect, in dominant strategies.

    Raises InputError for payoffs that are no dilemma.
    """
    r, s = finite_number(reward, "reward"), finite_number(sucker, "sucker")
    t, p = finite_number(temptation, "temptation"), finite_number(punishment, "punishment")
    if not t > r > p > s:
        raise InputError(f"temptation, reward, punishment and sucker are {t:g}, {r:g}, {p:g} and "
                         f"{s:g}, but in a dilemma they fall")
    own = np.array([[r, s], [t, p]])
    return MarkovGame.from_payoffs(own, own.T, stage_potential=[[r - t, 0], [0, p - s]],
                                   name="prisoners-dilemma", actions=["cooperate", "defect"])
