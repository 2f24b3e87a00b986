"""Shortest paths of many types at once, against Dijkstra's of each."""

import numpy as np
import pytest

import potentia as pt
from potentia.certificates import road_paths

SIDE = 4
NODES = np.arange(SIDE * SIDE).reshape(SIDE, SIDE) + 1
WAYS = [*zip(NODES[:, :-1].flat, NODES[:, 1:].flat, strict=True),
        *zip(NODES[:-1].flat, NODES[1:].flat, strict=True)]
LINKS = np.array([ends for way in WAYS for ends in (way, way[::-1])])


@pytest.mark.parametrize("seed", range(4))
def test_paths_of_each_type_are_dijkstras_where_its_own_costs_lead_elsewhere(seed: int) -> None:
    """Costs of its own may be so much lower that a type first goes away from the end."""
    ones = np.ones(len(LINKS))
    game = pt.RoutingGame.from_links(LINKS, pt.link_costs.bpr(ones, ones),
                                     [(1, 16, 2), (4, 16, 1), (13, 16, 1)], policies="destination")
    draws, usable = np.random.default_rng(seed), road_paths.usable(game)
    joining = np.where(usable, draws.exponential(size=usable.shape) + 0.1, np.inf)
    rows = np.flatnonzero(np.asarray(game.rows.group) >= 0)
    share = draws.random((*usable.shape, 3)) ** 4
    own = np.where(usable[:, :, None], joining[:, :, None] * share, np.inf)
    distance, _ = road_paths.shortest(game, joining)
    found = road_paths.of_each(game, rows, own[rows].copy(), distance,
                               road_paths.steps_of(game, distance))
    expected = np.stack([road_paths.shortest(game, own[:, :, kind])[0][rows] for kind in range(3)],
                        axis=1)
    np.testing.assert_allclose(found, expected, rtol=1e-14)
