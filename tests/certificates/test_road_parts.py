"""A certificate of roads by destination says the same however many destinations are worked on at
once."""

from __future__ import annotations

import numpy as np
import pytest

from potentia import games, solve
from potentia.certificates import road_trips, roads
from potentia.rules import ProjectedNewton


@pytest.fixture(scope="module")
def solved():
    return solve(games.make("sioux-falls", n_agents=3000, policies="destination"),
                 ProjectedNewton(), initial="uniform", max_iterations=5, check_every=5,
                 progress=False)


@pytest.mark.parametrize("kept", [0, 500, 1 << 20])
@pytest.mark.parametrize("at_once", [200, 3_000, 20_000])
def test_gains_of_few_destinations_at_once_are_those_of_all(at_once, kept, solved,
                                                            monkeypatch) -> None:
    whole = roads.gains(solved.game, solved.profile)
    assert len(road_trips.parts_of(solved.game)) == 1
    monkeypatch.setattr(road_trips, "AT_ONCE", at_once)
    monkeypatch.setattr(road_trips, "KEPT", kept)
    parts = road_trips.parts_of(solved.game)
    assert len(parts) > 1
    assert sorted(np.concatenate([part.types for part in parts])) == [
        *range(len(solved.game.trips.count))]
    found = roads.gains(solved.game, solved.profile)
    for name in ("lower", "upper", "value", "relative"):
        np.testing.assert_allclose(getattr(found, name), getattr(whole, name), rtol=1e-10,
                                   atol=1e-12)
    assert np.array_equal(found.walk, whole.walk)


@pytest.mark.parametrize(("n_agents", "looser"), [(3_000, False), (10**9, True)])
def test_bounds_that_need_no_path_of_each_type_hold_all_the_same(n_agents, looser,
                                                                 monkeypatch) -> None:
    """Each agent of very many is spared next to nothing by leaving itself out."""
    game = games.make("sioux-falls", n_agents=n_agents, policies="destination")
    result = solve(game, ProjectedNewton(), initial="uniform", max_iterations=5, check_every=5,
                   progress=False)
    found = roads.gains(result.game, result.profile)
    monkeypatch.setattr(roads, "LOOSE", 0.0)
    exact = roads.gains(result.game, result.profile)
    assert (found.lower <= exact.lower + 1e-12).all()
    assert (found.upper >= exact.upper - 1e-12).all()
    assert exact.relative <= found.relative <= (1 + 1e-3) * exact.relative + 1e-12
    assert bool((found.upper > exact.upper).any()) is looser
    assert np.array_equal(found.walk, exact.walk)
