"""Frames of a profile, against every path listed by networkx and loads convolved agent by agent."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import frames
from potentia.runtime.float64 import float64_on_one_blas_thread
from roads import Roads, acyclic_profile, simple_paths

ROADS = {"types": Roads(2, 5, (1, 1, 2), costs="bpr"),
         "agents": Roads(5, 6, (3, 1), policies="agent", cycles=False, costs=1),
         "destinations": Roads(7, 5, (1, 2, 1), policies="destination", costs="bpr"),
         "steps": Roads(13, 4, (2, 1), policies="agent", horizon=4)}


@pytest.fixture(scope="module", params=ROADS)
def played(request) -> tuple[pt.RoutingGame, np.ndarray]:
    """A tolled game whose links have ids of their own, and a profile; two of its types share their
    origin and destination."""
    roads = ROADS[request.param]
    demand = [*roads.demand[:-1], (*roads.demand[0][:2], roads.demand[-1][2])]
    size = len(roads.links)
    game = roads.game(0, demand=demand, tolls=np.arange(size) / 8,
                      capacity=np.arange(1.0, size + 1), link_ids=[f"L{k}" for k in range(size)])
    return game, acyclic_profile(game, 3)


def walks(game: pt.RoutingGame, of_type: int) -> list[tuple[int, ...]]:
    """All ways from origin to destination, as copies of links."""
    links, steps = np.asarray(game.links), game.horizon
    start, end = int(game.trips.origin[of_type]), int(game.trips.destination[of_type])
    if steps is None:
        return sorted(simple_paths(links, start, end))
    found = []
    for length in range(1, steps + 1):
        for way in itertools.product(range(len(links)), repeat=length):
            nodes = [start, *links[list(way), 1].tolist()]
            chained = (links[list(way), 0] == nodes[:-1]).all()
            if chained and end in nodes and nodes.index(end) == length:
                found.append(tuple(step * len(links) + link for step, link in enumerate(way)))
    return found


def chances(game: pt.RoutingGame, profile: np.ndarray) -> list[dict[tuple[int, ...], float]]:
    """The probability of each walk, by type."""
    done = {(int(group), int(link)): float(p) for group, links, row in zip(
        game.rows.group, game.rows.link, profile[:, 0], strict=True)
        for link, p in zip(links, row, strict=True)}
    found = []
    for of_type, row in enumerate(np.asarray(game.trips.row)):
        group = int(game.rows.group[row])
        found.append({way: float(np.prod([done.get((group, link), 0.0) for link in way]))
                      for way in walks(game, of_type)})
    return found


def expected(game: pt.RoutingGame, found: list[dict]) -> np.ndarray:
    """[T, E] what each link is expected to cost an agent of each type, its own load left out; by
    destination not."""
    counts = np.asarray(game.trips.count)
    taken = np.zeros((len(found), len(game.link_of)))
    for row, ways in zip(taken, found, strict=True):
        for way, p in ways.items():
            row[list(way)] += p
    loads = float(game.weight) * np.broadcast_to(np.arange(1, counts.sum() + 2),
                                                 (len(game.links), counts.sum() + 1))
    with float64_on_one_blas_thread():
        costs = np.asarray(game.costs.at(loads))[np.asarray(game.link_of)]
    table = np.zeros(taken.shape)
    for own, link in np.ndindex(table.shape):
        number = np.ones(1)
        for of_type, count in enumerate(counts):
            others = count - (of_type == own and game.policies != "destination")
            for _ in range(others):
                number = np.convolve(number, [1 - taken[of_type, link], taken[of_type, link]])
        table[own, link] = number @ costs[link, :len(number)]
    return table


def test_paths_are_those_listed_one_by_one(played) -> None:
    game, profile = played
    found, counts = chances(game, profile), np.asarray(game.trips.count)
    costs = expected(game, found)
    frame = game.paths(profile, mass=1.0)
    seen = 0
    for (origin, destination), rows in frame.groupby(["origin", "destination"], sort=False):
        types = [t for t in range(len(counts)) if (game.trips.origin[t], game.trips.destination[t])
                 == (origin, destination)]
        total = counts[types].sum()
        want = {}
        for way in {way for t in types for way, p in found[t].items() if p > 0}:
            agents = np.array([counts[t] * found[t][way] for t in types])
            paid = np.array([costs[t, list(way)].sum() for t in types])
            links = [int(game.link_of[link]) for link in way]
            want[tuple(game.link_ids[k] for k in links)] = (
                agents.sum() / total, agents @ paid / agents.sum(), game.tolls[links].sum(),
                (origin, *(int(game.links[k, 1]) for k in links)))
        assert len(rows) == len(want)
        for row in rows.itertuples():
            chance, cost, toll, nodes = want[row.links]
            assert row.path == nodes
            np.testing.assert_allclose([row.probability, row.flow, row.cost, row.time],
                                       [chance, chance * total * game.weight, cost, cost - toll],
                                       rtol=1e-11)
        assert (np.diff(rows.probability) <= 1e-15).all()
        np.testing.assert_allclose(rows.covered, rows.probability.cumsum(), rtol=1e-12)
        assert rows.covered.iloc[-1] == pytest.approx(1)
        seen += len(rows)
    assert seen == len(frame)


def test_paths_end_where_the_mass_is_covered(played) -> None:
    game, profile = played
    whole, origin, destination = game.paths(profile, mass=1.0), *(
        int(side[0]) for side in (game.trips.origin, game.trips.destination))
    of_pair = whole[(whole.origin == origin) & (whole.destination == destination)]
    for mass in (0.3, 0.7, 0.95):
        some = game.paths(profile, (origin, destination), mass)
        count = int(np.searchsorted(of_pair.covered, mass)) + 1
        assert some.values.tolist() == of_pair.head(count).values.tolist()
        assert some.covered.iloc[-1] >= mass > some.covered.iloc[-1] - some.probability.iloc[-1]


def test_skims_are_means_over_the_types_of_a_pair(played) -> None:
    game, profile = played
    frame, counts = game.skims(profile), np.asarray(game.trips.count)
    found = chances(game, profile)
    costs = expected(game, found)
    assert len(frame) == len(set(zip(frame.origin, frame.destination, strict=True)))
    assert frame.agents.sum() == game.n_agents
    for row in frame.itertuples():
        types = [t for t in range(len(counts)) if (game.trips.origin[t], game.trips.destination[t])
                 == (row.origin, row.destination)]
        paid = [sum(p * costs[t, list(way)].sum() for way, p in found[t].items()) for t in types]
        toll = [sum(p * game.tolls[game.link_of[list(way)]].sum() for way, p in found[t].items())
                for t in types]
        best = [min(costs[t, list(way)].sum() for way in found[t]) for t in types]
        truth = np.average([paid, np.subtract(paid, toll), best], axis=1, weights=counts[types])
        np.testing.assert_allclose([row.cost, row.time, row.cheapest], truth, rtol=1e-11)
        assert row.vehicles == pytest.approx(counts[types].sum() * game.weight)
    share = (frame.agents * frame.gain).sum() / (frame.agents * frame.cost).sum()
    assert share == pytest.approx(float(game.relative_gap(profile)), rel=1e-12)


def test_who_uses_a_link_sums_to_its_flow(played) -> None:
    game, profile = played
    found, counts = chances(game, profile), np.asarray(game.trips.count)
    for link, flow in enumerate(game.link_flows(profile)):
        frame = game.select_link(profile, f"L{link}")
        assert frame.vehicles.sum() == pytest.approx(float(flow), rel=1e-12)
        assert (np.diff(frame.vehicles) <= 0).all()
        for row in frame.itertuples():
            types = [t for t in range(len(counts)) if (game.trips.origin[t],
                     game.trips.destination[t]) == (row.origin, row.destination)]
            used = [sum(p * list(game.link_of[list(way)]).count(link)
                        for way, p in found[t].items()) for t in types]
            assert row.share == pytest.approx(np.average(used, weights=counts[types]), rel=1e-11)
    both = np.flatnonzero((np.asarray(game.links) == game.links[0]).all(axis=1))
    frame = game.select_link(profile, tuple(game.links[0].tolist()))
    assert frame.vehicles.sum() == pytest.approx(float(game.link_flows(profile)[both].sum()))


def test_a_row_for_each_link(played) -> None:
    game, profile = played
    frame, flows = game.to_dataframe(profile), game.link_flows(profile)
    assert list(frame.columns) == [
        "id", "from", "to", "flow", "capacity", "free_flow_time", "volume_over_capacity", "length",
        "time", "cost", "toll"]
    assert tuple(frame.id) == game.link_ids
    assert frame[["from", "to"]].values.tolist() == game.links.tolist()
    np.testing.assert_allclose(frame.flow, flows, rtol=1e-12)
    np.testing.assert_allclose(frame.cost - frame.time, game.tolls, atol=1e-12)
    np.testing.assert_array_equal(frame.toll, game.tolls)
    with float64_on_one_blas_thread():
        np.testing.assert_array_equal(frame.free_flow_time + game.tolls,
                                      game.costs.at(np.zeros(len(flows))))
    assert frame.length.isna().all()
    if game.horizon is None:
        np.testing.assert_allclose(frame.cost, game.link_costs(profile), rtol=1e-12)
        np.testing.assert_allclose(frame.volume_over_capacity, flows / game.capacities, rtol=1e-12)
        return
    # By step: what all vehicles on a link pay at mean flows is its flow times its cost.
    taken = np.zeros(len(game.link_of))
    for count, ways in zip(game.trips.count, chances(game, profile), strict=True):
        for way, p in ways.items():
            taken[list(way)] += count * p * float(game.weight)
    steps = taken.reshape(-1, len(flows))
    paid = (steps * game.link_costs(profile).reshape(steps.shape)).sum(axis=0)
    np.testing.assert_allclose(frame.flow * frame.cost, paid, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(frame.volume_over_capacity, steps.max(axis=0) / game.capacities,
                               rtol=1e-11)


def test_nodes_go_by_name_and_zones_are_split() -> None:
    game = pt.RoutingGame.from_links(
        [(1, 2), (2, 3), (1, 3), (3, 1)], pt.link_costs.polynomial([[1, 1]] * 4), [(1, 3, 4)],
        closed=[1, 3], node_names=("A", "B", "C"))
    profile = np.asarray(game.initial_profile("uniform", None))
    frame = game.paths(profile, ("A", "C"))
    assert set(frame.path) == {("A", "B", "C"), ("A", "C")}
    assert frame.probability.tolist() == [0.5, 0.5]
    assert game.select_link(profile, ("A", "B")).values.tolist() == [["A", "C", 0.5, 2.0]]
    assert game.skims(profile)[["origin", "destination"]].values.tolist() == [["A", "C"]]
    assert game.to_dataframe(profile)["to"].tolist() == ["B", "C", "C", "A"]


def grid(side: int) -> pt.RoutingGame:
    """A square of side times side nodes, from one corner to the other."""
    links = [(k, k + 1) for k in range(side * side) if (k + 1) % side]
    links += [(k, k + side) for k in range(side * (side - 1))]
    return pt.RoutingGame.from_links(
        links, pt.link_costs.polynomial([[1.0, 0.0]] * len(links)), [(0, side * side - 1, 2)])


def test_no_more_paths_are_looked_at_than_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 184,756 paths on a grid the first few, in the order of their probability."""
    game = grid(11)
    profile = acyclic_profile(game, 0)
    frame = game.paths(profile, mass=0.8)
    assert 10 < len(frame) < 2000
    assert frame.probability.is_monotonic_decreasing
    # The best path of all, by the products backward from the end.
    policy, following = profile[:, 0], np.asarray(game.rows.following)
    best = np.append(np.zeros(len(policy)), 1.0)
    for _ in policy:
        best[:-1] = (policy * best[following]).max(axis=1)
    assert frame.probability[0] == pytest.approx(best[game.trips.row[0]], rel=1e-12)
    monkeypatch.setattr(frames, "MOST_PATHS", 10)
    with pytest.raises(pt.InputError, match=r"from 0 to 120 10 paths cover 0\.\d+ of the trips"):
        game.paths(profile)


