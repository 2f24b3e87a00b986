"""Checks by the program that a game answers by say what the one program of all runs does."""

from __future__ import annotations

import numpy as np
import pytest

from potentia import games
from potentia.learning import checks, device
from potentia.learning.programs import programs_of
from potentia.oracles import Exact
from potentia.rules import INPG

GAMES = {"policies by type": games.make("braess"),
         "by destination": games.make("braess", policies="destination"),
         "with a toll": games.make("braess", policies="destination").tolled({(1, 3): 0.3})}


@pytest.mark.parametrize("game", GAMES.values(), ids=GAMES)
def test_checks_run_by_run_are_those_of_all_runs_together(game, x64) -> None:
    states = programs_of(game, Exact(), INPG(step_size=0.1)).start("random", None, 3, 3)
    for wanted in (np.array([True, False, True]), np.zeros(3, bool)):
        found = checks.check(game, states, wanted)
        np.testing.assert_allclose(found, device.check(game, states, wanted), rtol=1e-12,
                                   atol=1e-12)
        assert (np.isnan(found).all(axis=1) == ~wanted).all()
