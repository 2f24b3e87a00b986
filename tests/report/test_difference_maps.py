"""Maps of changes: each has a scale of its own, and marks what was built."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.patheffects import Stroke

import potentia as pt
from potentia.plot import road_tables
from potentia.report import difference_maps, road_flows, road_maps

GAME = pt.RoutingGame.from_links([(1, 2), (2, 3), (1, 3)], pt.link_costs.polynomial(
    [[1, 1], [2, 0], [0, 3]]), [(1, 3, 3)], name="town")
PLACES = {1: (0.0, 0.0), 2: (1.0, 1.0), 3: (2.0, 0.0)}


def flows_of(game: pt.RoutingGame, first: float):
    """The flows where everybody takes the first link at each node with a probability."""
    mask = np.asarray(game.mask)
    uniform = np.asarray(game.initial_profile("uniform", None))
    tilted = np.where(mask & (np.arange(mask.shape[-1]) == 0), uniform * first, uniform)
    return road_tables.flows_of(game, tilted / tilted.sum(axis=-1, keepdims=True))


def test_a_small_change_is_seen_beside_a_large_one() -> None:
    base = flows_of(GAME, 1.0)
    panels = {name: difference_maps.changes(base, flows_of(GAME, first))
              for name, first in (("large", 5.0), ("small", 1.01))}
    assert np.abs(panels["large"].more).max() > 50 * np.abs(panels["small"].more).max()
    figure = difference_maps.picture("town", panels, dict.fromkeys(panels, road_flows.NOTHING),
                                     PLACES)
    maps, bars = figure.axes[:2], figure.axes[2:]
    for axis, bar, each in zip(maps, bars, panels.values(), strict=True):
        assert bar.get_ylim()[1] == pytest.approx(np.abs(each.more).max())
        assert max(axis.collections[0].get_linewidths()) == pytest.approx(road_maps.WIDEST)
    assert "a scale of its own" in figure._supxlabel.get_text()


def test_what_is_built_is_marked_and_names_have_a_halo() -> None:
    built = GAME.joined((3, 2), pt.link_costs.polynomial([[1.0, 0.0]]))
    marks = road_tables.marked(GAME, built.tolled({3: 1.0}).without(2))
    assert marks == road_flows.Marked(shut=((2, 3),), tolled=((1, 3),), built=((3, 2),))
    figure = difference_maps.picture("town", {"x": difference_maps.changes(
        flows_of(GAME, 1.0), flows_of(built, 1.0))}, {"x": marks}, PLACES)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["taken away", "tolled", "built"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["1", "2", "3"]
    assert all(isinstance(text.get_path_effects()[0], Stroke) for text in figure.axes[0].texts)
