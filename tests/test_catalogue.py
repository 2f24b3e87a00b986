"""What is registered, in words, and the pages of it: as computed, and able to say no."""

from __future__ import annotations

from pathlib import Path

import pytest

import potentia as pt
from potentia import catalogue
from potentia.report.catalogue import classified, described, games_page, rules_page

DOCS = Path(__file__).resolve().parents[1] / "docs"
RULES, GAMES = (DOCS / "rules.md").read_text(), (DOCS / "games.md").read_text()
# classified in a second or less, all together, but for these
DEAR = {"anonymous-congestion", "braess", "networked-traffic", "pigou", "sioux-falls"}
CHEAP = [name for name in pt.games.names() if name not in DEAR]


def test_the_page_of_rules_is_what_the_docstrings_say() -> None:
    headings = {line.removeprefix("## ") for line in RULES.splitlines() if line.startswith("## ")}
    assert headings - {*pt.rules.names(), *pt.schedules.names()} == set(), \
        "on the page but not registered: first see tests/test_package.py, which names the line"
    page = rules_page([catalogue.rule(name) for name in pt.rules.names()],
                      [catalogue.schedule(name) for name in pt.schedules.names()])
    assert page == RULES, "write it again: potentia rules --page docs/rules.md"


@pytest.mark.parametrize("name", pt.games.names())
def test_the_page_of_games_is_what_the_docstrings_say(name: str) -> None:
    assert described(catalogue.game(name)) in GAMES, "potentia games --page docs/games.md"


@pytest.mark.parametrize("name", CHEAP)
def test_the_page_of_games_holds_the_verdicts_as_computed(name: str) -> None:
    section = described(catalogue.game(name)) + classified(catalogue.kinds(name))
    assert section in GAMES, "write it again: potentia games --page docs/games.md"


def test_the_page_of_games_has_a_section_for_each_in_order() -> None:
    headings = [line.removeprefix("## ") for line in GAMES.splitlines() if line.startswith("## ")]
    assert set(headings) - set(pt.games.names()) == set(), \
        "on the page but not registered: first see tests/test_package.py, which names the line"
    assert headings == pt.games.names(), "write it again: potentia games --page docs/games.md"
    few = ("distancing", "prisoners-dilemma", "two-link-congestion")
    page = games_page([catalogue.game(name) for name in few],
                      {name: catalogue.kinds(name) for name in few})
    assert {line for line in page.splitlines() if line.startswith("| [")} < set(GAMES.splitlines())


def test_verdicts_are_those_that_are_known() -> None:
    """Two agents in a network of two links have common rewards; Example 1 of arXiv 2110.10614 with
    three sees what the others do, and only local policies leave it a potential."""
    two, three, local = catalogue.kinds("stochastic-congestion")
    assert [kind.verdict for kind in (two, three, local)] == ["PROVEN", "REFUTED", "PROVEN"]
    assert "alpha between " in three.why
    assert "alpha" not in local.why
    assert str(local).startswith("n_agents=3, observe='own': PROVEN: ")


def test_what_cannot_be_asked_is_said() -> None:
    (kind,) = catalogue.kinds("anonymous-congestion")
    assert kind.verdict == "not classified"
    assert "classify needs a tabular game" in kind.why


@pytest.mark.parametrize(("annotation", "said"), [
    ("int", "whole number"), ("float | None", "number or none"), (bool, "true or false"),
    ("Unheard | str", "Unheard or text")])
def test_annotations_in_words(annotation: object, said: str) -> None:
    assert catalogue.words(annotation) == said


def test_paragraphs_of_a_docstring() -> None:
    text = ("What it is,\non two lines.\n\n    a <- b * c\n\nfirst: one,\n    of two. last: three."
            "\nsecond: four. third, fourth: five: six."
            "\n\nSource: a book. Guarantee: it ends.")
    parameters = (catalogue.Parameter("first", "number", "1.0"),
                  catalogue.Parameter("third", "number", "2.0"),
                  catalogue.Parameter("second", "text", None),
                  catalogue.Parameter("fourth", "number", "4.0"))
    section = described(catalogue.Entry("thing", parameters, text, None))
    assert section == (
        "## thing\n\nWhat it is, on two lines.\n\n"
        "- `first` (number; 1.0 if omitted): one, of two. last: three.\n"
        "- `third` (number; 2.0 if omitted), `fourth` (number; 4.0 if omitted): five: six.\n"
        "- `second` (text): four.\n\n"
        "```text\na <- b * c\n```\n\n"
        "Source: a book.\n\nGuarantee: it ends.\n")
