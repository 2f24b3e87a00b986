"""nashpy's bimatrix games as games that are played once, and back."""

from __future__ import annotations

from typing import Any

from potentia.bridges.packages import package
from potentia.errors import InputError, shown
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.payoffs import tables_of


def from_nashpy(game: Any, name: str = "game") -> MarkovGame:
    """The game of a `nashpy.Game`, of two agents: rows are the actions of the first."""
    if not isinstance(game, package("nashpy", "nashpy", "Game").Game):
        raise InputError(f"game is {shown(game)}, but a nashpy.Game was expected")
    return MarkovGame.from_payoffs(*game.payoff_matrices, name=name)


def to_nashpy(game: object) -> Any:
    """The `nashpy.Game` of a game of two agents that is played once.

    Raises InputError for any other, saying which property does not fit.
    """
    theirs = package("nashpy", "nashpy", "Game")
    tables = tables_of(as_table(game, "to_nashpy needs"))
    if len(tables) != 2:
        raise InputError(f"the game has {len(tables)} agents, but nashpy holds games of 2; "
                         f"pt.bridges.gambit and pt.bridges.quantecon take any number")
    return theirs.Game(*tables)
