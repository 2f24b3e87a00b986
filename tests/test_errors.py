"""What counts as a number, and what messages show of anything else."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError, finite_number, shown, whole_number


@pytest.mark.parametrize("value", [1, 1.0, np.int8(1), np.float32(1), np.array(1), jnp.ones(()),
                                   Fraction(1),
                                   Decimal(1)])
def test_numbers_of_all_kinds_are_one(value: object) -> None:
    assert finite_number(value, "x") == 1
    assert type(finite_number(value, "x")) is np.float64


@pytest.mark.parametrize(("value", "message"), [
    ("1e-3", "x is '1e-3', not a number"), (b"1", "x is b'1', not a number"),
    (np.str_("1"), "not a number"),
    (True, "x is True, not a number"), (np.bool_(True), "not a number"),
    (1j, "x is 1j, not a number"),
    (np.complex128(1), "not a number"), (None, "x is None, not a number"),
    (np.ma.masked, "not a number"),
    (np.datetime64("2020"), "not a number"), ([[1], 2], "not a number"),
    ([1.0], "not a finite number"),
    (10**400, "too large"), (float("nan"), "x is nan, not a finite number"),
    (object(), "not a number"), ("a\n" * 99, "not a number"),
])
def test_what_is_no_number_is_named_on_one_short_line(value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        finite_number(value, "x")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


def test_a_broken_repr_is_shown_by_its_type() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    assert shown(Broken()) == "a Broken"
    with pytest.raises(InputError, match="x is a int, too large for a number"):
        finite_number(10**5000, "x")
    with pytest.raises(InputError, match="x is a int, but it must be at least 0"):
        whole_number(-10**5000, "x")


@pytest.mark.parametrize(("parameters", "message"), [
    ({"weights": (1, "2")}, r"weights\[1\] is '2', not a number"),
    ({"penalty": "5"}, "penalty is '5', not a number"),
    ({"discount": True}, "discount is True, not a number"),
])
def test_games_refuse_text_and_booleans(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pt.games.make("distancing", n_agents=2, **parameters)


def test_rules_and_solve_refuse_text() -> None:
    game = pt.games.make("distancing", n_agents=2)
    with pytest.raises(InputError, match=r"step_size is '0\.1', not a number"):
        pt.solve(game, pt.rules.make("inpg", step_size="0.1"))
    with pytest.raises(InputError, match="tolerance is '1e-3', not a number"):
        pt.solve(game, pt.rules.make("inpg", step_size=0.1),
                 tolerance="1e-3")  # pyright: ignore[reportArgumentType]


def test_arrays_and_huge_numbers_are_refused_by_name() -> None:
    game = pt.games.make("prisoners-dilemma")
    rule = pt.rules.INPG(step_size=0.1)
    with pytest.raises(InputError, match=r"episodes=10\^400 of 39 steps need 10\^394 GB"):
        pt.solve(game, rule, pt.Sampled(episodes=10**400))
    with pytest.raises(InputError, match="the policy of agent 1 has shape"):
        pt.solve(game, rule, initial=[[[1, 0]], [[1]]])
    with pytest.raises(InputError, match=r"longest is \[1\. 2\.\], not a finite number"):
        pt.rules.LogBarrierINPG(step_size=0.1, longest=np.array([1.0, 2.0]))
    with pytest.raises(InputError, match=r"unknown penalised array\(\[1\., 2\.\]\)"):
        pt.games.make("distancing", penalised=np.array([1.0, 2.0]))


@pytest.mark.parametrize("parameter", ["horizon", "agents_each"])
def test_what_would_take_for_ever_to_build_is_refused_at_once(parameter: str) -> None:
    with pytest.raises(InputError, match=f"{parameter} is .*, but it must be at most"):
        pt.games.make("networked-traffic", **{parameter: 10**400})


def test_fractions_and_decimals_are_numbers_of_rules_too() -> None:
    rule = pt.rules.EntropyINPG(step_size=Decimal("0.1"), temperature=Fraction(1, 10))
    game = pt.games.make("prisoners-dilemma")
    oracle = pt.oracles.Soft(temperature=Fraction(1, 10))
    found = pt.solve(game, rule, oracle, max_iterations=3)
    assert found.settings["rule.step_size"] == found.settings["rule.temperature"] == 0.1
    with pytest.raises(InputError, match=r"step_size is -0\.5, but it must be positive"):
        pt.rules.INPG(step_size=Fraction(-1, 2))


@pytest.mark.parametrize("name", ["braess", "pigou", "sioux-falls"])
def test_too_many_agents_on_roads_are_named(name: str) -> None:
    with pytest.raises(InputError, match=r"^n_agents is .*at most 1,000,000,000,000,000$"):
        pt.games.make(name, n_agents=10**400)


def test_numbers_that_programs_take_for_zero_are_not_positive() -> None:
    with pytest.raises(InputError, match=r"^temperature is .*e-321, which programs take for 0"):
        pt.rules.SmoothedBestResponse(temperature=1e-320)
