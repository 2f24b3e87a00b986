"""What notebooks show of results, reports and games: their lines as a table, escaped, and nothing
computed for it."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import potentia as pt
from potentia.console.markup import title_of
from potentia.console.text import Readable
from potentia.theory.verdicts import Lemma, LemmaReport

NAME = '<script>alert("1 & 2")</script>'
GAMES = {
    "MarkovGame": lambda: pt.games.make("prisoners-dilemma"),
    "LoadGame": lambda: pt.LoadGame.from_loads(np.zeros((1, 2, 1)), [[0, 0]], n_agents=1,
                                               discount=0.9),
    "RoutingGame": lambda: pt.games.make("pigou", n_agents=3),
    "CongestionGame": lambda: pt.CongestionGame.from_network([[0]], np.zeros((1, 1, 1)),
                                                             n_agents=1, discount=0.99),
    "SymmetricCongestionGame": lambda: pt.games.make("anonymous-congestion", n_agents=3),
}


@cache
def game() -> pt.MarkovGame:
    """Prisoners with a hostile name."""
    return dataclasses.replace(pt.games.make("prisoners-dilemma"), name=NAME, recipe=None)


@cache
def solved(runs: int) -> pt.Result:
    """What so many runs of best responses end in."""
    defect = np.broadcast_to([0.0, 1.0], (runs, 2, 1, 2))
    gaps = np.broadcast_to([4.0, 0.0], (runs, 2))
    many = runs > 1
    return pt.Result(game(), defect if many else defect[0],
                     (pt.Status.CONVERGED,) * runs if many else pt.Status.CONVERGED,
                     np.ones(runs, int) if many else 1, {"nash_gap": gaps if many else gaps[0]},
                     {"rule": "BestResponseDynamics"})


REPORTS = {
    "Certificate": lambda: pt.certify(game(), solved(1).profile),
    "Classification": lambda: pt.potential.classify(game()),
    "Theory report": lambda: pt.theory.report(game()),
    "Welfare report": lambda: pt.welfare.report(game(), starts=0),
    "Pure equilibria": lambda: pt.equilibria.pure(game()),
    "Cost": lambda: pt.cost(game()),
}


def parsed(thing: Any) -> tuple[str, list[list[str]], list[str]]:
    """Caption, rows of cells, and paragraphs below; fails where the markup is not whole."""
    page = ElementTree.fromstring(f"<div>{thing._repr_html_()}</div>")
    (caption,) = page.iter("caption")
    rows = [["".join(cell.itertext()) for cell in row] for row in page.iter("tr")]
    return caption.text or "", rows, [note.text or "" for note in page.iter("p")]


@pytest.mark.parametrize("title", REPORTS)
def test_a_report_is_its_lines_as_a_table(title: str):
    report = REPORTS[title]()
    assert isinstance(report, Readable)
    assert parsed(report) == (title, [list(line) for line in report.lines()], [])


def test_lemmas_are_a_table_too():
    lemma = Lemma("Lemma 3.4", "Section 3", "it falls", "HOLDS", 0.5, {"most": 0.5})
    report = LemmaReport((lemma,), 4.0, 0.1, 27.0, 1.0, 3)
    title, rows, _ = parsed(report)
    assert title == "Lemma report"
    assert rows == [list(line) for line in report.lines()]
    assert str(report).startswith("3 steps of size 0.1")         # printed as before


def test_a_result_of_one_run_is_its_numbers():
    title, rows, notes = parsed(solved(1))
    assert title == f"Result of <MarkovGame {NAME}: 2 agents, 1 state, 2 x 2 actions>"
    assert rows == [["status", "converged"], ["iterations", "1"], ["Nash gap", "0"],
                    ["rule", "BestResponseDynamics"]]
    assert notes == []


def test_what_went_wrong_is_shown():
    wrong = dataclasses.replace(solved(1), message="rule <b>")
    assert parsed(wrong)[1][-1] == ["message", "rule <b>"]


def test_a_result_of_many_runs_is_its_first_twenty():
    title, rows, notes = parsed(solved(22))
    assert title.startswith("Result of <MarkovGame ")
    assert rows[0] == ["run", "status", "iterations", "Nash gap"]
    assert rows[1:] == [[str(run), "converged", "1", "0"] for run in range(20)]
    assert notes == ["... 2 more runs: summary() has all", "Nash gap 0"]


@pytest.mark.parametrize("kind", GAMES)
def test_a_game_says_what_it_is_and_computes_nothing(kind: str, monkeypatch: pytest.MonkeyPatch):
    shown = GAMES[kind]()

    def computed(*_: object, **__: object) -> None:
        raise AssertionError("computed to be shown")

    for method in ("evaluate", "best_response", "welfare", "potential", "tabular"):
        monkeypatch.setattr(type(shown), method, computed, raising=False)
    title, rows, _ = parsed(shown)
    told = dict(map(tuple, rows))
    assert title == f"{kind} {shown.name}"
    assert repr(shown) == f"<{title}: {told['size']}>"


@pytest.mark.parametrize(("kind", "discount", "sees"), [
    ("MarkovGame", "0", "the state"), ("LoadGame", "0.9", "the state"),
    ("CongestionGame", "0.99", "the state"),
    ("RoutingGame", "1: values are totals until play ends",
     "their own information, not all the state"),
])
def test_the_discount_and_who_sees_what(kind: str, discount: str, sees: str):
    told = dict(map(tuple, parsed(GAMES[kind]())[1]))
    assert (told["discount"], told["agents see"]) == (discount, sees)


def test_a_named_game_says_how_it_was_made():
    shown = GAMES["RoutingGame"]()
    made = dict(map(tuple, parsed(shown)[1]))["made by"]
    assert made == "pt.games.make('pigou', n_agents=3)"
    assert repr(eval(made, {"pt": pt})) == repr(shown)
    assert "made by" not in game()._repr_html_()


def test_a_name_is_shown_short_and_in_characters_that_there_are():
    named = dataclasses.replace(game(), name="a\ud800" + "b" * 100_000)
    assert len(repr(named)) < 200
    assert len(named._repr_html_().encode()) < 2000
    assert "a\\ud800bbb" in named._repr_html_()


def test_a_table_has_no_colours_of_its_own():
    for shown in (solved(22), solved(1), game(), REPORTS["Classification"]()):
        html = shown._repr_html_()
        assert set(re.findall(r"(?:color|background)[\w-]*:([^;\"]+)", html)) == {"inherit"}
        assert NAME not in html


def test_a_title_is_words():
    assert title_of(type("LemmaReport", (), {})) == "Lemma report"
    assert title_of(type("own", (), {})) == "own"
