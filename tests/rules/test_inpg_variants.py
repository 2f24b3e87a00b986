"""INPG with a barrier, with a floor, and with a guess of the next advantage."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize
from views import MASK, logged, one_step, random_policy, random_view, steps, view_of

import potentia as pt

pytestmark = pytest.mark.usefixtures("x64")
COINS = np.array([[1.0, -1.0], [-1.0, 1.0]])            # matching pennies: the first agent is paid


def normalised(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=-1, keepdims=True)


def test_a_barrier_or_a_floor_of_nothing_is_inpg() -> None:
    policy, view = random_view(1)
    expected = one_step(pt.rules.INPG(0.3), policy, view)
    for rule in (pt.rules.LogBarrierINPG(0.3, barrier=0.0), pt.rules.FloorINPG(0.3, floor=1e-300)):
        np.testing.assert_allclose(one_step(rule, policy, view), expected, rtol=1e-13)


def test_the_barriers_step_is_the_natural_gradient_of_the_regularised_value() -> None:
    """Against NumPy's pseudo-inverse of each row's Fisher block, and the gradient of
    V + lambda sum log pi in logits, both from their definitions."""
    policy, view = random_view(4)
    found = one_step(pt.rules.LogBarrierINPG(0.05, barrier=0.2), policy, view)
    for s in range(4):                                  # nobody comes to the last
        there, d = MASK[s], view.visitation[s]
        p, advantage = policy[s, there], (view.q[s] - view.v[s])[there]
        scores = np.eye(len(p)) - p                     # [a, theta]: of log pi(a)
        fisher = d * np.einsum("a,ab,ac->bc", p, scores, scores)
        gradient = view.scale * d * p * advantage + 0.2 * scores.sum(axis=0)
        moved = 0.05 * np.linalg.pinv(fisher, rcond=1e-12) @ gradient
        np.testing.assert_allclose(found[s, there], normalised(p * np.exp(moved)), rtol=1e-10)
    np.testing.assert_allclose(found[4], one_step(pt.rules.INPG(0.05), policy, view)[4], rtol=1e-13)


def test_the_barrier_comes_to_rest_where_its_objective_is_largest() -> None:
    """One state: pi_a = lambda/(m - q_a), m such that it sums to 1."""
    q = np.array([[0.3, -0.2, 0.1]])
    start = np.array([[0.98, 0.01, 0.01]])
    found = steps(pt.rules.LogBarrierINPG(0.5, barrier=0.02), start, lambda p, t: q, 400)[-1]
    m = scipy.optimize.brentq(lambda m: (0.02 / (m - q)).sum() - 1, 0.3 + 1e-9, 10, xtol=1e-15)
    np.testing.assert_allclose(found, 0.02 / (m - q), rtol=1e-10)


def test_the_longest_exponent_is_cut_uncentred() -> None:
    policy, view = random_view(2)
    share = np.where(view.visitation > 0, view.visitation, np.inf)[:, None]
    exponent = 2.0 * (view.scale * view.q + 0.1 / (np.where(MASK, policy, 1.0) * share))
    expected = normalised(np.where(MASK, policy * np.exp(np.clip(exponent, -1, 1)), 0.0))
    found = one_step(pt.rules.LogBarrierINPG(2.0, barrier=0.1, longest=1.0), policy, view)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_actions_that_are_nearly_lost_come_back_by_the_barrier() -> None:
    view = view_of(np.array([[1.0, 0.0]]), np.zeros((1, 2)), np.ones((1, 2), bool))
    for least in (-30.0, -5000.0):                      # the second underflows
        after, _ = pt.rules.LogBarrierINPG(0.1).update(jnp.array([[0.0, least]]), None, view, 0,
                                                       None)
        assert np.exp(after)[0, 1] > 0.99
        for none in (pt.rules.LogBarrierINPG(0.1, barrier=0.0), pt.rules.INPG(0.1)):
            after, _ = none.update(jnp.array([[0.0, least]]), jnp.array([[0.0, least]]), view, 0,
                                   None)
            np.testing.assert_allclose(after, [[0.0, least]], atol=1e-12)


@pytest.mark.parametrize("floor", [1e-3, 0.2, 0.7, 1.0])
def test_the_floors_row_is_the_nearest_one_by_relative_entropy(floor: float) -> None:
    """kappa by Brent's method from the definition, and the conditions of the convex problem."""
    rng, mask = np.random.default_rng(3), np.random.default_rng(4).random((30, 6)) < 0.8
    mask[:, 0] = True
    policy = random_policy(rng, mask)
    view = view_of(policy, 3 * rng.normal(size=mask.shape), mask)
    found = one_step(pt.rules.FloorINPG(0.5, floor), policy, view)
    inpg = one_step(pt.rules.INPG(0.5), policy, view)
    lifted = 0
    for row, plain, there in zip(found, inpg, mask, strict=True):
        lowest, w = floor / there.sum(), plain[there]

        def excess(kappa: float, lowest: float = lowest, w: np.ndarray = w) -> float:
            return np.maximum(lowest, kappa * w).sum() - 1

        kappa = scipy.optimize.brentq(excess, 0.0, 1 + 1e-12, xtol=1e-15) if floor < 1 else 0.0
        np.testing.assert_allclose(row[there], np.maximum(lowest, kappa * w), rtol=1e-11)
        assert (row[~there] == 0).all()
        lifted += (kappa * w < lowest).sum()
    assert lifted > 0


