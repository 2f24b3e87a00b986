"""Rules that keep estimates of their own: two timescales, independent and decentralised
Q-learning."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import scipy.special
from views import MASK, logged, one_step, random_policy, random_view, steps, view_of

import potentia as pt

pytestmark = pytest.mark.usefixtures("x64")
COORDINATION = np.array([[2.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0]])


def coordination() -> pt.MarkovGame:
    """Two agents who are paid for the same choice; all three are equilibria."""
    return pt.MarkovGame.from_arrays(np.stack([COORDINATION] * 2)[:, None],
                                     np.zeros((1, 3, 3), int), discount=0.0)


def test_two_timescales_follow_their_equations() -> None:
    """Six steps in loops; in every other one the first row's second action was not played (its
    value is v), and nobody comes to the last row."""
    rng = np.random.default_rng(0)
    rule, policy = pt.rules.TwoTimescaleQ(0.7, fast=0.5, slow=0.8), random_policy(rng)
    log_policy, expected = logged(policy), policy.copy()
    memory, estimates = rule.init(log_policy, MASK, None), np.zeros(MASK.shape)
    entries, states = np.zeros(MASK.shape), np.zeros(5)
    for t in range(6):
        q = rng.normal(size=MASK.shape)
        view = view_of(expected, q)
        if t % 2 == 0:
            q[0, 1] = view.q[0, 1] = view.v[0]
        log_policy, memory = rule.update(log_policy, memory, view, t, None)
        for s in range(4):
            states[s] += 1
            there = np.flatnonzero(MASK[s])
            response = scipy.special.softmax(estimates[s, there] / 0.7)
            expected[s, there] += states[s]**-0.8 * (response - expected[s, there])
            for a in there:
                if (s, a) != (0, 1) or t % 2 == 1:
                    entries[s, a] += 1
                    estimates[s, a] += entries[s, a]**-0.5 * (q[s, a] - estimates[s, a])
        # The one action of row 2 is sure, so that it was played.
        np.testing.assert_array_equal(memory.entries, entries)
        np.testing.assert_allclose(memory.q, estimates, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(np.exp(log_policy), expected, rtol=1e-11)
    np.testing.assert_array_equal(memory.states, [6, 6, 6, 6, 0])


def test_two_timescales_rest_at_the_quantal_response_equilibrium() -> None:
    """What actions are worth depends on the policy: the estimates come to the values, the policy to
    their softmax."""
    worth = np.array([[1.0, 0.8, 0.5]])
    rule = pt.rules.TwoTimescaleQ(0.7, fast=0.3, slow=0.6)
    found = steps(rule, np.ones((1, 3)) / 3, lambda p, t: worth * p, 3000)[-1]
    np.testing.assert_allclose(found, scipy.special.softmax(worth * found / 0.7), atol=1e-3)


def test_independent_learners_follow_their_equations() -> None:
    rng = np.random.default_rng(3)
    rule, policy = pt.rules.IndependentQ(0.3, exploration=0.2), random_policy(rng)
    log_policy, estimates = logged(policy), np.zeros(MASK.shape)
    memory = rule.init(log_policy, MASK, None)
    for t in range(4):
        q = rng.normal(size=MASK.shape)
        log_policy, memory = rule.update(log_policy, memory, view_of(policy, q), t, None)
        policy = np.zeros(MASK.shape)
        for s, there in enumerate(MASK):
            if s < 4:                                            # nobody comes to the last
                estimates[s, there] += 0.3 * (q[s, there] - estimates[s, there])
            policy[s, there] = 0.2 / there.sum()
            policy[s, max(np.flatnonzero(there), key=lambda a, s=s: (estimates[s, a], -a))] += 0.8
        np.testing.assert_allclose(np.exp(log_policy), policy, rtol=1e-12)


def test_independent_learners_who_forget_at_once_play_best_responses() -> None:
    policy, view = random_view(1)
    greedy = one_step(pt.rules.IndependentQ(1.0, exploration=1e-12), policy, view)
    best = one_step(pt.rules.BestResponseDynamics(), policy, view)
    np.testing.assert_allclose(greedy[:4], best[:4], atol=1e-11)


def moves(rule: pt.rules.DecentralisedQ, baseline: np.ndarray, view: object,
          draws: int = 4000) -> np.ndarray:
    """[draws, H] the baselines after one step, with as many keys."""
    keys = jax.random.split(jax.random.key(0), draws)
    log_policy = logged(view.policy)
    return np.asarray(jax.vmap(lambda key: rule.update(log_policy, baseline, view.told, 0, key)[1])(
        keys))


class Seen:
    """A policy and what it is told."""

    def __init__(self, q: np.ndarray):
        self.policy = np.where(MASK, 1.0, 0.0) / MASK.sum(axis=1, keepdims=True)
        self.told = view_of(self.policy, q)


def test_decentralised_learners_draw_from_all_good_replies_with_inertia() -> None:
    """Row 0 has two replies within the slack, row 1 one; row 4, where nobody comes, stays."""
    q = np.array([[1.0, 0.95, 0.0], [0.0, 9.0, 1.0], [0.0, 0.0, 0.0], [0.3, 0.0, 0.0], [1, 2, 3]])
    rule = pt.rules.DecentralisedQ(slack=0.1, inertia=0.3)
    baseline = np.array([2, 0, 1, 0, 1])
    found = moves(rule, baseline, Seen(q))
    stayed = (found == baseline).all(axis=1)
    assert abs(stayed.mean() - 0.3) < 0.03
    assert (found[~stayed][:, 1:] == [2, 1, 0, 1]).all()
    assert abs((found[~stayed][:, 0] == 0).mean() - 0.5) < 0.04
    assert set(found[~stayed][:, 0]) == {0, 1}


def test_decentralised_learners_with_a_good_reply_stay() -> None:
    q = np.array([[1.0, 0.95, 0.0], [0.0, 9.0, 1.0], [0.0, 0.0, 0.0], [0.3, 0.0, 0.0], [1, 2, 3]])
    baseline = np.array([1, 2, 1, 0, 0])
    rule = pt.rules.DecentralisedQ(slack=0.1, inertia=0.0)
    assert (moves(rule, baseline, Seen(q), 50) == baseline).all()
    assert (moves(pt.rules.DecentralisedQ(inertia=0.0), baseline, Seen(q), 50)[:, 0] == 0).all()


@pytest.mark.parametrize("oracle", [pt.Exact(), pt.Sampled(episodes=200, horizon=1)])
def test_decentralised_learners_end_at_pure_equilibria(oracle: object) -> None:
    """From random starts; what they play is a pure equilibrium but for their random play."""
    found = pt.solve(coordination(), pt.rules.DecentralisedQ(0.1), oracle, initial="random",
                     max_iterations=60, tolerance=None, runs=12, progress=False)
    chosen = found.profile.argmax(axis=-1)[:, :, 0]
    assert (chosen[:, 0] == chosen[:, 1]).all()
    assert len(set(chosen[:, 0])) > 1
    np.testing.assert_allclose(found.profile.max(axis=-1), 0.9 + 0.1 / 3, rtol=1e-12)


@pytest.mark.parametrize(("name", "given", "message"), [
    ("q-two-timescale", {"temperature": 0}, "^temperature is 0, but it must be positive$"),
    ("q-two-timescale", {"slow": 1.5}, r"^slow is 1\.5, but it must be at most 1$"),
    ("q-independent", {"step_size": 2}, "^step_size is 2, but it must be at most 1$"),
    ("q-independent", {"step_size": 0.1, "exploration": 0}, "^exploration is 0, but it must be "),
    ("q-decentralised", {"slack": -1}, "^slack is -1, but it must not be negative$"),
    ("q-decentralised", {"inertia": 2}, "^inertia is 2, but it must be at most 1$")])
def test_a_parameter_out_of_range_is_named(name: str, given: dict, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make(name, **given)
