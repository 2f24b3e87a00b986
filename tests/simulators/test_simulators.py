"""Simulators: what they must hold to, those that come with Potentia, and tables as simulators."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.simulators.contract import checked
from potentia.training.play import episodes


class Counter:
    """Two agents count; what both do is paid."""

    action_counts = (2, 3)
    horizon = 4
    discount = 0.5

    def reset(self, key: Any) -> Any:
        return jnp.zeros((), jnp.int32)

    def step(self, state: Any, actions: Any, key: Any) -> Any:
        return state + 1, actions.astype(jnp.float32), state >= 2

    def observe(self, state: Any) -> Any:
        return jnp.full((2, 1), state, jnp.float32)


def uniform(features: Any) -> Any:
    return jnp.zeros((*features.shape[:2], 3))


@pytest.mark.parametrize("name", pt.simulators.names())
def test_those_with_a_name_hold_to_the_contract(name: str) -> None:
    simulator = pt.simulators.make(name)
    facts = checked(simulator)
    assert isinstance(simulator, pt.Simulator)
    assert facts.name == name
    play = episodes(simulator, facts, lambda seen: jnp.zeros(
        (*seen.shape[:2], facts.n_actions)), jax.random.key(0), 8)
    assert np.isfinite(play.rewards).all()
    assert len(np.unique(np.asarray(play.actions))) == facts.n_actions


def test_episodes_end_where_the_game_does() -> None:
    facts = checked(Counter())
    play = episodes(Counter(), facts, uniform, jax.random.key(0), 50)
    np.testing.assert_array_equal(np.asarray(play.alive).mean(axis=1), [1, 1, 1, 0])
    np.testing.assert_array_equal(np.asarray(play.ended).mean(axis=1), [0, 0, 1, 0])
    assert np.asarray(play.actions)[..., 0].max() == 1            # agent 0 has two actions only
    assert (np.asarray(play.rewards)[3] == 0).all()
    weight = 0.5 ** np.arange(4)[:, None, None]
    np.testing.assert_allclose(play.returns(0.5), (weight * np.asarray(play.rewards)).sum(axis=0))


def own(**members: Any) -> Any:
    return type("Own", (Counter,), members)()


@pytest.mark.parametrize(("simulator", "says"), [
    (object(), "has no action_counts"),
    (own(action_counts=()), "action_counts is"),
    (own(action_counts=(2, 0)), r"action_counts\[1\]"),
    (own(horizon=0), "Own.horizon is 0"),
    (own(discount=1.5), "Own.discount is 1.5"),
    (own(discount=np.nan), "Own.discount is nan"),
    (own(reset=lambda self, key: 1 / 0), "Own.reset failed: ZeroDivisionError"),
    (own(observe=lambda self, state: jnp.zeros((3, 1))), r"Own.observe has shape \[3, 1\]"),
    (own(observe=lambda self, state: jnp.zeros(2, jnp.int32)), "Own.n_observations must say"),
    (own(step=lambda self, state, actions, key: (state, jnp.zeros(3), False)),
     r"the rewards of Own.step has shape \[3\]"),
    (own(step=lambda self, state, actions, key: (state, jnp.zeros(2))),
     "Own.step gives tuple of 2"),
    (own(step=lambda self, state, actions, key: (jnp.zeros(2), jnp.zeros(2), jnp.array(False))),
     "shapes and types must stay"),
    (own(legal=lambda self, state: jnp.ones((2, 2), bool)), r"Own.legal has shape \[2, 2\]"),
    (Counter, r"simulator is the class Counter, but an instance was expected, such as Counter\(\)"),
    (own(n_observations=2), r"Own.n_observations is 2, so that Own.observe must give whole numbers "
                            r"\[N\], but it gives float32 \[2, 1\]"),
    (own(n_observations=(2,)), r"Own.n_observations is \(2,\), not a whole number"),
    (own(n_observations=0, observe=lambda self, state: jnp.zeros(2, jnp.int32)),
     "Own.n_observations is 0, but it must be at least 1"),
    (own(observation_shape=(2,)), r"Own.observation_shape is \(2,\), but Own.observe gives each "
                                  r"agent \(1,\)"),
    (own(observe=lambda self, state: jnp.zeros((2, 0))), "in which agents see nothing"),
    (own(observe=lambda self, state: jnp.zeros((2, 1), complex)), "Own.observe gives complex64"),
    (own(observe=lambda self, state: jax.random.split(jax.random.key(0))), "Own.observe gives key"),
    (own(step=lambda self, state, actions, key: (state, jnp.zeros(2, complex), False)),
     "the rewards of Own.step gives complex64, but real numbers were expected"),
    (own(reset=lambda self, key: sys.exit("bye")), "Own.reset failed: SystemExit: bye"),
])
def test_what_does_not_fit_is_named(simulator: object, says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        pt.train(simulator, updates=1)


@pytest.mark.parametrize("name", ["stochastic-congestion", "random-general-sum", "stag-hunt",
                                  "distancing"])
def test_a_table_is_played_as_it_says(name: str) -> None:
    """Mean returns of a random profile lie within five standard errors of its exact values."""
    game = pt.games.make(name)
    profile = np.asarray(game.initial_profile("random", 2))
    simulator = pt.simulators.of_game(game)
    facts = checked(simulator)
    logits = jnp.log(jnp.asarray(np.maximum(profile, 1e-30), jnp.float32))
    play = episodes(simulator, facts, lambda seen: logits[jnp.arange(game.n_agents), seen],
                    jax.random.key(1), 4000)
    returns = np.asarray(play.returns(facts.discount))
    exact = np.asarray(game.evaluate(profile).v)
    table = game if isinstance(game, pt.MarkovGame) else game.tabular()
    wanted = (exact[np.arange(game.n_agents)[:, None], np.asarray(table.information)]
              @ np.asarray(table.initial))
    # An episode that is cut off leaves a thousandth of what is to come.
    cut = 2e-3 * float(np.max(table.reward_bound)) * float(table.scale)
    error = returns.std(axis=0) / np.sqrt(len(returns))
    assert (abs(returns.mean(axis=0) - wanted) < 5 * error + cut).all()


def test_of_a_game_whose_table_does_not_exist_none_is_made() -> None:
    with pytest.raises(pt.InputError, match="horizon"):
        pt.simulators.of_game(pt.games.make("braess"))


def test_unknown_names_and_parameters_are_named() -> None:
    with pytest.raises(pt.InputError, match="crowded-grid"):
        pt.simulators.make("crowded-gird")
    with pytest.raises(pt.InputError, match="n_agents"):
        pt.simulators.make("crowded-grid", agents=3)
    with pytest.raises(pt.InputError, match="discount is 2"):
        pt.simulators.make("queueing", discount=2)


def test_a_grid_shares_what_a_cell_pays() -> None:
    grid = pt.simulators.make("crowded-grid", n_agents=3, size=2)
    cells = jnp.array([[1, 1], [1, 1], [0, 0]])
    _, rewards, done = grid.step(cells, jnp.array([0, 0, 0]), jax.random.key(0))
    np.testing.assert_allclose(rewards, [0.5, 0.5, 1 / 3], rtol=1e-6)
    assert not done
    assert dataclasses.replace(grid, n_agents=5).action_counts == (5,) * 5
