"""The as-published oracles: each quirk by an exact value, the rest against slow loops of their
own."""

from __future__ import annotations

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from slow_published import Script

import potentia as pt
from potentia import profile as profiles
from potentia.oracles.published_congestion import PublishedCongestion
from potentia.oracles.published_distancing import PublishedDistancing
from potentia.rules.base import View

GAMMA = 0.99


def congestion(n_agents=2, **options):
    return pt.games.make("stochastic-congestion-published", n_agents=n_agents, **options)


def distancing():
    """A small distancing game: three agents, two facilities."""
    return pt.games.make("distancing", n_agents=3, weights=(1.0, 2.5), penalty=7.0,
                         spread_threshold=2.0,
                         safe_threshold=1.5)


@partial(jax.jit, static_argnames="runs")
def many(oracle, game, profile, runs):
    return jax.lax.map(lambda key: oracle.evaluate(game, profile, key),
                       jax.random.split(jax.random.key(3), runs))


def one(oracle, game, profile):
    return jax.tree.map(lambda leaf: np.asarray(leaf[0]), many(oracle, game, profile, 1))


def pure(actions):
    """Profile [N, S, 2] that plays actions [N, S] for sure."""
    return np.eye(2)[np.asarray(actions)]


def geometric(first, count):
    """Sum of discount^t for t = first .. count-1."""
    return sum(GAMMA**t for t in range(first, count))


# --- congestion, on deterministic play
# ---------------------------------------------------------------------

@pytest.mark.usefixtures("x64")
def test_congestion_values_reach_540_where_true_values_are_at_most_100():
    # Agent 0 is alone for ever, whatever the state: all play goes to state 0b0111 = 7 and stays
    # there.
    actions = np.ones((4, 16), int)
    actions[0] = 0
    game = congestion(4)
    v = one(PublishedCongestion(), game, pure(actions)).v
    # All 16 starts visit state 7 from step 1 on, in both layers (20 and 19 steps); state 7's own
    # also at step 0.
    expected = 16 * (geometric(1, 20) + geometric(1, 19)) + 2
    np.testing.assert_allclose(v[0, 7], expected, rtol=1e-12)
    assert 539 < v[0, 7] < 540
    np.testing.assert_allclose(v[1:, 7], expected / 3, rtol=1e-12)
    # Any other state is visited by its own rollouts only, at step 0, once in each layer.
    np.testing.assert_allclose(np.delete(v[0], 7), 2.0, rtol=1e-12)
    assert np.max(jax.jit(pt.MarkovGame.evaluate)(game, pure(actions)).v) < 100 + 1e-9


@pytest.mark.usefixtures("x64")
def test_congestion_quirks_on_play_that_moves():
    # Both agents swap sides in every step: 00 -> 11 -> 00, and 01 -> 10 -> 01.
    game = congestion(2)
    profile = pure([[1, 1, 0, 0], [1, 0, 1, 0]])
    oracle = PublishedCongestion(samples=3, horizon=5)
    found = one(oracle, game, profile)
    # A state and its partner are visited at even and odd steps; the layers have 5 and 4 steps;
    # samples cancel.
    visits = geometric(0, 5) + geometric(0, 4)
    v = np.array([visits / 2, visits, visits, visits / 2])  # together: reward 1/2; apart: 1
    np.testing.assert_allclose(found.v, [v, v], rtol=1e-12)
    # Q: the other's action is sure, the own is fixed; one step of reward, then V_hat of the state
    # reached.
    others = {0: [1, 1, 0, 0], 1: [1, 0, 1, 0]}
    for state in range(4):
        for action in range(2):
            met = others[1][state]
            expected = (0.5 if action == met else 1.0) + GAMMA * v[2 * action + met]
            np.testing.assert_allclose(found.q[0, state, action], expected, rtol=1e-12)
            met = others[0][state]
            expected = (0.5 if action == met else 1.0) + GAMMA * v[2 * met + action]
            np.testing.assert_allclose(found.q[1, state, action], expected, rtol=1e-12)


