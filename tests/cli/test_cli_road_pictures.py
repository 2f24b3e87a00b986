"""Pictures of roads, what is left out without places, and flows held against published ones."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import PolyCollection

import potentia as pt
from potentia import cli
from potentia.cli import road_outputs
from potentia.plot import road_tables
from potentia.report import flow_differences, road_flows, road_maps

GAME = pt.RoutingGame.from_links([(1, 2), (2, 3), (1, 3)], pt.link_costs.polynomial(
    [[1, 1], [2, 0], [0, 3]]), [(1, 3, 3)], capacity=[2.0, 1.0, np.nan], name="town")
PROFILE = np.asarray(GAME.initial_profile("uniform", None))
PLACES = {1: (0.0, 50.0), 2: (1.0, 51.0), 3: (2.0, 50.0)}


def flows_of(game: pt.RoutingGame = GAME) -> road_flows.LinkFlows:
    return road_tables.flows_of(game, PROFILE)


@pytest.mark.parametrize(("most", "samples"), [
    (23_387.5, [20_000, 10_000, 5_000]), (2.0, [2, 1, 0.5]), (1.0, [1, 0.5, 0.2]),
    (0.05, [0.05, 0.02, 0.01]), (9.99, [5, 2, 1])])
def test_widths_are_explained_in_round_numbers(most: float, samples: list) -> None:
    np.testing.assert_allclose(road_maps.round_samples(most), samples, rtol=1e-12)


def test_a_map_says_its_units_and_points_the_way() -> None:
    extras = road_outputs.Extras(PLACES, True, 4326)
    figure = road_outputs.drawn("town", {"3 agents": flows_of()}, extras)
    axis, bar = figure.axes
    assert bar.get_ylabel() == "volume over capacity"
    legend, = figure.legends
    assert legend.get_title().get_text() == "expected vehicles"
    assert [text.get_text() for text in legend.get_texts()] == ["1", "0.5", "0.2",
                                                                 "capacity unknown"]
    lines, marks = axis.collections[:2]
    widths = lines.get_linewidths()
    assert np.argmax(widths) == np.argmax(flows_of().flow)
    for (start, end), mark in zip(lines.get_segments(), marks.get_paths(), strict=True):
        tip, *base = mark.vertices[:3]
        assert (tip - np.mean(base, axis=0)) @ (end - start) > 0
    # A degree of longitude is the shorter one, by the cosine of the latitude.
    assert axis.get_aspect() == pytest.approx(1 / np.cos(np.radians(np.mean([50, 51, 50]))))


def test_without_places_there_are_bars() -> None:
    changed = GAME.without((1, 2)).joined((1, 2), pt.link_costs.polynomial([[1, 1]]))
    sides = {"before": flows_of(), "after": road_tables.flows_of(
        changed, np.asarray(changed.initial_profile("uniform", None)))}
    for places in (None, {1: (0.0, 0.0)}):
        figure = road_outputs.drawn("town", sides, road_outputs.Extras(places))
        axis, = figure.axes
        assert axis.get_xlabel() == "volume over capacity"
        labels = [text.get_text() for text in axis.get_yticklabels()]
        assert labels == ["2 \u2192 3", "1 \u2192 2"]
        before = [bar.get_width() for bar in axis.containers[0]]
        np.testing.assert_allclose(before, flows_of().column("volume_over_capacity")[[1, 0]])
    plain = pt.games.make("pigou")
    figure = road_outputs.drawn("pigou", {"all": road_tables.flows_of(
        plain, np.asarray(plain.initial_profile("uniform", None)))}, road_outputs.Extras())
    assert figure.axes[0].get_xlabel() == "expected vehicles"


def test_changed_links_are_marked_where_they_lay() -> None:
    """Link 1-3 is taken away and 1-2 tolled: both lie where the map of before has them."""
    after = GAME.without((1, 3)).tolled({(1, 2): 2.0})
    marked = road_tables.marked(GAME, after)
    assert (marked.shut, marked.tolled) == (((1, 3),), ((1, 2),))
    sides = {"before": flows_of(), "after": road_tables.flows_of(
        after, np.asarray(after.initial_profile("uniform", None)))}
    figure = road_outputs.drawn("town", sides, road_outputs.Extras(PLACES), marked)
    legend, = figure.legends
    assert [text.get_text() for text in legend.get_texts()][-2:] == ["taken away", "tolled"]
    first, second = figure.axes[:2]
    lines = first.collections[0].get_segments()
    for axis in (first, second):
        shut, _, tolled, _ = axis.collections[2:6]           # each with its symbol
        np.testing.assert_allclose(shut.get_segments()[0], lines[2])
        np.testing.assert_allclose(tolled.get_segments()[0], lines[0])


def test_a_map_of_a_wide_network_is_low_and_of_many_links_has_no_marks() -> None:
    figure = road_outputs.drawn("town", {"3 agents": flows_of()}, road_outputs.Extras(PLACES))
    assert figure.get_size_inches()[1] == pytest.approx(1.4 + 6.4 / 2)      # 2 wide and 1 high
    many = pt.RoutingGame.from_links([(1, 2)] * 301, pt.link_costs.polynomial([[1, 1]] * 301),
                                     [(1, 2, 3)])
    flows = road_tables.flows_of(many, np.asarray(many.initial_profile("uniform", None)))
    axis = road_outputs.drawn("many", {"all": flows}, road_outputs.Extras(PLACES)).axes[0]
    assert not [part for part in axis.collections if isinstance(part, PolyCollection)]


def test_capacities_of_1_are_none() -> None:
    ones = dataclasses.replace(flows_of(), table={**flows_of().table, "capacity": np.ones(3)})
    assert flows_of().has_capacities
    assert not ones.has_capacities
    figure = road_outputs.drawn("town", {"all": ones}, road_outputs.Extras())
    assert figure.axes[0].get_xlabel() == "expected vehicles"


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF"),
                                              ("svg", b"<?xml")])
def test_pictures_are_of_the_kind_that_is_asked_for(kind: str, begins: bytes) -> None:
    figure = road_outputs.drawn("town", {"all": flows_of()}, road_outputs.Extras())
    assert road_maps.as_file(figure, kind).startswith(begins)


def test_differences_from_published_flows() -> None:
    published = flows_of().flow + np.array([0.5, -1.0, 0.0])
    found = flow_differences.differences(flows_of(), published)
    assert found.relative_difference == pytest.approx(1.5 / published.sum())
    assert found.root_mean_square == pytest.approx(np.sqrt(1.25 / 3))
    assert (found.largest_difference, found.largest_link, found.largest_id) == (
        pytest.approx(1.0), (2, 3), 2)
    assert "1.000 vehicles on 2 -> 3" in str(found)
    assert flow_differences.differences(flows_of(), np.zeros(3)).relative_difference == np.inf


def test_the_command_line_compares_and_draws_no_map_that_is_none(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flow.tntp").write_text("From To Volume Cost\n1 2 0.5 1\n1 2 0.5 1\n")
    monkeypatch.setattr(sys, "argv", ["potentia", "solve", "pigou", "--flows", "flow.tntp",
                                      "--max-iterations", "1", "--out", "run", "--json"])
    with pytest.raises(SystemExit):
        cli.main()
    told = capsys.readouterr()
    assert set(json.loads(told.out)["roads"]["published"]) == {
        "relative_difference", "root_mean_square", "largest_difference", "largest_link",
        "largest_id", "largest_flow", "largest_published"}
    drawing = hasattr(pt.games.module("pigou"), "NODE_COORDINATES")
    assert Path("run/network.png").exists() == drawing
    assert Path("run/links.png").exists() != drawing
    assert "there is no flows.geojson" in told.err


def test_published_flows_of_nobody_are_none_to_compare_with(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flow.tntp").write_text("From To Volume Cost\n1 2 0 1\n1 2 0 1\n")
    monkeypatch.setattr(sys, "argv", ["potentia", "solve", "pigou", "--flows", "flow.tntp"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "flow.tntp has no flow on any link to compare with" in capsys.readouterr().err


@pytest.mark.parametrize("certified", [True, False])
def test_the_title_of_a_picture_says_what_the_certificate_does(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path,
        certified: bool) -> None:
    """By destination what the game bounds may be a hundred times more than what is certified."""
    titles: list[str] = []

    def kept(title: str, *rest: object) -> object:
        titles.append(title)
        return drawn(title, *rest)  # type: ignore[arg-type]

    drawn = road_outputs.drawn
    monkeypatch.setattr(road_outputs, "drawn", kept)
    if not certified:
        def refused(*arguments: object) -> None:
            raise pt.InputError("too large")
        monkeypatch.setattr(pt, "certify", refused)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [
        "potentia", "solve", "braess", "-p", "n_agents=6", "-p", "policies=destination",
        "--max-iterations", "3", "--no-price-of-anarchy", "--out", "run", "--json"])
    with pytest.raises(SystemExit):
        cli.main()
    run, = json.loads(capsys.readouterr().out)["runs"]
    if certified:
        gap = run["certificate"]["relative_gap"]
        result = pt.load("run")
        assert gap < 0.9 * result.game.relative_gap(result.profile)
        said, = titles
        name, bound = said.split(", certified within a relative gap of ")
        assert name == "braess"
        assert gap <= float(bound) <= 1.1 * gap
    else:
        assert titles == ["braess"]
