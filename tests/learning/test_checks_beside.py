"""Runs on roads go on while they are checked: nothing tells."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.learning import checks
from potentia.runtime import ahead

GAME = pt.games.make("braess")
SETTINGS = {"tolerance": 1e-6, "max_iterations": 40, "check_every": 20, "progress": False}
RULE = pt.rules.AdaptiveINPG(0.1)


@pytest.fixture
def slow(monkeypatch):
    """Checks that take as long as dozens of iterations; where they were made."""
    made, check = [], checks.check

    def slowly(game, states, wanted):
        made.append(np.asarray(states.iteration).tolist())
        time.sleep(0.05)
        return check(game, states, wanted)

    monkeypatch.setattr(checks, "check", slowly)
    return made


def at_once(monkeypatch, **settings) -> pt.Result:
    """The same solve, whose checks are awaited."""
    with monkeypatch.context() as patch:
        patch.setattr("potentia.learning.shared.begun", ahead.at_once)
        return pt.solve(GAME, RULE, **SETTINGS | settings)


def assert_same(found: pt.Result, wanted: pt.Result) -> None:
    assert found.statuses == wanted.statuses
    assert np.array_equal(found.iterations, wanted.iterations)
    assert np.array_equal(found.profiles, wanted.profiles)
    assert found.history.keys() == wanted.history.keys()
    for name, column in wanted.history.items():
        np.testing.assert_array_equal(found.history[name], column, name)


@pytest.mark.parametrize("settings", [
    {}, {"max_iterations": 3}, {"check_every": 1}, {"tolerance": None, "check_every": 7},
    {"runs": 2, "initial": "random"}, {"snapshots": 2}], ids=str)
def test_runs_are_those_that_wait(settings: dict, slow: list, monkeypatch) -> None:
    assert_same(pt.solve(GAME, RULE, **SETTINGS | settings), at_once(monkeypatch, **settings))
    assert slow[0] == [0] * settings.get("runs", 1)


def test_what_is_beyond_a_check_is_dropped_where_it_ends_a_run(slow: list, monkeypatch) -> None:
    there = at_once(monkeypatch, max_iterations=500)
    assert there.status is pt.Status.CONVERGED
    found = pt.solve(GAME, RULE, **SETTINGS | {"initial": there.profile})
    assert (found.status, found.iterations) == (pt.Status.CONVERGED, 0)
    both = {"initial": np.stack([there.profile, GAME.initial_profile("uniform", 0)]), "runs": 2}
    found = pt.solve(GAME, RULE, **SETTINGS | both)
    assert found.iterations.tolist() == [0, 40]
    assert_same(found, at_once(monkeypatch, **both))


def test_a_check_that_fails_is_told(monkeypatch) -> None:
    def failing(game, states, wanted):
        raise ArithmeticError("not this way")

    monkeypatch.setattr(checks, "check", failing)
    with pytest.raises(ArithmeticError, match="not this way"):
        pt.solve(GAME, RULE, **SETTINGS)


def test_ctrl_c_meanwhile_loses_nothing_that_was_told(slow: list, monkeypatch,
                                                      tmp_path: Path) -> None:
    def tell(done: int, note: str) -> None:
        if note:
            raise KeyboardInterrupt

    whole = at_once(monkeypatch)
    kept = {**SETTINGS, "checkpoint": tmp_path}
    stopped = pt.solve(GAME, RULE, **kept | {"progress": tell})
    assert (stopped.status, stopped.iterations) == (pt.Status.INTERRUPTED, 0)
    assert_same(pt.solve(GAME, RULE, resume=True, **kept), whole)
