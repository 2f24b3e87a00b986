"""Learning curves: the numbers that are drawn, held against pandas and exact probabilities."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.stats import binom

import potentia as pt
from potentia.plot import bands
from small_games import DILEMMA

RULE = pt.rules.INPG(step_size=0.02)


@pytest.fixture(scope="module")
def several() -> pt.Result:
    """Five runs, the first of which ends early: it starts near the equilibrium."""
    near = np.array([[[2e-8, 1 - 2e-8]]] * 2)
    rng = np.random.default_rng(1)
    start = np.stack([near, *rng.dirichlet([1, 1], size=(4, 2, 1))])
    return pt.solve(DILEMMA, RULE, initial=start, runs=5, max_iterations=40, check_every=5,
                    tolerance=1e-7, l1_accuracy=True)


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> tuple[pt.sweeps.sweep.Sweep, Path]:
    folder = tmp_path_factory.mktemp("swept") / "out"
    found = pt.sweep(["two-link-congestion", "prisoners-dilemma"],
                     [{"name": "inpg", "step_size": [0.05, 0.1]},
                      {"name": "inpg-entropy", "step_size": 0.1, "temperature": 0.1}], seeds=3,
                     max_iterations=40, check_every=10, tolerance=1e-3, progress=False, out=folder)
    return found, folder


def thin(axis: Axes) -> list[Line2D]:
    return [line for line in axis.get_lines() if line.get_linewidth() < 1 and
            line.get_marker() == "None"]


def thick(axis: Axes) -> dict[str, Line2D]:
    return {str(line.get_label()): line for line in axis.get_lines() if line.get_linewidth() == 2}


def data(line: Line2D) -> np.ndarray:
    return np.array(line.get_data(), dtype=float)


def carried(table: pd.DataFrame) -> pd.DataFrame:
    """Values by iteration and run, each run's last known carried forward."""
    return table.pivot(index="iteration", columns="run", values="value").sort_index().ffill()


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_a_result_is_drawn_run_by_run_with_the_median_of_all(several: pt.Result) -> None:
    axes = several.plot()
    assert [axis.get_ylabel().split()[0] for axis in axes] == ["exact", "L1", "step,"]
    table = several.to_dataframe()
    assert several.statuses[0] is pt.Status.CONVERGED
    for axis, name in zip(axes, ("nash_gap", "l1_accuracy", "policy_step"), strict=True):
        rows = table[table.quantity == name]
        for run, line in enumerate(thin(axis)):
            own = rows[rows.run == run]
            np.testing.assert_array_equal(data(line), [own.iteration, own.value])
        expected = carried(rows)
        (line,) = thick(axis).values()
        np.testing.assert_array_equal(line.get_xdata(), expected.index)
        np.testing.assert_allclose(line.get_ydata(), expected.median(axis=1), rtol=1e-15)
        assert axis.get_xscale() == "symlog"
        assert axis.get_yscale() in ("log", "symlog")
    assert several.iterations[0] < 40              # or nothing would have been carried
    ends = [line for line in axes[0].get_lines() if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in ends] == [several.iterations[0]]


def test_a_potential_is_drawn_on_a_linear_axis() -> None:
    game = pt.games.make("two-link-congestion")
    result = pt.solve(game, RULE, max_iterations=40, check_every=10)
    axis, = pt.plot.curves(result, quantities="potential")
    assert axis.get_yscale() == "linear"
    (line,) = thick(axis).values()
    np.testing.assert_array_equal(line.get_ydata(), result.history["potential"])
    assert not axis.collections                    # one run has no band