# --- distancing, on deterministic play
# ---------------------------------------------------------------------

@pytest.mark.usefixtures("x64")
def test_distancing_values_on_deterministic_play():
    # In the safe state all crowd facility 1 (3 > 2: spread); when spread they part 2 and 1 (2 >
    # 1.5: still spread).
    profile = pure([[1, 0], [1, 0], [1, 1]])
    found = one(PublishedDistancing(samples=3, horizon=6), distancing(), profile)
    safe, spread = np.full(3, 7.5), np.array([2.0, 2.0, 2.5]) - 7.0
    v = np.stack([safe + geometric(1, 6) * spread, geometric(0, 6) * spread], axis=1)
    np.testing.assert_allclose(found.v, v, rtol=1e-12)
    # Agent 0, safe: with the others (all three at 1: spread), or alone at 0 (two at 1: safe stays).
    np.testing.assert_allclose(found.q[0, 0], [1.0 + GAMMA * v[0, 0], 7.5 + GAMMA * v[0, 1]],
                               rtol=1e-12)
    # Agent 2, spread: joins 0 (three at 0), or stays alone at 1.
    np.testing.assert_allclose(found.q[2, 1],
                               [3.0 - 7 + GAMMA * v[2, 1], 2.5 - 7 + GAMMA * v[2, 1]], rtol=1e-12)


# --- both, on random play
# ----------------------------------------------------------------------------------

def slow_congestion(game, profile, oracle, seed):
    script = Script(game, profile, seed)
    v = script.congestion_values(oracle.samples, oracle.horizon)
    return v, script.action_values(v, oracle.samples)


def slow_distancing(game, profile, oracle, seed):
    script = Script(game, profile, seed)
    v = script.distancing_values(oracle.samples, oracle.horizon)
    return v, script.action_values(v, oracle.samples)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize(("oracle", "build", "slow"), [
    (PublishedCongestion(samples=2, horizon=4), congestion, slow_congestion),
    (PublishedDistancing(samples=2, horizon=4), distancing, slow_distancing)])
def test_means_and_spreads_agree_with_slow_loops(oracle, build, slow):
    game = build()
    profile = np.asarray(profiles.random(jnp.asarray(game.mask), jax.random.key(1)))
    fast, runs = many(oracle, game, profile, 4000), 500
    reference = [slow(game, profile, oracle, seed) for seed in range(runs)]
    for found, expected in ((fast.v, np.array([v for v, _ in reference])),
                            (fast.q, np.array([q for _, q in reference]))):
        found = np.asarray(found)
        error = np.sqrt(found.var(axis=0) / len(found) + expected.var(axis=0) / runs)
        assert (np.abs(found.mean(axis=0) - expected.mean(axis=0)) <= 4.5 * error + 1e-12).all()
        # The spread tells the number of draws; five of its own standard errors at `runs`
        # replications.
        np.testing.assert_allclose(found.std(axis=0), expected.std(axis=0), rtol=0.2)


@pytest.mark.usefixtures("x64")
def test_action_values_are_drawn_anew_for_each_agent_state_and_action():
    # At discount 0 they are pure one-step draws, so all of them are independent of each other.
    game = congestion(3, discount=0.0)
    profile = profiles.uniform(jnp.asarray(game.mask))
    q = np.asarray(many(PublishedCongestion(samples=1, horizon=1), game, profile, 4000).q).reshape(
        4000, -1)
    correlation = np.corrcoef(q.T) - np.eye(q.shape[1])
    assert np.abs(correlation).max() < 5.5 / np.sqrt(4000)


# --- the weight of the published IPG
# -----------------------------------------------------------------------

@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize(("oracle", "game", "published"), [
    (PublishedDistancing(), pt.games.make("distancing", n_agents=2), 9.1e-4),
    (PublishedCongestion(), congestion(4), 1.14e-4)])
