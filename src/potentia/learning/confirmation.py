"""Whether a game of a user's own may be said to have CONVERGED: not by its own word, but by its
table's.

Potentia's games answer for their best responses, and tests hold them against certificates. A user's
game could say anything. So where the loop ended on its word, the equal tabular game (`tabular()`)
is asked once more: the same table that `certify` reads, by another evaluator. A game without a
table stays UNVERIFIED.
"""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, one_line
from potentia.game import Game, HasTable
from potentia.games.tabular.game import MarkovGame
from potentia.result import Status
from potentia.runtime.own import is_own

Verdict = tuple[Status, str]


def confirmed(game: Game, profiles: np.ndarray, statuses: tuple[Status, ...],
              tolerance: float | None) -> list[Verdict]:
    """The statuses of the runs, of which those of a user's game that CONVERGED are confirmed or
    not, and why not.

    profiles: [runs, N, H, A].
    """
    if not is_own(game) or tolerance is None or Status.CONVERGED not in statuses:
        return [(status, "") for status in statuses]
    try:
        table = _table(game)
    except InputError as error:
        return [(Status.UNVERIFIED, str(error)) if status is Status.CONVERGED else (status, "")
                for status in statuses]
    return [_judged(game, table, profile, tolerance) if status is Status.CONVERGED else (status, "")
            for profile, status in zip(profiles, statuses, strict=True)]


def _table(game: Game) -> MarkovGame:
    """The equal tabular game. Raises InputError where there is none."""
    name = type(game).__name__
    if not isinstance(game, HasTable):
        raise InputError(f"{name}.best_response says that the gap is within the tolerance, but a "
                         f"{name} has no tabular(), by which alone certify could say so too")
    try:
        table = game.tabular()
    except Exception as error:
        raise InputError(
            f"{name}.tabular failed: {type(error).__name__}: {one_line(error)}") from error
    if not isinstance(table, MarkovGame):
        raise InputError(
            f"{name}.tabular returned a {type(table).__name__}, but a MarkovGame was expected")
    if np.shape(table.mask) != np.shape(game.mask) or not (np.asarray(table.mask)
                                                           == np.asarray(game.mask)).all():
        raise InputError(f"{name}.tabular has a mask of shape {np.shape(table.mask)}, but it must "
                         f"be the game's own, {np.shape(game.mask)}")
    return table


def _judged(game: Game, table: MarkovGame, profile: np.ndarray, tolerance: float) -> Verdict:
    response = table.best_response(profile)
    gap = float(np.max(response.gain + response.error))
    if gap <= tolerance:
        return Status.CONVERGED, ""
    name, agent = type(game).__name__, int(np.argmax(response.gain))
    return Status.INCONSISTENT, (f"{name}.best_response says that the gap is within the tolerance "
                                 f"of {tolerance:g}, but by {name}.tabular agent {agent} gains "
                                 f"{float(response.gain[agent]):g}")
