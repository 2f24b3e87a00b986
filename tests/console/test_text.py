"""Counts in messages: one of them is in the singular, wherever games and results say what they
are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import potentia as pt
from potentia.console.text import as_text, counted, there_are


def test_one_is_singular():
    assert [counted(number, "state") for number in (0, 1, 1_000)] == ["0 states", "1 state",
                                                                      "1,000 states"]
    assert [there_are(number, "row") for number in (1, 3)] == ["there is 1 row", "there are 3 rows"]


def test_a_label_never_touches_its_text():
    told = as_text([("short", "a"), ("x" * 39, "b"), ("", "c"), ("y" * 60, "d")])
    assert told.split("\n") == [f"{'short:':<40}a", "x" * 39 + ": b", " " * 40 + "c",
                                "y" * 60 + ": d"]


ALONE = {
    "<MarkovGame game: 1 agent, 1 state, 1 action>":
        lambda: pt.MarkovGame.from_arrays(np.zeros((1, 1, 1)), [[0]], discount=0.5),
    "<LoadGame loads: 1 agent on 1 facility, 1 state, 1 count vector>":
        lambda: pt.LoadGame.from_loads(np.zeros((1, 1, 1)), [[0]], n_agents=1, discount=0.5),
    "<RoutingGame routing: 1 agent of 1 type on 1 link, 1 row>":
        lambda: pt.RoutingGame.from_links([(0, 1)], pt.link_costs.polynomial([[1.0]]), [(0, 1, 1)]),
    "<CongestionGame congestion: 1 agent on 1 node, 1 state>":
        lambda: pt.CongestionGame.from_network([[0]], np.zeros((1, 1, 1)), n_agents=1,
                                               discount=0.5),
}


@pytest.mark.parametrize("text", ALONE)
def test_a_game_of_one_says_so(text):
    assert repr(ALONE[text]()) == text


def test_a_result_of_one_iteration_says_so():
    game = ALONE["<MarkovGame game: 1 agent, 1 state, 1 action>"]()
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=1, progress=False)
    for count, said in ((1, "after 1 iteration"), (11, "after 11 iterations")):
        counted = dataclasses.replace(result, iterations=count)
        assert repr(counted).endswith(f" {said}; Nash gap 0>")
