"""Games of so many steps, as tools play them that know no discount and no end but a last step."""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp

from potentia.errors import InputError, whole_number
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame


@dataclasses.dataclass(frozen=True)
class Steps:
    """A game by its table, to be played step by step, and where play is truncated.

    table: the game. horizon: steps after which play stops. moves: [S*J, S] probabilities of the
    next state. rewards: [S, J, N]. exists: of each agent [S, A_i].
    """

    table: MarkovGame
    horizon: int
    moves: sp.csr_array
    rewards: np.ndarray
    exists: tuple[np.ndarray, ...]

    def joint(self, actions: object) -> int:
        """The number of a joint action, [N]."""
        return int(np.ravel_multi_index(tuple(np.asarray(actions)), self.table.action_counts))

    def following(self, state: int, joint: int) -> tuple[np.ndarray, np.ndarray]:
        """The states that may follow, and their probabilities."""
        row = state * self.rewards.shape[1] + joint
        entries = slice(self.moves.indptr[row], self.moves.indptr[row + 1])
        return self.moves.indices[entries], self.moves.data[entries]

    def legal(self, agent: int, state: int) -> np.ndarray:
        """The agent's actions in a state."""
        return np.flatnonzero(self.exists[agent][state])


def steps_of(game: object, horizon: object, what: str) -> Steps:
    """The game, step by step; horizon: or None where every play ends by itself, as soon as it does,
    or where rewards after the first step count nothing (discount 0).

    Raises InputError, saying `what` needs it, for a game without a table, and where play need not
    end.
    """
    table = as_table(game, what)
    last = 1 if table.discount == 0 else table.sweeps
    if horizon is None and last is None:
        raise InputError(f"play of {table.name} need not end: give a horizon, the steps after "
                         f"which it is stopped")
    steps = last if horizon is None else whole_number(horizon, "horizon", 1)
    exists = tuple(np.asarray(table.mask)[agent][np.asarray(table.information)[agent], :count]
                   for agent, count in enumerate(table.action_counts))
    return Steps(table, int(steps or 0), table.transitions.csr(), np.asarray(table.rewards), exists)