@pytest.mark.parametrize("runs", [5, 9, 13])
def test_the_band_is_where_resampled_medians_lie(runs: int) -> None:
    """The median of an odd resample is one of the values: its probabilities are binomial."""
    values = np.sort(np.random.default_rng(3).normal(size=runs))
    at_most = binom.sf(runs // 2, runs, np.arange(1, runs + 1) / runs)
    low, high = (values[np.argmax(at_most >= level)] for level in (0.025, 0.975))
    found = bands.band([bands.Run(np.array([0]), np.array([value])) for value in values])
    assert found.lower is not None
    assert found.upper is not None
    assert (found.lower[0], found.median[0], found.upper[0]) == (low, np.median(values), high)


def test_the_band_is_drawn_and_the_same_again(several: pt.Result) -> None:
    first, second = (pt.plot.curves(several, quantities="nash_gap")[0].collections[0].get_paths()
                     for _ in range(2))
    np.testing.assert_array_equal(first[0].vertices, second[0].vertices)
    expected = carried(several.to_dataframe().query("quantity == 'nash_gap'"))
    heights = first[0].vertices[:, 1]
    # Of five runs the band is from the least to the largest.
    assert heights.max() == expected.max(axis=1).max()
    assert heights.min() == expected.min(axis=1).min()


def test_long_runs_are_thinned_to_records_of_theirs() -> None:
    at = np.arange(100_000)
    found = bands.band([bands.Run(at, at + 0.5), bands.Run(at[:500], at[:500] - 0.5)])
    assert found.iterations[[0, -1]].tolist() == [0, 99_999]
    assert 100 < len(found.iterations) <= bands.POINTS
    expected = (found.iterations + np.minimum(found.iterations, 499)) / 2
    np.testing.assert_allclose(found.median, expected)


def test_a_median_begins_where_all_runs_have() -> None:
    found = bands.band([bands.Run(np.array([0, 10]), np.array([1.0, 2.0])),
                        bands.Run(np.array([4, 6]), np.array([5.0, 7.0]))])
    assert found.iterations.tolist() == [4, 6, 10]
    assert found.median.tolist() == [3.0, 4.0, 4.5]


def test_zeros_are_on_the_axis_and_rounding_does_not_stretch_it(several: pt.Result) -> None:
    history = several.history | {"nash_gap": np.where(np.isnan(several.history["nash_gap"]),
                                                      np.nan, 0.0)}
    history["nash_gap"][:, 0] = 1.0
    history["nash_gap"][0, 1] = 1e-30
    axis, = pt.plot.curves(dataclasses.replace(several, history=history), quantities="nash_gap")
    axis.figure.canvas.draw()
    assert axis.get_yscale() == "symlog"
    assert axis.get_ylim()[0] < 0
    assert axis.yaxis.get_transform().linthresh == pytest.approx(1e-12)


def test_results_are_told_apart_and_pooled_by_labels(several: pt.Result) -> None:
    other = pt.solve(DILEMMA, pt.rules.INPG(step_size=0.05), max_iterations=40, check_every=5)
    axes = pt.plot.curves([several, other], quantities="nash_gap")
    assert legend(axes.figure) == ["step_size=0.02 (5 runs)", "step_size=0.05 (1 run)"]
    axes = pt.plot.curves({"slow": several, "fast": other}, quantities="nash_gap")
    assert list(thick(axes[0])) == ["slow", "fast"]
    assert len({line.get_color() for line in thick(axes[0]).values()}) == 2
    axes = pt.plot.curves([several, other], labels=["all", "all"], quantities="nash_gap")
    assert legend(axes.figure) == ["all (6 runs)"]
    axes = pt.plot.curves([several, several], quantities="nash_gap")
    assert legend(axes.figure) == ["1: INPG (5 runs)", "2: INPG (5 runs)"]


def test_what_bands_and_dots_mean_is_said(several: pt.Result) -> None:
    words = " ".join(several.plot().figure.get_supxlabel().split())
    assert "median over all runs at every iteration" in words
    assert "a run that ended keeping its last value" in words


def test_given_axes_are_drawn_on(several: pt.Result) -> None:
    figure = Figure()
    axis = figure.subplots()
    found = pt.plot.curves(several, quantities="nash_gap", ax=axis)
    assert found[0] is axis
    assert found.figure is figure
    assert axis.get_legend() is not None


def test_a_sweep_has_a_panel_for_each_game(
        sweep: tuple[pt.sweeps.sweep.Sweep, Path]) -> None:
    found, folder = sweep
    axes = pt.plot.curves(found)
    assert [axis.get_title() for axis in axes] == ["two-link-congestion", "prisoners-dilemma"]
    assert legend(axes.figure) == ["inpg, step_size=0.05 (3 runs)", "inpg, step_size=0.1 (3 runs)"]
    assert "6 runs that failed" in " ".join(axes.figure.get_supxlabel().split())
    for axis in axes:
        cells = found.table[(found.table["game"] == axis.get_title())
                            & (found.table["rule.step_size"] == 0.1)]["cell"]
        rows = found.curves[found.curves["cell"].isin(cells)].rename(
            columns={"seed": "run", "nash_gap": "value"})
        expected = carried(rows)
        line = thick(axis)["inpg, step_size=0.1"]
        np.testing.assert_array_equal(line.get_xdata(), expected.index)
        np.testing.assert_allclose(line.get_ydata(), expected.median(axis=1), rtol=1e-15)
    by_rule = pt.plot.curves(str(folder), by="rule", quantities=["nash_gap", "welfare"])
    assert len(by_rule) == 4
    assert legend(by_rule.figure) == ["inpg (6 runs)"]


def test_no_backend_is_chosen(several: pt.Result, tmp_path: Path) -> None:
    before = mpl.rcParams._get_backend_or_none()   # pyright: ignore[reportAttributeAccessIssue]
    several.plot().figure.savefig(tmp_path / "runs.png")
    assert (tmp_path / "runs.png").stat().st_size > 10_000
    after = mpl.rcParams._get_backend_or_none()    # pyright: ignore[reportAttributeAccessIssue]
    assert after == before


def test_bad_input_is_one_line(several: pt.Result,
                               sweep: tuple[pt.sweeps.sweep.Sweep, Path], tmp_path: Path) -> None:
    no_l1 = dataclasses.replace(several, history={
        name: rows for name, rows in several.history.items() if name != "l1_accuracy"})
    for arguments, message in (
            (((several,), ["a", "b"]), "labels has more labels, but there is 1 result"),
            (((several,), itertools.repeat("a")), "labels has more labels, but there is 1 result"),
            (([several, 3],), r"results\[1\] is 3, but a Result was expected"),
            (([],), "results is empty"),
            ((tmp_path,), r"is no folder of a sweep: it has no sweep\.json"),
            ((sweep[0], ["a"]), "labels go with results"),
            (({1: several, "1": several},), "results has the labels 1 and '1', which read alike"),
            (({None: several},), "results has the label None, but a label is text"),
            (({"a": several}, ["a"]), "labels are given twice")):
        with pytest.raises(pt.InputError, match=message):
            pt.plot.curves(*arguments)
    for given, options, message in (
            (several, {"quantities": "nash_gpa"}, "unknown quantity of these runs 'nash_gpa'; did"),
            (several, {"quantities": 3}, "quantities is 3, but a name was expected, or several"),
            (several, {"quantities": [["nash_gap"]]}, "quantities is .*, but a name was expected"),
            (several, {"quantities": itertools.repeat("nash_gap")}, "has 'nash_gap' twice"),
            (sweep[0], {"by": 3}, "by is 3, but a name was expected"),
            (no_l1, {"quantities": "l1_accuracy"}, r"solve with l1_accuracy=True"),
            (several, {"by": "rule"}, "by goes with a sweep"),
            (sweep[0], {"by": "rull"}, "unknown column of the sweep 'rull'; did you mean 'rule'"),
            (several, {"ax": 3}, "ax is 3, but Matplotlib axes were expected"),
            (several, {"ax": Figure().subplots()}, "ax holds 1 axes, but there are 3 panels")):
        with pytest.raises(pt.InputError, match=message):
            pt.plot.curves(given, **options)


def test_steps_that_are_nearly_alike_have_lines_of_their_own() -> None:
    rules = [pt.rules.INPG(step_size=step) for step in (0.1, 0.10000001)]
    axis, *_ = pt.plot.curves([pt.solve(DILEMMA, rule, max_iterations=2, progress=False)
                               for rule in rules])
    labels = [text.get_text() for text in axis.figure.legends[0].get_texts()]
    assert labels == ["step_size=0.1 (1 run)", "step_size=0.10000001 (1 run)"]
