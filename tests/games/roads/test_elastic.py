"""Trips that need not be made: equilibria by hand and by enumeration, certificates, and what is
told of who stays at home."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads.normal_form import over_paths
from roads import acyclic_profile

LINKS = [(1, 2), (1, 2), (2, 3)]
COSTS = np.array([[0.0, 1.0], [1.0, 1.0], [0.5, 0.0]])
DEMAND = [(1, 3, 3), (2, 3, 2)]


def roads(at_home: object, **other) -> pt.RoutingGame:
    given = {"demand": DEMAND, "weight": 1.0, **other}
    return pt.RoutingGame.from_links(LINKS, pt.link_costs.polynomial(COSTS), at_home=at_home,
                                     **given)


def solved(game: pt.RoutingGame) -> pt.Result:
    return pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", tolerance=1e-9,
                    max_iterations=400, progress=False)


@pytest.mark.parametrize(("policies", "closed", "p"), [
    ("type", (1, 3), 0.25 / 2), ("destination", (), 0.25 / 3)])
def test_the_equilibrium_is_the_one_found_by_hand(policies: str, closed, p: float) -> None:
    """Two roads that take x and 1 + x, or home for 1.75, for 3 agents who go on for 0.5: with p on
    the first road 1 + 2 p = 1.25, or 1 + 3 p to price-takers; nobody is on the second, for 2."""
    game = roads({(1, 3): 1.75}, closed=closed, policies=policies)
    result = solved(game)
    assert pt.certify(game, result.profile).relative_gap < 1e-6 or policies == "destination"
    np.testing.assert_allclose(game.link_flows(result.profile), [3 * p, 0, 2 + 3 * p], atol=1e-3)
    np.testing.assert_allclose(game.staying(result.profile), [3 - 3 * p, 0.0], atol=1e-3)
    skims = game.skims(result.profile)
    np.testing.assert_allclose(skims["travelling"], [3 * p, 2.0], atol=1e-3)
    assert list(skims["origin"]) == [1, 2]
    assert list(game.to_dataframe(result.profile)["id"]) == [1, 2, 3]


def test_it_is_an_ordinary_game_that_enumeration_agrees_with() -> None:
    """Values, potential and best responses against the normal form, whose costs are those by
    hand."""
    game = roads(2.0, demand=[(1, 3, 2), (2, 3, 1)])
    table, paths = game.normal_form()
    assert [len(of_type) for of_type in paths] == [3, 2]
    profile = acyclic_profile(game, 3)
    mixed = over_paths(game, profile)
    value = pt.certify(table, mixed)
    ours = pt.certify(game, profile)
    np.testing.assert_allclose(np.repeat(ours.values, [2, 1]), value.values, atol=1e-12)
    assert ours.nash_gap == pytest.approx(value.nash_gap, abs=1e-9)
    # Every joint choice by hand: home, or a road and the way on.
    links = [[[int(game.link_of[game.rows.link[step]]) for step in path] for path in of_type]
             for of_type in paths]
    for joint in itertools.product(range(3), range(3), range(2)):
        taken = [[link for link in links[kind][choice] if link < 3]
                 for kind, choice in zip((0, 0, 1), joint, strict=True)]
        load = np.bincount(list(itertools.chain(*taken)), minlength=3)
        cost = [2.0 if not own else sum(COSTS[k, 0] + COSTS[k, 1] * load[k] for k in own)
                for own in taken]
        played = pt.certify(table, np.eye(3)[list(joint)][:, None])
        np.testing.assert_allclose(played.values, -np.array(cost), atol=1e-12)


def test_totals_count_who_stays_and_say_so() -> None:
    game = roads({(1, 3): 1.75})
    result = solved(game)
    told = pt.welfare.traffic.report(game, result.profile, iterations=50)
    assert told.staying == pytest.approx(2.625, abs=1e-3)
    assert told.staying_cost == pytest.approx(2.625 * 1.75, abs=1e-3)
    assert told.expected_travel_time == pytest.approx(3 * 1.75 + 2 * 0.5, abs=1e-4)
    assert "vehicles that stay at home" in str(told)
    assert "expected total, travel and home" in str(told)
    assert "stay" not in str(pt.welfare.traffic.report(
        roads(None), roads(None).initial_profile("uniform", 0), optimum=False))
    paths = game.paths(result.profile, (1, 3), mass=1.0)
    assert paths["path"].tolist() == [(), (1, 2, 3), (1, 2, 3)]
    assert paths["links"].tolist()[:2] == [(), (1, 3)]


def test_other_versions_and_files_keep_who_may_stay(tmp_path: Path) -> None:
    game = roads([1.75, None], tolls=[0.0, 0.25, 0.0], link_ids=["a", "b", "c"],
                 node_names=["x", "y", "z"], capacity=[1.0, 2.0, 3.0])
    after = game.without("a").joined(("x", "w"), pt.link_costs.polynomial([[1.0, 0.0]])).joined(
        ("w", "z"), pt.link_costs.polynomial([[0.1, 0.0]])).demand_times(2, ("x", "z"))
    assert after.node_names[:4] == ("x", "y", "z", "w")
    np.testing.assert_array_equal(after.road_links, [(1, 2), (2, 3), (1, 4), (4, 3)])
    np.testing.assert_array_equal(after.stay, [1.75, np.nan])
    np.testing.assert_array_equal(after.trips.count, [6, 2])
    np.testing.assert_array_equal(after.tolls[:4], [0.25, 0.0, 0.0, 0.0])
    pt.io.save_game(game, tmp_path / "game.npz")
    again = pt.io.load_game(tmp_path / "game.npz")
    np.testing.assert_array_equal(again.stay, game.stay)
    assert (again.link_ids[:3], again.node_names) == (("a", "b", "c"), game.node_names)
    profile = game.initial_profile("random", 2)
    assert float(again.expected_cost(profile)) == float(game.expected_cost(profile))


@pytest.mark.parametrize("bad", [np.array(["1.75", "2"]), np.full(2, np.nan), np.zeros(0),
                                 np.ones((2, 1)), np.array([True, False])])
def test_a_file_in_which_staying_at_home_costs_nothing_known_is_refused(bad: np.ndarray) -> None:
    from potentia.io.routing_files import arrays_of, game_of, header_of
    game = roads([1.75, None])
    with pytest.raises(pt.InputError, match=r"^the array 'at_home' is not \[types\] costs of"):
        game_of(header_of(game), {**arrays_of(game), "at_home": bad})


def test_scenarios_tell_who_travels() -> None:
    found = pt.compare(roads({(1, 3): 1.75}), {"free": roads({(1, 3): 1.75}).altered(
        1, free_flow_time_factor=0.5)}, progress=False)
    base, free = found.rows()
    assert base["travelling"] == pytest.approx(2.375, abs=1e-3)
    assert base["mean_trip_time"] == pytest.approx((0.375 * 1.75 + 1) / 2.375, rel=1e-3)
    assert free["travelling"] > base["travelling"]
    assert "travelling" in str(found)


@pytest.mark.parametrize("power", [1.5, 2])
def test_readers_and_other_costs_take_it(power: float, tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text(
        f"from,to,free_flow_time,capacity,power\nA,B,1,2,{power}\nB,A,1,2,{power}\n")
    (tmp_path / "trips.csv").write_text("from,to,trips\nA,B,4\nB,A,2\n")
    game = pt.io.read_csv(tmp_path / "links.csv", tmp_path / "trips.csv", 6,
                          at_home={("A", "B"): 1.1})
    np.testing.assert_array_equal(game.stay, [1.1, np.nan])
    (tmp_path / "elastic.csv").write_text("from,to,trips,at_home\nA,B,4,1.1\nB,A,2,\n")
    of_column = pt.io.read_csv(tmp_path / "links.csv", tmp_path / "elastic.csv", 6)
    np.testing.assert_array_equal(of_column.stay, game.stay)
    with pytest.raises(pt.InputError, match="has a column at_home, and at_home is given"):
        pt.io.read_csv(tmp_path / "links.csv", tmp_path / "elastic.csv", 6, at_home=2.0)
    for cell, said in (("-1", "at_home is -1, but it must not be negative"),
                       ("inf", "at_home is .?inf"), ("far", "at_home is .?far")):
        (tmp_path / "elastic.csv").write_text(f"from,to,trips,at_home\nA,B,4,{cell}\n")
        with pytest.raises(pt.InputError, match=f"line 2: .*{said}"):
            pt.io.read_csv(tmp_path / "links.csv", tmp_path / "elastic.csv", 6)
    (tmp_path / "elastic.csv").write_text("from,to,trips,at_home\nA,B,4,\nB,A,0,2\n")
    with pytest.raises(pt.InputError, match="line 3: at_home of a pair without trips"):
        pt.io.read_csv(tmp_path / "links.csv", tmp_path / "elastic.csv", 6)
    assert game.staying(game.initial_profile("uniform", 0)).tolist() == [2.0, 0.0]
    table = pt.RoutingGame.from_links([(1, 2)], pt.link_costs.tabulated([[1.0, 3.0]]), [(1, 2, 2)],
                                      at_home=2.0)
    assert np.asarray(table.table)[1:, 1:].tolist() == [[0.0, 0.0, 0.0], [2.0, 2.0, 2.0]]


@pytest.mark.parametrize(("at_home", "said"), [
    (np.nan, "at_home is nan, not a finite number"),
    (np.inf, "at_home is inf, but it must be finite: leave out"),
    (-1.0, "at_home is -1, but it must not be negative"),
    ("far", "at_home is 'far'"), (True, "at_home is True"),
    ([1.0], "one for each of the 2 rows of the demand"),
    ([1.0, np.nan], r"at_home[1] is nan"),
    ({(1, 2): 3.0}, "at_home[(1, 2)]: there are no trips from 1 to 2"),
    ({(1, 3): np.inf}, "at_home[(1, 3)] is inf"), ({1: 3.0}, "at_home has 1, but pairs")])
def test_what_is_no_cost_of_staying_is_refused(at_home: object, said: str) -> None:
    with pytest.raises(pt.InputError) as caught:
        roads(at_home)
    assert said in str(caught.value)


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(pt.InputError, match="at_home goes without a horizon"):
        roads(1.0, horizon=3)
    with pytest.raises(pt.InputError, match="destination 9, which no link touches"):
        roads(1.0, demand=[(1, 9, 2)])
    costs = pt.link_costs.Function(lambda load: load, 3)
    with pytest.raises(pt.InputError, match="a function of all links has none of more"):
        pt.RoutingGame.from_links(LINKS, costs, DEMAND, at_home=1.0)
