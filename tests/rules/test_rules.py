"""Rules: the three forms of INPG agree; the others follow their equations; nobody sees another's
data."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.learning import device
from potentia.rules.base import View
from registered_rules import SOLVED, takes_a_step
from slow_markov import random_profile


def random_view(seed, mask=None):
    rng = np.random.default_rng(seed)
    mask = np.ones((4, 3), bool) if mask is None else mask
    policy = rng.dirichlet(np.ones(3), size=4) * mask
    policy /= policy.sum(axis=1, keepdims=True)
    q = rng.normal(size=(4, 3))
    return policy, View(q=q, v=(policy * q).sum(axis=1), visitation=rng.dirichlet(np.ones(4)),
                        mask=mask,
                        scale=np.float64(10.0))


def one_step(rule, policy, view):
    log_policy = jnp.log(policy)
    memory = rule.init(log_policy, view.mask, jax.random.key(0))
    return np.asarray(jnp.exp(rule.update(log_policy, memory, view, 0, jax.random.key(0))[0]))


@pytest.fixture(scope="module")
def game():
    """Five states, one of them never visited; unequal action sets."""
    rng = np.random.default_rng(11)         # its own, whatever tests ran before
    rewards = rng.random((2, 5, 2, 3))
    transitions = np.zeros((5, 2, 3, 5))
    transitions[..., :4] = rng.dirichlet(np.ones(4), size=(5, 2, 3))
    mask = np.ones((2, 5, 3), bool)
    mask[0, :, 2] = False
    mask[1, 2, 1] = False
    initial = np.array([0.5, 0.5, 0, 0, 0])
    return pt.MarkovGame.from_arrays(rewards, transitions, discount=0.9, initial=initial, mask=mask)


def trajectory(game, rule, steps):
    options = {"initial": "uniform", "tolerance": 0.0, "check_every": 1000}
    return [pt.solve(game, rule, max_iterations=k, **options).profile for k in steps]


def test_the_three_forms_of_inpg_agree_where_states_are_visited(game):
    steps = (1, 10, 50, 100)
    forms = [trajectory(game, rule(step_size=0.02), steps)
             for rule in (pt.rules.INPG, pt.rules.MWU, pt.rules.FisherINPG)]
    visited = slice(0, 4)
    for softmax, weights, fisher in zip(*forms, strict=True):
        probabilities = softmax[:, visited][game.mask[:, visited]]
        assert probabilities.min() >= 1e-6
        np.testing.assert_allclose(weights[:, visited], softmax[:, visited], atol=1e-10)
        np.testing.assert_allclose(fisher[:, visited], softmax[:, visited], atol=1e-10)
    moved = np.abs(forms[0][-1] - forms[0][0])[:, visited].max()
    assert moved > 0.1


def test_states_never_visited_stay_put_in_the_fisher_form_only(game):
    uniform = np.asarray(game.mask / game.mask.sum(axis=-1, keepdims=True))
    for rule, stays in ((pt.rules.INPG, False), (pt.rules.MWU, False), (pt.rules.FisherINPG, True)):
        final, = trajectory(game, rule(step_size=0.02), (50,))
        assert (np.abs(final - uniform)[:, 4].max() < 1e-12) == stays


def test_the_fisher_form_is_the_pseudo_inverse(x64):
    """Against NumPy's pseudo-inverse of the whole Fisher matrix, written from its definition."""
    policy, view = random_view(2)
    step = 0.03
    fisher = np.zeros((12, 12))
    for s, a in np.ndindex(4, 3):
        score = np.zeros((4, 3))
        score[s] = -policy[s]
        score[s, a] += 1
        fisher += view.visitation[s] * policy[s, a] * np.outer(score.ravel(), score.ravel())
    gradient = view.scale * view.visitation[:, None] * policy * (view.q - view.v[:, None])
    logits = (np.log(policy)
              + step * (np.linalg.pinv(fisher, rcond=1e-12) @ gradient.ravel()).reshape(4, 3))
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(one_step(pt.rules.FisherINPG(step_size=step), policy, view),
                               expected, atol=1e-12)


def test_inpg_follows_lemma_2_1(x64):
    policy, view = random_view(3)
    weights = policy * np.exp(0.05 * 10.0 * (view.q - view.v[:, None]))
    expected = weights / weights.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(one_step(pt.rules.INPG(step_size=0.05), policy, view), expected,
                               rtol=1e-13)


