"""Estimated gaps lie below exact ones, within their intervals, and come near them."""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.training.gap import EstimatedGap

FIRM = pt.learners.IndependentPPO(hidden=(), learning_rate=0.05, episodes=64)


def exact_gains(game: Any, profile: np.ndarray) -> np.ndarray:
    return np.asarray(game.best_response(profile).gain)


@pytest.mark.parametrize(("name", "seed"), [("stochastic-congestion", 3), ("stag-hunt", 0),
                                            ("prisoners-dilemma", 1), ("random-potential", 4)])
def test_it_lies_below_the_exact_gain_and_near_it(name: str, seed: int) -> None:
    game = pt.games.make(name)
    profile = np.asarray(game.initial_profile("random", seed))
    found = pt.estimate_gap(game, profile, learner=FIRM, updates=60, episodes=3000)
    exact = exact_gains(game, profile)
    # What comes after an episode was cut off is left out.
    cut = 2e-3 * float(np.max(game.reward_bound)) * float(game.scale)
    assert (found.interval[:, 0] <= exact + cut).all()
    assert (found.lower <= exact + cut).all()
    assert found.gap > 0.7 * exact.max() - found._width * found.standard_error.max()
    assert found.agent_steps > 0
    assert "no certificate" in str(found)


@pytest.mark.parametrize(("confidence", "agents"), [(0.95, 1), (0.95, 4), (1 - 2**-53, 100)])
def test_intervals_are_as_wide_as_asked_for_all_agents_together(confidence: float,
                                                                agents: int) -> None:
    """By Python's own normal distribution; the last is the largest confidence there is below 1."""
    width = -NormalDist().inv_cdf((1 - confidence) / 2 / agents)
    zero = np.zeros(agents)
    found = EstimatedGap(np.arange(agents), zero, zero + 1.0, zero, confidence, 1, 30)
    np.testing.assert_allclose(found.interval, [[-width, width]] * agents, rtol=1e-9)


def test_at_an_equilibrium_there_is_nothing_to_gain() -> None:
    game = pt.games.make("prisoners-dilemma")
    profile = pt.solve(game, pt.rules.INPG(step_size=1.0), initial="random", tolerance=1e-9).profile
    found = pt.estimate_gap(game, profile, learner=FIRM, updates=20)
    assert found.gap < 1e-3
    np.testing.assert_array_equal(found.lower, 0)


def test_profiles_are_tables_what_was_learnt_or_functions() -> None:
    game = pt.games.make("stag-hunt")
    table = np.asarray(game.initial_profile("uniform", 0))
    learnt = pt.train(game, FIRM, updates=1)
    for profile in (table, learnt, learnt.policy(), lambda seen: jnp.full((2, 2), 0.5)):
        found = pt.estimate_gap(game, profile, learner=FIRM, updates=3, seeds=1, agents=[1])
        assert list(found.agents) == [1]


def test_the_same_seed_gives_the_same_estimate() -> None:
    grid = pt.simulators.make("crowded-grid", n_agents=3, size=3, horizon=6)
    one, other, third = (pt.estimate_gap(
        grid, lambda seen: jnp.full((3, 5), 0.2), updates=2, seeds=1, episodes=50, seed=seed)
        for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.gain, other.gain)
    assert not np.array_equal(one.gain, third.gain)


@pytest.mark.parametrize(("options", "says"), [
    ({"updates": 0}, "updates"), ({"episodes": 10}, "episodes"),
    ({"confidence": 1.0}, "confidence is 1"),
    ({"confidence": 0}, "confidence"), ({"agents": [2]}, r"agents\[0\]"),
    ({"agents": []}, "agents is"), ({"agents": [0, 0]}, "each once"),
    ({"learner": "ppo"}, "learner is"), ({"profile": np.ones((2, 1, 3))}, "profile"),
    ({"profile": lambda seen: jnp.zeros(3)}, "profile gives shape"),
    ({"profile": lambda seen: seen.nothing}, "profile cannot be computed by JAX"),
    ({"profile": lambda seen: [0.5, 0.5]}, "profile gives a list, but an array of probabilities"),
    ({"profile": lambda seen: jnp.ones((2, 2), int)}, "profile gives int32, but probabilities"),
    ({"profile": lambda seen: jnp.ones((2, 2), complex)}, "profile gives complex64, but"),
    ({"profile": lambda seen: jnp.array([[0.5, 0.5], [1.5, -0.5]])},
     "profile, step 0: what it gives agent 1 are no probabilities"),
    ({"profile": lambda seen: jnp.array([[0.5, 0.5], [0.5, 0.4]])}, "profile, step 0: .* agent 1"),
    ({"profile": lambda seen: jnp.array([[jnp.nan, 0.5], [0.5, 0.5]])}, "step 0: .* agent 0")])
def test_what_does_not_fit_is_named(options: dict[str, Any], says: str) -> None:
    game = pt.games.make("stag-hunt")
    given = {"profile": game.initial_profile("uniform", 0), **options}
    with pytest.raises(pt.InputError, match=says):
        pt.estimate_gap(game, given.pop("profile"), **given)


def counting(exist: Any) -> Any:
    """Two agents who count the steps, of whom the second has two of three actions."""
    class Counting:
        action_counts, horizon, discount, n_observations = (3, 2), 5, 0.9, 9

        def reset(self, key: Any) -> Any:
            return jnp.zeros((), jnp.int32)

        def step(self, state: Any, actions: Any, key: Any) -> Any:
            return state + 1, jnp.where(state == 4, 1.0, 0.0) * actions, False

        def observe(self, state: Any) -> Any:
            return jnp.full(2, state)

        def legal(self, state: Any) -> Any:
            return jnp.asarray(exist) | (state < 3)
    return Counting()


ALL = [[True, True, True], [True, True, False]]


@pytest.mark.parametrize(("row", "exist", "says"), [
    ([1.0, -1.0, 1.0], ALL, "profile, step 3: what it gives agent 0 are no probabilities"),
    ([0.0, 1.0, 0.0], [[True, False, True], [True, True, False]], "profile, step 3: .* agent 0"),
    ([0.0, 1.0, 0.0], [[False] * 3, [True] * 3], "step 3: no action exists for agent 0")])
def test_a_policy_that_goes_wrong_on_the_way_is_named(row: Any, exist: Any, says: str) -> None:
    usual = jnp.array([[0.2, 0.4, 0.4], [0.5, 0.5, 0.0]])
    with pytest.raises(pt.InputError, match=says):
        pt.estimate_gap(counting(exist), lambda seen: usual.at[0].set(
            jnp.where(seen[0] == 3, jnp.array(row), usual[0])), learner=FIRM, updates=1,
            seeds=1, agents=[1])


def test_probabilities_of_actions_that_an_agent_never_has_are_no_probabilities() -> None:
    with pytest.raises(pt.InputError, match="profile, step 0: what it gives agent 1"):
        pt.estimate_gap(counting(ALL), lambda seen: jnp.full((2, 3), 1 / 3), learner=FIRM,
                        updates=1, seeds=1)
