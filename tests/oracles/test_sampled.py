"""The sampled oracle: within its own errors of the exact one, with the bias that it states."""

from __future__ import annotations

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia import profile as profiles

SEEDS = 200


@partial(jax.jit, static_argnames="runs")
def many(oracle, game, profile, runs, seed=0):
    """Evaluations of one profile under `runs` keys."""
    return jax.lax.map(lambda key: oracle.evaluate(game, profile, key),
                       jax.random.split(jax.random.key(seed), runs))


def one(oracle, game, profile, seed=0):
    return jax.tree.map(lambda leaf: np.asarray(leaf[0]), many(oracle, game, profile, 1, seed))


@jax.jit
def exactly(game, profile):
    return game.evaluate(profile)


def random_profile(game, seed=0):
    return profiles.random(jnp.asarray(game.mask), jax.random.key(seed))


def network(**options):
    """Example 1 of the paper with three agents: it surely ends after three steps.

    Without its recipe, which JAX takes for another program at every discount.
    """
    return dataclasses.replace(pt.games.make("stochastic-congestion", n_agents=3, **options),
                               recipe=None)


def cyclic(discount=0.8):
    """A random game of two agents and three states that goes on for ever."""
    rng = np.random.default_rng(5)
    return pt.MarkovGame.from_arrays(rng.normal(size=(2, 3, 2, 3)),
                                     rng.dirichlet(np.ones(3), size=(3, 2, 3)),
                                     discount=discount)


def confounded():
    """One agent that sees nothing: its action decides the state, so what it sees tells of its own
    play."""
    return pt.MarkovGame.from_arrays(np.array([[[1.0, 0.0], [3.0, 7.0]]]),
                                     np.array([[0, 1], [1, 0]]), discount=0.5,
                                     initial=[1.0, 0.0], information=[[0, 0]])


def within(estimate, truth, stderr, visits=np.inf):
    """All entries with at least 100 expected `visits` within 5 standard errors (or equal, where the
    error is 0)."""
    known = np.broadcast_to(visits, stderr.shape) >= 100
    assert known.any()
    assert (np.abs(estimate - truth)[known] <= 5 * stderr[known] + 1e-12).all()


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("options", [{}, {"discount": 1.0}, {"observe": "own"},
                                     {"observe": "own", "discount": 0.3}])
def test_agrees_with_exact_where_nothing_is_cut(options):
    game = network(**options)
    profile = random_profile(game)
    sampled, exact = one(pt.Sampled(episodes=4000), game, profile), exactly(game, profile)
    assert sampled.bias == 0
    visits = 4000 * np.asarray(exact.visitation * game.scale)
    within(sampled.q, np.asarray(exact.q), sampled.q_stderr, visits[..., None] * profile)
    within(sampled.v, np.asarray(exact.v), sampled.v_stderr, visits)
    d = np.asarray(exact.visitation)
    error = np.sqrt(d * np.clip(1 / game.scale - d, 0, None) / 4000)  # one visit an episode at most
    assert (np.abs(sampled.visitation - d) <= 5 * error + 1e-12).all()
    np.testing.assert_allclose(sampled.visitation.sum(axis=1), d.sum(axis=1), rtol=1e-12)


@pytest.mark.usefixtures("x64")
def test_unbiased_where_nothing_is_cut():
    game = network()
    profile = profiles.uniform(jnp.asarray(game.mask))
    runs = many(pt.Sampled(episodes=30), game, profile, 1500)
    exact = exactly(game, profile)
    for estimates, truth in ((runs.q[:, :, 0], exact.q[:, 0]), (runs.v[:, :, 0], exact.v[:, 0]),
                             (runs.visitation, exact.visitation)):
        error = np.std(estimates, axis=0) / np.sqrt(1500)
        assert (np.abs(np.mean(estimates, axis=0) - truth) <= 5 * error + 1e-12).all()


@pytest.mark.usefixtures("x64")
def test_a_cut_return_has_exactly_the_stated_bias_when_all_rewards_are_equal():
    game = pt.MarkovGame.from_arrays(np.full((1, 1, 2), 3.0), np.zeros((1, 2), int), discount=0.9)
    sampled = one(pt.Sampled(episodes=4, horizon=7), game, np.full((1, 1, 2), 0.5))
    np.testing.assert_allclose(sampled.q, 3.0 * (1 - 0.9**7) / 0.1, rtol=1e-12)
    np.testing.assert_allclose(30.0 - sampled.v, sampled.bias, rtol=1e-12)
    np.testing.assert_allclose(sampled.visitation, 1 - 0.9**7, rtol=1e-12)


def cut_values(game, profile, horizon):
    """Values [S, N] and action values [N, S, A] of the first `horizon` rewards, by sums over joint
    actions."""
    rewards, value = np.asarray(game.rewards), np.zeros((3, 2))
    table = game.transitions.csr().toarray().reshape(3, 6, 3)
    weights = np.einsum("sa,sb->sab", profile[0, :, :2], profile[1]).reshape(3, 6)
    for _ in range(horizon):
        joint = (rewards + game.discount * table @ value).reshape(3, 2, 3, 2)
        value = np.einsum("sj,sjn->sn", weights, joint.reshape(3, 6, 2))
    q = np.zeros((2, 3, 3))
    q[0, :, :2] = np.einsum("sab,sb->sa", joint[..., 0], profile[1])
    q[1] = np.einsum("sab,sa->sb", joint[..., 1], profile[0, :, :2])
    return value, q