def test_ipg_and_q_ascent_by_hand(x64):
    """Two actions: the projection splits the excess evenly."""
    policy = np.array([[0.5, 0.5, 0.0]])
    mask = np.array([[True, True, False]])
    view = View(q=np.array([[3.0, 1.0, 2.0]]), v=np.array([2.0]), visitation=np.array([0.25]),
                mask=mask,
                scale=np.float64(4.0))
    np.testing.assert_allclose(one_step(pt.rules.IPG(step_size=0.1), policy, view), [[0.6, 0.4, 0]],
                               atol=1e-15)
    np.testing.assert_allclose(one_step(pt.rules.QAscent(step_size=0.2), policy, view),
                               [[0.7, 0.3, 0]], atol=1e-15)
    np.testing.assert_allclose(one_step(pt.rules.QAscent(step_size=2.0), policy, view), [[1, 0, 0]],
                               atol=1e-15)


def test_softmax_pg_is_the_gradient_of_the_value(game, x64):
    """By automatic differentiation of V_i(mu) through the whole evaluation."""
    profile = jnp.asarray(game.initial_profile("random", jax.random.key(4)))
    evaluation, mask = game.evaluate(profile), jnp.asarray(game.mask)

    @jax.jit
    @jax.grad
    def slope(logits, agent):
        policy = jnp.where(mask[agent], jax.nn.softmax(jnp.where(mask[agent], logits, -jnp.inf)),
                           0.0)
        return game.initial @ game.evaluate(profile.at[agent].set(policy)).v[agent]

    for agent in range(2):
        gradient = slope(jnp.log(jnp.where(game.mask[agent], profile[agent], 1.0)), agent)
        view = View(q=evaluation.q[agent], v=evaluation.v[agent],
                    visitation=evaluation.visitation[agent],
                    mask=game.mask[agent], scale=game.scale)
        log_policy = jnp.log(profile[agent])
        rule = pt.rules.SoftmaxPG(step_size=0.3)
        updated = rule.update(log_policy, rule.init(log_policy, view.mask, None), view, 0, None)[1]
        moved = np.where(game.mask[agent], updated - log_policy, 0.0)
        np.testing.assert_allclose(moved, 0.3 * np.where(game.mask[agent], gradient, 0.0),
                                   atol=1e-12)


@pytest.mark.parametrize("name", SOLVED)
def test_no_agent_sees_another_agents_data(name, game, x64):
    rule, oracle = pt.rules.make(name, step_size=0.1), pt.Exact()
    profile = random_profile(0, np.asarray(game.mask))
    state = jax.tree.map(lambda leaf: leaf[0],
                         device.start(game, rule, None, None, profile, np.int64(0), 1))
    evaluation = jax.jit(oracle.evaluate)(game, jnp.exp(state.log_profile), None)
    q = np.array(evaluation.q)
    q[1] += np.random.default_rng(11).normal(size=q.shape[1:])
    other = dataclasses.replace(evaluation, q=jnp.asarray(q))
    key = jax.random.key(0)
    learn = jax.jit(device._learn)
    before, _ = learn(game, rule, evaluation, state, key)
    after, _ = learn(game, rule, other, state, key)
    assert (before[0] == after[0]).all()
    assert not (before[1] == after[1]).all()


@pytest.mark.parametrize("name", [*filter(takes_a_step, pt.rules.names())])
@pytest.mark.parametrize(("step_size", "message"), [
    (0, "step_size is 0, but it must be positive"), (-0.1, "step_size is -0.1"),
    (float("nan"), "step_size is nan, not a finite number"),
    ("fast", "step_size is 'fast', not a number")])
def test_a_bad_step_size_is_named(name, step_size, message):
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make(name, step_size=step_size)


def test_an_unknown_rule_suggests_the_nearest():
    with pytest.raises(pt.InputError, match="unknown rule 'ingp'; did you mean 'inpg'"):
        pt.rules.make("ingp", step_size=0.1)


def test_a_parameter_that_is_no_number_is_named() -> None:
    rule = pt.rules.INPG(step_size=0.1)
    object.__setattr__(rule, "step_size", "large")
    with pytest.raises(pt.InputError, match=r"rule\.step_size is 'large', not a number"):
        pt.solve(pt.games.make("two-link-congestion"), rule, max_iterations=1)
