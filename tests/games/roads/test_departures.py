"""Trips that choose when to leave: equilibria against an optimiser and enumeration, certificates,
and what is told of when trips leave and arrive."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
import scipy.optimize

import potentia as pt
from potentia.games.roads.normal_form import over_paths
from roads import acyclic_profile

TOWN = [(1, 2), (2, 3), (1, 3), (3, 1)]
COSTS = np.array([[1.0, 0.3], [0.5, 0.2], [1.8, 0.4], [0.1, 0.0]])
DEMAND = [(1, 3, 2), (2, 3, 1)]
WISH = pt.Departures(earliest=1, latest=3, arrival=3.25, early=0.5, late=2.0)
HORIZON = 5


def town(departures: object = WISH, demand: object = DEMAND, **options) -> pt.RoutingGame:
    return pt.RoutingGame.from_links(TOWN, pt.link_costs.polynomial(COSTS), demand,
                                     departures=departures, **{"horizon": HORIZON, **options})


def solved(game: pt.RoutingGame, tolerance: float = 1e-8) -> pt.Result:
    return pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", tolerance=tolerance,
                    max_iterations=2000, progress=False)


def test_a_bottleneck_spreads_departures_as_an_optimiser_says() -> None:
    """Vickrey's morning: one road to a bridge and another one to work, and all wish to be there at
    step 7. With x the vehicles of each step, the time is linear in the load, and the equilibrium of
    n agents who are alike minimises sum of c0 x + c1 (x^2 (n - 1) / n / 2 + x) + x times the cost
    of the hour: each meets the others' n - 1 shares, and itself."""
    n, vehicles, free, rise, wish = 400, 1000.0, 2.0, 0.004, pt.Departures(
        latest=9, arrival=7, early=0.5, late=2.0)
    weight = vehicles / n
    game = pt.RoutingGame.from_links(
        [(1, 2), (2, 3)], pt.link_costs.polynomial([[free, rise], [1.0, 0.0]]), [(1, 3, n)],
        weight=weight, horizon=12, departures=wish)
    steps = np.arange(10)
    schedule = np.where(steps + 2 <= 7, 0.5 * (5.0 - steps), 2.0 * (steps - 5.0))

    def cost(x: np.ndarray) -> np.ndarray:
        return 1.0 + free + schedule + rise * (weight + (n - 1) / n * x)

    found = scipy.optimize.minimize(
        lambda x: x @ (cost(x / 2)), np.full(10, vehicles / 10), jac=cost,
        bounds=[(0.0, vehicles)] * 10, method="SLSQP", options={"maxiter": 500, "ftol": 1e-14},
        constraints={"type": "eq", "fun": lambda x: x.sum() - vehicles,
                     "jac": lambda x: np.ones_like(x)})
    assert found.success
    result = solved(game)
    certificate = pt.certify(game, result.profile)
    assert certificate.nash_gap < 1e-6
    told = game.departures(result.profile)
    leaving = told["leaving"].to_numpy()[:10]
    np.testing.assert_allclose(leaving, found.x, atol=0.1)
    used, each = leaving > 1.0, cost(leaving)
    assert 3 < used.sum() < 10                                  # spread, and not all of them
    assert np.ptp(each[used]) < 1e-5
    assert each[~used].min() > each[used].max()
    assert -certificate.values[0] == pytest.approx(each[used].mean(), abs=1e-5)
    np.testing.assert_allclose(told["arriving"].to_numpy()[2:12], leaving, atol=1e-9)
    np.testing.assert_allclose(told["schedule_cost"][2:12], schedule, atol=1e-12)
    # What all pay is what they are told to pay, of which schedules are no time.
    paid = float(np.nansum(told["arriving"] * told["schedule_cost"]))
    assert paid > 100
    assert float(game.expected_cost(result.profile)) == pytest.approx(
        paid + float(game.expected_travel_time(result.profile)))


def trips(origin: int, steps: range) -> Iterator[tuple[float, tuple[tuple[int, int], ...]]]:
    """All trips to node 3 that begin at one of these steps, by hand: the step of arrival, and the
    links with their steps. A trip ends where it first arrives."""
    for begun in steps:
        waiting: list[tuple[int, int, tuple[tuple[int, int], ...]]] = [(origin, begun, ())]
        while waiting:
            node, time, taken = waiting.pop()
            if node == 3:
                yield time, taken
            elif time < HORIZON:
                waiting += [(end, time + 1, (*taken, (link, time)))
                            for link, (start, end) in enumerate(TOWN) if start == node]


