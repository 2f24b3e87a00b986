"""`pt.sweep_cost`: what is counted, and that a program that is timed is timed as it runs."""

from __future__ import annotations

from typing import Any

import pytest

import potentia as pt
from potentia.sweeps import cost

GRID = {"name": "inpg", "step_size": [0.05, 0.1]}


def test_games_of_the_same_shapes_share_their_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = cost._Pace(compiling=3.0, iteration=0.01, bytes=1000.0)
    monkeypatch.setattr(cost, "_pace", lambda group: pace)
    asked: dict[str, Any] = {"seeds": 5, "max_iterations": 100, "check_every": 10}
    games = ["stag-hunt", "chicken", {"name": "public-goods", "n_agents": 3}]
    found = pt.sweep_cost(games, [GRID, "inpg-adaptive"], **asked)
    assert (found.cells, found.runs, found.programs, found.timed) == (9, 45, 4, 2)
    assert found.seconds == pytest.approx(4 * 3.0 + 45 * 100 * 0.01)
    assert found.bytes == 9 * (1000 + 11 * 5 * 8 * 5)
    shared = pt.sweep_cost(games, [GRID, "inpg-adaptive"], workers=2, **asked)
    assert shared.seconds == pytest.approx(found.seconds / 2)


def test_there_is_an_end_to_timing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "MEASURING", -1.0)
    found = pt.sweep_cost("stag-hunt", "inpg-adaptive")
    assert (found.programs, found.timed) == (1, 0)
    assert "nothing was timed" in str(found)


def test_what_a_sweep_refuses_is_refused() -> None:
    with pytest.raises(pt.InputError, match="unknown rule 'inqg'"):
        pt.sweep_cost("stag-hunt", "inqg")