def test_rows_above_the_floor_are_inpgs() -> None:
    policy, view = random_view(8)
    np.testing.assert_allclose(one_step(pt.rules.FloorINPG(0.01, floor=1e-6), policy, view),
                               one_step(pt.rules.INPG(0.01), policy, view), rtol=1e-13)


def test_optimism_follows_the_regularised_leader_with_a_guess() -> None:
    """After t steps the policy maximises <sum of values and the last again, p> - KL(p, start)/eta:
    weights in closed form, in a loop of their own."""
    rng = np.random.default_rng(6)
    values, start = rng.normal(size=(5, 2, 3)), random_policy(rng, np.ones((2, 3), bool))
    found = steps(pt.rules.OptimisticINPG(0.4), start, lambda p, t: values[t], 5)
    for t in range(1, 6):
        told = values[:t].sum(axis=0) + values[t - 1]
        np.testing.assert_allclose(found[t], normalised(start * np.exp(0.4 * told)), rtol=1e-12)


def pennies(rule: Any, count: int) -> float:
    """How far two agents who match pennies end from playing both sides alike."""
    first, second = np.array([[0.7, 0.3]]), np.array([[0.4, 0.6]])
    logs = [logged(first), logged(second)]
    memories = [rule.init(log, np.ones((1, 2), bool), None) for log in logs]
    for t in range(count):
        p = [np.exp(np.asarray(log)) for log in logs]
        q = [p[1] @ COINS.T, -p[0] @ COINS]
        for k in range(2):
            view = view_of(p[k], q[k], np.ones((1, 2), bool), scale=1.0)
            logs[k], memories[k] = rule.update(logs[k], memories[k], view, t, None)
    return max(float(np.abs(np.exp(log) - 0.5).max()) for log in logs)


def test_optimism_ends_where_inpg_spirals_away() -> None:
    assert pennies(pt.rules.OptimisticINPG(0.3), 150) < 0.03
    assert pennies(pt.rules.INPG(0.3), 150) > 0.3


@pytest.mark.parametrize(("name", "given", "message"), [
    ("inpg-log-barrier", {"barrier": -1}, "^barrier is -1, but it must not be negative$"),
    ("inpg-log-barrier", {"longest": 0}, "^longest is 0, but it must be positive$"),
    ("inpg-log-barrier", {"longest": "far"}, "^longest is 'far', not a number$"),
    ("inpg-floor", {"floor": 0}, "^floor is 0, but it must be positive$"),
    ("inpg-floor", {"floor": 1.5}, r"^floor is 1\.5, but it must be at most 1$")])
def test_a_parameter_out_of_range_is_named(name: str, given: dict, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make(name, step_size=0.1, **given)