def test_effective_step_of_ipg(oracle, game, published):
    profile = profiles.uniform(jnp.asarray(game.mask))
    found = one(oracle, game, profile)
    step = 1e-4 * float(game.scale) * found.visitation
    np.testing.assert_allclose(step, 1e-4 * (1 - GAMMA**20) / ((1 - GAMMA) * game.n_states),
                               rtol=1e-12)
    np.testing.assert_allclose(step, published, rtol=5e-3)
    view = View(q=jnp.asarray(found.q[0]), v=jnp.asarray(found.v[0]),
                visitation=jnp.asarray(found.visitation[0]),
                mask=jnp.asarray(game.mask[0]), scale=jnp.asarray(game.scale))
    ascent = pt.rules.QAscent(step_size=step[0, 0]).update(jnp.log(profile[0]), None, view, 0,
                                                           None)[0]
    ipg = pt.rules.IPG(step_size=1e-4).update(jnp.log(profile[0]), None, view, 0, None)[0]
    np.testing.assert_allclose(np.exp(ipg), np.exp(ascent), rtol=1e-12)


# --- the published runs
# ------------------------------------------------------------------------------------

def test_inpg_as_published_stops_where_the_published_script_does():
    # Measured from the published scripts at 4 agents: 49, 46 and 52 iterations to an L1 step below
    # 1e-5.
    result = pt.solve(congestion(4), pt.rules.INPG(step_size=1e-4), PublishedCongestion(),
                      initial="uniform",
                      tolerance=0, step_tolerance=1e-5, max_iterations=500, runs=10)
    assert set(result.status) == {pt.Status.SMALL_STEP}
    assert 46 <= np.median(result.iterations) <= 52


# --- games that do not fit
# ---------------------------------------------------------------------------------

def other_game(transitions, n_agents=1, **options):
    rewards = np.zeros((n_agents, 2, *(2,) * n_agents))
    return pt.MarkovGame.from_arrays(rewards, transitions, discount=0.9, **options)


@pytest.mark.parametrize(("oracle", "game", "message"), [
    (PublishedCongestion(), other_game(np.full((2, 2, 2), 0.5)),
     "needs next states that are certain"),
    (PublishedDistancing(), other_game(np.full((2, 2, 2), 0.5)),
     "needs next states that are certain"),
    (PublishedDistancing(), other_game(np.array([[0, 1], [0, 1]]), initial=[0.4, 0.6]),
     r"needs a uniform initial distribution, but initial\[state=0\] is 0.4, not 0.5"),
    (PublishedDistancing(), other_game(np.array([[0, 1], [0, 1]]), information=[[0, 0]]),
     "needs agents that see the state"),
    (PublishedCongestion(), other_game(np.zeros((2, 2, 2), int), n_agents=2),
     "has 2 states and 4 joint actions"),
    (PublishedCongestion(), other_game(np.array([[0, 1], [1, 0]])),
     "state 1 and joint action 0 lead to state 1"),
    (PublishedDistancing(), "a name", "needs a tabular game, but the game is a str")])
def test_a_game_that_does_not_fit_is_refused(oracle, game, message):
    with pytest.raises(pt.InputError, match=message):
        oracle.check(game)


@pytest.mark.usefixtures("x64")
def test_a_game_that_does_not_fit_gives_nan_in_a_compiled_loop():
    profile = np.full((1, 2, 2), 0.5)
    skewed = dataclasses.replace(other_game(np.array([[0, 1], [0, 1]])),
                                 initial=np.array([0.4, 0.6]))
    found = one(PublishedDistancing(), skewed, profile)
    assert np.isnan(found.visitation).all()
    assert np.isfinite(found.q).all()
    assert np.isnan(one(PublishedCongestion(), other_game(np.array([[0, 1], [1, 0]])),
                        profile).q).all()


@pytest.mark.parametrize("oracle", [PublishedCongestion, PublishedDistancing])
@pytest.mark.parametrize(("field", "value"), [("samples", 0), ("horizon", 0), ("samples", 1.5)])
def test_bad_parameters_are_named(oracle, field, value):
    with pytest.raises(pt.InputError, match=f"^{field} is"):
        oracle(**{field: value})
