"""Bounds on the system optimum of roads against all splits of the agents, and what of a cost is
time."""

from __future__ import annotations

import dataclasses
import itertools
import re

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import cost_kinds
from potentia.games.roads.system_optimum import hull_slopes
from potentia.learning import device
from potentia.welfare import traffic


def drawn(seed: int) -> np.ndarray:
    """[links, n] a table of costs that never fall, of whole numbers: k c(k) is seldom convex."""
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(2, 4)), int(rng.integers(3, 6))
    return np.sort(rng.integers(0, (4, 16, 31)[seed % 3], shape), axis=1).astype(float)


def beside_each_other(table: np.ndarray, **options) -> pt.RoutingGame:
    links, n_agents = [[1, 2]] * len(table), table.shape[1]
    return pt.RoutingGame.from_links(links, pt.link_costs.tabulated(table), [[1, 2, n_agents]],
                                     **options)


def least_of_all(table: np.ndarray) -> tuple[float, np.ndarray]:
    """The least total time, by trying all splits, and the split [links]."""
    n_links, n_agents = table.shape
    by_number = np.pad(table, ((0, 0), (1, 0))) * np.arange(n_agents + 1)
    splits = np.array([split for split in itertools.product(range(n_agents + 1), repeat=n_links)
                       if sum(split) == n_agents])
    totals = by_number[np.arange(n_links), splits].sum(axis=1)
    return float(totals.min()), splits[totals.argmin()]


def test_no_split_of_a_thousand_tables_is_below_the_bound() -> None:
    kept: dict[tuple[int, ...], pt.RoutingGame] = {}
    close = []
    for seed in range(1000):
        table, rng = drawn(seed), np.random.default_rng([seed, 1])
        if table.shape not in kept:
            kept[table.shape] = beside_each_other(np.ones(table.shape), weight=0.7)
        tolls = rng.random(len(table)) * (seed % 2)
        game = dataclasses.replace(
            kept[table.shape], costs=pt.link_costs.Tabulated(table + tolls[:, None], 0.7),
            table=np.pad(table + tolls[:, None], ((0, 0), (1, 1)), mode="edge"), tolls=tolls)
        best, split = least_of_all(table)
        near = rng.uniform(0, 1) * (seed % 4 > 0)
        played = (1 - near) * split / split.sum() + near * rng.dirichlet(np.ones(len(table)))
        below = game.least_total(game.initial_profile(played[None, None], None)) / 0.7
        assert 0 <= below <= best * (1 + 1e-15), seed
        close.append(below / best if best else 1.0)
    assert np.median(close) > 0.8


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_of_a_table_lies_between_what_is_told(seed: int) -> None:
    game = beside_each_other(drawn(seed), policies="agent")
    profile = game.initial_profile("random", seed)
    found = traffic.report(game, profile, iterations=200)
    assert found.optimum_below <= least_of_all(drawn(seed))[0] <= found.optimum * (1 + 1e-12)
    assert found.optimum <= found.expected_travel_time
    assert 1 <= found.price <= found.price_above


def test_five_agents_on_roads_whose_totals_are_not_convex() -> None:
    game = beside_each_other(np.array([[0, 2, 5, 5, 30], [0, 13, 13, 13, 13.0]]), policies="agent")
    apart = np.zeros_like(game.initial_profile("uniform", None))
    apart[:, :, 0] = 1.0
    apart[4] = [[0.0, 1.0]]
    found = traffic.report(game, apart)
    assert found.optimum == found.expected_travel_time == pytest.approx(20, rel=1e-13)
    assert 11 < found.optimum_below <= 20
    most = (found.expected_travel_time + found.error) / found.optimum_below
    assert (found.price, found.price_above) == (1.0, most)
    assert 0 < found.error < 1e-10


