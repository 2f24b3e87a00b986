"""The relative gap that a solve of roads may stop at: by the loop, by the certificate, and by
listing all paths."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import potentia as pt


def solved(game: pt.RoutingGame, initial: object = "uniform", **asked: object) -> pt.Result:
    return pt.solve(game, pt.rules.AdaptiveINPG(), initial=initial, check_every=10,
                    progress=False, **asked)


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_a_run_stops_at_the_relative_gap_and_its_certificate_says_so_too(policies: str) -> None:
    game = pt.games.make("sioux-falls", policies=policies, n_agents=36_060)
    result = solved(game, tolerance=None, relative_tolerance=1e-2)
    certificate = pt.certify(game, result)
    assert result.status is pt.Status.CONVERGED
    gaps = result.history["relative_gap"] + result.history["relative_gap_error"]
    assert gaps[-1] <= 1e-2 < gaps[-2]
    assert certificate.relative_gap is not None
    # The loop bounds what it knows by destination only; the certificate tells types apart.
    assert certificate.relative_gap <= gaps[-1] * (1 + 1e-9)
    if policies == "type":
        assert certificate.relative_gap == pytest.approx(gaps[-1], rel=1e-9)


def test_the_certificate_bounds_what_all_would_gain_over_what_all_pay() -> None:
    game = pt.games.make("pigou", n_agents=10)
    profile = np.asarray(game.initial_profile("uniform", None))
    # Half of 10 agents take the road of cost x / 10, which costs each of them (1 + 9 / 2) / 10.
    gain, paid = (1 + 0.55) / 2 - 0.55, (1 + 0.55) / 2
    found = pt.certify(game, profile).relative_gap
    assert found == pytest.approx(gain / paid, rel=1e-11)
    assert found >= gain / paid
    assert float(game.relative_gap(profile)) == pytest.approx(gain / paid, rel=1e-13)


def test_free_roads_have_no_gap() -> None:
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.polynomial([[0.0], [0.0]]),
                                     [(1, 2, 3)])
    assert pt.certify(game, game.initial_profile("uniform", None)).relative_gap == 0
    assert solved(game, tolerance=None, relative_tolerance=0.0).status is pt.Status.CONVERGED


def test_no_run_converges_on_costs_that_xla_takes_for_0() -> None:
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)],
                                     pt.link_costs.polynomial([[2e-309], [1e-309]]), [(1, 2, 3)])
    result = solved(game, tolerance=None, relative_tolerance=1e-3)
    assert result.status is not pt.Status.CONVERGED
    if jax.default_backend() == "cpu":     # others may know such numbers, and learn
        assert pt.certify(game, result.profile).relative_gap == pytest.approx(1 / 3)
        assert result.status is pt.Status.UNVERIFIED


def test_other_games_have_none() -> None:
    game = pt.games.make("two-link-congestion")
    assert pt.certify(game, game.initial_profile("uniform", None)).relative_gap is None
    with pytest.raises(pt.InputError, match=r"^relative_tolerance goes with a RoutingGame, but "
                                            r"game is a MarkovGame$"):
        solved(game, relative_tolerance=1e-3)
    with pytest.raises(pt.InputError, match=r"^relative_tolerance is -1, "):
        solved(pt.games.make("pigou"), relative_tolerance=-1)


@pytest.mark.parametrize(("n_agents", "dear", "chance"), [(10, 2.154e23, 0.00191506),
                                                          (3, 1e40, 3.5e-9)])
def test_no_noise_of_dear_costs_is_a_gap_of_nothing(n_agents: int, dear: float,
                                                    chance: float) -> None:
    """Rounding once made the expected cost negative, and what is saved of that 0."""
    table = np.full((2, n_agents), 1e-3)
    table[0] = 0.0
    table[0, -1] = dear
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.tabulated(table),
                                     [(1, 2, n_agents)])
    result = solved(game, tolerance=None, relative_tolerance=1e-4, max_iterations=0,
                    initial=np.array([[[chance, 1 - chance]]]))
    assert result.status is pt.Status.MAX_ITERATIONS
    assert pt.certify(game, result).relative_gap > 0.1
    assert result.history["relative_gap_error"][-1] >= 0


def test_a_load_that_cannot_come_costs_nobody_anything() -> None:
    """No more than 3 agents come to roads of cost 1 + x and 5 + x, which cost 1e17 from 4 on."""
    table = np.array([[2.0, 3, 4, 1e17], [6.0, 7, 8, 1e17]])
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.tabulated(table),
                                     [(1, 2, 3)])
    profile = np.array([[[0.25, 0.75]]])
    # The others are 2; each is on the first road with 1/4.
    expected = 0.25 * (2 + 2 * 0.25) + 0.75 * (6 + 2 * 0.75)
    assert float(game.skims(profile)["cost"][0]) == pytest.approx(expected, rel=1e-14)
    assert float(game.relative_gap(profile)) == pytest.approx(1 - 2.5 / expected, rel=1e-13)
    result = solved(game, tolerance=None, relative_tolerance=1e-4)
    assert pt.certify(game, result).relative_gap <= 1e-4
    assert result.status is pt.Status.CONVERGED


@pytest.mark.parametrize(("n_agents", "status"), [(1_000_000, pt.Status.CONVERGED),
                                                  (60, pt.Status.UNVERIFIED)])
def test_by_destination_the_certificate_has_the_last_word(n_agents: int, status: pt.Status) -> None:
    """Both types share the last choice, and see a gap of nothing; what they add to the load
    themselves is much where they are few."""
    links = [(1, 2), (1, 3), (2, 4), (2, 4), (3, 4)]
    costs = pt.link_costs.bpr(np.array([1.0, 1, 1, 1.2, 2]),
                              n_agents * np.array([1.0, 1, 0.3, 0.2, 1]), 0.15, 4.0)
    game = pt.RoutingGame.from_links(links, costs, [(1, 4, n_agents // 2), (2, 4, n_agents // 2)],
                                     policies="destination")
    result = solved(game, tolerance=None, relative_tolerance=1e-5, max_iterations=500)
    bound = pt.certify(game, result).relative_gap
    assert result.status is status, result.message
    assert (bound <= 1e-5) == (status is pt.Status.CONVERGED)
    assert result.history["relative_gap"][-1] <= 0.5e-5
    assert ("certify bounds it by" in result.message) == (status is pt.Status.UNVERIFIED)
