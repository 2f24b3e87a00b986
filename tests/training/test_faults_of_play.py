"""What goes wrong in play is named by its kind, step and agent, and nothing learnt is lost."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt

QUICK = pt.learners.IndependentPPO(episodes=16, hidden=(), minibatches=1, epochs=1)


class Walk:
    """Two agents count steps; what they see, may do and earn depends on how many there were."""

    action_counts = (2, 2)
    horizon = 5
    discount = 0.9

    def __init__(self, begins: Any = 0):
        self.begins = begins

    def reset(self, key: Any) -> Any:
        return jnp.asarray(self.begins, jnp.int32)

    def step(self, state: Any, actions: Any, key: Any) -> Any:
        return state + 1, jnp.ones(2), jnp.array(False)

    def observe(self, state: Any) -> Any:
        return jnp.zeros((2, 1))


def walk(**members: Any) -> Any:
    return type("Own", (Walk,), members)()


def only(agent: int, at: int, state: Any) -> Any:
    """[2] of agents, in one state."""
    return (jnp.arange(2) == agent) & (state == at)


def seen_as(value: int, agent: int, at: int) -> Any:
    return walk(n_observations=2, observe=lambda self, state: jnp.where(
        only(agent, at, state), value, 1))


def nowhere(agent: int, at: int) -> Any:
    return walk(legal=lambda self, state: ~only(agent, at, state)[:, None] & jnp.ones(2, bool))


def not_finite(agent: int, at: int) -> Any:
    return walk(observe=lambda self, state: jnp.where(
        only(agent, at, state), jnp.nan, 0.0)[:, None])


FAULTS = [
    (nowhere(1, 0), "failed", "step 0: no action exists for agent 1"),
    (nowhere(0, 3), "failed", "step 3: no action exists for agent 0"),
    (seen_as(2, 1, 0), "failed", "after the reset: the observation of agent 1 is no whole number "
                                 "from 0 to 1"),
    (seen_as(-1, 0, 3), "failed", "after step 2: the observation of agent 0 is no whole number"),
    (seen_as(7, 0, 5), "failed", "after step 4: the observation of agent 0 is no whole number"),
    (not_finite(1, 0), "nonfinite", "after the reset: the observation of agent 1 is not finite"),
    (not_finite(0, 2), "nonfinite", "after step 1: the observation of agent 0 is not finite"),
]


@pytest.mark.parametrize(("simulator", "status", "says"), FAULTS)
def test_what_goes_wrong_in_play_is_named(simulator: Any, status: str, says: str) -> None:
    found = pt.train(simulator, QUICK, updates=3)
    assert (found.status, found.updates) == (status, 0)
    assert says in found.message
    assert found.message.endswith("; what was learnt until then is kept")


def test_what_was_learnt_before_a_fault_is_kept() -> None:
    """One episode of a hundred leaves agent 1 no action: some updates are made before."""
    class Rare(Walk):
        def reset(self, key: Any) -> Any:
            return jnp.where(jax.random.uniform(key) < 0.01, 10, 0)

        def legal(self, state: Any) -> Any:
            return ~only(1, 12, state)[:, None] & jnp.ones(2, bool)

    found = pt.train(Rare(), QUICK, updates=60)
    assert "step 2: no action exists for agent 1" in found.message
    assert 0 < found.updates == len(found.returns) < 60
    before = pt.train(Rare(), QUICK, updates=found.updates)
    np.testing.assert_array_equal(before.policy()(np.zeros((2, 1))),
                                  found.policy()(np.zeros((2, 1))))


def test_where_a_game_is_over_nothing_need_exist_or_be_seen() -> None:
    over = walk(n_observations=2, observe=lambda self, state: jnp.where(state == 3, -1, state % 2)
                * jnp.ones(2, jnp.int32), legal=lambda self, state: jnp.ones((2, 2), bool)
                & (state < 3), step=lambda self, state, actions, key: (
                    state + 1, jnp.ones(2), state == 2))
    found = pt.train(over, QUICK, updates=2)
    assert (found.status, found.updates) == ("max_updates", 2)
    assert np.isfinite(found.profile).all()


@pytest.mark.parametrize(("nothing", "more"), [
    ((), {}), (None, {"legal": lambda self, state: jnp.ones((2, 2), bool)})])
def test_a_state_may_be_nothing(nothing: Any, more: Any) -> None:
    matching = walk(reset=lambda self, key: nothing, step=lambda self, state, actions, key: (
        nothing, jnp.full(2, actions[0] == actions[1], jnp.float32), True), **more)
    found = pt.train(matching, QUICK, updates=2)
    assert (found.status, found.updates) == ("max_updates", 2)
    assert pt.estimate_gap(matching, found, learner=QUICK, updates=1, seeds=1,
                           episodes=30).gain.shape == (2,)
