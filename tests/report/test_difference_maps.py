"""Maps of changes: each has a scale of its own, and marks what was built."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure
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
    assert "a scale of its own" in figure.get_supxlabel().replace("\n", " ")


def test_what_is_built_is_marked_and_names_have_a_halo() -> None:
    built = GAME.joined((3, 2), pt.link_costs.polynomial([[1.0, 0.0]]))
    marks = road_tables.marked(GAME, built.tolled({3: 1.0}).without(2))
    assert marks == road_flows.Marked(shut=((2, 3),), tolled=((1, 3),), built=((3, 2),))
    figure = difference_maps.picture("town", {"x": difference_maps.changes(
        flows_of(GAME, 1.0), flows_of(built, 1.0))}, {"x": marks}, PLACES)
    (legend,) = figure.legends
    assert "a scale of its own" in legend.get_title().get_text().replace("\n", " ")
    figure.draw_without_rendering()
    inside = legend.get_window_extent()
    assert inside.x0 >= 0
    assert inside.x1 <= figure.bbox.width
    assert [text.get_text() for text in legend.get_texts()] == ["taken away", "tolled", "built"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["1", "2", "3"]
    assert all(isinstance(text.get_path_effects()[0], Stroke) for text in figure.axes[0].texts)


def test_marks_are_seen_around_the_widest_link_and_in_grey() -> None:
    figure = Figure()
    axis = figure.subplots()
    marks = road_flows.Marked(shut=((1, 2),), tolled=((2, 3),), built=((1, 3),))
    road_maps.mark_changes(axis, PLACES, marks)
    bands = [each for each in axis.collections if isinstance(each, LineCollection)]
    symbols = [each for each in axis.collections if isinstance(each, PathCollection)]
    assert all(band.get_linewidths()[0] > road_maps.WIDEST + 2 for band in bands)
    assert all(band.get_zorder() < LineCollection([]).get_zorder() for band in bands)
    assert len({str(band.get_linestyles()) for band in bands}) == 3
    shapes = [symbol.get_paths()[0].vertices for symbol in symbols]
    assert len({shape.tobytes() for shape in shapes}) == 3
    assert min(symbol.get_zorder() for symbol in symbols) > 2      # above links and arrows
    for band, symbol in zip(bands, symbols, strict=True):
        (start, end), at = band.get_segments()[0], symbol.get_offsets()[0]
        assert np.linalg.det([end - start, at - start]) == pytest.approx(0.0, abs=1e-12)


def test_many_changed_links_have_no_symbols() -> None:
    axis = Figure().subplots()
    road_maps.mark_changes(axis, PLACES, road_flows.Marked(
        tolled=((1, 2),) * (road_maps.NAMED + 1)))
    assert len(axis.collections) == 1
