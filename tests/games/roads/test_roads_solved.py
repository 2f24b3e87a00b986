"""Roads solved from end to end: known equilibria, changing bushes, what survives an
interruption."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.welfare import traffic

FLOWS = Path(__file__).resolve().parents[4] / "shared/data/tntp/SiouxFalls_flow.tntp"
# Transportation Networks for Research: totals at the user equilibrium and at the system optimum.
USER_TOTAL, SYSTEM_TOTAL = 7_480_225.34, 7_194_256.05


def learnt(game: pt.RoutingGame, iterations: int, **options: object) -> pt.Result:
    return pt.solve(game, pt.rules.AdaptiveINPG(), max_iterations=iterations, progress=False,
                    **{"initial": "uniform", "tolerance": 1e-9, "check_every": 500, **options})


@pytest.fixture(scope="module")
def sioux_falls() -> pt.RoutingGame:
    return pt.games.make("sioux-falls")


@pytest.fixture(scope="module")
def solved(sioux_falls: pt.RoutingGame) -> pt.Result:
    return learnt(sioux_falls, 500)


def test_sioux_falls_is_solved_without_being_told_the_answer(sioux_falls, solved) -> None:
    certificate = pt.certify(sioux_falls, solved.profile)
    assert sioux_falls.relative_gap(solved.profile) < 1e-5
    assert certificate.nash_gap == pytest.approx(solved.history["nash_gap"][-1], abs=1e-9)
    assert certificate.nash_gap < 0.2                # of trips that cost 20 on average
    total = sioux_falls.total_travel_time(solved.profile)
    assert total == pytest.approx(USER_TOTAL, rel=2e-3)
    assert sioux_falls.expected_travel_time(solved.profile) > total


def off_the_published_flows(game: pt.RoutingGame, result: pt.Result) -> float:
    """The share of the published flows that flows lie apart from them, over all links."""
    from potentia.io.tntp import read_flows
    links, volume, _ = read_flows(FLOWS)
    np.testing.assert_array_equal(links, game.links)
    return np.abs(game.link_flows(result.profile) - volume).sum() / volume.sum()


@pytest.mark.skipif(not FLOWS.exists(),
                    reason=f"the published flows are not at {FLOWS.name}'s place")
def test_flows_are_those_that_were_published(sioux_falls, solved) -> None:
    assert sioux_falls.n_agents == 3606
    assert off_the_published_flows(sioux_falls, solved) < 6e-3
    many = pt.games.make("sioux-falls", n_agents=360_600)
    assert off_the_published_flows(many, learnt(many, 700)) < 1e-4


def test_the_first_bush_alone_gives_another_game(sioux_falls) -> None:
    """Without reorientation the agents settle on the links of free roads, which the certificate
    does not accept."""
    stuck = pt.games.make("sioux-falls", reorient_every=100_000)
    result = learnt(stuck, 400)
    within = np.asarray(result.profile)[~np.asarray(stuck.mask)]
    assert (within == 0).all()
    assert pt.certify(stuck, result.profile).nash_gap > 10
    assert sioux_falls.relative_gap(result.profile) > 1e-2


def test_values_of_a_bush_that_changed_are_those_of_the_first_game(sioux_falls, solved) -> None:
    outside = (np.asarray(solved.profile) > 0) & ~np.asarray(sioux_falls.mask)
    assert outside.any()
    evaluation = sioux_falls.evaluate(solved.profile)
    held = sioux_falls.holding(solved.profile)
    np.testing.assert_allclose(evaluation.v[sioux_falls.trips.row, 0],
                               pt.certify(held, solved.profile).values, rtol=1e-12)


@pytest.mark.parametrize(("game", "total"), [
    ({"n_agents": 6}, 7308 / 13), ({"n_agents": 6, "link": False}, 531.0),
    ({"n_agents": 6000, "link": False}, 498.033)])
def test_braess_from_a_uniform_start_is_the_mixed_equilibrium(game: dict, total: float) -> None:
    braess = pt.games.make("braess", **game)
    profile = learnt(braess, 300).profile
    assert braess.expected_travel_time(profile) == pytest.approx(total, abs=1e-9 * total)


@pytest.mark.parametrize(("link", "total"), [(True, 552.0), (False, 498.0)])
def test_braess_with_policies_of_their_own_is_the_pure_equilibrium(link: bool,
                                                                   total: float) -> None:
    braess = pt.games.make("braess", link=link, policies="agent")
    result = learnt(braess, 2000, initial="random", tolerance=1e-10)
    assert braess.expected_travel_time(result.profile) == pytest.approx(total, abs=1e-7)


def test_braess_in_the_limit_of_many() -> None:
    braess = pt.games.make("braess", n_agents=6000)
    # Of the three paths a, b, a: 10 (w + 5.999 (a + b)) + 50 + w + 5.999 a is alike, with w =
    # 1/1000.
    total = braess.expected_travel_time(learnt(braess, 300).profile)
    assert total == pytest.approx(552.010153846, abs=1e-8)


@pytest.mark.parametrize("power", [1, 3])
def test_pigou_ends_on_the_second_road(power: int) -> None:
    pigou = pt.games.make("pigou", n_agents=50, power=power)
    everybody = np.zeros_like(pigou.initial_profile("uniform", None))
    everybody[..., 1] = 1.0
    assert pt.certify(pigou, everybody).nash_gap < 1e-11
    assert pigou.total_travel_time(everybody) == pytest.approx(1.0, abs=1e-12)
    found = traffic.report(pigou, everybody, iterations=2000)
    price = 1 / (1 - power / (power + 1) ** (1 + 1 / power))
    assert found.price - 0.02 <= price <= found.price_above + 0.02


def test_the_optimum_of_sioux_falls_lies_between_its_bounds(sioux_falls, solved) -> None:
    found = traffic.report(sioux_falls, solved.profile, iterations=300)
    assert found.optimum_below < SYSTEM_TOTAL < found.optimum * (1 + 1e-3)
    assert found.optimum < found.expected_travel_time
    assert found.price < USER_TOTAL / SYSTEM_TOTAL < found.price_above
    assert "price of anarchy" in str(found)


def test_tolls_of_the_optimum_make_it_an_equilibrium() -> None:
    pigou = pt.games.make("pigou", n_agents=2000)
    best = traffic.optimum(pigou, 2000)
    tolled = pigou.tolled(pigou.marginal_tolls(best))
    assert pigou.wardrop_gap(best) > 0.2
    assert tolled.wardrop_gap(best) < 2e-3


def test_runs_differ_and_each_has_a_bush_of_its_own() -> None:
    game = pt.games.make("sioux-falls", n_agents=300)
    result = learnt(game, 150, initial="random", runs=2, check_every=150)
    assert not np.allclose(result.profile[0], result.profile[1])
    alone = learnt(game, 150, initial="random", check_every=50)
    # other chunks, other company, same bits
    np.testing.assert_array_equal(alone.profile, result.profile[0])


def test_a_solve_that_changes_its_bush_is_resumed_to_the_same_bits(tmp_path: Path) -> None:
    game = pt.games.make("sioux-falls", n_agents=300)
    whole = learnt(game, 250, check_every=50, tolerance=None)
    learnt(game, 120, check_every=50, tolerance=None, checkpoint=tmp_path / "checkpoint")
    resumed = learnt(game, 250, check_every=50, tolerance=None, checkpoint=tmp_path / "checkpoint",
                     resume=True)
    np.testing.assert_array_equal(whole.profile, resumed.profile)
    np.testing.assert_array_equal(whole.history["policy_step"], resumed.history["policy_step"])


def test_the_distance_to_the_last_profile_is_replayed_through_changing_bushes() -> None:
    game = pt.games.make("sioux-falls", n_agents=300)
    result = learnt(game, 130, check_every=130, tolerance=None, l1_accuracy=True)
    assert result.history["l1_accuracy"][-1] == 0
    np.testing.assert_allclose(result.history["l1_accuracy"][-2], result.history["policy_step"][-1],
                               rtol=1e-12)


def test_a_solve_goes_on_from_a_profile_outside_the_first_bush(sioux_falls, solved) -> None:
    again = learnt(sioux_falls, 100, initial=solved.profile, tolerance=None)
    assert again.history["nash_gap"][0] == pytest.approx(solved.history["nash_gap"][-1], rel=1e-9)


def test_destinations_share_their_rows_and_the_certificate_is_by_type() -> None:
    game = pt.games.make("sioux-falls", n_agents=360_600, policies="destination")
    result = learnt(game, 400)
    certificate = pt.certify(game, result.profile)
    assert len(certificate.per_agent) == 528
    assert game.relative_gap(result.profile) < 5e-4
    assert (certificate.per_agent_lower <= certificate.per_agent).all()
    assert certificate.nash_gap_lower >= 0
