"""Scenarios against a base, held against equilibria that are found by hand, and what Ctrl-C
keeps."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads.scenarios import scenario
from potentia.learning.solver import solve
from potentia.result import Status
from potentia.welfare import scenarios, sides
from potentia.welfare.scenarios import Scenarios

# Two roads side by side, that take x and 3, and 4 agents: each takes the first with probability p
# where 1 + 3 p = 3.
ROADS = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.polynomial([[0, 1], [3, 0]]),
                                  [(1, 2, 4)], name="two roads")
CHANGES = {"closed": [{"close": 1}], "tolled": [{"link": 1, "toll": 0.5}],
           "wider": [{"link": 1, "capacity_factor": 2}], "fewer": [{"demand_factor": 0.5}],
           "built": [{"build": "1-2", "free_flow_time": 1.5, "toll": 1.0}]}
# By hand: expected total travel time, toll revenue, and vehicles on the first road.
BY_HAND = {"base": (12.0, 0.0, 8 / 3), "closed": (12.0, 0.0, 0.0), "tolled": (11.0, 1.0, 2.0),
           "wider": (8.0, 0.0, 4.0), "fewer": (4.0, 0.0, 2.0),
           "built": (4 * (0.5 * 2.5 + 0.5 * 1.5), 2.0, 2.0)}


@pytest.fixture(scope="module")
def found() -> Scenarios:
    return pt.compare(ROADS, {name: scenario(name, changes) for name, changes in CHANGES.items()},
                      relative_gap=1e-10, progress=False)


def test_equilibria_are_those_found_by_hand(found: Scenarios) -> None:
    table = found.to_dataframe().set_index("scenario")
    assert list(table.index) == list(BY_HAND)
    for name, (total, revenue, flow) in BY_HAND.items():
        row = table.loc[name]
        assert row["expected_travel_time"] == pytest.approx(total, rel=1e-5)
        assert row["toll_revenue"] == pytest.approx(revenue, abs=1e-4)
        assert row["change"] == pytest.approx(total / 12 - 1, abs=1e-5)
        assert row["mean_trip_time"] == pytest.approx(total / (2 if name == "fewer" else 4), 1e-5)
        assert row["status"] == "converged"
        assert row["relative_gap"] <= 1e-9
        if name != "base":
            links = {change["id"]: change for change in found.link_changes(name)}
            assert links[1]["flow_before"] == pytest.approx(8 / 3, abs=1e-4)
            assert links[1]["flow"] == pytest.approx(flow, abs=1e-4)
    changes = [abs(change["difference"]) for change in found.link_changes("built")]
    assert changes == sorted(changes, reverse=True)
    assert len(changes) == 3
    assert found.link_changes("built")[0]["flow"] == pytest.approx(2.0, abs=1e-4)


def test_what_is_left_open_is_of_both_sides(found: Scenarios) -> None:
    base, tolled = found.rows()[0], found.rows()[2]
    assert tolled["left_open"] == pytest.approx(
        (base["relative_gap"] * base["expected_cost"]
         + tolled["relative_gap"] * tolled["expected_cost"]) / base["expected_cost"])
    assert base["left_open"] == base["relative_gap"]


def test_it_is_told_in_one_table(found: Scenarios) -> None:
    told = str(found)
    for said in ("scenario", "base", "toll revenue", "-8.333 %", "tolled: the links that change",
                 "1 -> 2", "It is no bound on the change"):
        assert said in told
    assert "-8.333 %" in found._repr_html_()
    with pytest.raises(pt.InputError, match="no scenario 'shut' here"):
        found.link_changes("shut")


def test_versions_and_results_may_be_given_instead_of_changes(found: Scenarios) -> None:
    again = pt.compare(found.results["base"], {
        "closed": ROADS.without(1), "tolled": found.results["tolled"]}, progress=False)
    assert again.sides["closed"].expected_travel_time == pytest.approx(12.0)
    assert again.rows()[2]["iterations"] == found.rows()[2]["iterations"]
    np.testing.assert_array_equal(again.base.profile, found.base.profile)


def test_ctrl_c_keeps_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third solve is interrupted after its first look."""
    solves = []

    def interrupted(*arguments, progress, **named):
        solves.append(named)

        def tell(done: int, note: str) -> None:
            if len(solves) == 3:
                raise KeyboardInterrupt

        return solve(*arguments, progress=tell, **named)

    monkeypatch.setattr(sides, "solve", interrupted)
    names = ("tolled", "wider", "fewer")
    found = pt.compare(ROADS, {name: scenario(name, CHANGES[name]) for name in names},
                       progress=False)
    assert list(found.sides) == ["tolled", "wider"]
    assert found.sides["tolled"].status is Status.CONVERGED
    assert found.sides["wider"].status is Status.INTERRUPTED
    assert found.interrupted
    assert found.left_out == ("fewer",)
    assert "Interrupted: not solved: fewer" in str(found)


