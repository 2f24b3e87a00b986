"""Trips that choose when to leave, in files, in other versions of the roads, with classes, from
readers; and bad input, each named in one line."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.games.roads.normal_form import over_paths
from potentia.pages.called import ends_of, row_of

TOWN = [(1, 2), (2, 3), (1, 3), (3, 1)]
COSTS = np.array([[1.0, 0.3], [0.5, 0.2], [1.8, 0.4], [0.1, 0.0]])
DEMAND = [(1, 3, 2), (2, 3, 1)]
WISH = pt.Departures(earliest=1, latest=3, arrival=3.25, early=0.5, late=2.0)


def town(departures: object = WISH, demand: object = DEMAND, **options) -> pt.RoutingGame:
    return pt.RoutingGame.from_links(TOWN, pt.link_costs.polynomial(COSTS), demand,
                                     departures=departures, **{"horizon": 5, **options})


NAMED = {"link_ids": ["a", "b", "c", "d"], "node_names": ["x", "y", "z"],
         "capacity": [1.0, 2.0, 3.0, 4.0]}


@pytest.mark.parametrize("policies", ["type", "agent", "destination"])
@pytest.mark.parametrize("options", [{}, {**NAMED, "closed": [1, 3]}])
def test_files_keep_the_game(policies: str, options, tmp_path: Path) -> None:
    game = town([WISH, None], tolls=[0.25, 0.0, 0.0, 0.0], distance_costs=[0.0, 0.0, 0.5, 0.0],
                policies=policies, **options)
    pt.io.save_game(game, tmp_path / "game.npz")
    again = pt.io.load_game(tmp_path / "game.npz")
    assert isinstance(again, pt.RoutingGame)
    profile = game.initial_profile("random", 2)
    for each in ("expected_cost", "expected_travel_time", "potential", "toll_revenue"):
        assert float(getattr(again, each)(profile)) == float(getattr(game, each)(profile))
    np.testing.assert_array_equal(again.wishes, game.wishes)
    assert again.departures(profile).equals(game.departures(profile))
    assert again.link_ids[:4] == game.link_ids[:4]


def test_a_file_whose_wishes_are_none_is_refused(tmp_path: Path) -> None:
    from potentia.io.routing_files import arrays_of, game_of, header_of
    game = town()
    for bad, said in ((np.ones((2, 4)), "the array 'departures' is not [types, 5]"),
                      (np.zeros((0, 5)), "the array 'departures' is not [types, 5]"),
                      (np.full((2, 5), np.nan), "the array 'departures' is not [types, 5]"),
                      (np.full((2, 5), "1"), "the array 'departures' is not [types, 5]"),
                      (np.full((2, 5), 0.5), "the array 'departures' is not [types, 5]"),
                      (np.full((2, 5), -1.0), "departures[0].earliest is -1")):
        with pytest.raises(pt.InputError) as caught:
            game_of(header_of(game), {**arrays_of(game), "departures": bad})
        assert said in str(caught.value)


def test_other_versions_keep_who_leaves_when() -> None:
    game = town({("x", "z"): WISH}, **NAMED)
    after = game.without("c").joined(("x", "w"), pt.link_costs.polynomial([[1.0, 0.0]])).joined(
        ("w", "z"), pt.link_costs.polynomial([[0.1, 0.0]])).tolled({"a": 0.5}).altered(
        "b", free_flow_time_factor=2.0).demand_times(2, ("x", "z"))
    assert after.node_names[:4] == ("x", "y", "z", "w")
    np.testing.assert_array_equal(after.road_links, [(1, 2), (2, 3), (3, 1), (1, 4), (4, 3)])
    np.testing.assert_array_equal(after.wishes, game.wishes)
    assert (after.n_agents, after.horizon) == (5, 5)
    built = pt.RoutingGame.from_links(
        after.road_links, pt.link_costs.polynomial([[1.0, 0.3], [1.0, 0.4], [0.1, 0.0], [1.0, 0.0],
                                                    [0.1, 0.0]]),
        [(1, 3, 4), (2, 3, 1)], departures=[WISH, None], horizon=5, tolls=[0.5, 0, 0, 0, 0])
    profile = built.initial_profile("random", 0)
    assert float(after.expected_cost(profile)) == pytest.approx(float(built.expected_cost(profile)))


def test_more_agents_with_policies_of_their_own_keep_their_wishes_and_classes() -> None:
    classes = {"car": pt.TrafficClass(), "lorry": pt.TrafficClass(1.0, 2.0)}
    game = town([WISH, None, WISH], [(1, 3, 2, "car"), (1, 3, 1, "car"), (1, 3, 1, "lorry")],
                policies="agent", classes=classes).demand_times(2, (1, 3))
    assert sorted(row[3] for row in game.demand) == ["car"] * 6 + ["lorry"] * 2
    lorries = np.array([row[3] == "lorry" for row in game.demand])
    assert np.isnan(np.asarray(game.wishes)[:, 0]).sum() == 2
    assert np.isfinite(np.asarray(game.wishes)[lorries]).all()


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_a_warm_start_keeps_departures(policies: str) -> None:
    other = dataclasses.replace(WISH, late=0.0)
    game = town([WISH, other, None], [(1, 3, 2), (1, 3, 1), (2, 3, 1)], policies=policies)
    profile = game.initial_profile("random", 4)
    carried = game.without((3, 1)).profile_from(game, profile)
    np.testing.assert_allclose(game.without((3, 1)).departures(carried)["leaving"],
                               game.departures(profile)["leaving"], atol=0.01)
    # From roads where all leave at once, the steps are new, and the ways known.
    plain = town(None, policies=policies)
    begun = town(policies=policies).profile_from(plain, plain.initial_profile("random", 1))
    assert (town(policies=policies).departures(begun)["leaving"].to_numpy()[1:4] > 0.1).all()


def test_scenarios_compare_what_is_paid() -> None:
    game = town()
    found = pt.compare(game, {"open": town(dataclasses.replace(WISH, earliest=0)),
                              "toll": game.tolled({(1, 3): 1.0})}, progress=False)
    base, wider, _ = found.rows()
    assert base["relative_gap"] < 1e-4
    # Leaving earlier is one more choice, which nobody needs.
    assert wider["expected_cost"] == pytest.approx(base["expected_cost"], rel=1e-3)
    assert "change" in str(pt.compare(game, game.without((3, 1)), progress=False))


def test_schedules_are_costs_and_no_time_whatever_time_is_worth() -> None:
    """Two classes on roads of their own: what each pays is its value of time times the time, and
    the schedule as it is."""
    game = pt.RoutingGame.from_links(
        [(1, 2), (3, 4)], pt.link_costs.polynomial([[2.0, 1.0], [1.0, 1.0]]),
        [(1, 2, 1, "car"), (3, 4, 1, "lorry")], horizon=3,
        classes={"car": pt.TrafficClass(), "lorry": pt.TrafficClass(2.0, 3.0)},
        departures=pt.Departures(latest=0, arrival=3.0, early=5.0, late=1.0))
    profile = game.initial_profile("uniform", 0)
    np.testing.assert_allclose(pt.certify(game, profile).values, [-(3.0 + 10.0), -(9.0 + 10.0)])
    assert float(game.expected_cost(profile)) == pytest.approx(32.0)
    assert float(game.expected_travel_time(profile)) == pytest.approx(6.0)
    told = game.departures(profile)
    assert told["class"].tolist() == ["car"] * 4 + ["lorry"] * 4
    assert told["arriving"].tolist() == [0, 1, 0, 0, 0, 2, 0, 0]          # in vehicles
    np.testing.assert_allclose(told["schedule_cost"], [np.nan, 10, np.nan, np.nan] * 2)
    assert game.skims(profile)["time"].tolist() == [3.0, 3.0]


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_classes_agree_with_all_paths_and_with_trips_that_are_played(policies: str) -> None:
    classes = {"car": pt.TrafficClass(), "lorry": pt.TrafficClass(2.0, 3.0)}
    game = town({(1, 3): WISH}, [(1, 3, 1, "car"), (1, 3, 1, "lorry"), (2, 3, 1, "car")],
                classes=classes, tolls=[0.25, 0.0, 0.0, 0.0], policies=policies)
    profile = game.initial_profile("random", 1)
    certificate = pt.certify(game, profile)
    played = np.asarray(game.simulate(profile, jax.random.key(0), 20_000, 12).rewards).sum(axis=1)
    np.testing.assert_allclose(played.mean(axis=0), certificate.values,
                               atol=5 * played.std(axis=0).max() / 20_000 ** 0.5)
    if policies == "type":
        exact = pt.certify(game.normal_form()[0], over_paths(game, profile))
        np.testing.assert_allclose(certificate.values, exact.values, atol=1e-12)
        assert certificate.nash_gap == pytest.approx(exact.nash_gap, abs=1e-9)


def test_paths_and_pages_tell_the_step() -> None:
    game = town([WISH, None])
    profile = game.initial_profile("uniform", 0)
    paths = game.paths(profile, (1, 3), mass=1.0)
    assert sorted(set(paths["step"])) == [1, 2, 3]
    assert paths["path"].tolist().count((1, 3)) == 3
    assert "step" not in town(None).paths(town(None).initial_profile("uniform", 0)).columns
    rows = np.flatnonzero(np.asarray(game.rows.node) >= 0).tolist()
    said = [row_of(game, row, 0) for row in rows]
    assert "before leaving 1, step 2, trips 1 to 3" in said
    assert "at 3, step 5, trips 1 to 3" in said
    assert {head for heads in ends_of(game, rows, 2) for head in heads} == {
        "", "to 2", "to 3", "wait", "leave", "arrive"}


def test_what_is_not_known_with_departures_is_refused() -> None:
    game = town()
    profile = game.initial_profile("uniform", 0)
    assert not game.has_optimum
    for asked in (game.paying_marginal_costs, lambda: game.least_total(profile),
                  lambda: pt.welfare.traffic.report(game, profile)):
        with pytest.raises(pt.InputError, match="game has departures, which cost no time"):
            asked()
    assert pt.welfare.traffic.report(game, profile, optimum=False).expected_cost > 0
    with pytest.raises(pt.InputError, match=r"normal_form\(\) fits"):
        game.tabular()
    plain = pt.RoutingGame.from_links([(1, 2)], pt.link_costs.polynomial([[1.0]]), [(1, 2, 1)])
    with pytest.raises(pt.InputError, match="game has no horizon"):
        plain.departures(plain.initial_profile("uniform", 0))


def test_readers_take_departures(tmp_path: Path) -> None:
    (tmp_path / "links.csv").write_text("from,to,free_flow_time,capacity\nA,B,1,2\nB,A,1,2\n")
    (tmp_path / "trips.csv").write_text("from,to,trips\nA,B,4\nB,A,2\n")
    game = pt.io.read_csv(tmp_path / "links.csv", tmp_path / "trips.csv", 6, horizon=5,
                          departures={("A", "B"): WISH})
    np.testing.assert_array_equal(game.wishes, [[1, 3, 3.25, 0.5, 2.0], [np.nan] * 5])
    for name, text in (("link", "link_id,from_node_id,to_node_id,vdf_fftt,directed\n1,1,2,1,1\n"),
                       ("demand", "o_zone_id,d_zone_id,volume\n1,2,4\n")):
        (tmp_path / f"{name}.csv").write_text(text)
    assert pt.io.read_gmns(tmp_path, n_agents=4, horizon=5, departures=WISH).timed


def wish(**changed) -> pt.Departures:
    return dataclasses.replace(WISH, **changed)


@pytest.mark.parametrize(("departures", "said"), [
    (wish(early=-1.0), "departures.early is -1, but it must not be negative"),
    (wish(late=np.nan), "departures.late is nan, not a finite number"),
    (wish(arrival=np.inf), "departures.arrival is inf, not a finite number"),
    (wish(earliest=-1), "departures.earliest is -1, but it must be at least 0"),
    (wish(earliest=2.5), "departures.earliest is 2.5, not a whole number"),
    (wish(latest=0), "departures.latest is 0, but it must be at least departures.earliest, which"),
    (wish(latest=5), "departures.latest is 5, but within a horizon of 5 the last step at which"),
    ([WISH], "one for each of the 2 rows of the demand (None where they leave at step 0)"),
    ([WISH, 3], "departures[1] is 3, but it must be a pt.Departures"),
    ("soon", "departures is 'soon', but it must be a pt.Departures, one for each"),
    (7, "departures is 7, but it must be a pt.Departures"),
    ({(1, 2): WISH}, "departures[(1, 2)]: there are no trips from 1 to 2"),
    ({(1, 3): wish(early="x")}, "departures[(1, 3)].early is 'x', not a number"),
    (wish(late=1e300), "departures makes a trip within the horizon cost 1.75e+300, too much for"),
    (wish(early=1e308, arrival=1e9), "departures makes a trip within the horizon cost inf, too"),
    ({1: WISH}, "departures has 1, but pairs (origin, destination) were expected"),
])
def test_what_are_no_departures_is_refused(departures: object, said: str) -> None:
    with pytest.raises(pt.InputError) as caught:
        town(departures)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_does_not_go_together_is_refused() -> None:
    for options, said in (({"horizon": None}, "departures need a horizon"),
                          ({"at_home": 1.0}, "at_home goes without departures"),
                          ({"demand": [(1, 9, 2)]}, "destination 9, which no link touches"),
                          ({"demand": [(1, 1, 2)]}, r"demand\[0\] = .* has nowhere to go")):
        with pytest.raises(pt.InputError, match=said):
            town(**options)
    line = [(1, 2), (2, 3), (3, 4)]
    with pytest.raises(pt.InputError) as caught:
        pt.RoutingGame.from_links(line, pt.link_costs.polynomial([[1.0]] * 3), [(1, 4, 2)],
                                  horizon=4, departures=wish(earliest=2))
    assert str(caught.value) == ("destination 4 cannot be reached from origin 1 within 4 steps by "
                                 "whoever leaves at step 2 or later")
    with pytest.raises(pt.InputError, match=r"without the link \(2, 3\)"):
        pt.RoutingGame.from_links(line, pt.link_costs.polynomial([[1.0]] * 3), [(1, 4, 2)],
                                  horizon=4, departures=wish()).without((2, 3))
    costs = pt.link_costs.Function(lambda load: load, 4)
    with pytest.raises(pt.InputError, match="departures goes with costs that are polynomials"):
        pt.RoutingGame.from_links(TOWN, costs, DEMAND, departures=WISH, horizon=5)