def test_it_agrees_with_all_choices_by_hand() -> None:
    """Values of every joint choice of departures and paths, the potential of each and gaps of mixed
    profiles, with costs of our own."""
    game = town({(1, 3): WISH}, tolls=[0.25, 0.0, 0.0, 0.0])
    of_kind = [list(trips(1, range(1, 4))), list(trips(2, range(1)))]
    table, paths = game.normal_form()
    assert [len(each) for each in paths] == [len(each) for each in of_kind] == [6, 1]
    number = [{taken: k for k, (_, taken) in enumerate(each)} for each in of_kind]
    ours = [[number[kind][_roads(game, path)] for path in of_type]
            for kind, of_type in enumerate(paths)]
    kinds, shape = (0, 0, 1), (6, 6, 1)
    cost, phi = np.zeros((3, *shape)), np.zeros(shape)
    for joint in itertools.product(*map(range, shape)):
        chosen = [of_kind[kind][ours[kind][choice]]
                  for kind, choice in zip(kinds, joint, strict=True)]
        load: dict[tuple[int, int], int] = {}
        for _, taken in chosen:
            for copy in taken:
                load[copy] = load.get(copy, 0) + 1
                phi[joint] += COSTS[copy[0], 0] + COSTS[copy[0], 1] * load[copy]
        for agent, (arrived, taken) in enumerate(chosen):
            late = 0.0 if agent == 2 else max(0.5 * (3.25 - arrived), 2.0 * (arrived - 3.25))
            toll = 0.25 * sum(link == 0 for link, _ in taken)
            cost[(agent, *joint)] = late + toll + sum(
                COSTS[link, 0] + COSTS[link, 1] * load[link, time] for link, time in taken)
            phi[joint] += late + toll
        played = pt.certify(table, np.eye(6)[list(joint)][:, None])
        np.testing.assert_allclose(played.values, -cost[(slice(None), *joint)], atol=1e-12)
    for seed in range(3):
        profile = acyclic_profile(game, seed)
        mixed = over_paths(game, profile)[:, 0]
        weights = np.einsum("i,j,k->ijk", *(mixed[k, :size] for k, size in enumerate(shape)))
        assert float(game.potential(profile)) == pytest.approx(-float((weights * phi).sum()))
        values = -(cost * weights).sum(axis=(1, 2, 3))
        certificate = pt.certify(game, profile)
        np.testing.assert_allclose(certificate.values, values[[0, 2]], atol=1e-12)
        first = np.einsum("ijk,j,k->i", cost[0], mixed[1, :6], mixed[2, :1])
        gap = -values[0] - first.min()
        assert certificate.nash_gap_lower - 1e-12 <= gap <= certificate.nash_gap + 1e-12
        assert float(game.best_response(profile).gain[0]) == pytest.approx(gap, abs=1e-12)
        arriving, step_cost = np.zeros(HORIZON + 1), np.zeros(HORIZON + 1)
        for choice, probability in enumerate(mixed[0, :6]):
            arrived = of_kind[0][ours[0][choice]][0]
            arriving[int(arrived)] += 2 * probability
            step_cost[int(arrived)] = max(0.5 * (3.25 - arrived), 2.0 * (arrived - 3.25))
        told = game.departures(profile).query("origin == 1")
        np.testing.assert_allclose(told["arriving"], arriving, atol=1e-12)
        np.testing.assert_allclose(told["schedule_cost"][arriving > 0], step_cost[arriving > 0])


