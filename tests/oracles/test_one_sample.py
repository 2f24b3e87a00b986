"""One-sample estimates: right on average over what may be played, with errors where there are
some."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_sampled import cut_values, cyclic, exactly, many, one, random_profile

import potentia as pt
from potentia.oracles.playing import played

EPISODES, KEYS = 20_000, 8000
ZOO: dict[str, dict[str, Any]] = {
    "anonymous-congestion": {"n_agents": 2},
    "distancing": {"n_agents": 2, "discount": 0.6},
    "el-farol": {"n_agents": 2, "capacity": 1},
    "markov-routing": {"n_agents": 2, "representation": "loads"},
    "stochastic-congestion": {"n_agents": 2, "observe": "own"},
    "constrained-grid": {"size": 3, "horizon": 2},
}


def off(estimates: Any, truth: float) -> float:
    """By how many of its standard errors the mean differs from the truth."""
    told = np.asarray(estimates)
    return float(abs(told.mean() - truth) / (told.std(ddof=1) / np.sqrt(told.size)))


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("name", ZOO)
def test_agrees_with_exact_values_on_the_zoo(name: str) -> None:
    game: Any = pt.games.make(name, **ZOO[name])
    profile, mask = np.asarray(random_profile(game)), np.asarray(game.mask)
    found = one(pt.oracles.OneSample(EPISODES, horizon=40), game, profile)
    exact = exactly(game, profile)
    came = EPISODES * np.asarray(exact.visitation) * float(game.scale)
    tries = np.where(mask, came[..., None] * profile, 0)
    assert (tries >= 200).any()
    for estimate, truth, error, visits in ((found.q, exact.q, found.q_stderr, tries),
                                           (found.v, exact.v, found.v_stderr, came)):
        known = visits >= 200
        assert (np.abs(estimate - truth)[known] <= 4 * error[known] + found.bias + 1e-12).all()


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("explore", [0.0, 0.4])
def test_the_mean_over_keys_is_the_truth_of_a_single_episode(explore: float) -> None:
    """With a floor: v is of the own policy at the state, and of play with the floor later."""
    game = cyclic()
    profile = np.asarray(random_profile(game))
    oracle = pt.oracles.OneSample(episodes=1, horizon=6, explore=explore)
    runs = many(oracle, game, profile, KEYS)
    _, q = cut_values(game, np.asarray(played(profile, game.mask, explore)), 6)
    v = (profile * q).sum(axis=-1)
    assert np.isinf(runs.q_stderr).all()
    assert np.isinf(runs.v_stderr).all()
    came = np.asarray(runs.visitation) > 0
    for agent, state, action in np.argwhere(game.mask):
        told = runs.q[came[:, agent, state], agent, state, action]
        assert off(told, q[agent, state, action]) <= 4
    for agent, state in np.ndindex(2, 3):
        assert off(runs.v[came[:, agent, state], agent, state], v[agent, state]) <= 4


@pytest.mark.usefixtures("x64")
def test_an_action_that_was_not_played_is_worth_nothing_this_time() -> None:
    game = pt.MarkovGame.from_payoffs([[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]])
    profile = np.array([[[0.25, 0.75]], [[0.5, 0.5]]])
    found = one(pt.oracles.OneSample(), game, profile)
    for agent in range(2):
        values = np.sort(found.q[agent, 0])
        assert values[0] == 0.0
        np.testing.assert_allclose(found.v[agent, 0], (profile * found.q)[agent].sum())
    assert found.agent_steps == 2 * 39


@pytest.mark.usefixtures("x64")
def test_what_is_never_played_is_told_apart() -> None:
    game = cyclic()
    profile = np.zeros((2, 3, 3))
    profile[..., 0] = 1.0
    found = one(pt.oracles.OneSample(episodes=50), game, profile)
    unplayed = np.broadcast_to(found.v[..., None], profile.shape)[profile == 0]
    np.testing.assert_array_equal(found.q[profile == 0], unplayed)
    assert np.isinf(found.q_stderr[profile == 0]).all()
    assert np.isfinite(found.q_stderr[profile == 1]).all()


@pytest.mark.usefixtures("x64")
def test_standard_errors_are_calibrated() -> None:
    game = cyclic()
    profile = np.asarray(random_profile(game))
    runs = many(pt.oracles.OneSample(episodes=300, horizon=6), game, profile, 400)
    value, q = cut_values(game, profile, 6)
    for z in ((runs.v[:, 0, 0] - value[0, 0]) / runs.v_stderr[:, 0, 0],
              (runs.q[:, 1, 2, 0] - q[1, 2, 0]) / runs.q_stderr[:, 1, 2, 0]):
        assert 0.9 <= np.mean(np.abs(z) < 1.96) <= 0.99
        assert 0.85 <= np.std(z) <= 1.15


@pytest.mark.parametrize(("parameters", "message"), [
    ({"episodes": 0}, "episodes is 0, but it must be at least 1"),
    ({"horizon": 0}, "horizon is 0, but it must be at least 1"),
])
def test_bad_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(pt.InputError, match=f"^{message}$"):
        pt.oracles.OneSample(**parameters)


def test_roads_are_refused() -> None:
    with pytest.raises(pt.InputError, match="the one-sample oracle learns from play"):
        pt.solve(pt.games.make("braess"), pt.rules.INPG(step_size=0.1), pt.oracles.OneSample())