@pytest.mark.parametrize(("given", "said"), [
    ({}, "there are no scenarios"),
    ({"base": ROADS}, "scenario 'base' is called like the roads as they are"),
    ({"base ": ROADS}, "scenario 'base ' is called like the roads as they are"),
    ({"x": 3}, "x is a int"), ({1: ROADS}, "name is 1, but a scenario's name is text"),
    ({"a\nb": ROADS}, "name is 'a\\nb', but"), ({"": ROADS}, "name is '', but"),
    ({"\x1b[2J": ROADS}, "name is '\\x1b[2J', but"),
    ({"a\rb": ROADS}, "name is 'a\\rb', but"),
    ({"a\u202eb": ROADS}, "name is 'a\\u202eb', but"),
    ({"x": ROADS, "x ": ROADS}, "there are the scenarios 'x' and 'x ', which read alike"),
    ({"x": pt.games.make("braess", n_agents=6)}, "scenario 'x': a profile of"),
    ({"x": scenario("x", [{"close": 9}])}, "scenario 'x', change 1 (close): there is no link")])
def test_what_are_no_scenarios_is_refused(given, said: str) -> None:
    with pytest.raises(pt.InputError) as caught:
        pt.compare(ROADS, given)
    assert said in str(caught.value)


def test_results_of_another_network_are_refused() -> None:
    """As another network itself is, and before anything is solved."""
    other = pt.games.make("braess", n_agents=6)
    results = [pt.solve(game, pt.rules.ProjectedNewton(), initial="uniform", max_iterations=2)
               for game in (ROADS, other)]
    for base in (ROADS, results[0]):
        with pytest.raises(pt.InputError, match=r"^scenario 'x': a profile of .* is of another"):
            pt.compare(base, {"x": results[1]}, progress=False)


TOML = '[[scenario]]\nname = "a"\nchanges = {}\n'


@pytest.mark.parametrize(("text", "said"), [
    (TOML.format('[{clos="1-2"}]'), "scenario 'a', change 1: unknown key 'clos'; did you mean"),
    (TOML.format("[{toll=3}]"), "scenario 'a', change 1: it names no link: give link or build"),
    (TOML.format("[{}]"), "scenario 'a', change 1: it names no link"),
    (TOML.format('[{close="1-9"}]'), "change 1 (close): there is no link (1, 9)"),
    (TOML.format('[{close=9}]'), "there is no link with the id 9; ids are 1 to 2"),
    (TOML.format('[{close=[1, "x"]}]'), "link is [1, 'x'], but FROM-TO"),
    (TOML.format('[{close=true}]'), "link is True"),
    (TOML.format('[{link="1-2"}]'), "link has no value to change: give capacity"),
    (TOML.format('[{link="1-2", toll="big"}]'), "change 1: toll is 'big', not a number"),
    (TOML.format('[{link="1-2", toll=-1}]'), "it must not be negative"),
    (TOML.format('[{build="1-2"}]'), "build needs free_flow_time"),
    (TOML.format('[{pair="2-1", demand_factor=2}]'), "there are no trips from 2 to 1"),
    (TOML.format('[{pair="1-2"}]'), "pair needs demand_factor"),
    (TOML.format('[{demand_factor=nan}]'), "demand_factor is nan"),
    (TOML.format('[{close="1-2", link="1-2"}]'), "close and link are two changes"),
    (TOML.format('[{close=1}]') * 2, "the scenario 'a' is there twice"),
    (TOML.format('["1-2"]'), "'1-2' is no change"), (TOML.format("[]"), "changes is []"),
    (TOML.format("[{close=1}]").replace('"a"', '"base"'), "is called like the roads as they are"),
    (TOML.format("[{close=1}]").replace('"a"', "7"), "name is 7"),
    (TOML.format("[{close=1}]").replace('"a"', '" base "'), "is called like the roads as they"),
    (TOML.format("[{close=1}]").replace('"a"', '"\\u001b[31mred"'), "name is '\\x1b[31mred'"),
    (TOML.format("[{close=1}]").replace('"a"', '"a\\rb"'), "name is 'a\\rb'"),
    (TOML.format("[{close=1}]").replace('"a"', '"\\u202eab"'), "name is '\\u202eab'"),
    (TOML.format("[{close=1}]") + TOML.format("[{close=1}]").replace('"a"', '"a "'),
     "scenario 'a' is there twice"),
    ('[[scenario]]\nname = "a"\n', "scenario 1 has no changes"),
    ("[[scenarios]]\n", "unknown table 'scenarios'; did you mean 'scenario'?"),
    ("", "has no [[scenario]]"), ("scenario = 3\n", "has no [[scenario]]"),
    ("[[scenario]]\nname = a\n", "(at line 2, column 8)")])
def test_a_file_that_is_wrong_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "what.toml"
    path.write_text(text)
    with pytest.raises(pt.InputError) as caught:
        pt.compare(ROADS, pt.io.read_scenarios(path))
    assert said in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_who_is_as_near_as_was_asked_is_said_to_be(found: Scenarios) -> None:
    """Though its solve, which aims far nearer, ended at its limit."""
    ended = dataclasses.replace(found.sides["closed"], status=Status.MAX_ITERATIONS)
    for asked, told in ((1e-5, "within 1e-05"), (None, "max_iterations")):
        one = dataclasses.replace(found, sides={"closed": ended}, asked=asked)
        heads, cells = one.table()
        assert [row[heads.index("status")] for row in cells] == ["converged", told]
        assert one.rows()[1]["status"] == "max_iterations"


def test_a_change_that_rounds_to_nothing_has_no_minus() -> None:
    assert scenarios._change({"scenario": "x", "change": -1e-9}, "change") == "+0.000 %"
