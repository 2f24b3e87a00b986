"""Expected pay of agents that share a facility, against every way in which the others can
choose."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

from potentia.games.congestion.poisson_binomial import expected_pay

SURE = {"inside": [0.25, 0.5, 0.125, 0.7], "none and all": [0.0, 1.0, 0.0, 1.0],
        "all": [1.0, 1.0, 1.0],
        "hardly": [1e-300, 1e-300, 0.5], "all but surely": [1 - 2**-53, 1 - 2**-53, 1e-17,
                                                            0.3], "one": [0.3]}


def by_hand(probability: list[float], pay: list[float], agent: int) -> Fraction:
    """The mean of pay by the number on the facility, the agent on it for sure, exactly."""
    others = [Fraction(p) for j, p in enumerate(probability) if j != agent]
    total = Fraction(0)
    for there in itertools.product((0, 1), repeat=len(others)):
        weight = math.prod((p if k else 1 - p for p, k in zip(others, there, strict=True)),
                           start=Fraction(1))
        total += weight * Fraction(pay[sum(there)])
    return total


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("name", SURE)
def test_mean_pay_is_that_of_all_ways_to_choose(name):
    probability = SURE[name]
    pay = np.random.default_rng(len(probability)).normal(size=len(probability))
    found = np.asarray(expected_pay(np.array(probability)[:, None], pay[:, None]))
    assert found.shape == (len(probability), 1)
    for agent in range(len(probability)):
        truth = by_hand(probability, pay.tolist(), agent)
        assert abs(Fraction(float(found[agent, 0])) - truth) <= 4e-16 * np.abs(pay).max()


@pytest.mark.usefixtures("x64")
def test_a_probability_of_1e_300_is_not_lost():
    """Pay is 1 where another comes, else 0: a difference of distributions would leave nothing."""
    found = np.asarray(expected_pay(np.array([[0.5], [1e-300]]), np.array([[0.0], [1.0]])))
    np.testing.assert_allclose(found[:, 0], [1e-300, 0.5], rtol=1e-15, atol=0)


@pytest.mark.usefixtures("x64")
def test_facilities_and_states_side_by_side():
    """[k, R, A, m] probabilities with pay by facility, and with pay by facility and state."""
    rng = np.random.default_rng(0)
    probability = rng.random((3, 2, 2, 4))
    by_facility, by_state = rng.normal(size=(2, 2, 3, 1)), rng.normal(size=(2, 2, 3, 4))
    for pay in (by_facility, by_state):
        found = np.asarray(expected_pay(probability, pay))
        assert found.shape == probability.shape
        whole = np.broadcast_to(pay, by_state.shape)
        for agent, r, a, m in np.ndindex(found.shape):
            truth = by_hand(probability[:, r, a, m].tolist(), whole[r, a, :, m].tolist(), agent)
            assert float(found[agent, r, a, m]) == pytest.approx(float(truth), abs=1e-14)
