"""What `potentia solve` and `compare` say of roads that did not come as near as was asked."""

from __future__ import annotations

import dataclasses
import json
import sys

import numpy as np
import pytest

import potentia as pt
from potentia import cli
from potentia.cli import closing_notes, road_results

GOALS = road_results.ON_ROADS.goals
FEW = ("sioux-falls", "-p", "n_agents=300", "-p", "policies=destination")


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
         *arguments: str) -> str:
    """What the command prints; it ends with status 1."""
    monkeypatch.setattr(sys, "argv", ["potentia", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    return capsys.readouterr().out


def plateau(gaps: list[float], status: pt.Status = pt.Status.MAX_ITERATIONS,
            **settings: object) -> list[str]:
    """The notes of a run with such gaps at every tenth iteration."""
    game = pt.games.make("braess", n_agents=6)
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=1, progress=False)
    asked = {"rule": "ProjectedNewton", "rule.step_size": 2.0, "oracle": "Exact", **settings}
    history = {"check_iteration": 10 * np.arange(len(gaps)), "relative_gap": np.array(gaps)}
    result = dataclasses.replace(result, status=status, history=history, settings=asked)
    return closing_notes.notes(result, GOALS, None)


def test_few_agents_by_destination_are_told_what_they_do_not_see(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(monkeypatch, capsys, "solve", *FEW, "--no-price-of-anarchy")
    last = out.splitlines()[-1]
    assert "by destination agents do not see what they themselves add to the load" in last
    assert "of the relative gap of 0.009" in last
    assert "-p n_agents=60000, about as many as 0.0001 takes, instead of 300" in last
    assert "-p policies=type" in last


def test_as_many_agents_as_are_told_would_do() -> None:
    game = pt.games.make("sioux-falls", n_agents=60_000, policies="destination")
    result = pt.solve(game, pt.rules.ProjectedNewton(), initial="uniform", tolerance=None,
                      relative_tolerance=1e-4, check_every=20, max_iterations=200, progress=False)
    assert result.status is pt.Status.CONVERGED
    assert closing_notes.notes(result, GOALS, [pt.certify(game, result.profile)]) == []


def test_nothing_is_blamed_on_few_agents_who_see_the_gap(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(monkeypatch, capsys, "solve", *FEW, "--no-price-of-anarchy", "--json",
               "--max-iterations", "2")
    found = json.loads(out)
    assert found["notes"] == []
    assert found["runs"][0]["certificate"]["relative_gap"] > 1e-2


def test_compare_does_not_ask_for_iterations_that_cannot_help(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ("compare", *FEW, "--toll", "1-2=1", "--max-iterations")
    out = told(monkeypatch, capsys, *asked, "60")
    assert out.count("what they themselves add to the load: more agents, n_agents, or") == 2
    assert "more than that (--max-iterations)" in told(monkeypatch, capsys, *asked, "1")


def test_a_plateau_is_told_with_its_lowest_gap_and_where_it_was() -> None:
    note, = plateau([1.0, 0.1, 0.02, 0.01, 0.03, 0.02, 0.03, 0.025])
    assert note.startswith("braess: a plateau: the relative gap has not fallen below 0.01, where "
                           "it was at iteration 30, in the 40 iterations since then, and ends at "
                           "0.025; ")
    assert note.endswith("try --step-size 1, or --max-iterations 30 to end at the lowest")


@pytest.mark.parametrize(("gaps", "status"), [
    ([1.0, 0.5, 0.4, 0.3, 0.2, 0.3, 0.1], pt.Status.MAX_ITERATIONS),       # lower at the end
    ([1.0, 0.1, 0.2, 0.3], pt.Status.MAX_ITERATIONS),                      # seen too seldom
    ([1.0, 0.1, 0.2, 0.3, 0.2, 0.3, 0.2, 0.3], pt.Status.INTERRUPTED)])
def test_no_plateau_is_told_where_there_is_none(gaps: list[float], status: pt.Status) -> None:
    assert plateau(gaps, status) == []


@pytest.mark.parametrize(("settings", "lowest", "said"), [
    ({"rule": "INPG"}, 0.01, "try --rule projected-newton"),
    ({"oracle": "Sampled"}, 0.01, "try --oracle exact"),
    ({"rule.step_size": 1.0}, 0.01, "try --step-size 0.5"),
    ({}, 1e-15, "what is left is rounding: ask for a larger --relative-gap")])
def test_what_to_try_at_a_plateau_depends_on_the_solve(settings: dict[str, object], lowest: float,
                                                       said: str) -> None:
    note, = plateau([1.0, lowest, *[0.02] * 7], **settings)
    assert said in note


def test_a_solve_on_a_plateau_says_so_at_the_end(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(monkeypatch, capsys, "solve", "braess", "-p", "n_agents=60", "--rule", "inpg",
               "--step-size", "5", "--max-iterations", "300", "--no-price-of-anarchy")
    assert ": a plateau: the relative gap has not fallen below" in out.splitlines()[-1]
    assert "max_iterations" in out
