"""Whatever holds a user's numbers: all methods take them alike, or refuse them in one line."""

from __future__ import annotations

from collections.abc import Callable

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.roads.cost_kinds import Polynomial
from potentia.welfare.traffic import report

METHODS = ("evaluate", "price_taking", "best_response", "start_values", "potential", "welfare",
           "link_flows", "expected_cost", "expected_cost_error", "expected_travel_time",
           "total_travel_time", "toll_revenue", "marginal_tolls", "link_costs", "link_times",
           "wardrop_gap", "relative_gap", "least_total")
FRAMES = ("to_dataframe", "skims", "paths")
LINKS = [(1, 2), (2, 3), (1, 3)]


def roads(**given) -> pt.RoutingGame:
    told = {"costs": pt.link_costs.polynomial([[1.0, 1.0]] * 3), "demand": [(1, 3, 5)], **given}
    return pt.RoutingGame.from_links(LINKS, **told)


@pytest.mark.parametrize("held", [lambda u: u.astype(object), lambda u: u.tolist(),
                                  lambda u: u.astype(np.float32)])
def test_a_profile_may_be_held_by_anything(held: Callable[[np.ndarray], object]) -> None:
    game = pt.games.make("braess", n_agents=6)
    profile = game.initial_profile("uniform", 0)
    given = held(profile)
    for name in METHODS:
        told, expected = (jax.tree.leaves(getattr(game, name)(each)) for each in (given, profile))
        for one, other in zip(told, expected, strict=True):
            assert np.array_equal(one, other), name
    for name in FRAMES:
        assert getattr(game, name)(given).equals(getattr(game, name)(profile)), name
    assert game.select_link(given, (3, 4)).equals(game.select_link(profile, (3, 4)))
    played = [game.simulate(each, jax.random.key(0), 2, 4).states for each in (given, profile)]
    assert np.array_equal(*played)
    assert report(game, given, optimum=False) == report(game, profile, optimum=False)


def test_what_is_no_profile_is_not_played() -> None:
    game = roads()
    with pytest.raises(InputError, match="sums to 2, not 1"):
        game.simulate(np.ones((2, 1, 2)) * np.asarray(game.usable), jax.random.key(0), 1, 1)


@pytest.mark.parametrize(("toll", "why"), [
    ("x", "is 'x', not a number"), (True, "is True, not a number"),
    (None, "is None, not a number"), (float("nan"), "is nan, not a finite number"),
    (-3, "is -3, but it must not be negative")])
def test_a_toll_is_a_number(toll: object, why: str) -> None:
    with pytest.raises(InputError) as refused:
        roads(tolls={(1, 3): toll})
    assert str(refused.value) == f"tolls[(1, 3)] {why}"


@pytest.mark.parametrize(("given", "why"), [
    ({"demand": []}, "demand is empty"),
    ({"link_ids": [1, 2, float("nan")]}, "link_ids holds nan,"),
    ({"policies": None}, "unknown policies None; known: agent, destination, type"),
    ({"node_names": ["A", "", "C"]}, "node_names holds ''"),
    ({"costs": pt.link_costs.bpr([1, 1e308, 1], 1)}, r"costs\[link=1\] of 5 agents is .*too large"),
    ({"distance_costs": [1e306] * 3}, r"costs\[link=0\] of 5 agents is 1e\+306, too large")])
def test_the_culprit_is_named(given: dict, why: str) -> None:
    with pytest.raises(InputError, match=why):
        roads(**given)


def test_links_are_called_by_ends_or_ids() -> None:
    game = roads(link_ids=["in", "out", "past"], tolls={"past": 2.0})
    assert game.tolls.tolist() == [0, 0, 2]
    assert game.tolled({"in": 1.0, (2.0, 3.0): 3}).tolls.tolist() == [1, 3, 2]
    assert game.without("past").link_ids == ("in", "out")
    assert roads().without(3).links.tolist() == [[1, 2], [2, 3]]
    profile = game.initial_profile("uniform", 0)
    assert game.select_link(profile, (1.0, 3.0)).equals(game.select_link(profile, "past"))
    for link, why in (([], "link is empty"), ((1.5, 2), "link holds float64"),
                      ("outt", "there is no link with the id 'outt'; did you mean 'out'")):
        with pytest.raises(InputError, match=why):
            game.without(link)


def test_costs_are_of_a_class_that_jax_knows() -> None:
    class Mine(Polynomial):
        pass

    with pytest.raises(InputError, match="costs is a Mine, a class that JAX does not know"):
        roads(costs=Mine(np.ones((3, 2))))


def test_closed_nodes_are_there_and_may_go() -> None:
    with pytest.raises(InputError, match="closed holds the node 9, which no link touches"):
        roads(closed=[2, 9])
    closed = roads(closed=[2])
    assert closed.without((1, 2)).closed.tolist() == [2]
    open_again = pt.RoutingGame.from_links([*LINKS, (1, 4)], pt.link_costs.polynomial(
        [[1.0, 1.0]] * 4), [(1, 3, 5)], closed=[2, 4]).without((1, 4))
    assert open_again.closed.tolist() == [2]


def test_tolls_are_no_true_and_false() -> None:
    """[links] of them would read as tolls of 1, where which links are tolled was meant."""
    game = pt.games.make("braess")
    with pytest.raises(pt.InputError, match=r"^tolls holds true and false, not numbers$"):
        game.tolled(np.ones(len(game.links), bool))


@pytest.mark.parametrize(("change", "why"), [
    (lambda game: game.demand_times(2, (True, 3)), "^True is no node"),
    (lambda game: game.without((True, 3)), "^True is no node"),
    (lambda game: game.joined((True, 3), pt.link_costs.polynomial([[1.0]])), "^True is no node"),
    (lambda game: game.tolled({(np.True_, 3): 1.0}), "^True is no node"),
    (lambda game: game.tolled({(1, 3): 1.0, 3: 2.0}), "of a link that is named there before"),
    (lambda game: game.without((10**22, 3)), "link holds 1000.*, a whole number of more than 64")])
def test_a_link_is_of_nodes_and_named_once(change: Callable[[pt.RoutingGame], object],
                                           why: str) -> None:
    with pytest.raises(InputError, match=why):
        change(roads())


def test_staying_at_home_costs_what_sums_can_hold() -> None:
    for given, name in ((1e300, "at_home"), ([1e300], r"at_home\[0\]"),
                        ({(1, 3): 1e300}, r"at_home\[\(1, 3\)\]")):
        with pytest.raises(InputError, match=rf"^{name} is 1e\+300, too much for sums over trips"):
            roads(at_home=given)


def test_what_cuts_trips_off_is_named() -> None:
    """Also where the last link of a node goes, so that it is there no more."""
    game = pt.RoutingGame.from_links([(1, 2), (2, 3)], pt.link_costs.polynomial([[1.0, 1.0]] * 2),
                                     [(1, 3, 5)], node_names=["A", "B", "C"])
    for link, told in ((("A", "B"), r"\('A', 'B'\)"), (2, "2")):
        with pytest.raises(InputError, match=rf"^destination C cannot be reached from origin A "
                                             rf"without the link {told}$"):
            game.without(link)
