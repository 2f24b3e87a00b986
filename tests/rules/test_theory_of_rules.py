"""What is proven of the rules that follow gradients or weigh actions by exponentials: their regret,
and that a common reward rises. What is proven of other rules stands in the tests of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from views import MASK, one_step, random_view, steps

import potentia as pt
from slow_soft import as_profile, random_arrays, random_policies, soft_values

T, ACTIONS = 300, 3
COMMON = random_arrays(11)
COMMON["rewards"][1] = COMMON["rewards"][0]


def regret(rule: Any, values: np.ndarray | None) -> float:
    """What the best action would have brought more than `rule` in T steps, on values [T, 1, A] in
    [0, 1], or against one who lets the most likely action fail."""
    told: list[np.ndarray] = []

    def value_of(policy: np.ndarray, t: int) -> np.ndarray:
        told.append(1.0 * (policy != policy.max(axis=1, keepdims=True)) if values is None
                    else values[t])
        return told[-1]

    policies = steps(rule, np.full((1, ACTIONS), 1 / ACTIONS), value_of, T)
    had = sum((p * q).sum() for p, q in zip(policies, told, strict=False))
    return float(np.sum(told, axis=0).max() - had)


@pytest.mark.parametrize(("rule", "bound"), [
    *((rule(eta), np.log(ACTIONS) / eta + eta * T / 8)
      for rule in (pt.rules.INPG, pt.rules.MWU) for eta in (0.05, 0.5)),
    *((rule(eta), 2 / (2 * eta) + eta * ACTIONS * T / 2)
      for rule in (pt.rules.QAscent, pt.rules.IPG) for eta in (0.05, 0.5))], ids=repr)
def test_regret_is_bounded_whatever_happens(rule: Any, bound: float, x64: None) -> None:
    """log A/eta + eta T/8 of exponential weights (Cesa-Bianchi and Lugosi 2006, Theorem 2.2), and
    D^2/(2 eta) + eta T G^2/2 of projected gradients (Zinkevich 2003), D^2 = 2 and G^2 = A."""
    drawn = np.random.default_rng(0).uniform(size=(T, 1, ACTIONS))
    drawn[T // 2:, 0] = drawn[T // 2:, 0, ::-1] * [1, 0.5, 0.2]
    for values in (drawn, None):
        assert regret(rule, values) <= bound


def projected(row: np.ndarray) -> np.ndarray:
    """The nearest distribution, by halving what is taken from all."""
    low, high = row.min() - 1, row.max()
    for _ in range(100):
        middle = (low + high) / 2
        low, high = ((middle, high) if np.maximum(row - middle, 0).sum() > 1 else (low, middle))
    return np.maximum(row - low, 0)


@pytest.mark.parametrize("step", [0.05, 1.0])
def test_gradients_are_projected_on_the_nearest_policy(step: float, x64: None) -> None:
    """Of both: Q-ascent's all alike, IPG's by visits."""
    policy, view = random_view(5)
    for rule, weights in ((pt.rules.QAscent(step), np.ones(len(MASK))),
                          (pt.rules.IPG(step), view.scale * view.visitation)):
        found = one_step(rule, policy, view)
        assert (found[~MASK] == 0).all()
        for s, there in enumerate(MASK):
            expected = projected(policy[s, there] + step * weights[s] * view.q[s, there])
            np.testing.assert_allclose(found[s, there], expected, atol=1e-12)


def test_ipg_follows_the_gradient_of_the_value_in_probabilities() -> None:
    """Derivatives along the imaginary axis, of an evaluation that knows nothing of Potentia; what
    rows sum to is the projection's business."""
    policies, h, step = random_policies(12, COMMON), 1e-30, 1e-3
    found = pt.solve(pt.MarkovGame.from_arrays(**COMMON), pt.rules.IPG(step), max_iterations=1,
                     initial=as_profile(policies), tolerance=None).profile
    for agent, policy in enumerate(policies):
        for s in range(len(policy)):
            gradient = np.zeros(policy.shape[1])
            for a in range(policy.shape[1]):
                moved = policy.astype(complex)
                moved[s, a] += 1j * h
                v, _ = soft_values(COMMON, [moved if i == agent else p
                                            for i, p in enumerate(policies)], 0.0)
                gradient[a] = (COMMON["initial"] @ v[agent]).imag / h
            np.testing.assert_allclose(found[agent, s, :policy.shape[1]],
                                       projected(policy[s] + step * gradient), atol=1e-12)


@pytest.mark.parametrize("rule", [
    pt.rules.INPG(0.02), pt.rules.IPG(0.02), pt.rules.SoftmaxPG(0.2)], ids=repr)
def test_a_common_reward_never_falls_by_short_steps(rule: Any) -> None:
    """All agents at once, in a game of three states (Fox et al. 2110.10614, Leonardos et al.
    2106.01969, Zhang et al. 2202.00872)."""
    found = pt.solve(pt.MarkovGame.from_arrays(**COMMON), rule, max_iterations=40, check_every=1,
                     initial=as_profile(random_policies(12, COMMON)), tolerance=None)
    rises = np.diff(found.history["potential"])
    assert (rises > 0).all()
    assert rises.sum() > 0.1
