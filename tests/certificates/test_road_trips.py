"""Where trips pass is what a linear system says."""

from __future__ import annotations

import numpy as np
import pytest

from potentia import games
from potentia.certificates import road_trips


@pytest.mark.parametrize("policies", ["type", "destination"])
def test_probabilities_solve_the_system_of_a_random_policy(policies: str) -> None:
    game = games.make("sioux-falls", n_agents=300, policies=policies)
    policy = np.asarray(game.initial_profile("random", 3))[:, 0]
    n_rows, start = len(policy), np.asarray(game.trips.start)
    led = np.zeros((n_rows + 1, n_rows + 1))
    np.add.at(led, (np.asarray(game.rows.following), np.arange(n_rows)[:, None]), policy)
    expected = np.linalg.solve(np.eye(n_rows) - led[:-1, :-1], start / start.max())
    found = road_trips.passed(game, policy, start / start.max())[:, 0]
    assert (found > 0).sum() > (start > 0).sum()
    np.testing.assert_allclose(found, np.minimum(expected, 1.0), rtol=1e-12, atol=1e-14)
