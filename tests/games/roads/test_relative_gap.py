"""The relative gap that a solve of roads may stop at: by the loop, by the certificate, and by
listing all paths."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt


def solved(game: pt.RoutingGame, **asked: object) -> pt.Result:
    return pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", check_every=10,
                    progress=False, **asked)


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_a_run_stops_at_the_relative_gap_and_its_certificate_says_so_too(policies: str) -> None:
    game = pt.games.make("sioux-falls", policies=policies, n_agents=36_060)
    result = solved(game, tolerance=None, relative_tolerance=1e-2)
    certificate = pt.certify(game, result)
    assert result.status is pt.Status.CONVERGED
    gaps = result.history["relative_gap"]
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


def test_other_games_have_none() -> None:
    game = pt.games.make("two-link-congestion")
    assert pt.certify(game, game.initial_profile("uniform", None)).relative_gap is None
    with pytest.raises(pt.InputError, match=r"^relative_tolerance goes with a RoutingGame, but "
                                            r"game is a MarkovGame$"):
        solved(game, relative_tolerance=1e-3)
    with pytest.raises(pt.InputError, match=r"^relative_tolerance is -1, "):
        solved(pt.games.make("pigou"), relative_tolerance=-1)
