"""Solves that begin from earlier flows, or from a result of another version of the roads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import potentia as pt
from roads import Roads

BRAESS = pt.games.make("braess", n_agents=600)
RULE = pt.rules.AdaptiveINPG()


def solved(game, initial):
    return pt.solve(game, RULE, initial=initial, relative_tolerance=1e-4, max_iterations=400,
                    check_every=5)


@pytest.fixture(scope="module")
def town():
    """A network of cycles, of two types, and where they end."""
    game = Roads(seed=9, nodes=6, agents=(90, 70), costs="bpr").game(0)
    return game, solved(game, "uniform")


def test_a_solve_from_its_own_flows_takes_fewer_iterations(town):
    game, before = town
    assert before.status is pt.Status.CONVERGED
    frame = game.to_dataframe(before.profile)
    after = solved(game, frame)
    assert after.status is pt.Status.CONVERGED
    assert after.iterations < before.iterations
    start = game.profile_of_flows(frame)
    assert float(game.relative_gap(start)) < 0.5 * float(
        game.relative_gap(game.initial_profile("uniform", 0)))


def test_flows_are_told_by_id_or_in_order(town):
    game, before = town
    flow = np.asarray(game.link_flows(before.profile))
    frame = pd.DataFrame({"link_id": game.link_ids, "volume": flow}).sample(frac=1, random_state=1)
    mapping = dict(zip(game.link_ids, flow, strict=True))
    placed = type("GeoDataFrame", (pd.DataFrame,), {"__module__": "geopandas"})(frame)
    for told in (frame, placed, mapping, flow.tolist()):
        np.testing.assert_array_equal(game.profile_of_flows(told), game.profile_of_flows(flow))


def test_one_destination_is_split_by_flows_where_links_cost_the_same():
    """Two links in parallel at flows 1 and 3: a quarter and three quarters."""
    costs = pt.link_costs.polynomial([[2.0, 0.0], [2.0, 0.0]])
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], costs, [(1, 2, 4)])
    row = game.profile_of_flows([1.0, 3.0])[np.asarray(game.rows.node) >= 0][0, 0]
    np.testing.assert_allclose(row, [0.25, 0.75], rtol=1e-6)


def test_a_result_of_other_roads_is_carried_over_by_ids_of_links():
    closed = BRAESS.without((3, 4))
    before = solved(closed, "uniform")
    profile = BRAESS.profile_from(closed, before.profile)
    flows = np.asarray(BRAESS.link_flows(profile))
    there = dict(zip(closed.link_ids, np.asarray(closed.link_flows(before.profile)).tolist(),
                     strict=True))
    total = sum(np.asarray(BRAESS.trips.count)) * float(BRAESS.weight)
    for link, flow in zip(BRAESS.link_ids, flows, strict=True):
        assert flow == pytest.approx(there.get(link, 0.0), abs=2e-3 * total)
    after = solved(BRAESS, before)
    assert after.status is pt.Status.CONVERGED
    assert after.settings["initial"] == "given"


def test_roads_of_the_same_shape_go_on_as_before(town):
    game, before = town
    after = pt.solve(game, RULE, initial=before, max_iterations=1)
    assert after.iterations == before.iterations + 1


def test_other_policies_begin_from_the_flows(town):
    game, before = town
    shared = Roads(seed=9, nodes=6, agents=(90, 70), costs="bpr", policies="destination").game(0)
    flows = dict(zip(game.link_ids, np.asarray(game.link_flows(before.profile)), strict=True))
    np.testing.assert_array_equal(shared.profile_from(game, before.profile),
                                  shared.profile_of_flows(flows))


@pytest.mark.parametrize(("flows", "why"), [
    ({"a": 1.0}, "flows are of none of the links, which have ids such as 1, but of such as 'a'"),
    ({1: -1.0}, "the flow on link 1 is -1, but it must be finite and not negative"),
    ([1.0], r"flows have shape \(1,\), but there are 5 links"),
    ([1.0, 2.0, np.nan, 0, 0], "the flow on link 3 is nan"),
    (pd.DataFrame({"link": [1], "flow": [1.0]}), "columns.*but id .or link_id. and flow"),
    (pd.DataFrame({"id": [1, 1], "flow": [1.0, 2.0]}), "an id twice among their 2 rows"),
])
def test_what_are_no_flows_is_refused(flows, why):
    with pytest.raises(pt.InputError, match=why):
        pt.solve(BRAESS, RULE, initial=flows)


def test_links_without_a_flow_and_flows_of_no_link_are_noted(caplog):
    caplog.set_level("INFO")
    BRAESS.profile_of_flows({1: 3.0, 2: 3.0, 9: 1.0})
    assert "flows: 3 links without one, such as 3" in caplog.text
    assert "such as 9" in caplog.text


def test_profiles_of_another_horizon_are_not_carried_over():
    before, game = (Roads(seed=3, nodes=5, agents=(2, 2), horizon=steps).game(0)
                    for steps in (3, 4))
    with pytest.raises(pt.InputError, match=r"^a profile of policies type and horizon 3 is not "
                                            r"carried over to policies type and horizon 4: "):
        game.profile_from(before, before.initial_profile("uniform", None))


def test_with_a_horizon_flows_do_not_say_enough():
    game = Roads(seed=3, nodes=5, agents=(2, 2), horizon=4).game(0)
    with pytest.raises(pt.InputError, match="flows on links do not say at which step"):
        game.profile_of_flows(np.ones(len(game.links)))
    profile = np.asarray(game.initial_profile("random", 1))
    carried = game.profile_from(game, profile)
    even = np.asarray(game.usable) / np.asarray(game.usable).sum(axis=-1, keepdims=True)
    real = np.asarray(game.rows.node) >= 0
    np.testing.assert_allclose(carried[real], (0.999 * profile + 0.001 * even)[real], atol=1e-12)


def test_another_network_is_refused_by_the_first_link_that_differs():
    pigou = pt.games.make("pigou")
    before = pt.solve(pigou, RULE, max_iterations=1, initial="uniform")
    with pytest.raises(pt.InputError, match="of another network than 'braess': it has the link 1 "
                                            "from 1 to 2, but here that leads from 1 to 3"):
        pt.solve(BRAESS, RULE, initial=before)
    named = pt.RoutingGame.from_links([(1, 2)] * 2, pt.link_costs.polynomial(np.ones((2, 2))),
                                      [(1, 2, 3)], link_ids=["a", "b"], name="named")
    with pytest.raises(pt.InputError, match="it has no link 'a', but here that leads from 1 to 2"):
        named.profile_from(pigou, before.profile)


def test_links_joined_in_both_are_not_taken_for_each_other():
    """Both new links have the id 6, but lie elsewhere: what was done with the one says nothing of
    the other."""
    cost = pt.link_costs.polynomial([[0.0, 1.0]])
    one, other = BRAESS.joined((1, 2), cost), BRAESS.joined((4, 3), cost)
    profile = other.profile_from(one, one.initial_profile("uniform", 0))
    assert float(other.link_flows(profile)[5]) < 2e-3 * BRAESS.n_agents


@pytest.mark.parametrize(("one", "other"), [("type", "destination"), ("destination", "type"),
                                            ("type", "agent"), ("agent", "type")])
def test_other_policies_on_the_same_roads_begin_from_its_flows(one: str, other: str) -> None:
    """Of one pair rows are the same whatever the policies, but not what a solve keeps with them."""
    costs = pt.link_costs.polynomial([[1.0, 1.0], [3.0, 0.0]])
    games = {policies: pt.RoutingGame.from_links([(1, 2), (1, 2)], costs, [(1, 2, 1)],
                                                 policies=policies) for policies in (one, other)}
    before = solved(games[one], "uniform")
    after = solved(games[other], before)
    assert after.status is pt.Status.CONVERGED
    np.testing.assert_allclose(games[other].link_flows(games[other].started(before)[0]),
                               games[one].link_flows(before.profile), atol=0.01)


def test_other_costs_by_destination_begin_from_what_was_done() -> None:
    """Powers that are higher take more of what is known of loads."""
    flat, steep = (pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], pt.link_costs.polynomial(table), [(1, 2, 4)], policies="destination")
        for table in ([[1.0, 1.0], [3.0, 0.0]], [[1.0, 1.0, 0.1], [3.0, 0.0, 0.1]]))
    before = solved(flat, "uniform")
    after, anew = solved(steep, before), solved(steep, "uniform")
    np.testing.assert_allclose(steep.link_flows(after.profile), steep.link_flows(anew.profile),
                               atol=0.01)


@pytest.mark.parametrize("before", [None, 5, "x", pt.games.make("stag-hunt"), [[1.0]]])
def test_a_profile_is_of_roads(before: object) -> None:
    with pytest.raises(pt.InputError, match=r"^before is .*, but it must be a RoutingGame"):
        BRAESS.profile_from(before, BRAESS.initial_profile("uniform", 0))


def test_a_result_is_no_roads(town) -> None:
    game, before = town
    with pytest.raises(pt.InputError, match=r"a RoutingGame, such as result\.game, another"):
        game.profile_from(before, before.profile)
