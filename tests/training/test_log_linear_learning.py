"""Log-linear policies by features that are a function: the step is INPG's where features can say
all, less where they cannot, and what features do not fit is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt

GRID = pt.simulators.make("crowded-grid", n_agents=4, size=3, horizon=8)
GAME = pt.games.make("random-potential", n_agents=2, n_states=3, discount=0.5, seed=1)
EXACT = np.asarray(GAME.evaluate(GAME.initial_profile("uniform", 0)).q)
ADVANTAGE = EXACT - EXACT.mean(axis=-1, keepdims=True)
VISITED = np.asarray(GAME.evaluate(GAME.initial_profile("uniform", 0)).visitation)


def entries(observation: Any, action: Any) -> Any:
    """One for each of 3 states and 2 actions."""
    return jax.nn.one_hot(2 * observation + action, 6)


def action_alone(observation: Any, action: Any) -> Any:
    return jax.nn.one_hot(action, 2)


def seen_and_done(observation: Any, action: Any) -> Any:
    """What is seen on the grid, for each of 5 moves."""
    return jnp.outer(jax.nn.one_hot(action, 5), jnp.append(observation, 1.0)).ravel()


def one_step(features: Any, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean log-policies [N, H, A] after a step from the uniform profile, and standard errors."""
    learner = pt.learners.LogLinearNPG(features, episodes=1000, step_size=size, damping=1e-6,
                                       longest=1e3, trace=1.0)
    logs = np.log(pt.train(GAME, learner, updates=1, runs=16).profile)
    return logs.mean(axis=0), logs.std(axis=0, ddof=1) / 4


def softmax_log(logits: np.ndarray) -> np.ndarray:
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def test_with_one_feature_for_each_entry_it_is_the_step_of_inpg() -> None:
    """Within four standard errors everywhere, which are less than a tenth of the step."""
    found, error = one_step(entries, 0.3)
    exact = softmax_log(0.3 * ADVANTAGE)
    assert (np.abs(found - exact) <= 4 * error + 1e-4).all()
    assert error.max() < 0.1 * np.abs(exact - np.log(0.5)).max()


def test_what_features_cannot_say_is_their_nearest_by_visits() -> None:
    """The same preference in every state: the mean advantage, weighted by discounted visits."""
    found, error = one_step(action_alone, 0.3)
    shares = VISITED / VISITED.sum(axis=1, keepdims=True)
    exact = softmax_log(0.3 * np.einsum("nh,nha->na", shares, ADVANTAGE))[:, None]
    assert (np.abs(found - exact) <= 4 * error + 1e-4).all()
    assert (error < 0.02).all()


def test_it_comes_near_an_equilibrium_that_is_certified() -> None:
    game = pt.games.make("stochastic-congestion", n_agents=2)
    several, actions = game.mask.shape[1:]

    def one_each(observation: Any, action: Any) -> Any:
        return jax.nn.one_hot(observation * actions + action, several * actions)

    found = pt.train(game, pt.learners.LogLinearNPG(one_each, episodes=64), updates=60)
    assert pt.certify(game, found.profile).nash_gap < 0.02


def test_on_a_grid_features_of_numbers_serve() -> None:
    found = pt.train(GRID, pt.learners.LogLinearNPG(seen_and_done, episodes=64), updates=20)
    assert found.returns[-5:].mean() > found.returns[:2].mean() + 0.2
    assert found.final.memory["policy"].shape == (1, 4, 40)


def test_observations_come_as_the_simulator_gives_them() -> None:
    seen = []

    class Square:
        action_counts, horizon, discount = (2, 3), 3, 0.9

        def reset(self, key: Any) -> Any:
            return jnp.zeros((), jnp.int32)

        def step(self, state: Any, actions: Any, key: Any) -> Any:
            return state + 1, actions.astype(jnp.float32), jnp.array(False)

        def observe(self, state: Any) -> Any:
            return jnp.full((2, 2, 2), state)

    def told(observation: Any, action: Any) -> Any:
        seen.append((observation.shape, observation.dtype))
        return jnp.array([action, observation[1, 0]])

    found = pt.train(Square(), pt.learners.LogLinearNPG(told, episodes=8), updates=4)
    assert set(seen) == {((2, 2), np.dtype(np.int32))}
    chances = found.policy()(np.zeros((2, 2, 2)))
    assert chances[0, 1] > 0.5                      # the larger action pays more
    assert chances[1].argmax() == 2
    np.testing.assert_array_equal(chances[0, 2], 0)


@pytest.mark.parametrize(("features", "says"), [
    (3, "features is 3, but a function of an observation and an action was expected"),
    (lambda o, a: o @ o @ o, r"features cannot be computed by JAX of an observation \[7\]"),
    (lambda o, a: jnp.outer(o, o), r"features gives shape \[7, 7\], but numbers \[F\]"),
    (lambda o, a: [a], r"features gives list, but numbers \[F\]"),
    (lambda o, a: o + 1j, r"^features gives complex64, but real numbers \[F\]"),
    (lambda o, a: jax.random.split(jax.random.key(0)), r"^features gives key<fry>, but real"),
    (lambda o, a: o[:0], r"^features gives shape \[0\]")])
def test_features_that_do_not_fit_are_named(features: Any, says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        pt.train(GRID, pt.learners.LogLinearNPG(features), updates=1)


@pytest.mark.parametrize(("options", "says"), [
    ({"episodes": 0}, "episodes"), ({"step_size": 0}, "step_size"), ({"damping": -1}, "damping"),
    ({"longest": 0}, "longest"), ({"trace": 2}, "trace is 2")])
def test_its_numbers_are_checked(options: dict[str, Any], says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        pt.learners.LogLinearNPG(entries, **options)


def test_features_are_given_again_when_a_training_is_loaded(tmp_path: Path) -> None:
    learner = pt.learners.LogLinearNPG(seen_and_done, episodes=8)
    found = pt.train(GRID, learner, updates=2, checkpoint=tmp_path / "kept")
    with pytest.raises(pt.InputError, match="'LogLinearNPG' that is, or has a function of, a user"):
        pt.load(tmp_path / "kept")
    loaded = pt.load(tmp_path / "kept", learner=learner)
    np.testing.assert_array_equal(loaded.policy()(np.zeros((4, 7))),
                                  found.policy()(np.zeros((4, 7))))
    other = pt.learners.LogLinearNPG(lambda o, a: 2 * seen_and_done(o, a), episodes=8)
    with pytest.raises(pt.InputError, match=r"features is 'seen_and_done .*', not '<lambda>"):
        pt.train(GRID, other, updates=3, checkpoint=tmp_path / "kept", resume=True)
    after = pt.train(GRID, learner, updates=3, checkpoint=tmp_path / "kept", resume=True)
    np.testing.assert_array_equal(after.returns, pt.train(GRID, learner, updates=3).returns)
