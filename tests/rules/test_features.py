"""Rules with features: with one for each entry they are the tabular ones; with fewer, a regression
that NumPy does, too."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.rules.base import View

GAME = pt.games.make("stochastic-congestion", n_agents=3)


def solved(rule: object, game: object = GAME) -> np.ndarray:
    return pt.solve(game, rule, initial="random", seed=1, max_iterations=40, tolerance=None).profile


def one_hot(game: object) -> np.ndarray:
    _, states, actions = np.asarray(game.mask).shape
    return np.eye(states * actions).reshape(states, actions, -1)


@pytest.mark.parametrize("name", ["stochastic-congestion", "coordination"])
def test_with_one_feature_for_each_entry_it_is_inpg(name: str) -> None:
    game = pt.games.make(name)
    known = solved(pt.rules.INPG(step_size=0.02), game)
    for features in (None, one_hot(game), np.stack([one_hot(game)] * game.n_agents)):
        found = solved(pt.rules.LogLinearINPG(step_size=0.02, features=features), game)
        assert abs(found - known).max() < 1e-10


def test_linear_values_with_one_feature_for_each_entry_are_q_ascent() -> None:
    known = solved(pt.rules.QAscent(step_size=0.02))
    found = solved(pt.rules.LinearQ(step_size=0.02, features=one_hot(GAME)))
    assert abs(found - known).max() < 1e-10


def test_each_agent_has_its_own_features() -> None:
    shape = np.asarray(GAME.mask).shape
    features = np.random.default_rng(0).normal(size=(*shape, 4))
    found = solved(pt.rules.LogLinearINPG(step_size=0.02, features=features))
    turned = solved(pt.rules.LogLinearINPG(step_size=0.02, features=features[::-1]))
    assert abs(found - turned).max() > 1e-3


def test_the_step_is_the_compatible_regression() -> None:
    draw = np.random.default_rng(3)
    policy, q = draw.dirichlet(np.ones(3), size=4), draw.normal(size=(4, 3))
    visits, features = draw.dirichlet(np.ones(4)), draw.normal(size=(4, 3, 2))
    v = (policy * q).sum(axis=1)
    view = View(q=jnp.asarray(q), v=jnp.asarray(v), visitation=jnp.asarray(visits),
                mask=jnp.ones((4, 3), bool), scale=jnp.asarray(10.0))
    rule = pt.rules.LogLinearINPG(step_size=0.1, features=features)
    with jax.enable_x64(True):
        moved, _ = rule.update(jnp.log(policy), None, view, jnp.asarray(0), jax.random.key(0))
    centred = features - (policy[..., None] * features).sum(axis=1, keepdims=True)
    weight = np.sqrt(visits[:, None] * policy).ravel()
    numbers = np.linalg.lstsq(weight[:, None] * centred.reshape(-1, 2),
                              weight * (q - v[:, None]).ravel())[0]
    wanted = policy * np.exp(0.1 * 10.0 * features @ numbers)
    np.testing.assert_allclose(np.exp(moved), wanted / wanted.sum(axis=1, keepdims=True), atol=1e-6)


@pytest.mark.parametrize(("features", "says"), [
    (np.ones((2, 2)), "features must be numbers"),
    ("x", "features must be numbers"),
    (np.ones((10, 2, 1), complex), "features must be numbers"),
    (np.full((10, 2, 1), "1"), "features must be numbers"),
    (np.full((10, 2, 1), np.nan), r"features\[0, 0, 0\] is not finite"),
    (np.ones((4, 18, 2, 2)), "features are of 4 agents, but the game has 3"),
    (np.ones((5, 2, 1)), r"features are of \[5, 2\] information states and actions"),
])
@pytest.mark.parametrize("rule", [pt.rules.LogLinearINPG, pt.rules.LinearQ])
def test_features_that_do_not_fit_are_named(rule: type, features: object, says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        solved(rule(step_size=0.1, features=features))