@pytest.mark.usefixtures("x64")
def test_the_expected_bias_of_a_cut_game():
    game = cyclic()
    profile = np.asarray(random_profile(game))
    sampled = one(pt.Sampled(episodes=20_000, horizon=4), game, profile)
    value, q = cut_values(game, profile, 4)
    within(sampled.v, value.T, sampled.v_stderr)
    exists = np.asarray(game.mask)
    within(sampled.q[exists], q[exists], sampled.q_stderr[exists])
    gap = np.abs(value.T - exactly(game, profile).v)
    assert (gap > 5 * sampled.v_stderr).any()                 # so that the cut is indeed seen
    assert (gap <= sampled.bias).all()
    np.testing.assert_allclose(sampled.bias, 0.8**4 * np.abs(game.rewards).max() / 0.2, rtol=1e-12)


@pytest.mark.usefixtures("x64")
def test_standard_errors_are_calibrated():
    game = cyclic()
    profile = np.asarray(random_profile(game))
    runs = many(pt.Sampled(episodes=60, horizon=8), game, profile, SEEDS)
    value, q = cut_values(game, profile, 8)
    for z in ((runs.v[:, 0, 0] - value[0, 0]) / runs.v_stderr[:, 0, 0],
              (runs.q[:, 1, 2, 0] - q[1, 2, 0]) / runs.q_stderr[:, 1, 2, 0]):
        assert 0.88 <= np.mean(np.abs(z) < 1.96) <= 0.99
        assert 0.85 <= np.std(z) <= 1.2


@pytest.mark.usefixtures("x64")
def test_local_information_is_weighted_by_discounted_visitation():
    game, profile = confounded(), np.array([[[0.3, 0.7]]])
    assert not game.separable
    sampled, exact = one(pt.Sampled(episodes=20_000, horizon=30), game,
                         profile), exactly(game, profile)
    within(sampled.q, np.asarray(exact.q), sampled.q_stderr)
    within(sampled.v, np.asarray(exact.v), sampled.v_stderr)
    # no more than |value| can be promised
    np.testing.assert_allclose(sampled.bias, (0.5**30 + 2) * 7 / 0.5)


@pytest.mark.usefixtures("x64")
def test_what_was_not_visited_is_told_apart():
    game = network()
    profile = np.array(random_profile(game))
    profile[0, 0] = 1.0, 0.0  # agent 0 never takes the second edge from the source
    sampled = one(pt.Sampled(episodes=4000), game, profile)
    assert sampled.q[0, 0, 1] == sampled.v[0, 0]
    assert np.isinf(sampled.q_stderr[0, 0, 1])
    assert np.isfinite(sampled.v_stderr[0, 0])
    unvisited = sampled.visitation == 0
    assert unvisited.any()
    assert (sampled.v[unvisited] == 0).all()
    assert (sampled.q[unvisited] == 0).all()
    assert np.isinf(sampled.v_stderr[unvisited]).all()
    assert np.isinf(sampled.q_stderr[unvisited]).all()


@pytest.mark.usefixtures("x64")
def test_one_episode_has_values_but_no_standard_error():
    game = network()
    sampled = one(pt.Sampled(episodes=1), game, random_profile(game))
    assert (sampled.v[:, 0] > 0).all()
    assert np.isinf(sampled.v_stderr).all()
    assert np.isinf(sampled.q_stderr).all()


@pytest.mark.usefixtures("x64")
def test_a_missing_action_has_the_value_of_the_state():
    mask = np.ones((2, 3, 3), bool)
    mask[0, :, 2] = False
    mask[1, 1, 0] = False
    rng = np.random.default_rng(6)
    game = pt.MarkovGame.from_arrays(rng.normal(size=(2, 3, 2, 3)),
                                     rng.integers(0, 3, size=(3, 2, 3)), discount=0.5,
                                     mask=mask)
    sampled = one(pt.Sampled(episodes=2000, horizon=40), game, random_profile(game))
    assert sampled.q[1, 1, 0] == sampled.v[1, 1]
    within(sampled.q[mask], np.asarray(exactly(game, random_profile(game)).q)[mask],
           sampled.q_stderr[mask])


@pytest.mark.usefixtures("x64")
def test_no_bias_bound_at_discount_1_unless_play_surely_ends():
    # goes on with probability 1/2; two visits are expected
    table = np.array([[[0.5, 0.5]], [[0.0, 1.0]]])
    game = pt.MarkovGame.from_arrays(np.array([[[1.0], [0.0]]]), table, discount=1.0,
                                     initial=[1.0, 0.0])
    sampled = one(pt.Sampled(episodes=4000, horizon=40), game, np.ones((1, 2, 1)))
    assert np.isinf(sampled.bias)
    assert abs(sampled.visitation[0, 0] - 2.0) < 5 * np.sqrt(2 / 4000)
    assert sampled.visitation[0, 1] == 1.0                    # absorbed once, however long it stays


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("horizon", [1, 2])
def test_a_horizon_shorter_than_the_play_cuts_it(horizon):
    game = network()
    profile = profiles.uniform(jnp.asarray(game.mask))
    sampled = one(pt.Sampled(episodes=3000, horizon=horizon), game, profile)
    # Every step of the uniform profile pays E[1/load] = (1 - 2^-3) 2/3 for two edges, and then the
    # same for four.
    first, second = (1 - 0.5**3) * 2 / 3, (1 - 0.75**3) * 4 / 3
    expected = first + (0.99 * second if horizon == 2 else 0.0)
    within(sampled.v[:, 0], expected, sampled.v_stderr[:, 0])
    np.testing.assert_allclose(sampled.bias, 0.99**horizon * 100, rtol=1e-12)


@pytest.mark.parametrize(("field", "value"), [("episodes", 0), ("horizon", 0), ("episodes", 2.5),
                                              ("horizon", True)])
def test_bad_parameters_are_named(field, value):
    with pytest.raises(pt.InputError, match=f"^{field} is"):
        pt.Sampled(**{field: value})
