"""Means of powers of large loads: against whole distributions, and sums of exponentials."""

from __future__ import annotations

from decimal import Decimal, localcontext
from functools import lru_cache

import numpy as np
import pytest

from potentia.certificates import load_counts, load_moments, load_powers

POWERS = (0.3, 1.5, 2.5, 4.446, 6.5856, 9.0, 16.83)
AGENTS, PROBABILITY = (700, 1000, 200), (0.9, 0.1, 0.5)


def crowd(seed: int, kinds: int, agents: int) -> tuple[np.ndarray, np.ndarray]:
    """So many of each kind at most, of which some take a link for sure."""
    rng = np.random.default_rng(seed)
    return rng.integers(1, agents, kinds).astype(float), np.append(
        rng.random(kinds - 2) ** rng.integers(1, 4), [1.0, 0.999])


def on_one(power: float, agents: np.ndarray, probability: np.ndarray) -> tuple[
        np.ndarray, float, float]:
    own, joined, error = load_moments.means(
        np.array([power]), np.ones(1), np.zeros(len(agents), int), agents, probability)
    return own, float(joined[0]), float(error[0])


@lru_cache
def chances(left_out: int | None) -> list[Decimal]:
    """Of so many of AGENTS, one after another in 40 digits."""
    with localcontext(prec=40):
        found = np.array([Decimal(1)])
        for kind, (number, x) in enumerate(zip(AGENTS, map(Decimal, PROBABILITY), strict=True)):
            for _ in range(number - (kind == left_out)):
                found = np.append(found * (1 - x), Decimal(0)) + np.append(Decimal(0), found * x)
    return found.tolist()


@pytest.mark.parametrize("power", POWERS)
def test_large_loads_are_as_exact_as_they_say(power: float) -> None:
    own, joined, error = on_one(power, np.array(AGENTS, float), np.array(PROBABILITY))
    assert 0 < error < 1e-12
    with localcontext(prec=40):
        for found, left_out in ((joined, None), (own[2], 2)):
            exact = sum((chance * Decimal(1 + k) ** Decimal(power)
                         for k, chance in enumerate(chances(left_out))), start=Decimal(0))
            assert abs(Decimal(float(found)) / exact - 1) <= error


@pytest.mark.parametrize("power", POWERS)
@pytest.mark.parametrize(("kinds", "agents"), [(3, 5_000), (40, 10**6), (300, 10**11)])
def test_they_are_those_by_exponentials(power: float, kinds: int, agents: int) -> None:
    there = crowd(kinds, kinds, agents)
    own, joined, error = on_one(power, *there)
    others = load_powers.means(*there, power)
    assert error < 1e-12
    np.testing.assert_allclose(own, others.own, rtol=error + others.error)
    assert joined == pytest.approx(others.joined, rel=error + others.error)


@pytest.mark.parametrize("order", load_moments.ORDERS)
@pytest.mark.parametrize("power", POWERS)
def test_what_is_left_out_is_bounded_at_any_load(order: int, power: float, monkeypatch) -> None:
    """Also where it is far too much."""
    monkeypatch.setattr(load_moments, "ORDERS", (order,))
    monkeypatch.setattr(load_moments, "GOOD", 1e300)
    rng = np.random.default_rng(3)
    by_number = np.arange(1.0, 2000) ** power
    for most in (2, 4, 10, 40, 150):
        agents = rng.integers(1, most, 9)
        probability = rng.random(9)
        own, joined, error = on_one(power, agents.astype(float), probability)
        exact = load_counts.means(agents, probability, by_number)
        assert (np.abs(own / exact - 1) <= error + 1e-13).all()
        assert abs(joined / load_counts.joined(agents, probability, by_number) - 1) <= error + 1e-13


def test_small_loads_and_steep_powers_are_left_to_others() -> None:
    agents, probability = np.full(4, 10**9, float), np.array([0.5, 1e-9, 0.5, 0.5])
    power, links = np.array([2.5, 2.5, 1e4, 1e9, 3.0]), np.arange(4)
    own, joined, error = load_moments.means(power, np.ones(5), links, agents, probability)
    assert np.isfinite(error).tolist() == [True, False, False, False, False]
    assert own[1:].tolist() == [0] * 3
    assert joined[1:].tolist() == [0] * 4


def test_links_in_pieces_are_those_at_once(monkeypatch) -> None:
    rng = np.random.default_rng(5)
    links = np.sort(rng.integers(0, 7, 400))
    agents, probability = rng.integers(1, 10**6, 400).astype(float), rng.random(400)
    power = np.array([1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 2.0, 3.0])
    given = power, rng.random(8), links, agents, probability
    whole = load_moments.means(*given)
    monkeypatch.setattr(load_moments, "AT_ONCE", 30)
    for found, wanted in zip(load_moments.means(*given), whole, strict=True):
        np.testing.assert_array_equal(found, wanted)