@pytest.mark.parametrize("policies", ["type", "agent"])
def test_a_link_that_hardly_anybody_takes_leaves_no_room(policies: str) -> None:
    """1 + x and 2, 30 agents: k (1 + k) + 2 (30 - k) is least at 0 and 1, 60."""
    game = pt.RoutingGame.from_links([(1, 2)] * 2, pt.link_costs.polynomial([[1, 1], [2, 0]]),
                                     [(1, 2, 30)], policies=policies)
    found = traffic.report(game, game.initial_profile("uniform", None))
    assert found.optimum_below == pytest.approx(60, rel=1e-9)
    assert found.price == pytest.approx(found.price_above, rel=1e-6)


@pytest.mark.parametrize(("power", "dear"), [(1.0, 3.0), (1.0, 90.0), (2.0, 3.0)])
def test_what_is_unused_at_the_optimum_leaves_hardly_any_room(power: float, dear: float) -> None:
    """Three roads beside each other; the last one is too dear for anybody, or for most."""
    rises = np.array([0.5, 1.0, 1.0])
    base = np.array([1.0, 2.0, dear])
    numbers = np.arange(1.0, 13)
    by_number = base[:, None] + rises[:, None] * (numbers / 4.0) ** power
    game = pt.RoutingGame.from_links([(1, 2)] * 3, pt.link_costs.power_law(base, rises, 4.0, power),
                                     [(1, 2, 12)], policies="agent")
    found = traffic.report(game, game.initial_profile("uniform", None))
    best, _ = least_of_all(by_number)
    assert 0.97 * best < found.optimum_below <= best * (1 + 1e-12)
    assert best <= found.optimum * (1 + 1e-12)


def test_no_split_is_below_the_bound_of_powers() -> None:
    kept = pt.RoutingGame.from_links(
        [(1, 2)] * 3, pt.link_costs.power_law(1.0, [1.0] * 3, 1.0, 1.5), [(1, 2, 7)], weight=0.7)
    close = []
    for seed in range(300):
        rng = np.random.default_rng([seed, 2])
        law = cost_kinds.PowerLaw(*np.array([rng.uniform(0, 3, 3) * rng.integers(0, 2, 3),
                                             rng.uniform(0, 9, 3) * rng.integers(0, 2, 3),
                                             rng.uniform(0.5, 5, 3), rng.uniform(0, 6, 3)]))
        base, rise, scale, power = (column[:, None] for column in law.arrays().values())
        by_number = base + rise * (0.7 * np.arange(1, 8) / scale) ** power
        game = dataclasses.replace(kept, costs=law,
                                   table=np.pad(by_number, ((0, 0), (1, 1)), mode="edge"))
        best, split = least_of_all(by_number)
        near = rng.uniform(0, 1) * (seed % 4 > 0)
        played = (1 - near) * split / split.sum() + near * rng.dirichlet(np.ones(3))
        below = game.least_total(game.initial_profile(played[None, None], None)) / 0.7
        assert 0 <= below <= best * (1 + 1e-15), seed
        close.append(below / best if best else 1.0)
    assert np.median(close) > 0.9


@pytest.mark.parametrize("seed", range(20))
def test_a_line_below_the_hull_touches_it_above_the_mean(seed: int) -> None:
    rng = np.random.default_rng(seed)
    totals = np.sort(rng.random((4, 30)), axis=1) * rng.integers(1, 9, (4, 30))
    totals[0] = np.arange(30.0) ** 2
    mean = np.append(rng.uniform(0, 29, 3), 29.0)
    slope = hull_slopes(totals, mean)
    below = (totals - slope[:, None] * np.arange(30)).min(axis=1)
    assert (slope >= 0).all()
    # Of all chords over the mean, the lowest there is the hull.
    for link, at in enumerate(mean):
        low = min(totals[link, a] + (at - a) * (totals[link, b] - totals[link, a]) / (b - a)
                  for a in range(30) for b in range(a + 1, 30) if a <= at <= b)
        if slope[link] > 0:
            assert slope[link] * at + below[link] == pytest.approx(low, abs=1e-12)
        else:
            assert totals[link].min() <= low + 1e-12


