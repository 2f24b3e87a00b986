"""Means of powers of loads against whole distributions, in decimals of 50 digits."""

from __future__ import annotations

import dataclasses
from decimal import Decimal, localcontext

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.certificates import exponential_sums, load_counts, load_powers, others
from potentia.errors import InputError
from potentia.games.roads.link_costs import PowerLaw

POWERS = (0.3, 1.5, 2.5, 4.446, 6.5856, 16.83, 19.5)
RANDOM = np.random.default_rng(0)
CROWDS = {
    "one": ([1], [0.5]),
    "sure": ([1, 2], [1.0, 1.0]),
    "hardly": ([2] * 6, [1e-300] * 6),
    "tiny": ([3, 1], [1e-12, 5e-324]),
    "halves": ([1] * 12, [0.5] * 12),
    "nearly": ([1] * 9, 1 - RANDOM.random(9) * 1e-3),
    "all kinds": ([1, 2, 3, 1], [0.5, 1e-9, 1 - 1e-12, 1.0]),
    "any": ([5] * 5, RANDOM.random(5)),
    "many": ([1] * 80, RANDOM.random(80)),
    "many, few of whom count": ([1] * 80, [1.0, 0.9, *RANDOM.random(78) ** 30]),
}


def exact(agents: np.ndarray, probability: np.ndarray, power: float) -> Decimal:
    """E (1 + L)^power from the distribution, one agent after another."""
    found = [Decimal(1)]
    for number, there in zip(agents, probability, strict=True):
        x = Decimal(float(there))
        for _ in range(number):
            found = [stay * (1 - x) + come * x
                     for stay, come in zip([*found, 0], [0, *found], strict=True)]
    return sum((chance * Decimal(1 + k) ** Decimal(power) for k, chance in enumerate(found)),
               start=Decimal(0))


@pytest.mark.parametrize("power", [*POWERS, 1.0, 9.0, 20.0])
@pytest.mark.parametrize("name", CROWDS)
def test_means_are_as_exact_as_they_say(power: float, name: str) -> None:
    agents, probability = np.array(CROWDS[name][0]), np.array(CROWDS[name][1], float)
    found = load_powers.means(agents, probability, power)
    assert found.error <= 1e-11
    with localcontext(prec=50):
        wanted = exact(agents, probability, power)
        assert abs(Decimal(found.joined) / wanted - 1) <= found.error
        for k, own in enumerate(found.own[:12]):
            wanted = exact(agents - (np.arange(len(agents)) == k), probability, power)
            assert abs(Decimal(float(own)) / wanted - 1) <= found.error


@pytest.mark.parametrize("spread", [1.0, 3.0, 30.0])
def test_sums_are_off_by_no_more_than_they_tell(spread: float) -> None:
    """Trees of products never subtract; sums of powers do, the more so the fewer agents count."""
    agents, weights = RANDOM.integers(1, 4, 200).astype(float), np.arange(1.0, 9.0)
    there = RANDOM.random(200)[None] ** spread * np.array([[1.0], [0.1], [1e-3]])
    largest = int(there[0].argmax())
    sums, trees = (method(agents, there, largest, weights)
                   for method in (others.by_sums, others.by_trees))
    share = 1e-16 * (sums.roundings + trees.roundings)
    assert (np.abs(sums.without - trees.without) <= share * sums.sizes[:, None]).all()
    assert (np.abs(sums.whole - trees.whole) <= share * sums.sizes).all()
    assert (sums.sizes >= 0.999 * trees.sizes).all()


@pytest.mark.parametrize("power", [*POWERS, 0.001, 0.499, 0.501, 2.0])
@pytest.mark.parametrize("most", [2, 4096, 1 << 24])
def test_a_sum_of_exponentials_is_the_power(power: float, most: int) -> None:
    found = exponential_sums.of_power(power, most)
    assert found.error <= 1e-13
    assert (found.weights > 0).all()
    with localcontext(prec=40):
        for load in np.unique(np.append(np.geomspace(1, most, 25), 1.5)):
            a = Decimal(float(load))
            terms = [Decimal(float(w)) * (-Decimal(float(t)) * a).exp()
                     for t, w in zip(found.nodes, found.weights, strict=True)]
            share = a**found.order * sum(terms) / a ** Decimal(power)
            assert abs(share - 1) <= found.error


def test_costs_of_mixed_links_are_those_by_count() -> None:
    """A few hundred agents on links of several powers, one that costs the same at any load, one of
    power 0, and one that nobody takes."""
    rng = np.random.default_rng(1)
    base, rise, power = rng.random(6), np.array([1, 2, 0, 1e-3, 5, 1.0]), np.array(
        [1.5, 4.446, 3.3, 0.3, 0.0, 2.5])
    scale = 0.5 + rng.random(6)
    links, agents = rng.integers(0, 5, 60), rng.integers(0, 12, 60)
    probability = rng.choice([0.0, 1.0, 0.5, 1e-6, 0.999], 60) * rng.choice([1.0, 0.7], 60)
    own, joined, error = load_powers.costs((base, rise, scale, power), links, agents, probability)
    for link in range(6):
        by_number = base[link] + rise[link] * (np.arange(1, 800) / scale[link]) ** power[link]
        here = np.flatnonzero((links == link) & (agents > 0) & (probability > 0))
        there = agents[here], probability[here]
        np.testing.assert_allclose(own[here], load_counts.means(*there, by_number), rtol=1e-12)
        assert joined[link] == pytest.approx(load_counts.joined(*there, by_number), rel=1e-12)
    nobody = (agents == 0) | (probability == 0)
    np.testing.assert_array_equal(own[nobody], joined[links[nobody]])
    assert error < 1e-12


