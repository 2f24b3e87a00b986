"""Gambit's strategic games (pygambit 17) as games that are played once, and back.

Files of Gambit's need no Gambit: `potentia.io.nfg`, `potentia.io.agg`.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import numpy as np

from potentia.bridges.packages import package
from potentia.errors import InputError, one_line, shown
from potentia.games.joint_table import as_table
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.payoffs import tables_of
from potentia.io.words import tell_rounded
from potentia.names import from_labels
from potentia.profile import checked


def to_pygambit(game: object) -> Any:
    """The `pygambit.StrategicGame` of a game that is played once: one state, discount 0.

    Payoffs become the shortest decimals that read as the same float64, so that all bits come back,
    but for the sign of -0.0. Players and strategies are called by the names of agents and actions,
    or 1, 2, .... Raises InputError for a game that is not played once or has no table.
    """
    theirs = _pygambit()
    table = as_table(game, "to_pygambit needs")
    found = theirs.StrategicGame.from_arrays(*tables_of(table), title=table.name)
    try:
        _relabel(found, table)
    except ValueError as error:
        raise InputError(f"pygambit takes no such name: {one_line(error)}") from None
    return found


def _relabel(game: Any, table: MarkovGame) -> None:
    """Call players and strategies by the names of agents and actions."""
    for player, own in zip(map(str, list(game.players)), table.names.actions, strict=False):
        game.relabel_strategies(player, dict(zip(game.get_strategies(player), own, strict=True)))
    if table.names.agents:
        game.relabel_players(dict(zip(map(str, game.players), table.names.agents, strict=True)))


def from_pygambit(game: Any) -> MarkovGame:
    """The game of a pygambit game, played once: one state, discount 0. Strategies are actions, in
    their order; labels are names, unless they are but 1, 2, ....

    game: a strategic game or an action-graph game; or a tree in which all players choose once, in
    whatever order, and none sees what another chose.

    Fractions become the nearest float64; that this is another number is noted. Raises InputError
    for other trees and for private types, saying which property does not fit and what would serve.
    """
    theirs = _pygambit()
    if not isinstance(game, theirs.Game):
        raise InputError(f"game is {shown(game)}, but a pygambit game was expected")
    if isinstance(game, theirs.BayesianActionGraphGame):
        raise InputError("the game is Bayesian: its players have private types, which a strategic "
                         f"game has not{_strategic_form(game)}")
    if isinstance(game, theirs.ExtensiveGame):
        _check_simultaneous(game, theirs)
    check_table(len(game.players), 1,
                tuple(len(game.get_strategies(str(player))) for player in game.players))
    tables = [_floats(table) for table in _arrays(game)]
    if rounded := [exact for _, off in tables for exact in off]:
        tell_rounded("the game", len(rounded), one_line(rounded[0], 40))
    agents = from_labels([list(map(str, game.players))])
    return MarkovGame.from_payoffs(
        *(values for values, _ in tables), name=" ".join(game.title.splitlines()) or "game",
        agents=agents and agents[0],
        actions=from_labels([_actions(game, player, theirs) for player in map(str, game.players)]))


def _actions(game: Any, player: str, theirs: Any) -> list[str]:
    """The labels of a player's strategies; in a tree, of the actions that they are."""
    if not isinstance(game, theirs.ExtensiveGame):
        return game.get_strategies(player)
    return game.get_actions(theirs.H.path(*game.get_infosets(player)[0].actions))


def to_mixed_profile(game: Any, profile: object) -> Any:
    """The mixed strategy profile of a pygambit game that `profile` [N, 1, A] is."""
    if not isinstance(game, _pygambit().Game):
        raise InputError(f"game is {shown(game)}, but a pygambit game was expected")
    counts = [len(game.get_strategies(str(player))) for player in game.players]
    exists = np.arange(max(counts)) < np.array(counts)[:, None]
    rows = checked(profile, exists[:, None])
    return game.mixed_strategy_profile([rows[agent, 0, :count].tolist()
                                        for agent, count in enumerate(counts)])


def from_mixed_profile(mixed: Any) -> np.ndarray:
    """The profile [N, 1, A] of a mixed strategy profile of pygambit; exact probabilities become the
    nearest float64."""
    theirs = _pygambit()
    if not isinstance(mixed, theirs.MixedStrategyProfile):
        raise InputError(f"mixed is {shown(mixed)}, but a pygambit.MixedStrategyProfile was "
                         f"expected")
    rows = [[float(probability) for _, probability in strategy] for strategy in mixed]
    widest = max(map(len, rows))
    return np.array([[row + [0.0] * (widest - len(row))] for row in rows])


def _pygambit() -> Any:
    theirs = package("pygambit", "gambit", "Game", "__version__")
    if not hasattr(theirs, "StrategicGame"):
        raise InputError(f"pygambit {theirs.__version__} is too old: version 17 is needed")
    return theirs


def _check_simultaneous(game: Any, theirs: Any) -> None:
    """Refuse a tree unless each player decides in one information set, once in every play, and
    chance does not move."""
    if events := game.get_events():
        raise InputError(f"chance moves in the game ({len(events)} of its events), but in a "
                         f"strategic game only players do{_strategic_form(game)}")
    for player in map(str, game.players):
        if (count := len(game.get_infosets(player))) != 1:
            raise InputError(f"the game is sequential: {player!r} decides in {count} information "
                             f"sets, but a strategic game is one simultaneous choice of each"
                             f"{_strategic_form(game)}")
    for play in game.get_histories(theirs.H.plays):
        moves = Counter(str(step.player) for step in play)
        for player in map(str, game.players):
            if moves[player] != 1:
                raise InputError(f"the game is sequential: {player!r} decides {moves[player]} "
                                 f"times in one of its plays, but in a strategic game all decide "
                                 f"once"
                                 f"{_strategic_form(game)}")


def _strategic_form(game: Any) -> str:
    """What would serve instead."""
    if not game.is_perfect_recall:
        return "; nor does its strategic form serve, since players forget what they knew or did"
    return ("; its reduced strategic form fits: from_pygambit(pygambit.StrategicGame.from_arrays("
            "*game.to_arrays()))")


def _arrays(game: Any) -> list[np.ndarray]:
    try:
        return game.to_arrays()
    except Exception as error:      # what a foreign game raises is its own affair
        raise InputError(f"pygambit gives no payoffs of the game: {one_line(error)}") from None


def _floats(exact: np.ndarray) -> tuple[np.ndarray, list[Fraction]]:
    """Payoffs as the nearest float64, and those that are other numbers."""
    try:
        values = [float(value) for value in exact.flat]
    except OverflowError:
        raise InputError("a payoff of the game is too large for float64") from None
    off = [value for value, near in zip(exact.flat, values, strict=True)
           if Fraction(repr(near)) != value]
    return np.array(values).reshape(exact.shape), off
