"""Oracles of a user's own: what they return is checked, and functions on the host work in
float64."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt

GAME = pt.MarkovGame.from_arrays(np.repeat([[[[3.0, 0.0], [0.0, 1.0]]]], 2, axis=0),
                                 np.zeros((1, 2, 2), int),
                                 discount=0.5)
START = np.array([[[0.4, 0.6]], [[0.3, 0.7]]])
RULE = pt.rules.INPG(step_size=0.1)


FROZEN = dataclasses.dataclass(frozen=True)


def oracle(change: Any, declare: Any = FROZEN) -> Any:
    @declare
    class Told:
        factor: float = 1.0

        def evaluate(self, game: Any, profile: Any, key: Any) -> Any:
            return change(self, game.evaluate(profile))

    return Told()


def replaced(**fields: Any) -> Any:
    return oracle(lambda self, evaluation: dataclasses.replace(
        evaluation, **{name: change(getattr(evaluation, name)) for name, change in fields.items()}))


@pytest.mark.parametrize(("declare", "runs"), [(FROZEN, 1), (pt.oracles.oracle, 3)])
def test_a_right_oracle_tells_what_ours_does_and_never_converges_on_its_own_word(declare: Any,
                                                                                 runs: int) -> None:
    told = oracle(lambda self, evaluation: evaluation, declare)
    found = pt.solve(GAME, RULE, told, initial=START, max_iterations=20, tolerance=10.0, runs=runs)
    expected = pt.solve(GAME, RULE, initial=START, max_iterations=20, tolerance=None, runs=runs)
    np.testing.assert_allclose(found.profile, expected.profile, atol=1e-14)
    assert {*np.atleast_1d(found.status)} == {pt.Status.MAX_ITERATIONS}


@pytest.mark.parametrize(("told", "message"), [
    (replaced(q=lambda q: q[..., :1]),
     r"Told\.evaluate returned q as float64 \(2, 1, 1\), but float64 \(2, 1, 2\)"),
    (replaced(v=lambda v: v.astype(jnp.float32)),
     r"Told\.evaluate returned v as float32 \(2, 1\), but float64"),
    (replaced(visitation=lambda d: None),
     r"Told\.evaluate returned visitation as None, but float64 \(2, 1\) was"),
    (oracle(lambda self, evaluation: evaluation.q),
     r"Told\.evaluate returned float64 \(2, 1, 2\), but an Eval"),
    (oracle(lambda self, evaluation: evaluation.Q),
     "Told.evaluate failed: AttributeError: 'Evaluation' object has no"),
])
def test_what_breaks_the_contract_is_refused_before_the_first_iteration(told: Any,
                                                                        message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, RULE, told, max_iterations=0)


@pytest.mark.parametrize(("told", "message"), [
    (replaced(q=lambda q: q.at[1, 0, 1].set(-jnp.inf)),
     "Told.evaluate gave q[agent=1, information state=0, action=1] = -inf, but a finite number was "
     "expected (iter"),
    (replaced(v=lambda v: v.at[0, 0].set(jnp.inf)),
     "Told.evaluate gave v[agent=0, information state=0] = inf, but"),
    (replaced(visitation=lambda d: d * jnp.nan),
     "gave visitation[agent=0, information state=0] = nan, but"),
])
def test_values_that_are_not_finite_end_the_run(told: Any, message: str) -> None:
    result = pt.solve(GAME, RULE, told, initial=START, max_iterations=5)
    assert result.status is pt.Status.NONFINITE
    assert message in result.message
    assert (result.profile == START).all()


def test_an_oracle_without_evaluate_is_refused_by_name() -> None:
    with pytest.raises(pt.InputError,
                       match="oracle is a Nothing, which is no oracle: it has no `evaluate`"):
        pt.solve(GAME, RULE, type("Nothing", (), {})())


@pytest.mark.parametrize(("claim", "message"), [
    (property(lambda self: 1 / 0), "Told.exact failed: ZeroDivisionError"),
    ("surely", "Told.exact is 'surely', but it must be True or False"),
])
def test_a_claim_to_be_exact_is_yes_or_no(claim: Any, message: str) -> None:
    told = type(oracle(lambda self, evaluation: evaluation))
    other = type("Told", (told,), {"exact": claim})
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, RULE, other())


def test_a_function_on_the_host_sees_and_gives_float64() -> None:
    """Beside enough other work that the runtime calls it from a thread of its own."""
    seen = set()

    def host(v: Any) -> Any:
        seen.add((v.dtype, jnp.ones(1).dtype))
        return np.asarray(v) / 3

    @pt.oracles.oracle
    class Asking:
        work: Any

        def evaluate(self, game: Any, profile: Any, key: Any) -> Any:
            evaluation = game.evaluate(profile)
            busy = 0.0 * jnp.sum(jnp.tanh(self.work @ self.work))
            third = jax.pure_callback(host,
                                      jax.ShapeDtypeStruct(evaluation.v.shape, evaluation.v.dtype),
                                      evaluation.v + busy, vmap_method="sequential")
            return dataclasses.replace(evaluation, q=evaluation.q * third[..., None]
                                       / evaluation.v[..., None], v=third)

    found = pt.solve(GAME, RULE, Asking(np.ones((300, 300))), initial=START, max_iterations=60,
                     runs=2)
    third = pt.rules.INPG(step_size=0.1 / 3)
    expected = pt.solve(GAME, third, initial=START, max_iterations=60, tolerance=None, runs=2)
    np.testing.assert_allclose(found.profile, expected.profile, rtol=1e-13)
    assert seen == {(np.dtype(np.float64), np.dtype(np.float64))}


def test_a_function_on_the_host_may_take_and_give_one_number() -> None:
    @pt.rules.rule
    class Slowing:
        def init(self, log_policy: Any, mask: Any, key: Any) -> tuple:
            return ()

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any,
                   key: Any) -> tuple:
            step = jax.pure_callback(lambda count: np.float64(0.1) / (1 + count),
                                     jax.ShapeDtypeStruct((), jnp.float64), iteration,
                                     vmap_method="sequential")
            return jax.nn.log_softmax(log_policy + step * view.advantage), memory

    result = pt.solve(GAME, Slowing(), initial=START, max_iterations=3, tolerance=None)
    assert result.status is pt.Status.MAX_ITERATIONS
    assert not np.allclose(result.profile, START)


def test_a_function_on_the_host_that_fails_is_one_line() -> None:
    def host(v: Any) -> Any:
        raise ValueError("no connection")

    @pt.oracles.oracle
    class Remote:
        def evaluate(self, game: Any, profile: Any, key: Any) -> Any:
            told = game.evaluate(profile)
            v = jax.pure_callback(host, jax.ShapeDtypeStruct(told.v.shape, told.v.dtype), told.v,
                                  vmap_method="sequential")
            return dataclasses.replace(told, v=v)

    with pytest.raises(pt.InputError, match=r"a function that Remote calls on the host failed: "
                                            ".*no connection") as caught:
        pt.solve(GAME, RULE, Remote(), initial=START, max_iterations=3)
    assert "\n" not in str(caught.value)