REFUSED = {
    "no mass": (lambda game, profile: game.paths(profile, mass=0), "mass is 0, but it must lie"),
    "too much": (lambda game, profile: game.paths(profile, mass=1.1), r"mass is 1\.1"),
    "no number": (lambda game, profile: game.paths(profile, mass="all"), "mass is 'all'"),
    "no trips": (lambda game, profile: game.paths(profile, (2, 1)), "no trips from 2 to 1"),
    "no pair": (lambda game, profile: game.paths(profile, 3), "od is 3, but it must be a pair"),
    "no profile": (lambda game, profile: game.paths(profile[1:]), "profile has shape"),
    "no skims": (lambda game, profile: game.skims(2 * profile), r"sums to 2, not 1"),
    "no id": (lambda game, profile: game.select_link(profile, 6), "no link with the id 6"),
    "text": (lambda game, profile: game.select_link(profile, "1"), "no link with the id '1'"),
    "no link": (lambda game, profile: game.select_link(profile, (4, 1)), r"no link \(4, 1\)"),
    "no flows": (lambda game, profile: game.to_dataframe(None), "profile"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(case: str) -> None:
    ask, message = REFUSED[case]
    game = pt.games.make("braess")
    with pytest.raises(pt.InputError, match=message):
        ask(game, np.asarray(game.initial_profile("uniform", None)))


def test_ties_come_in_one_order() -> None:
    game = grid(4)
    profile = np.asarray(game.initial_profile("uniform", None))
    first, second = game.paths(profile), game.paths(profile)
    assert first.values.tolist() == second.values.tolist()
