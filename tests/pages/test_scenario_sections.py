"""A page about scenarios, or about the results of some: each has a section of its own."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.pages import subjects
from potentia.pages.scenario_sections import of_scenarios
from potentia.pages.sections import of_results
from potentia.pages.subjects import Compared, subjects_of
from potentia.pages.wanted import Wanted
from potentia.welfare.scenarios import Scenarios

ROADS = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.polynomial([[0, 1], [3, 0]]),
                                  [(1, 2, 4)], name="two roads")
WANTED = Wanted(parts=("welfare",))


@pytest.fixture(scope="module")
def found() -> Scenarios:
    """Scenarios on as many links and agents, so that their games read alike."""
    tolls = {f"toll {toll:g}": ROADS.tolled({1: toll}) for toll in (0.5, 1.0, 1.5)}
    return pt.compare(ROADS, tolls, relative_gap=1e-6, progress=False)


def test_results_of_games_that_read_alike_have_a_section_each(found: Scenarios) -> None:
    assert len({repr(result.game) for result in found.results.values()}) == 1
    read = subjects_of(found.results)
    assert isinstance(read, list)
    sections = {section.title: section for section in of_results(read, WANTED)}
    told = [str(sections[f"What kind of game is it? {name}"].blocks) for name in found.results]
    assert len(set(told)) == 4


def test_other_games_of_one_shape_are_told_apart_by_their_payoffs() -> None:
    results = {}
    for name, best in (("low", 2), ("high", 3), ("again", 2)):
        game = pt.MarkovGame.from_payoffs([[best, 0], [0, 1]], [[best, 0], [0, 1]], name="one")
        results[name] = pt.Result(game, np.asarray(game.initial_profile("uniform", 0)),
                                  pt.Status.MAX_ITERATIONS, 0, {}, {})
    read = subjects_of(results)
    assert isinstance(read, list)
    titles = [section.title for section in of_results(read, Wanted(parts=("potential",)))]
    kinds = [title for title in titles if title.startswith("What kind of game is it?")]
    assert kinds == ["What kind of game is it? low", "What kind of game is it? high"]


def test_scenarios_are_told_side_by_side_and_one_by_one(
        found: Scenarios, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "MOST", 2)          # of results, not of scenarios
    read = subjects_of(found)
    assert isinstance(read, Compared)
    sections = of_scenarios(read, WANTED)
    assert [section.title for section in sections[2:]] == ["base", *found.sides]
    told = str(sections[0].blocks)
    assert all(cell in told for row in found.table()[1] for cell in row if cell)
    assert "within a relative gap of 1e-06" in told
    assert "That is within the relative gap of 1e-06 at which solves of a comparison end." in str(
        sections[3].blocks)
    paid = found.sides["toll 1"].expected_cost
    assert f"{paid:,.2f}" in str(sections[4].blocks)