def test_a_polynomial_that_falls_has_no_bound() -> None:
    game = pt.games.make("pigou", n_agents=3, power=3).paying_marginal_costs()
    with pytest.raises(pt.InputError, match=r"^costs\[link=1\] has a negative coefficient, so"):
        game.least_total(game.initial_profile("uniform", None))


@pytest.mark.parametrize("initial", ["uniform", "random"])
def test_agents_alike_on_roads_alike_part(initial: str) -> None:
    """Uniform play is a saddle of the total time, 274, whose least is 2 * 2 * 2^4."""
    costs = pt.link_costs.polynomial([[0, 0, 0, 0, 1]] * 2)
    game = pt.RoutingGame.from_links([[1, 2]] * 2, costs, [[1, 2, 4]], policies="agent")
    result = pt.solve(game, pt.rules.AdaptiveINPG(), initial=initial, max_iterations=3000,
                      tolerance=1e-9, progress=False)
    found = traffic.report(game, result.profile)
    assert found.optimum == pytest.approx(64, rel=1e-9)
    assert found.optimum_below == pytest.approx(64, rel=1e-9)
    assert found.price == pytest.approx(1 if initial == "random" else 274 / 64, rel=1e-9)


def test_the_profile_itself_may_be_the_best_that_is_known() -> None:
    pigou = pt.games.make("pigou", n_agents=100)
    best = traffic.optimum(pigou)
    found = traffic.report(pigou, best, iterations=1)
    assert found.price == 1.0
    assert found.optimum == pigou.expected_travel_time(best)


@pytest.mark.parametrize("costs", [pt.link_costs.bpr([0.0, 0.0], 1.0),
                                   pt.link_costs.tabulated(np.zeros((2, 3))),
                                   pt.link_costs.power_law([0, 0], [0, 0], 1.0, 0.5)])
def test_where_nothing_takes_time_nothing_is_divided_by_it(costs) -> None:
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], costs, [(1, 2, 3)])
    result = pt.solve(game, pt.rules.AdaptiveINPG(), progress=False)
    assert result.status == "converged"
    assert pt.certify(game, result.profile).nash_gap == 0
    found = traffic.report(game, result.profile)
    assert (found.price, found.price_above, found.optimum, found.optimum_below) == (1, 1, 0, 0)
    tolled = pt.compare(game, game.tolled([1.0, 0.0]))
    assert tolled.change == 0
    assert "expected total cost paid" in str(tolled)


@pytest.mark.parametrize(("one", "other", "found"),
                         [(3.0, 2.0, 1.5), (0.0, 0.0, 1.0), (1.0, 0.0, np.inf)])
def test_a_ratio_of_totals_is_defined_at_nothing(one: float, other: float, found: float) -> None:
    assert traffic.ratio(one, other) == found


def test_free_roads_that_fill_up_have_a_price() -> None:
    """c(x) = x on both of two roads, 2 agents: apart each pays 1, together 2."""
    game = pt.RoutingGame.from_links([(1, 2), (1, 2)], pt.link_costs.power_law(0, [1, 1], 1.0, 1.0),
                                     [(1, 2, 2)], policies="agent")
    together = np.zeros_like(game.initial_profile("uniform", None))
    together[..., 0] = 1.0
    found = traffic.report(game, together)
    assert (found.price, found.optimum) == (pytest.approx(2), pytest.approx(2))