def _roads(game: pt.RoutingGame, path) -> tuple[tuple[int, int], ...]:
    """The roads of a path of the normal form, with their steps."""
    copies = [int(game.rows.link[step]) for step in path]
    return tuple((copy % len(game.links), copy // len(game.links)) for copy in copies
                 if copy % len(game.links) < game.n_roads)


@pytest.mark.parametrize(("policies", "closed"), [("type", ()), ("agent", (1, 3)),
                                                  ("destination", (1, 3))])
def test_who_cannot_choose_and_pays_nothing_plays_the_game_without(policies: str, closed) -> None:
    free = pt.Departures(latest=0, arrival=2, early=0.0, late=0.0)
    game, plain = (town(each, policies=policies, closed=closed) for each in (free, None))
    at = [solved(each).profile for each in (game, plain)]
    for each in ("potential", "welfare", "expected_cost", "total_travel_time", "relative_gap"):
        assert float(getattr(game, each)(at[0])) == pytest.approx(
            float(getattr(plain, each)(at[1])), abs=1e-7)
    np.testing.assert_allclose(game.link_flows(at[0]), plain.link_flows(at[1]), atol=1e-5)
    np.testing.assert_allclose(game.link_costs(at[0]), plain.link_costs(at[1]), atol=1e-5)
    np.testing.assert_allclose(game.departures(at[0])["arriving"],
                               plain.departures(at[1])["arriving"], atol=1e-5)
    assert list(game.skims(at[0]).columns) == list(plain.skims(at[1]).columns)


@pytest.mark.parametrize("policies", ["agent", "destination"])
def test_policies_of_every_kind_know_each_trips_wish(policies: str) -> None:
    """Two wishes at one destination; by destination each has a sink of its own."""
    other = pt.Departures(latest=2, arrival=5.0, early=3.0, late=0.0)
    game = town([WISH, other, None], demand=[(1, 3, 2), (1, 3, 1), (2, 3, 2)], policies=policies)
    profile = game.initial_profile("random", 1)
    table, paths = game.normal_form() if policies == "agent" else (None, [])
    if table is not None:
        assert [len(each) for each in paths] == [6, 6, 6, 1, 1]
        ours, exact = pt.certify(game, profile), pt.certify(table, over_paths(game, profile))
        np.testing.assert_allclose(ours.values, exact.values, atol=1e-12)
        assert ours.nash_gap == pytest.approx(exact.nash_gap, abs=1e-9)
        return
    assert game.n_movers == 3
    certificate = pt.certify(game, solved(game).profile)
    told = game.departures(profile)
    assert told["leaving"].sum() == pytest.approx(5) == told["arriving"].sum()
    assert certificate.nash_gap_lower <= certificate.nash_gap
    late = told.query("origin == 1")
    assert late["leaving"].tolist()[0] > 0
    assert late["leaving"].tolist()[4] == 0


def test_nobody_drives_on_to_arrive_later() -> None:
    """From work a road leads round and back for nearly nothing, where too early is dear."""
    wish = pt.Departures(latest=0, arrival=5, early=100.0, late=0.0)
    game = town({(2, 3): wish}, demand=[(2, 3, 1)])
    told = game.departures(game.initial_profile("uniform", 0))
    assert told["arriving"].tolist() == [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    assert float(game.best_response(game.initial_profile("uniform", 0)).value[0, 0]) == (
        pytest.approx(-(0.5 + 0.2 + 400.0)))


def test_a_detour_is_of_roads_and_not_of_times() -> None:
    """What is much too late costs more than any detour, and stays a choice."""
    wide, narrow = (town({(1, 3): WISH}, detour=detour) for detour in (None, 1.0001))
    assert len(narrow.rows.node) < len(wide.rows.node)
    told = narrow.departures(narrow.initial_profile("uniform", 0)).query("origin == 1")
    assert (told["leaving"].to_numpy()[1:4] > 0).all()


def test_costs_of_every_kind_and_more_wishes_than_steps() -> None:
    """Sinks of one wish share links up to the horizon; power laws and tables of costs alike."""
    links = [(1, k) for k in range(2, 6)]
    demand = [(1, k, 3) for k in range(2, 6)]
    wish = pt.Departures(latest=1, arrival=0.5, early=0.0, late=1.0)
    base, found = np.array([1.0, 1.0, 2.0, 3.0]), []
    for costs in (pt.link_costs.polynomial(np.column_stack([base, 0 * base, base])),
                  pt.link_costs.bpr(base, [1.0] * 4, 1.0, 2.0),
                  pt.link_costs.tabulated(base[:, None] * (1 + np.arange(1, 14) ** 2))):
        game = pt.RoutingGame.from_links(links, costs, demand, horizon=2, departures=wish)
        result = solved(game)
        assert pt.certify(game, result.profile).relative_gap < 1e-6
        found.append(float(game.expected_cost(result.profile)))
        assert len(game.links) == 4 + 2 + 2 * 2                  # two gates' links, two blocks
    np.testing.assert_allclose(found, found[0], rtol=1e-6)
    told = game.departures(result.profile)
    np.testing.assert_allclose(told.groupby("destination")["arriving"].sum(), 3.0)
    np.testing.assert_allclose(told["schedule_cost"].to_numpy().reshape(4, 3)[:, 1:],
                               [[0.5, 1.5]] * 4)
