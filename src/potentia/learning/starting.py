"""What a solve starts from: profiles that are given, one for all runs or one of each."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError
from potentia.game import Game, Reorientable, WarmStartable, usable
from potentia.learning.contract import called
from potentia.learning.seam import refuse_other
from potentia.names import names_of
from potentia.policies import shape_of
from potentia.profile import checked
from potentia.result import Result


def begun(initial: object, game: Game) -> object:
    """What `initial` stands for: itself, or the profile that the game makes of it."""
    if isinstance(initial, str) or not isinstance(game, WarmStartable):
        return initial
    return called(game, "started", initial)


def start_profiles(initial: object, game: Game) -> np.ndarray | None:
    """The profile to start from, [N, H, A] or of each run [runs, N, H, A]; None if it is drawn.
    Raises InputError for one that is none of the game's."""
    if isinstance(initial, str):
        return None
    mask = usable(game)
    if isinstance(initial, Result):
        return refuse_other(initial, game)
    if len(shape_of(initial)) != 4:
        return checked(initial, mask, names_of(game))
    profiles = []
    for run, profile in enumerate(np.asarray(initial)):
        try:
            profiles.append(checked(profile, mask, names_of(game)))
        except InputError as error:
            raise InputError(f"initial[run={run}]: {error}") from None
    return np.stack(profiles)


def holding(game: Game, profile: np.ndarray) -> Game:
    """The game oriented so that it may play the profile, or all of them."""
    if not isinstance(game, Reorientable):
        return game
    return called(game, "holding", profile if profile.ndim == 3 else profile.mean(axis=0))


def refuse_no_profile(game: Game, start: str, drawn: np.ndarray) -> None:
    """Raise InputError naming the first bad row of profiles [runs, N, H, A] that a user's game
    starts from."""
    for profile in drawn:
        try:
            checked(profile, np.asarray(game.mask))
        except InputError as error:
            raise InputError(f"{type(game).__name__}.initial_profile({start!r}): {error}") from None
