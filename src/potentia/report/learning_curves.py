"""Figures of learning curves: L1-accuracy as in the paper, and beneath it the exact Nash gap."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from potentia.console.text import counted
from potentia.report.figures import COLOURS, along_iterations, save_arrays

LEAST_GAP = 1e-8         # smaller gaps are not drawn: a line down to them would be a spike
UNSTOPPED = "#9a9a9a"    # of runs that were cut off, whose distances are to wherever they were
OTHER = "#444444"
WIDTH = 60               # characters beneath one column
LINEAR = 0.01            # L1-accuracies below this have a linear axis, so that 0 is on it
KINDS = ("As published: game, estimators, stopping rules of the published scripts. As written: "
         "the paper's own definitions.")
EVERY = ("Each line is a run: in colour where it stopped, above in grey where it was cut off at "
         "the limit, its distances then being to wherever it was. Dot: its start.")
MEAN = ("Above, a line is the mean over the runs, with a band of one standard deviation: solid "
        "with a band in colour where all runs stopped, dashed with a grey band where some were cut "
        "off at the limit. Beneath, each line is a run.")
ENDS = f"Cross: cut off. Triangle: ended at a gap below {LEAST_GAP:g}."
MARKS = "Dotted: the paper's own numbers."
SCALES = (f"Axes are logarithmic, but linear for iterations below 1 and for distances below "
          f"{LINEAR:g}.")


@dataclasses.dataclass(frozen=True)
class Curves:
    """The runs of one algorithm: l1_accuracy [runs, T+1], nash_gap and check_iteration
    [runs, checks], with NaN after the end of a run; stopped: [runs] whether a run ended by its own
    stopping rule, not at the limit."""

    l1_accuracy: np.ndarray
    check_iteration: np.ndarray
    nash_gap: np.ndarray
    stopped: np.ndarray


@dataclasses.dataclass(frozen=True)
class Column:
    """One setting side by side with others: a title, lines that say how it was run, and the curves
    of each algorithm."""

    title: str
    notes: Sequence[str]
    curves: Mapping[str, Curves]


def learning_figure(title: str, columns: Sequence[Column], mean: bool,
                    marks: Mapping[int, str]) -> Figure:
    """Two rows for each column: L1-accuracy over iterations (every run, or mean and one standard
    deviation), and the exact Nash gap over the same iterations. A row has one range, and all axes
    are logarithmic, since columns differ by factors of hundreds. Legends stand beneath.

    marks: the paper's own numbers of iterations, and what to call them, the algorithm first where
    it is about one.
    """
    figure = Figure(figsize=(4.9 * len(columns), 9.0), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(2, len(columns), squeeze=False, sharex="col", sharey="row")
    for column, (upper, lower) in zip(columns, axes.T, strict=True):
        lower.set_yscale("log")
        for label, curves in column.curves.items():
            colour = COLOURS.get(label, OTHER)
            (_band if mean else _distances)(upper, label, curves, colour)
            _gaps(lower, label, curves, colour)
        for iterations, words in marks.items():
            for axis in (upper, lower):
                axis.axvline(iterations, color=COLOURS.get(words.split()[0], "black"),
                             linewidth=1.0, linestyle=":",
                             label=f"the paper: {words}" if axis is upper else None)
        upper.set_title("\n".join([column.title, *column.notes]), fontsize="small")
        lower.set_xlabel("Iterations")
        lower.legend(*upper.get_legend_handles_labels(), loc="upper center", ncols=2,
                     bbox_to_anchor=(0.5, -0.16), frameon=False, fontsize="x-small")
        for axis in (upper, lower):
            along_iterations(axis)
            axis.tick_params(labelleft=True)
    axes[0, 0].set_yscale("symlog", linthresh=LINEAR, linscale=0.5)      # the row shares it
    axes[0, 0].set_ylim(-LINEAR / 4, 1.6 * max(upper.dataLim.y1 for upper in axes[0]))
    axes[0, 0].set_ylabel("L1-accuracy: distance to the run's own last policy", fontsize="small")
    axes[1, 0].set_ylabel(f"exact Nash gap, every run\n(below {LEAST_GAP:g}: not drawn)",
                          fontsize="small")
    said = " ".join([KINDS, MEAN if mean else EVERY, ENDS, *([MARKS] if marks else []), SCALES])
    figure.supxlabel(textwrap.fill(said, WIDTH * len(columns)), fontsize="small")
    return figure


def save_curves(columns: Sequence[Column], stem: Path) -> Path:
    """Write every curve as npz: `COLUMN/ALGORITHM/ARRAY`, the arrays of `Curves`."""
    arrays = {f"{column.title}/{label}/{name}": rows for column in columns
              for label, curves in column.curves.items() for name, rows in vars(curves).items()}
    return save_arrays(arrays, stem)


def _named(label: str, curves: Curves) -> str:
    stopped = np.asarray(curves.stopped)
    return f"{label} ({stopped.sum()} of {counted(len(stopped), 'run')} stopped)"


def _distances(axes: Axes, label: str, curves: Curves, colour: str) -> None:
    """Every run as a thin line, grey if it was cut off; its line begins in the rule's colour."""
    accuracy, stopped = np.asarray(curves.l1_accuracy), np.asarray(curves.stopped)
    for row, done in zip(accuracy, stopped, strict=True):
        known = np.flatnonzero(~np.isnan(row))
        axes.plot(known, row[known], color=colour if done else UNSTOPPED, linewidth=0.8, alpha=0.7)
        axes.plot(known[:1], row[known[:1]], "o", color=colour, markersize=3)
        if not done:
            axes.plot(known[-1:], row[known[-1:]], "x", color=colour, markersize=5)
    axes.plot([], [], color=colour, label=_named(label, curves))


def _band(axes: Axes, label: str, curves: Curves, colour: str) -> None:
    """Mean and one standard deviation over the runs; a run that has ended is at its final profile,
    distance 0. Grey if some run was cut off."""
    rows = np.nan_to_num(np.asarray(curves.l1_accuracy))
    centre, deviation = rows.mean(axis=0), rows.std(axis=0, ddof=1) if len(rows) > 1 else 0.0
    iterations, done = np.arange(rows.shape[1]), bool(np.all(curves.stopped))
    shade = colour if done else UNSTOPPED
    axes.plot(iterations, centre, color=colour, linewidth=1.2, linestyle="-" if done else "--",
              label=_named(label, curves))
    # A distance is not negative, so neither is the band.
    axes.fill_between(iterations, np.maximum(centre - deviation, 0.0), centre + deviation,
                      color=shade, alpha=0.25, linewidth=0)
    if not done:
        axes.plot(iterations[-1:], centre[-1:], "x", color=colour, markersize=5)


def _gaps(axes: Axes, label: str, curves: Curves, colour: str) -> None:
    """Every run as a thin line, with gaps where it is too small to be drawn, and its end marked if
    it was cut off, or ended so near."""
    for steps, gap, done in zip(curves.check_iteration, curves.nash_gap, curves.stopped,
                                strict=True):
        known = np.flatnonzero(~np.isnan(gap))
        drawn = np.where(gap[known] < LEAST_GAP, np.nan, gap[known])
        axes.plot(steps[known], drawn, color=colour, linewidth=0.8, alpha=0.7)
        last = steps[known[-1:]]
        if gap[known[-1]] < LEAST_GAP:
            axes.plot(last, [0.02], "v", color=colour, markersize=5, alpha=0.7,
                      transform=axes.get_xaxis_transform())
        elif not done:
            axes.plot(last, drawn[-1:], "x", color=colour, markersize=5)
    axes.plot([], [], color=colour, label=_named(label, curves))
