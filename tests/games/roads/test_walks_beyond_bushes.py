"""Shortest walks in the whole network, whatever bush the search begins from."""

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import bushes, compiled

SIDE = 5
NODES = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) + 1
WAYS = [*zip(NODES[:, :-1].flat, NODES[:, 1:].flat, strict=True),
        *zip(NODES[:-1].flat, NODES[1:].flat, strict=True)]
LINKS = np.array([ends for way in WAYS for ends in (way, way[::-1])])


@pytest.mark.parametrize("policies", ["type", "destination"])
@pytest.mark.parametrize("seed", [1, 3, 5])
def test_walks_are_found_that_the_bush_does_not_hold(x64, policies: str, seed: int) -> None:
    costs = pt.link_costs.bpr(np.ones(len(LINKS)), np.ones(len(LINKS)))
    game = pt.RoutingGame.from_links(LINKS, costs, [(1, 25, 3), (5, 21, 2), (13, 25, 1)],
                                     policies=policies)
    draws = np.random.default_rng(seed)
    cost = draws.exponential(size=len(LINKS)) ** 3              # far from those of the bush
    rows = game.rows
    of_actions = np.append(cost, 0.0)[rows.link]
    expected = bushes.cheapest(rows, of_actions)[np.asarray(game.trips.row)]
    in_bush = np.where(np.asarray(game.bush.mask), of_actions, np.inf)
    assert (bushes.cheapest(rows, in_bush)[np.asarray(game.trips.row)] > expected).any()
    found = np.asarray(compiled.shortest_paths(game, cost))
    np.testing.assert_array_equal(found, expected)


def test_what_leads_to_rows_without_a_way_has_none_itself() -> None:
    costs = pt.link_costs.bpr(np.ones(3), np.ones(3))
    game = pt.RoutingGame.from_links([(1, 2), (2, 3), (3, 4)], costs, [(1, 4, 1)])
    known = np.full(len(game.rows.node), np.nan)
    known[np.flatnonzero(game.rows.following[:, 0] == len(known))] = np.inf
    found = bushes.cheapest(game.rows, np.ones(game.rows.usable.shape), known)
    np.testing.assert_array_equal(found, [np.inf] * len(known) + [0.0])
