"""What learning curves are drawn of: thinned, and nothing moved by it."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from potentia.pages.curve_figures import MOST_RUNS, curve_figure, thinned
from potentia.pages.thinning import BEFORE_FIRST, COLUMNS, kept, on_axis
from potentia.plot.bands import Run, band
from potentia.plot.groups import Panel


def test_each_column_keeps_its_first_least_greatest_and_last() -> None:
    at = np.arange(5000)
    values = np.random.default_rng(0).normal(size=5000)
    chosen = kept(at, values, 50, (0.0, 4999.0))
    assert len(chosen) <= 4 * 51
    edges = np.geomspace(BEFORE_FIRST, 4999.0, 51)
    for low, high in itertools.pairwise(edges):
        here = (on_axis(at) > low * 1.000001) & (on_axis(at) < high * 0.999999)
        if here.any():
            drawn = values[chosen][here[chosen]]
            every = values[here]
            assert (drawn.min(), drawn.max()) == (every.min(), every.max())
            assert (drawn[0], drawn[-1]) == (every[0], every[-1])


def test_few_records_are_all_kept() -> None:
    at = np.array([0, 10, 20, 30])
    np.testing.assert_array_equal(kept(at, np.ones(4), COLUMNS, (0.0, 30.0)), range(4))


def runs(count: int, length: int = 40) -> list[Run]:
    rng = np.random.default_rng(1)
    return [Run(np.arange(length), np.exp(-0.3 * np.arange(length) * rng.uniform(0.5, 1)))
            for _ in range(count)]


def test_the_median_is_over_all_runs_and_the_thin_lines_are_the_runs() -> None:
    own = runs(3)
    figure: Any = curve_figure(Panel("", "nash_gap", {"<a>": own}))
    thin, lower, upper, median = figure.data
    found: Any = band(own)
    np.testing.assert_allclose(median.y, found.median, rtol=1e-6)
    np.testing.assert_allclose(lower.y, found.lower, rtol=1e-6)
    np.testing.assert_allclose(upper.y, found.upper, rtol=1e-6)
    breaks = np.flatnonzero(np.isnan(thin.y))
    for run, part in zip(own, np.split(thin.y, breaks)[:-1], strict=True):
        np.testing.assert_allclose(part[~np.isnan(part)], run.values, rtol=1e-6)
    assert median.x[0] == pytest.approx(BEFORE_FIRST)
    assert median.name == "&lt;a&gt; (3 runs)"
    assert figure.layout.yaxis.type == "log"
    np.testing.assert_array_equal(median.customdata[:, 0], found.iterations)


def test_zeros_lie_on_the_lower_edge_and_say_what_they_are() -> None:
    run = Run(np.array([0, 1, 2]), np.array([1.0, 1e-3, 0.0]))
    figure: Any = curve_figure(Panel("", "nash_gap", {"a": [run]}))
    median = figure.data[-1]
    np.testing.assert_allclose(median.y, [1.0, 1e-3, 5e-4], rtol=1e-6)
    assert median.customdata[2, 1] == 0.0
    assert [note.text for note in figure.layout.annotations] == ["0"]
    assert figure.layout.annotations[0].y == pytest.approx(np.log10(5e-4))


@pytest.mark.parametrize(("first", "last", "marked"), [
    (0, 40, "0 1 2 5 10 20"), (0, 0, "0"), (0, 1, "0 1"), (30, 45, "30 45"),
    (10, 2_000, "10 20 50 100 200 500 1,000 2,000"), (0, 20_000, "0 1 10 100 1,000 10,000")])
def test_iterations_are_marked_from_0_on_and_none_between_0_and_1(
        first: int, last: int, marked: str) -> None:
    run = Run(np.array(sorted({first, last})), np.ones(len({first, last})))
    figure: Any = curve_figure(Panel("", "nash_gap", {"a": [run]}))
    assert list(figure.layout.xaxis.ticktext) == marked.split()
    expected = [float(tick.replace(",", "")) or BEFORE_FIRST for tick in marked.split()]
    np.testing.assert_allclose(figure.layout.xaxis.tickvals, expected)
    assert not any(note.text == "0" and note.yref == "paper" for note in figure.layout.annotations)


def test_what_has_a_sign_is_linear() -> None:
    run = Run(np.array([0, 1]), np.array([-1.0, 2.0]))
    figure: Any = curve_figure(Panel("", "potential", {"a": [run]}))
    assert figure.layout.yaxis.type != "log"
    np.testing.assert_array_equal(figure.data[-1].y, [-1.0, 2.0])


def test_more_runs_than_a_screen_shows_are_left_out_and_told() -> None:
    panel = Panel("", "nash_gap", {"a": runs(MOST_RUNS + 5, 5)})
    figure: Any = curve_figure(panel)
    thin = figure.data[0]
    assert np.isnan(thin.y).sum() == MOST_RUNS
    assert f"more than {MOST_RUNS} runs" in thinned([panel])
