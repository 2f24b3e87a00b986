"""Rollouts of geometric lengths: unbiased up to the cap, with the errors and steps they state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_sampled import cut_values, cyclic, exactly, many, network, one, random_profile, within

import potentia as pt

EPISODES, KEYS = 20_000, 4000
# One of each representation; tables that go on for ever are `cyclic`, below.
ZOO: dict[str, dict[str, Any]] = {
    "anonymous-congestion": {"n_agents": 2, "discount": 0.6},
    "distancing": {"n_agents": 2, "discount": 0.6},
    "markov-routing": {"n_agents": 2, "representation": "loads", "discount": 0.6},
    "stochastic-congestion": {"n_agents": 2, "discount": 0.6, "observe": "own"},
}


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("name", ZOO)
def test_agrees_with_exact_values_on_the_zoo(name: str) -> None:
    game: Any = pt.games.make(name, **ZOO[name])
    profile = random_profile(game)
    found, exact = one(pt.oracles.Rollouts(EPISODES, cap=20), game, profile), exactly(game, profile)
    came, mask = EPISODES * np.asarray(exact.visitation), np.asarray(game.mask)
    assert found.bias < 1e-3 * float(game.reward_bound) * float(game.scale)
    tries = np.where(mask, came[..., None] * np.asarray(profile), 0)
    assert (tries >= 100).any()
    for estimate, truth, error, visits in ((found.q, exact.q, found.q_stderr, tries),
                                           (found.v, exact.v, found.v_stderr, came)):
        known = visits >= 100
        assert (np.abs(estimate - truth)[known] <= 4 * error[known] + found.bias + 1e-12).all()
    counted = np.sqrt(exact.visitation * (1 - exact.visitation) / EPISODES)
    assert (np.abs(found.visitation - exact.visitation) <= 4 * counted + 1e-12).all()


@pytest.mark.usefixtures("x64")
def test_the_mean_over_keys_is_the_truth_however_few_the_episodes() -> None:
    game = cyclic(discount=0.5)
    profile = np.asarray(random_profile(game))
    exact = exactly(game, profile)
    runs = many(pt.oracles.Rollouts(episodes=2, cap=25), game, profile, KEYS)
    assert np.isinf(runs.v_stderr).any()
    for agent in range(2):
        for state in range(3):
            told = np.asarray(runs.v)[:, agent, state]
            told = told[np.asarray(runs.visitation)[:, agent, state] > 0]
            error = told.std(ddof=1) / np.sqrt(told.size)
            assert abs(told.mean() - exact.v[agent, state]) <= 4 * error


@pytest.mark.usefixtures("x64")
def test_standard_errors_are_calibrated() -> None:
    game = cyclic(discount=0.5)
    profile = np.asarray(random_profile(game))
    runs = many(pt.oracles.Rollouts(episodes=200, cap=25), game, profile, 400)
    exact = exactly(game, profile)
    z = (runs.v[:, 0, 0] - exact.v[0, 0]) / runs.v_stderr[:, 0, 0]
    assert 0.9 <= np.mean(np.abs(z) < 1.96) <= 0.99
    assert 0.85 <= np.std(z) <= 1.15


@pytest.mark.usefixtures("x64")
def test_the_cap_biases_as_much_as_it_says() -> None:
    game = cyclic()
    profile = np.asarray(random_profile(game))
    found = one(pt.oracles.Rollouts(40_000, cap=4), game, profile)
    value, q = cut_values(game, profile, 4)
    exists = np.asarray(game.mask)
    within(found.v, value.T, found.v_stderr)
    within(found.q[exists], q[exists], found.q_stderr[exists])
    gap = np.abs(value.T - exactly(game, profile).v)
    assert (gap > 5 * found.v_stderr).any()                   # so that the cap is indeed seen
    assert (gap <= found.bias).all()
    np.testing.assert_allclose(found.bias, 0.8**4 * np.abs(game.rewards).max() / 0.2, rtol=1e-12)
    np.testing.assert_allclose(found.visitation.sum(axis=1), 1 - 0.8**4, atol=0.01)


@pytest.mark.usefixtures("x64")
def test_play_that_ends_is_not_biased() -> None:
    game = network(discount=0.7)
    profile = random_profile(game)
    found, exact = one(pt.oracles.Rollouts(EPISODES, cap=3), game, profile), exactly(game, profile)
    assert found.bias == 0
    within(found.v, np.asarray(exact.v), found.v_stderr, EPISODES * np.asarray(exact.visitation))
    np.testing.assert_allclose(found.visitation.sum(axis=1), 1, atol=1e-12)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize(("discount", "steps"), [(0.0, 1.0), (0.5, 3.0)])
def test_it_counts_the_steps_that_it_drew(discount: float, steps: float) -> None:
    """discount/(1-discount) before the visit, and 1/(1-discount) from it on."""
    game = pt.MarkovGame.from_arrays(np.full((1, 1, 2), 3.0), np.zeros((1, 2), int),
                                     discount=discount)
    found = one(pt.oracles.Rollouts(EPISODES, cap=60), game, np.full((1, 1, 2), 0.5))
    np.testing.assert_allclose(found.agent_steps / EPISODES, steps, rtol=0.03)
    np.testing.assert_allclose(found.v, 3.0 / (1 - discount), rtol=0.03)


@pytest.mark.parametrize(("parameters", "message"), [
    ({"episodes": 0}, "episodes is 0, but it must be at least 1"),
    ({"cap": 0}, "cap is 0, but it must be at least 1"),
    ({"cap": 2.5}, "cap is 2.5, not a whole number"),
])
def test_bad_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(pt.InputError, match=f"^{message}$"):
        pt.oracles.Rollouts(**parameters)


@pytest.mark.parametrize(("game", "message"), [
    ("braess", "^the rollouts oracle learns from play through joint states, but a RoutingGame has"),
    ("constrained-grid", "^the rollouts oracle stops with probability 1 - discount at each step"),
])
def test_games_that_it_cannot_play_are_refused(game: str, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.solve(pt.games.make(game), pt.rules.INPG(step_size=0.1), pt.oracles.Rollouts())
