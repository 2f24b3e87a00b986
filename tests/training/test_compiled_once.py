"""What was compiled for a simulator, a learner and policies serves again, and only while they are
the same."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt

GRID = pt.simulators.make("crowded-grid", n_agents=3, size=3, horizon=6)
QUICK = pt.learners.IndependentPPO(episodes=8, hidden=())
FEW: dict[str, Any] = {"updates": 2, "seeds": 1, "episodes": 40, "agents": [0], "learner": QUICK}


class Paid:
    """Each step pays what the simulator holds."""

    action_counts, horizon, discount = (2, 2), 3, 1.0

    def __init__(self) -> None:
        self.reward = 1.0

    def reset(self, key: Any) -> Any:
        return jnp.zeros((), jnp.int32)

    def step(self, state: Any, actions: Any, key: Any) -> Any:
        return state, jnp.full(2, self.reward), jnp.array(False)

    def observe(self, state: Any) -> Any:
        return jnp.zeros((2, 1))


def uniform(seen: Any) -> Any:
    return jnp.full((2, 2), 0.5)


def compiled(caplog: pytest.LogCaptureFixture, work: Any) -> list[str]:
    """What a call has compiled."""
    caplog.clear()
    with jax.log_compiles(), caplog.at_level("WARNING"):
        work()
    return [said for said in caplog.messages if said.startswith("Compiling ")]


@pytest.mark.parametrize("kind", ["learnt", "table", "function"])
def test_a_second_estimate_compiles_nothing(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Also of other policies, and by another seed."""
    game, own = pt.games.make("stag-hunt"), Paid()
    simulator, profiles = {
        "learnt": (GRID, [pt.train(GRID, QUICK, updates=1, seed=seed) for seed in (0, 1)]),
        "table": (game, [game.initial_profile("random", seed) for seed in (0, 1)]),
        "function": (own, [uniform, uniform])}[kind]
    assert compiled(caplog, lambda: pt.estimate_gap(simulator, profiles[0], **FEW))
    assert compiled(caplog, lambda: pt.estimate_gap(simulator, profiles[1], seed=1, **FEW)) == []


def test_a_second_training_in_a_simulator_of_ones_own_compiles_nothing(
        caplog: pytest.LogCaptureFixture) -> None:
    own = Paid()
    assert compiled(caplog, lambda: pt.train(own, QUICK, updates=1))
    assert compiled(caplog, lambda: pt.train(own, QUICK, updates=1, seed=1)) == []


def test_a_simulator_that_was_changed_does_not_go_on_as_it_was() -> None:
    own = Paid()
    assert pt.train(own, QUICK, updates=1).returns[0, 0] == 3.0
    assert pt.estimate_gap(own, uniform, **FEW).value[0] == 3.0
    own.reward = 2.0
    assert pt.train(own, QUICK, updates=1).returns[0, 0] == 6.0
    assert pt.estimate_gap(own, uniform, **FEW).value[0] == 6.0


def test_a_policy_that_was_changed_does_not_go_on_as_it_was() -> None:
    chance = [1.0]
    game = pt.games.make("prisoners-dilemma")

    def often(seen: Any) -> Any:
        return jnp.array([[chance[0], 1 - chance[0]]] * 2)

    before = pt.estimate_gap(game, often, **FEW).value[0]
    chance[0] = 0.0
    after = pt.estimate_gap(game, often, **FEW).value[0]
    exact = [float(np.asarray(game.evaluate(np.array([[[1 - p, p]]] * 2)).v)[0, 0]) for p in (0, 1)]
    np.testing.assert_allclose([before, after], exact, rtol=1e-5)
