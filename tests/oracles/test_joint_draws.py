"""Joint draws: the right frequencies, the exact inversion, and nothing of probability 0."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from potentia.oracles import joint_draws

COUNTS = (2, 4, 3)
EDGES = [0.0, 2.0**-52, 1e-12, 0.25, 0.5, 1 - 2.0**-51, 1 - 2.0**-52]


def policies_of(rng: np.random.Generator, n_states: int) -> np.ndarray:
    """Random policies [N, S, 4] with COUNTS actions each."""
    policies = np.zeros((3, n_states, 4))
    for agent, count in enumerate(COUNTS):
        policies[agent, :, :count] = rng.dirichlet(np.ones(count), size=n_states)
    return policies


def joint_of(policies: np.ndarray, state: int) -> np.ndarray:
    """Product distribution of one state, [J], by the definition."""
    rows = [policies[agent, state, :count] for agent, count in enumerate(COUNTS)]
    return np.einsum("a,b,c->abc", *rows).ravel()


decode = jax.jit(joint_draws.decode, static_argnames="counts")


@jax.jit
def drawn(policies: np.ndarray, states: np.ndarray, uniform: np.ndarray) -> jax.Array:
    return joint_draws.decode(uniform, joint_draws.in_states(joint_draws.probabilities(policies),
                                                             states), COUNTS)


@pytest.mark.usefixtures("x64")
def test_frequencies_follow_the_product_distribution():
    policies = policies_of(np.random.default_rng(1), 2)
    uniform = jax.random.uniform(jax.random.key(7), (200_000,))
    for state in range(2):
        seen = np.bincount(drawn(policies, np.full(uniform.size, state), uniform), minlength=24)
        assert scipy.stats.chisquare(seen, uniform.size * joint_of(policies, state)).pvalue > 1e-3


@pytest.mark.usefixtures("x64")
def test_decoding_is_the_inverse_of_the_joint_distribution_function():
    rng = np.random.default_rng(2)
    policies, states, uniform = policies_of(rng, 5), rng.integers(0, 5,
                                                                  20_000), rng.uniform(size=20_000)
    expected = [np.searchsorted(np.cumsum(joint_of(policies, s)), u, side="right")
                for s, u in zip(states, uniform, strict=True)]
    np.testing.assert_array_equal(drawn(policies, states, uniform), expected)


@pytest.mark.usefixtures("x64")
def test_a_probability_of_1e_12_is_met():
    policies = np.zeros((3, 1, 4))
    policies[0, 0, :2] = 1e-12, 1 - 1e-12
    policies[1, 0, :4] = 0.25
    policies[2, 0, :3] = 0.0, 1.0, 0.0
    uniform = np.array([0.0, 0.99e-12, 1.01e-12, 0.5])
    np.testing.assert_array_equal(drawn(policies, np.zeros(4, int), uniform) // 12, [0, 0, 1, 1])
    # Within that sliver the next agent still chooses evenly.
    sliver = (np.arange(4) + 0.5) / 4 * 1e-12
    np.testing.assert_array_equal(drawn(policies, np.zeros(4, int), sliver), [1, 4, 7, 10])


@pytest.mark.usefixtures("x64")
def test_rounding_does_not_draw_an_action_of_probability_0():
    # The draw lies one rounding unit below agent 0's probability; agent 1's probability makes both
    # differences a tie, and both round to the same, so that what is left fills the whole width.
    # Agent 2 may not pass its sure action.
    uniform = 0.75 + 2.0**-52
    sure = uniform + 2.0**-53
    policies = np.zeros((3, 1, 4))
    policies[0, 0, :2] = sure, 1 - sure
    policies[1, 0, :2] = 2.0**-54 / sure, 1.0
    policies[2, 0, 0] = 1.0
    assert uniform - sure * policies[1, 0, 0] == sure - sure * policies[1, 0, 0]
    np.testing.assert_array_equal(drawn(policies, np.zeros(1, int), np.array([uniform])), [3])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([0.0, 1.0, 1e-12, 0.3, 7.0]), min_size=9, max_size=9),
       st.lists(st.floats(0, 1, exclude_max=True), min_size=3, max_size=3))
def test_an_action_of_probability_0_is_never_drawn(weights, inside):
    with jax.enable_x64(True):
        policies, first = np.zeros((3, 1, 4)), 0
        for agent, count in enumerate(COUNTS):
            row = np.array(weights[first:first + count])
            row[0] += not row.any()
            policies[agent, 0, :count] = row / row.sum()
            first += count
        uniform = np.array(EDGES + inside)
        chosen = drawn(policies, np.zeros(uniform.size, int), uniform)
        assert (joint_of(policies, 0)[chosen] > 0).all()


@pytest.mark.usefixtures("x64")
def test_the_own_action_is_fixed_and_the_others_keep_their_distribution():
    policies = policies_of(np.random.default_rng(3), 1)
    probabilities = joint_draws.probabilities(jnp.asarray(policies))
    uniform = jax.random.uniform(jax.random.key(8), (4, 50_000, 1))
    for agent, count in enumerate(COUNTS):
        table = joint_draws.with_own_action(probabilities, jnp.asarray(agent))
        actions = np.stack(np.unravel_index(np.asarray(decode(uniform, table, COUNTS)), COUNTS))
        for action in range(count):
            assert (actions[agent, action] == action).all()
            for other in {0, 1, 2} - {agent}:
                seen = np.bincount(actions[other, action].ravel(), minlength=COUNTS[other])
                expected = 50_000 * policies[other, 0, :COUNTS[other]]
                assert scipy.stats.chisquare(seen, expected).pvalue > 1e-3
