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


def test_each_run_is_checked_on_the_bush_that_it_has(x64) -> None:
    game = games.make("sioux-falls", n_agents=300, policies="destination")
    programs = programs_of(game, Exact(), INPG(step_size=0.1))
    states = programs.start("random", None, 3, 2)
    states = programs.reoriented(states, np.array([False, True]))
    assert (np.asarray(states.orientation[0].mask)[0]
            != np.asarray(states.orientation[0].mask)[1]).any()
    wanted = np.ones(2, bool)
    np.testing.assert_allclose(checks.check(game, states, wanted),
                               device.check(game, states, wanted), rtol=1e-12, atol=1e-12)
