"""Figures of learning curves: what is drawn, what is not, and what is said."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from potentia.experiments.papers.fox2021 import TRIALS
from potentia.experiments.running import noted
from potentia.report.figures import COLOURS
from potentia.report.learning_curves import (
    LEAST_GAP,
    UNSTOPPED,
    Column,
    Curves,
    learning_figure,
    save_curves,
)

NAN = np.nan


def curves():
    """One run that stopped at a gap too small to draw, and one that was cut off."""
    return Curves(l1_accuracy=np.array([[2.0, 1.0, 0.0, NAN], [3.0, 2.0, 1.0, 0.0]]),
                  check_iteration=np.array([[0.0, 1.0, 2.0], [0.0, 1.0, 3.0]]),
                  nash_gap=np.array([[0.0, 0.5, 0.0], [0.5, 0.25, 0.125]]),
                  stopped=np.array([True, False]))


def drawn(mean=False, marks=None):
    columns = [Column(name, ["how it was run"], {"INPG": curves()}) for name in ("one", "two")]
    figure = learning_figure("title", columns, mean, marks or {})
    figure.canvas.draw()
    return figure, figure.axes[0], figure.axes[2]


def colours(axes, style="-", least=2):
    return [to_hex(line.get_color()) for line in axes.lines
            if line.get_linestyle() == style and len(line.get_xdata()) >= least]


def marked(axes, marker):
    return [float(line.get_xdata()[0]) for line in axes.lines if line.get_marker() == marker]


def test_runs_that_were_cut_off_are_grey_and_crossed():
    _, upper, lower = drawn()
    assert colours(upper) == [COLOURS["INPG"], UNSTOPPED]
    assert marked(upper, "x") == [3.0]
    assert marked(lower, "x") == [3.0]


def test_small_gaps_are_no_spikes_and_an_end_among_them_is_marked():
    _, _, lower = drawn()
    heights = np.concatenate([line.get_ydata() for line in lower.lines
                              if len(line.get_xdata()) > 1])
    assert np.nanmin(heights) == 0.125
    assert marked(lower, "v") == [2.0]
    assert lower.get_ylim()[0] > LEAST_GAP


def test_rows_share_their_range_and_columns_say_how_they_were_run():
    figure, upper, lower = drawn()
    for row, axes in ((0, upper), (2, lower)):
        assert figure.axes[row + 1].get_ylim() == axes.get_ylim()
    assert upper.get_title() == "one\nhow it was run"
    assert "INPG (1 of 2 runs stopped)" in upper.get_legend_handles_labels()[1]
    assert "cut off" in figure.get_supxlabel()


def test_axes_show_all_of_what_differs_by_factors_of_hundreds():
    small, large = curves(), curves()
    large.l1_accuracy[:, 0] = 300.0
    figure = learning_figure("title", [Column("large", [], {"INPG": large}),
                                       Column("small", [], {"INPG": small})], False, {})
    figure.canvas.draw()
    for axes in figure.axes:
        assert axes.get_xscale() == "symlog"                   # iteration 0 is on it
        assert axes.get_xlim()[0] < 0 < 3 < axes.get_xlim()[1]
    upper = figure.axes[1]
    assert upper.get_ylim()[0] < 0 < 300 < upper.get_ylim()[1] == figure.axes[0].get_ylim()[1]
    heights = upper.transAxes.inverted().transform(upper.transData.transform([(0, 3), (0, 300)]))
    assert heights[0, 1] > 0.5 < heights[1, 1] - 0.1           # a hundredth of it is no flat line


@pytest.mark.parametrize(("mean", "said", "unsaid"), [
    (False, ["above in grey where it was cut off", "Dot: its start"], "band"),
    (True, ["dashed with a grey band", "one standard deviation"], "Dot:")])
def test_captions_explain_what_is_drawn(mean, said, unsaid):
    caption = " ".join(drawn(mean)[0].get_supxlabel().split())
    for words in [*said, "Cross: cut off", "Triangle: ended at a gap below"]:
        assert words in caption
    assert unsaid not in caption
    assert "Dotted" not in caption
    assert "Dotted: the paper's own numbers." in " ".join(
        drawn(mean, {2: "INPG about 2"})[0].get_supxlabel().split())


def test_legends_stand_beneath_the_curves():
    _, upper, lower = drawn(marks={2: "INPG about 2"})
    assert upper.get_legend() is None
    legend = lower.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "INPG (1 of 2 runs stopped)", "the paper: INPG about 2"]
    assert legend.get_window_extent().y1 < lower.get_window_extent().y0


def test_the_papers_own_numbers_are_marked():
    _, upper, lower = drawn(marks={2: "INPG about 2"})
    assert "the paper: INPG about 2" in upper.get_legend_handles_labels()[1]
    for axes in (upper, lower):
        line, = [line for line in axes.lines if line.get_linestyle() == ":"]
        assert list(line.get_xdata()) == [2.0, 2.0]


def test_a_band_over_runs_that_were_cut_off_is_dashed_and_grey():
    _, upper, _ = drawn(mean=True)
    line, = [line for line in upper.lines if len(line.get_xdata()) == 4]
    np.testing.assert_allclose(line.get_ydata(), [2.5, 1.5, 0.5, 0.0])
    assert line.get_linestyle() == "--"
    assert to_hex(upper.collections[0].get_facecolor()[0]) == UNSTOPPED


def test_curves_are_kept_beside_the_picture(tmp_path):
    path = save_curves([Column("as written", [], {"INPG": curves()})], tmp_path / "fig")
    with np.load(path, allow_pickle=False) as kept:
        np.testing.assert_array_equal(kept["as written/INPG/nash_gap"], curves().nash_gap)
        assert len(kept.files) == 4


@pytest.mark.parametrize(("stem", "said"), [
    ("published", ["stochastic-congestion-published, step size 0.0001, discount 0.99",
                   "batch 10, T 20, uniform start", "stop: INPG at 1e-05 or 500 iterations"]),
    ("exact", ["stochastic-congestion, step size 0.0001, discount 0.99",
               "exact values, random start", "stop: INPG at 1e-15 or 3,000 iterations"])])
def test_notes_say_how_trials_were_run(stem, said):
    assert noted({"INPG": TRIALS[f"congestion-4-inpg-{stem}"]}) == said