def test_pigous_toll_saves_a_quarter_of_the_time() -> None:
    n = 10_000
    game = pt.RoutingGame.from_links([[1, 2], [1, 3], [3, 2]], pt.link_costs.polynomial(
        [[1, 0], [0, 1 / n], [0, 0]]), [[1, 2, n]])
    found = pt.compare(game, game.tolled({(1, 3): 0.5}))
    assert found.change == pytest.approx(-0.25, abs=1e-3)
    assert found.b.expected_cost == pytest.approx(n, rel=1e-4)
    assert found.b.toll_revenue == pytest.approx(n / 4, rel=1e-3)
    assert found.a.expected_cost == found.a.expected_travel_time
    assert str(found).count("toll revenue") == 1
    report = traffic.report(found.b.game, found.b.profile)
    assert report.price_above < 1.001
    assert report.optimum == pytest.approx(0.75 * n, rel=1e-3)
    assert report.expected_cost == found.b.expected_cost
    assert "expected toll revenue:                  2,499.75" in str(report)
    assert "paid" not in str(traffic.report(game, found.a.profile))


def test_the_welfare_report_of_a_routing_game_is_the_one_of_roads():
    game = pt.games.make("pigou", n_agents=10)
    profile = game.initial_profile("uniform", 0)
    assert repr(pt.welfare.report(game, profile)) == repr(traffic.report(game, profile))
    for options, message in (({}, "needs a profile"), ({"starts": 3}, "unknown parameter of")):
        with pytest.raises(pt.InputError, match=message):
            pt.welfare.report(game, profile if options else None, **options)


def test_what_is_told_of_roads_names_the_trip_and_the_gaps() -> None:
    """From home all 3 take the road that costs 1 more than there are agents on it: each pays 4, and
    could pay 2. From the stop on there is one road only."""
    links, costs = [(1, 2), (1, 2), (2, 3)], [[1, 1], [2, 0], [0, 0]]
    game = pt.RoutingGame.from_links(links, pt.link_costs.polynomial(costs),
                                     [(2, 3, 5), (1, 3, 3)], node_names=("home", "stop", "work"))
    first = np.zeros(game.usable.shape)
    first[..., 0] = 1.0
    certificate = pt.certify(game, first)
    assert certificate.witness_trip == ("home", "work")
    assert certificate.nash_gap == pytest.approx(2)
    assert "by an agent from home to work" in str(certificate)
    assert dict(certificate.lines())["expected cost of each type"] == (
        "0 from stop to work, 4 from home to work")
    gains = dict(certificate.lines())["gain of each type, at most"]
    assert re.fullmatch(r"\S+ from stop to work, 2\.\d+ from home to work", gains)
    numbered = dataclasses.replace(game, node_names=())
    assert pt.certify(numbered, first).witness_trip == (1, 3)
    told = str(pt.compare(pt.games.make("braess", n_agents=6),
                          pt.games.make("braess", n_agents=6, link=False), 20))
    for label in ("Nash gap", "relative gap", "gap of the traffic"):
        assert told.count(f"  {label}") == 2, label


def test_ctrl_c_keeps_what_was_learnt_of_the_optimum(monkeypatch: pytest.MonkeyPatch) -> None:
    game = pt.games.make("pigou", n_agents=10)
    profile, advance, calls = game.initial_profile("random", 3), device.advance, iter(range(9))

    def pressed(*arguments: object) -> object:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return advance(*arguments)

    whole = traffic.report(game, profile, iterations=200, progress=False)
    monkeypatch.setattr(device, "advance", pressed)
    found = traffic.report(game, profile, iterations=200, progress=False)
    assert (found.interrupted, whole.interrupted) == (True, False)
    assert found.optimum_below <= found.optimum
    assert whole.optimum <= found.optimum < found.expected_travel_time
    assert "when it was interrupted" in str(found)
    assert "interrupted" not in str(whole)


def test_without_the_optimum_the_totals_alone_are_told() -> None:
    game = pt.games.make("pigou", n_agents=10)
    profile = game.initial_profile("uniform", None)
    totals = pt.welfare.report(game, profile, optimum=False)
    whole = pt.welfare.report(game, profile, iterations=1)
    assert vars(totals).items() < vars(whole).items()
    assert not {"optimum", "price"} & vars(totals).keys()
    assert "optimum" not in str(totals)
    with pytest.raises(pt.InputError, match="optimum is 2"):
        pt.welfare.report(game, profile, optimum=2)      # pyright: ignore
