"""What repeats a result does."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.pages.recipes import repeated
from potentia.pages.subjects import Swept, subjects_of
from potentia.pages.sweep_recipes import sweep_again


def done(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(code, names)
    return names


@pytest.fixture(scope="module")
def result() -> pt.Result:
    return pt.solve(pt.games.make("public-goods", n_agents=2), pt.rules.INPG(step_size=0.3),
                    schedule=pt.schedules.make("in-turns"), runs=2, seed=4, max_iterations=20,
                    tolerance=1e-5, check_every=5, snapshots=[0, 3], l1_accuracy=True)


def same(found: pt.Result, result: pt.Result) -> None:
    np.testing.assert_array_equal(found.profile, result.profile)
    np.testing.assert_array_equal(found.history["nash_gap"], result.history["nash_gap"])


def test_python_and_the_command_line_give_the_same_bits(
        result: pt.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    again = repeated(result, None)
    found = done(again.python)["result"]
    same(found, result)
    assert result.snapshots is not None
    assert set(found.history) == set(result.history)
    np.testing.assert_array_equal(found.snapshots.profile, result.snapshots.profile)
    words = shlex.split(again.line)
    assert words[:3] == ["potentia", "solve", "public-goods"]
    monkeypatch.chdir(tmp_path)
    from potentia import cli
    monkeypatch.setattr("sys.argv", [*words, "--no-cache"])
    with pytest.raises(SystemExit):
        cli.main()
    same(pt.load("RUN"), result)


def test_a_game_of_ones_own_comes_from_its_folder(tmp_path: Path) -> None:
    game = pt.MarkovGame.from_payoffs([[2, 0], [0, 1]], [[1, 0], [0, 2]], name="mine")
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=3, tolerance=None)
    pt.save(result, tmp_path / "run")
    (subject,) = subjects_of(tmp_path / "run")                # pyright: ignore
    again = repeated(subject.result, subject.folder)
    same(done(again.python)["result"], result)
    assert "has no name" in again.line_not
    assert "save the result" in repeated(result, None).python_not


def settings(**changed: Any) -> pt.Result:
    game = pt.games.make("stag-hunt")
    said = {"rule": "INPG", "rule.step_size": 0.1, "oracle": "Exact", "schedule": "Simultaneous",
            "initial": "random", "tolerance": 1e-8}
    return pt.Result(game, np.asarray(game.initial_profile("uniform", 0)),
                     pt.Status.MAX_ITERATIONS, 1, {}, {**said, **changed})


@pytest.mark.parametrize(("changed", "why"), [
    ({"rule": "Own"}, "rule Own is none of Potentia's"),
    ({"rule.step_size": "<lambda>"}, "has a parameter, a function say"),
    ({"initial": "given"}, "began at a profile that was given"),
    ({"initial": "result"}, "went on from another result")])
def test_what_a_run_does_not_keep_is_named(changed: dict[str, Any], why: str) -> None:
    again = repeated(settings(**changed), None)
    assert again.python == again.line == ""
    assert why in again.python_not


def test_no_tolerance_is_for_python_alone() -> None:
    again = repeated(settings(tolerance=None), None)
    assert "tolerance=None" in again.python
    assert "always has one" in again.line_not


def test_a_sweep_goes_on_in_its_folder(tmp_path: Path) -> None:
    out = tmp_path / "swept"
    asked: Any = {"seeds": 1, "max_iterations": 5, "progress": False}
    first = pt.sweep(["stag-hunt", {"name": "public-goods", "n_agents": 2}],
                     [{"name": "inpg", "step_size": [0.5, 1.0]}], out=out, **asked)
    found = subjects_of(out)
    assert isinstance(found, Swept)
    code = sweep_again(found.sweep, found.asked, str(out))
    before = {file: file.stat().st_mtime_ns for file in (out / "cells").iterdir()}
    again = done(code)["found"]
    assert {file: file.stat().st_mtime_ns for file in (out / "cells").iterdir()} == before
    assert again.table["nash_gap"].tolist() == first.table["nash_gap"].tolist()


def test_the_command_line_says_no_more_than_it_can() -> None:
    game = pt.games.make("stochastic-congestion", n_agents=2,
                         graph=(("s", "a"), ("s", "b"), ("a", "t"), ("b", "t")), source="s",
                         sink="t")
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=1)
    again = repeated(result, None)
    assert "cannot say graph=" in again.line_not
    same(done(again.python)["result"], result)


def test_a_game_whose_fields_were_replaced_is_not_called_by_its_old_name() -> None:
    plain = pt.games.make("prisoners-dilemma")
    game = dataclasses.replace(plain, rewards=2 * np.asarray(plain.rewards))
    found = repeated(pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=2), None)
    assert found.python == ""
    assert "has no name that makes it again" in found.python_not
    assert found.line == ""


def test_a_limit_that_there_is_not_is_written_as_python_reads_it() -> None:
    rule = pt.rules.LogBarrierINPG(step_size=0.1)
    result = pt.solve(pt.games.make("stag-hunt"), rule, max_iterations=5)
    again = repeated(result, None)
    assert 'float("inf")' in again.python
    same(done(again.python)["result"], result)
