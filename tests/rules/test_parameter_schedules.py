"""Parameters of Potentia's rules that are functions of the iteration."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import potentia as pt
from registered_rules import SOLVED

GAME = pt.games.make("stochastic-congestion", n_agents=2)
SHARED = {"initial": "uniform", "tolerance": None, "check_every": 50, "progress": False}


def learnt(rule: object, iterations: int = 20) -> np.ndarray:
    return pt.solve(GAME, rule, max_iterations=iterations, **SHARED).profile


@pytest.mark.parametrize("name", SOLVED)
def test_a_function_that_gives_a_number_is_as_good_as_the_number(name: str) -> None:
    """Of each parameter that is a number."""
    plain = pt.rules.make(name, **({} if name == "inpg-adaptive" else {"step_size": 0.05}))
    held = {field.name: getattr(plain, field.name) for field in dataclasses.fields(plain)
            if isinstance(getattr(plain, field.name), float)}
    changed = dataclasses.replace(plain, **{key: lambda _, value=value: value
                                            for key, value in held.items()})
    np.testing.assert_allclose(learnt(changed), learnt(plain), rtol=0, atol=1e-13)


def test_each_iteration_takes_its_own_step() -> None:
    steps = [0.3, 0.1, 0.2]
    found = learnt(pt.rules.INPG(step_size=lambda t: jnp.array(steps)[t]), 3)
    profile: object = "uniform"
    for step in steps:
        profile = pt.solve(GAME, pt.rules.INPG(step_size=step), max_iterations=1,
                           **{**SHARED, "initial": profile}).profile
    np.testing.assert_allclose(found, profile, rtol=0, atol=1e-14)


def test_a_schedule_of_optax_serves_as_it_is() -> None:
    schedule = optax.exponential_decay(0.4, 10, 0.5)
    result = pt.solve(GAME, pt.rules.INPG(step_size=schedule), max_iterations=20, **SHARED)
    by_hand = learnt(pt.rules.INPG(step_size=lambda t: 0.4 * 0.5 ** (t / 10)))
    np.testing.assert_allclose(result.profile, by_hand, rtol=0, atol=1e-12)
    assert result.settings["rule.step_size"] == "exponential_decay.<locals>.schedule"


def on_the_host(iteration: object) -> object:
    def step(at: np.ndarray) -> np.ndarray:
        if at == 7:
            raise LookupError("no step in the seventh")
        return np.float64(0.1)

    return jax.pure_callback(step, jax.ShapeDtypeStruct((), jnp.float64), iteration,
                             vmap_method="sequential")


@pytest.mark.parametrize(("function", "message"), [
    (on_the_host, r"^INPG's step_size failed: LookupError: no step in the seventh$"),
    (lambda t: 0.1 - 0.001 * t, r"^step_size is -0\.399, but it must be .*, in iteration 499$"),
    (lambda t: jnp.where(t == 77, jnp.nan, 0.1), r"^step_size is nan, .*, in iteration 77$"),
    (lambda t: jnp.ones(3), r"^INPG's step_size is a function that gives float64 \(3,\), but"),
    (lambda: 0.1, r"^INPG's step_size failed: TypeError"),
    (lambda t: 0.2 if t > 3 else 0.1, r"^INPG's step_size failed: .*jnp\.where")])
def test_what_a_function_must_not_give_is_refused_before_the_first_iteration(
        function: object, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        learnt(pt.rules.INPG(step_size=function), 500)


def test_a_checkpoint_goes_on_with_the_same_function_only(tmp_path: Path) -> None:
    def asked(rule: object, iterations: int, directory: str) -> pt.Result:
        return pt.solve(GAME, rule, max_iterations=iterations, checkpoint=tmp_path / directory,
                        resume=True, **SHARED)

    slowing = pt.rules.INPG(step_size=lambda t: 0.1 / (1 + t))
    asked(slowing, 30, "parts")
    whole, parts = asked(slowing, 80, "whole"), asked(slowing, 80, "parts")
    np.testing.assert_array_equal(parts.profile, whole.profile)
    with pytest.raises(pt.InputError, match=r"rule\.step_size"):
        asked(pt.rules.INPG(step_size=lambda t: 0.2 / (1 + t)), 90, "parts")
