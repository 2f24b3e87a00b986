"""Regret matching and regret matching+: their equations, and the regret that they promise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from views import MASK, logged, one_step, random_policy, steps, view_of

import potentia as pt

pytestmark = pytest.mark.usefixtures("x64")
RULES = {"plain": pt.rules.RegretMatching(), "plus": pt.rules.RegretMatchingPlus()}


@pytest.mark.parametrize("kind", RULES)
def test_they_follow_their_equations(kind: str) -> None:
    """Six steps on values that change, in loops."""
    rng, rule = np.random.default_rng(1), RULES[kind]
    expected = random_policy(rng)
    log_policy, regrets = logged(expected), np.zeros(MASK.shape)
    memory = rule.init(log_policy, MASK, None)
    for t in range(6):
        q = rng.normal(size=MASK.shape)
        log_policy, memory = rule.update(log_policy, memory, view_of(expected, q), t, None)
        following = expected.copy()
        for s, there in enumerate(MASK):
            value = sum(expected[s, a] * q[s, a] for a in np.flatnonzero(there))
            for a in np.flatnonzero(there):
                regrets[s, a] += q[s, a] - value
                if kind == "plus":
                    regrets[s, a] = max(regrets[s, a], 0)
            positive = np.where(there, np.maximum(regrets[s], 0), 0)
            if positive.sum() > 1e-12:
                following[s] = positive / positive.sum()
        expected = following
        np.testing.assert_allclose(np.exp(log_policy), expected, atol=1e-12)


def regret(policies: list[np.ndarray], values: np.ndarray) -> np.ndarray:
    """[H] what the best constant action would have brought more, in all."""
    had = sum((p * q).sum(axis=1) for p, q in zip(policies, values, strict=False))
    return values.sum(axis=0).max(axis=1) - had


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_regret_is_bounded_whatever_the_others_do(rule: Any) -> None:
    """At most range sqrt(actions T) (Blackwell), against chance and against an opponent who lets
    the most likely action fail; a policy that stays has a multiple of it."""
    rng, start = np.random.default_rng(2), np.ones((2, 3)) / 3
    drawn = rng.uniform(0, 1, (400, 2, 3)) + np.array([0.2, 0.0, 0.1])
    told: list[np.ndarray] = []

    def hostile(policy: np.ndarray, t: int) -> np.ndarray:
        told.append(1.0 * (policy != policy.max(axis=1, keepdims=True)))
        return told[-1]

    found = steps(rule, start, lambda p, t: drawn[t], 400)
    assert (regret(found, drawn) <= 1.2 * np.sqrt(3 * 400)).all()
    assert (regret([start] * 400, drawn) > 1.5 * regret(found, drawn)).all()
    found = steps(rule, start, hostile, 400)
    assert (regret(found, np.array(told)) <= np.sqrt(3 * 400)).all()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_policy_without_regrets_stays(rule: Any) -> None:
    policy = np.array([[0.0, 1.0, 0.0]])
    view = view_of(policy, np.array([[1.0, 2.0, -1.0]]), np.ones((1, 3), bool))
    np.testing.assert_array_equal(one_step(rule, policy, view), policy)


def test_what_is_below_zero_is_forgotten_by_the_plus_only() -> None:
    """The first action fails nine times, then is best twice."""
    values = np.array([[[-1.0, 0.0]]] * 9 + [[[1.0, 0.0]]] * 2)
    start = np.array([[0.5, 0.5]])
    after = {kind: steps(rule, start, lambda p, t: values[t], 11)[-1][0, 0]
             for kind, rule in RULES.items()}
    assert after["plain"] == 0
    assert after["plus"] > 0.25


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_rewards_in_another_unit_make_no_difference(rule: Any) -> None:
    values = np.random.default_rng(3).normal(size=(20, 2, 3))
    start = np.ones((2, 3)) / 3
    one, other = (steps(rule, start, lambda p, t, unit=unit: unit * values[t], 20)[-1]
                  for unit in (1.0, 1e9))
    np.testing.assert_allclose(one, other, atol=1e-9)


@pytest.mark.parametrize("name", ["regret-matching", "regret-matching-plus"])
def test_there_is_no_parameter(name: str) -> None:
    with pytest.raises(pt.InputError, match=f"^unknown parameter of {name} '.*'; known: none$"):
        pt.rules.make(name, step_size=1)
