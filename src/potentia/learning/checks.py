"""Exact checks of runs: in one program, or by the program that a game answers by."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from potentia.game import AnswersAtOnce, Game
from potentia.learning import device
from potentia.learning.device import RunState
from potentia.learning.side_by_side import runs_at_once
from potentia.runtime.own import is_own


def check(game: Game, states: RunState, wanted: np.ndarray) -> Any:
    """What `device.check` says of the runs that are `wanted` [runs]."""
    at_once = runs_at_once(game, wanted.size)
    # What answers a report, too, is compiled once for both.
    if (at_once > 1 or not isinstance(game, AnswersAtOnce) or is_own(game)
            or jax.process_count() > 1):
        return device.check(game, states, wanted, at_once)
    found = np.full((wanted.size, len(device.CHECKED) + 1), np.nan)
    log_profile, orientation = jax.tree.map(np.asarray, (states.log_profile, states.orientation))
    for run in np.flatnonzero(wanted):
        own_game = device.of_run(game, jax.tree.map(lambda leaf, run=run: leaf[run], orientation))
        profile = np.exp(log_profile[run])
        found[run] = device.judged(own_game, profile, *device.answered(own_game, profile))
    return found