@pytest.mark.parametrize("power", [100.5, 150.0, 400.0, 700.0])
def test_powers_of_scales_that_are_no_numbers_count(power: float) -> None:
    """1 / 500^150 is 0 in float64, and what 1,000 agents pay there a great deal."""
    roads = pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], pt.link_costs.bpr([1, 1.2], 600, 0.15, [power, 2.5]), [(1, 2, 1000)],
        policies="type")
    profile = np.full((1, 1, 2), 0.5)
    with localcontext(prec=50):
        wanted, chance = Decimal(0), Decimal(2) ** -999
        for k in range(1000):
            wanted += chance * (1 + Decimal("0.15") * (Decimal(k + 1) / 600) ** Decimal(power))
            wanted += chance * (Decimal("1.2") + Decimal("0.18") * (
                Decimal(k + 1) / 600) ** Decimal("2.5"))
            chance *= Decimal(999 - k) / (k + 1)
    assert pt.certify(roads, profile).values == pytest.approx(-float(wanted / 2), rel=1e-11)


def test_steep_powers_of_many_agents_are_refused() -> None:
    agents, probability = np.full(3, 40_000), np.array([0.3, 0.01, 1.0])
    with pytest.raises(InputError, match=r"power of a link is 60\.5.* 100,000 agents: 120,000"):
        load_powers.shares(agents, probability, 60.5, 1e5)
    found = load_powers.shares(agents[:2], probability[:2], 60.5, 12_400.0)
    wanted = load_powers.means(agents[:2], probability[:2], 60.5)
    assert found.joined == pytest.approx(wanted.joined / 12_400.0**60.5, rel=1e-11)
    np.testing.assert_allclose(found.own, wanted.own / 12_400.0**60.5, rtol=1e-11)


@pytest.mark.parametrize("used", [0, 1])
def test_links_that_cost_the_same_at_any_load_may_be_all_that_is_used(used: int) -> None:
    roads = pt.RoutingGame.from_links(
        [(1, 2)] * 3, pt.link_costs.power_law([1, 2, 1], [0, 3, 1], 1.0, [1.5, 0, 1.5]),
        [(1, 2, 10)], policies="type")
    found = pt.certify(roads, np.eye(3)[used][None, None])
    assert found.values == pytest.approx(-[1.0, 5.0][used])
    assert found.per_agent == pytest.approx([0.0, 4.0][used], abs=1e-11)


@pytest.mark.parametrize("power", POWERS)
def test_a_million_agents(power: float) -> None:
    """The mean is the power of the mean, and its first corrections."""
    agents, probability = np.array([500_000, 499_999, 1]), np.array([0.3, 0.1, 1.0])
    found = load_powers.means(agents, probability, power)
    mean = 1 + float(agents @ probability)
    variance = float(agents @ (probability * (1 - probability)))
    third = float(agents @ (probability * (1 - probability) * (1 - 2 * probability)))
    falling = np.cumprod(power - np.arange(4))
    rest = 1e-12 + (power**2 * variance / mean**2) ** 3
    for mean_power, at in ((found.joined, mean), (found.own[2], mean - 1)):
        normal = 1 + falling[1] / 2 * variance / at**2 + (
            falling[2] / 6 * third / at**3 + falling[3] / 8 * variance**2 / at**4)
        assert mean_power == pytest.approx(at**power * normal, rel=rest)
    assert (found.own < found.joined).all()
    assert found.error < 2e-12


GAMES = {
    "pigou": lambda policies: pt.games.make("pigou", n_agents=40, power=4.446),
    "ring": lambda policies: pt.RoutingGame.from_links(
        [(1, 2), (2, 3), (3, 1), (1, 3), (3, 4), (2, 4), (4, 1)],
        pt.link_costs.bpr([1, 2, 1, 3, 1, 2, 1], 1.5, 0.15, [1.5, 4.4, 0.5, 4, 2.5, 1.5, 1.5]),
        [(1, 4, 5), (2, 3, 4), (2, 4, 1)], weight=0.75, policies=policies),
}


@pytest.mark.parametrize("name", GAMES)
def test_the_certificate_is_the_one_by_count_and_needs_no_table(name: str) -> None:
    game = GAMES[name]("type")
    assert isinstance(game.costs, PowerLaw)
    tabled = dataclasses.replace(game, costs=pt.link_costs.tabulated(np.array(game.table)[:, 1:]))
    profile = np.asarray(game.initial_profile("random", jax.random.key(0)))
    found, wanted = (pt.certify(each, profile)
                     for each in (dataclasses.replace(game, table=None), tabled))
    np.testing.assert_allclose(found.values, wanted.values, rtol=1e-12)
    np.testing.assert_allclose(found.per_agent, wanted.per_agent, rtol=1e-9)
    np.testing.assert_array_equal(found.witness, wanted.witness)


def test_power_laws_that_may_fall_are_refused() -> None:
    game = GAMES["ring"]("type")
    falling = np.array(game.costs.rise)
    falling[3] = -1.0
    spoilt = dataclasses.replace(game, costs=dataclasses.replace(game.costs, rise=falling))
    with pytest.raises(InputError, match=r"costs\[link=3\] may be negative or fall"):
        pt.certify(spoilt, game.initial_profile("uniform", 0))
