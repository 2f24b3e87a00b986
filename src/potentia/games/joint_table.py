"""What needs a table of joint actions takes it from here, whatever represents the game."""

from __future__ import annotations

from potentia.errors import InputError
from potentia.game import HasNormalForm, HasTable, Performative, table_of
from potentia.games.tabular.game import MarkovGame


def as_table(game: object, what: str) -> MarkovGame:
    """The game itself if it is tabular, or its equal table, with the same states and profiles,
    where that fits.

    Raises InputError, saying `what` needs the table, for anything else.
    """
    if isinstance(game, MarkovGame):
        return game
    if isinstance(game, HasNormalForm):
        raise InputError(f"game is a {type(game).__name__}, but {what} a tabular game: give its "
                         f"tabular() or normal_form(), whose profiles are others")
    if isinstance(game, Performative):
        raise InputError(f"game is a {type(game).__name__}, but {what} a tabular game: give its "
                         f"induced(profile), the game that a profile makes of it")
    if not isinstance(game, HasTable):
        raise InputError(f"game is a {type(game).__name__}, but {what} a tabular game "
                         "(MarkovGame), or one whose method tabular() gives its table")
    table = table_of(game)
    if not isinstance(table, MarkovGame):
        raise InputError(f"{type(game).__name__}.tabular returned a {type(table).__name__}, but a "
                         f"MarkovGame was expected")
    return table
