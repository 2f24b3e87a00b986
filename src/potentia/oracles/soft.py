"""The soft oracle: exact values of play in which every later state also pays for the entropy of
one's own policy there."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
from jax import Array

from potentia.errors import InputError, positive_number
from potentia.game import Evaluation, HasSoftValues, HasTable, table_of
from potentia.games.tabular.game import MarkovGame
from potentia.runtime.pytree import is_concrete, tree

SOURCE = "Cen, Cheng, Chen, Wei, Chi, arXiv 2007.06558"


@tree
class Soft:
    """Soft values, which count the entropy of the agent's own policy in later states; no key.

        V_i(s) = sum over a_i of pi_i(a_i|s) (Q_i(s, a_i) - tau log pi_i(a_i|s)),
        Q_i(s, a_i) = E [r_i(s, a) + gamma V_i(s') | a_i]

    temperature: tau, positive, in units of the reward.

    Exact by tables: of tabular games, and of others by their equal table, where that fits. Q has no
    -tau log pi of its own state. Where play has ended there is no entropy to be paid for.

    Not `exact` as a solve means it: these are the values of another game than the one whose Nash
    gap counts, and what learning from them comes to rest at, a quantal response equilibrium, has a
    gap that grows with tau. A run that stopped at a small gap on the way would not have come to
    rest. So it ends by `step_tolerance` or at `max_iterations`, and the gap is on record.

    Source: the regularised action values of Cen, Cheng, Chen, Wei and Chi, arXiv 2007.06558, of
    each agent with the others' actions averaged out.
    """

    temperature: float = 0.1
    exact: ClassVar[bool] = False
    # One after another, as the exact oracle.
    batched: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if callable(self.temperature):
            raise InputError("temperature is a function, but an oracle's is one number")
        if is_concrete(self.temperature):
            object.__setattr__(self, "temperature",
                               positive_number(self.temperature, "temperature"))

    @property
    def gives_temperature(self) -> float:
        """tau."""
        return self.temperature

    def check(self, game: Any) -> None:
        """Raise InputError for a game that is no table and has no equal one that fits."""
        self.prepared(game)

    def prepared(self, game: Any) -> Soft:
        """The oracle for that game: this one, or one that holds the game's table."""
        if isinstance(game, HasSoftValues):
            return self
        return SoftByTable(temperature=self.temperature, table=_equal_table(game))

    def evaluate(self, game: HasSoftValues, profile: Array, key: Array) -> Evaluation:
        """Soft values of `profile` [N, H, A]."""
        del key
        return game.soft_values(profile, self.temperature)


@tree
class SoftByTable(Soft):
    """The soft oracle of a game that is no table: it reads the equal table.

    temperature: as of `Soft`. table: the game's.
    """

    table: MarkovGame = dataclasses.field(kw_only=True)

    def prepared(self, game: Any) -> Soft:
        """This very oracle."""
        return self

    def evaluate(self, game: Any, profile: Array, key: Array) -> Evaluation:
        """Soft values of `profile` [N, H, A] of the table."""
        return super().evaluate(self.table, profile, key)


def _equal_table(game: Any) -> MarkovGame:
    """The table of a game whose profiles are the table's. Raises InputError if there is none."""
    name, mask = type(game).__name__, game.mask
    if not isinstance(game, HasTable):
        raise InputError(f"the soft oracle reads tables, but a {name} has no method tabular()")
    table = table_of(game)
    if not isinstance(table, MarkovGame) or np.shape(table.mask) != np.shape(mask):
        raise InputError(f"the soft oracle reads tables, but that of a {name} has other profiles: "
                         f"solve the table itself, game.tabular()")
    return table
