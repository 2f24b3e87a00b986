"""Which links a routing game's rows have, against what the network itself says, where junctions
beside many zones make the rows of blocks unlike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.roads import acyclic_profile

import potentia as pt
from potentia.games.roads import link_costs
from potentia.games.roads.network import split_zones


def town(seed: int, zones: int, junctions: int = 4) -> np.ndarray:
    """Links of a ring of junctions, with zones both ways from random ones, most at the first."""
    rng = np.random.default_rng(seed)
    ring = [(k + 1, (k + 1) % junctions + 1) for k in range(junctions)]
    across = [(a, b) for a, b in itertools.permutations(range(1, junctions + 1), 2)
              if rng.random() < 0.4]
    beside = np.where(rng.random(zones) < 0.7, 1, rng.integers(1, junctions + 1, zones))
    ends = [(100 + k, int(at)) for k, at in enumerate(beside)]
    return np.array(ring + [pair[::-1] for pair in ring] + across + ends
                    + [pair[::-1] for pair in ends])


def game_of(seed: int, zones: int, policies: str, **other) -> pt.RoutingGame:
    links, rng = town(seed, zones), np.random.default_rng([seed, 1])
    names = range(100, 100 + zones)
    demand = [(a, b, int(rng.integers(1, 4))) for a, b in itertools.permutations(names, 2)
              if rng.random() < 0.5]
    costs = link_costs.polynomial(rng.uniform(0.5, 1.5, (len(links), 2)))
    return pt.RoutingGame.from_links(links, costs=costs, demand=demand, closed=list(names),
                                     policies=policies, **other)


def goals(game: pt.RoutingGame) -> dict[int, int]:
    """Where the trips of each group of rows end."""
    return dict(zip(game.rows.group[game.trips.row].tolist(), game.trips.destination.tolist(),
                    strict=True))


def ways_on(game: pt.RoutingGame, goal: int, node: int) -> list[int]:
    """Links that trips to `goal` may take from `node`: to a junction, or to the zone they end
    at."""
    return [k for k, (tail, head) in enumerate(game.links.tolist())
            if tail == node and (head < 100 or head == goal)]


@pytest.mark.parametrize("policies", ["destination", "type", "agent"])
@pytest.mark.parametrize("seed", range(4))
def test_rows_have_the_links_that_lead_on(seed, policies):
    game = game_of(seed, 15, policies)
    rows, goal = game.rows, goals(game)
    link, seen = rows.link, []
    numbers = np.unique(game.links)
    for row in np.flatnonzero(rows.node >= 0):
        node, usable = int(numbers[rows.node[row]]), rows.usable[row]
        assert link[row][usable].tolist() == ways_on(game, goal[int(rows.group[row])], node)
        for k, led in zip(link[row][usable], rows.following[row][usable], strict=True):
            head = game.links[k, 1]
            assert led == rows.find(rows.group[row], np.searchsorted(numbers, head))
            assert (led == len(rows.node)) == (head >= 100)
        seen.append((int(rows.group[row]), node))
    # A row for each junction, and for each zone where trips of the group begin.
    assert sorted(seen) == sorted({(int(rows.group[row]), int(place)) for row, begins in zip(
        game.trips.row, game.trips.origin, strict=True) for place in (begins, 1, 2, 3, 4)})


@pytest.mark.parametrize("policies", ["destination", "type"])
def test_rows_are_as_wide_as_what_they_use(policies):
    links = town(0, 60)
    game = game_of(0, 60, policies)
    at_first = int((links[:, 0] == 1).sum())
    roads = int(((links[:, 0] == 1) & (links[:, 1] < 100)).sum())
    assert at_first > 40
    # Each zone's rows are alike, and no more zones meet on a block than must.
    blocks = np.unique(np.flatnonzero(game.rows.node == 0) // game.rows.size).size
    zones = at_first - roads
    assert game.rows.usable.shape[1] <= roads + (
        -(-zones // blocks) if policies == "destination" else 2)


@pytest.mark.parametrize("policies", ["destination", "type"])
def test_loads_are_those_of_walks_by_hand(policies):
    """Each group's agents sent on, junction by junction, by what the profile says at their row."""
    game = game_of(1, 20, policies)
    rows, profile = game.rows, acyclic_profile(game, 0)
    flow, waiting = np.zeros(len(game.links)), np.zeros(len(rows.node) + 1)
    np.add.at(waiting, game.trips.row, game.trips.count)
    while waiting[:-1].any():
        ahead = np.zeros_like(waiting)
        for row in np.flatnonzero(waiting[:-1]):
            for action in np.flatnonzero(rows.usable[row]):
                taken = waiting[row] * profile[row, 0, action]
                flow[rows.link[row, action]] += taken
                ahead[rows.following[row, action]] += taken
        waiting = ahead
    np.testing.assert_allclose(game.link_flows(profile), flow, atol=1e-9)


def test_a_hub_of_zones_is_as_wide_as_a_trip_sees_it() -> None:
    """By that it is told beforehand what fits into memory."""
    links = town(0, 60)
    ends = np.unique(links, return_inverse=True)[1].reshape(links.shape)
    closed = np.unique(links) >= 100
    network = split_zones(ends[:, 0], ends[:, 1], len(closed), closed)
    roads = int(((links[:, 0] == 1) & (links[:, 1] < 100)).sum())
    assert network.widest == roads + 1
    assert split_zones(ends[:, 0], ends[:, 1], len(closed), np.zeros_like(closed)).widest == int(
        (links[:, 0] == 1).sum())
