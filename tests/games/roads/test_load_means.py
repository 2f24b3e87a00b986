"""Means over loads, by cumulants and by distributions, against every outcome in exact fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import factorial, prod

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.certificates import load_counts, load_series
from potentia.games.roads import cumulants, load_windows
from potentia.runtime.float64 import float64_on_one_blas_thread

PROBABILITIES = ([0.0, 1.0, 0.5], [0.1, 0.25, 0.9, 0.6], [1.0, 1.0], [0.0], [0.5] * 6)


def mean(probabilities: list[float], value) -> Fraction:
    """E value(number) over all outcomes."""
    exact = [Fraction(probability) for probability in probabilities]
    return sum((prod(p if there else 1 - p for p, there in zip(exact, outcome, strict=True))
                * value(sum(outcome))
                for outcome in itertools.product((0, 1), repeat=len(exact))), start=Fraction(0))


@pytest.mark.parametrize("probabilities", PROBABILITIES)
@pytest.mark.parametrize("degree", [1, 4, 7])
def test_polynomials_of_a_load(probabilities: list[float], degree: int) -> None:
    coefficients = np.arange(1.0, degree + 2)
    expected = float(mean(probabilities, lambda k: sum(Fraction(c) * (k + 1) ** j
                                                       for j, c in enumerate(coefficients))))
    with float64_on_one_blas_thread():
        sums = [np.sum(np.array(probabilities) ** j) for j in range(1, degree + 1)]
        found = cumulants.mean_of_polynomial(list(coefficients), cumulants.from_power_sums(sums),
                                             1.0)
    assert float(found) == pytest.approx(expected, rel=1e-12)
    series = load_series.log_of_one(np.array(probabilities), degree).sum(axis=1)
    assert load_series.mean_cost(coefficients, series, 1.0) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("degree", [0, 1, 4, 8])
def test_sums_of_powers(degree: int) -> None:
    table = cumulants.sums_of_powers(degree)
    for number in (0, 1, 2, 9):
        powers = float(number) ** np.arange(degree + 2)
        expected = [sum(k**j for k in range(1, number + 1)) for j in range(degree + 1)]
        np.testing.assert_allclose(table @ powers, expected, rtol=1e-10, atol=1e-9)


def test_cumulants_of_one_agent() -> None:
    """kappa_4 = x (1 - x) (1 - 6 x (1 - x)), and so on by logarithm of 1 + x (e^t - 1)."""
    x = 0.3
    powers = np.array([x**j for j in range(1, 6)])
    series = load_series.log_of_one(np.array(x), 5)
    expected = [factorial(j) * series[j] for j in range(1, 6)]
    np.testing.assert_allclose(cumulants.of_one(5) @ powers, expected, rtol=1e-12)


def game_of(costs, n_agents: int = 5) -> pt.RoutingGame:
    return pt.RoutingGame.from_links([(1, 2), (1, 2), (1, 3), (3, 2)], costs,
                                     [(1, 2, n_agents - 2), (3, 2, 2)],
                                     weight=0.5)


TABLE = np.array([[1, 2, 4, 8, 9, 20.], [0, 0, 0, 5, 5, 5], [2] * 6, [0.5, 1, 1.5, 2, 2.5, 3]])


@pytest.mark.parametrize("seed", range(4))
def test_costs_of_any_kind_against_every_outcome(seed: int) -> None:
    game = game_of(pt.link_costs.tabulated(TABLE))
    profile = np.asarray(game.initial_profile("random", jax.random.key(seed)))
    if seed == 0:
        profile = np.where(profile == profile.max(axis=-1, keepdims=True), 1.0, 0.0)
    play = [game.trips.count.tolist(), np.asarray(game.rows.link)]
    first = [int(row) for row in game.trips.row]
    p, q = profile[first[0], 0], profile[first[1], 0]
    links = play[1][first[0]].tolist()
    probability = {link: float(p[a]) for a, link in enumerate(links)}
    onto_third = probability[2]
    probabilities = {0: [probability[0]] * 3, 1: [probability[1]] * 3, 2: [probability[2]] * 3,
                     3: [onto_third] * 3 + [float(q.max())] * 2}
    potential = sum(float(mean(probabilities[e], lambda k, e=e: Fraction(TABLE[e][:k].sum())))
                    for e in range(4))
    total = sum(float(
        mean(probabilities[e], lambda k, e=e: Fraction(k * TABLE[e][k - 1] if k else 0)))
                for e in range(4))
    assert float(game.potential(profile)) == pytest.approx(-potential, rel=1e-11)
    assert float(game.welfare(profile)) == pytest.approx(-total, rel=1e-11)
    own = [float(mean(probabilities[e][1:], lambda k, e=e: Fraction(TABLE[e][k])))
           for e in range(4)]
    value = probability[0] * own[0] + probability[1] * own[1] + onto_third * (own[2] + own[3])
    assert float(game.start_values(profile)[0]) == pytest.approx(-value, rel=1e-11)
    assert pt.certify(game, profile).values[0] == pytest.approx(-value, rel=1e-12)


@pytest.mark.parametrize("n_agents", [7, 400])
def test_tables_of_polynomials_give_what_polynomials_do(n_agents: int) -> None:
    costs = pt.link_costs.polynomial([[1, 0, 2e-3], [0, 1, 0], [3, 0.5, 0], [0, 0, 1e-3]])
    loads = 0.5 * np.arange(1, n_agents + 2)
    with float64_on_one_blas_thread():
        table = np.stack([np.polynomial.polynomial.polyval(loads, row)
                          for row in np.asarray(costs.coefficients)])
    exact, tabled = game_of(costs, n_agents), game_of(pt.link_costs.tabulated(table), n_agents)
    profile = np.asarray(exact.initial_profile("random", jax.random.key(1)))
    for name in ("potential", "welfare", "start_values", "relative_gap"):
        np.testing.assert_allclose(getattr(tabled, name)(profile), getattr(exact, name)(profile),
                                   rtol=1e-11)
    np.testing.assert_allclose(tabled.evaluate(profile).q, exact.evaluate(profile).q, rtol=1e-11)


def test_the_window_holds_all_that_matters() -> None:
    assert load_windows.window(10) == 11
    width = load_windows.window(1_000_000)
    assert 2 * np.exp(-width**2 / (2 * 1_000_000)) <= load_windows.MISSED
    assert width < 10_000


def test_a_distribution_by_types() -> None:
    found = load_counts.distribution(np.array([2, 1]), np.array([0.5, 0.25]))
    np.testing.assert_allclose(found, [0.1875, 0.4375, 0.3125, 0.0625], rtol=1e-14)


def test_tables_are_linear_between_whole_agents() -> None:
    game = pt.RoutingGame.from_links([(1, 2)], pt.link_costs.tabulated([[1.0, 3.0, 9.0]]),
                                     [(1, 2, 3)], weight=2.0)
    with float64_on_one_blas_thread():
        np.testing.assert_allclose(game.costs.at(np.array([[0.0, 2.0, 3.0, 5.0, 99.0]])),
                                   [[1, 1, 2, 6, 9]])
