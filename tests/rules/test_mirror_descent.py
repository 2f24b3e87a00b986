"""Mirror descent: INPG and Q-ascent are two of its maps, and the Tsallis map solves its problem."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.optimize
from views import MASK, one_step, random_view, view_of

import potentia as pt

pytestmark = pytest.mark.usefixtures("x64")


def tsallis(step_size: float, order: float) -> pt.rules.PolicyMirrorDescent:
    return pt.rules.PolicyMirrorDescent(step_size, "tsallis", order)


@pytest.mark.parametrize(("rule", "other"), [
    (pt.rules.PolicyMirrorDescent(0.8), pt.rules.INPG(0.2)),           # 1/(1-gamma) is 4
    (pt.rules.PolicyMirrorDescent(0.8, "euclidean"), pt.rules.QAscent(0.8)),
    (tsallis(0.8, 2.0), pt.rules.QAscent(0.4)),
    (tsallis(0.8, 1.0), pt.rules.INPG(0.2))])
def test_known_rules_are_special_cases(rule: Any, other: Any) -> None:
    for seed in range(3):
        policy, view = random_view(seed)
        np.testing.assert_allclose(one_step(rule, policy, view), one_step(other, policy, view),
                                   atol=1e-14)


@pytest.mark.parametrize("order", [0.1, 0.5, 0.9, 1.5, 1.9])
@pytest.mark.parametrize("step_size", [0.3, 30.0])
def test_the_tsallis_step_is_the_root_that_scipy_finds(order: float, step_size: float) -> None:
    """Each row's multiplier by Brent's method, on the equation as it is written."""
    policy, view = random_view(7)
    found = one_step(tsallis(step_size, order), policy, view)
    assert (found[~MASK] == 0).all()
    for s, allowed in enumerate(MASK):
        p, q, power = policy[s, allowed], view.q[s, allowed], order - 1

        def row(multiplier: float, p: np.ndarray = p, q: np.ndarray = q,
                power: float = power) -> np.ndarray:
            lifted = p**power + power / order * (step_size * q - multiplier)
            return np.maximum(lifted, 0 if power > 0 else 1e-20)**(1 / power)

        top = step_size * q.max()
        root = scipy.optimize.brentq(lambda m, row=row: min(row(m).sum(), 1e9) - 1, top - 100,
                                     top + 100, xtol=1e-14, rtol=1e-14)
        np.testing.assert_allclose(found[s, allowed], row(root), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("order", [0.3, 1.3])
def test_no_other_row_is_better(order: float) -> None:
    """The objective itself, written from its definition, at ten thousand other rows."""
    policy, view = random_view(3)
    p, q, rng = policy[0], view.q[0], np.random.default_rng(0)

    def entropy(row: np.ndarray) -> np.ndarray:
        return ((row**order).sum(axis=-1) - 1) / (order - 1)

    def objective(row: np.ndarray) -> np.ndarray:
        slope = order * p ** (order - 1) / (order - 1)
        return 0.7 * row @ q - (entropy(row) - entropy(p) - (row - p) @ slope)

    found = one_step(tsallis(0.7, order), policy, view)[0]
    others = np.concatenate([rng.dirichlet(np.ones(3), 5000),
                             found + 0.01 * (rng.dirichlet(np.ones(3), 5000) - found)])
    assert objective(found) >= objective(others).max()


@pytest.mark.parametrize("change", [1e-4, 1e-8, 1e-12, -1e-12, -1e-8, -1e-4])
def test_orders_near_one_tend_to_kl(change: float) -> None:
    policy, view = random_view(5)
    near = one_step(tsallis(0.8, 1 + change), policy, view)
    np.testing.assert_allclose(near, one_step(pt.rules.PolicyMirrorDescent(0.8), policy, view),
                               atol=2 * abs(change) + 1e-13)


def test_below_order_one_every_probability_stays_and_above_it_some_go() -> None:
    """However long the step and however small the probability."""
    mask = np.ones((1, 3), bool)
    view = view_of(np.array([[1 - 2e-9, 1e-9, 1e-9]]), np.array([[0.0, 1.0, -1.0]]), mask)
    policy = np.array([[1 - 2e-9, 1e-9, 1e-9]])
    inside, outside = (one_step(tsallis(1e6, order), policy, view) for order in (0.5, 1.5))
    assert (inside > 0).all()
    assert inside[0, 1] > 0.99
    np.testing.assert_array_equal(outside, [[0, 1, 0]])
    np.testing.assert_allclose(inside.sum(), 1, rtol=1e-14)


def test_hundreds_of_actions_sum_to_one() -> None:
    rng = np.random.default_rng(2)
    mask = rng.random((4, 300)) < 0.9
    policy, view = random_view(1, mask)
    rows = [one_step(tsallis(50.0, order), policy, view) for order in (0.05, 0.7, 1.2, 2.0)]
    np.testing.assert_allclose([row.sum(axis=1) for row in rows], 1, rtol=1e-13)


@pytest.mark.parametrize(("given", "message"), [
    ({"mirror_map": "tsalis"}, "^unknown mirror_map 'tsalis'; did you mean 'tsallis'"),
    ({"order": 0}, "^order is 0, but it must be positive$"),
    ({"order": 2.5}, r"^order is 2\.5, but it must be at most 2$")])
def test_a_parameter_out_of_range_is_named(given: dict, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make("mirror-descent", step_size=0.1, **given)
