"""Figures of learning curves: L1-accuracy as in the paper, and beneath it the exact Nash gap."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from potentia.console.text import counted
from potentia.io.atomic import write_bytes

# distinguishable in grey and to colour-blind readers
COLOURS = {"INPG": "#0b5fa5", "IPG": "#c8500a"}
LEAST_GAP = 1e-12  # gaps below are drawn here, so that 0 can be drawn


@dataclasses.dataclass(frozen=True)
class Curves:
    """The runs of one algorithm: l1_accuracy [runs, T+1], nash_gap and check_iteration
    [runs, checks], with NaN after the end of a run; stopped: how many runs ended by their own
    stopping rule, not at the limit."""

    l1_accuracy: np.ndarray
    check_iteration: np.ndarray
    nash_gap: np.ndarray
    stopped: int


@dataclasses.dataclass(frozen=True)
class Column:
    """One setting side by side with others: a title, and the curves of each algorithm."""

    title: str
    curves: Mapping[str, Curves]


def learning_figure(title: str, columns: Sequence[Column], mean: bool) -> Figure:
    """Two rows for each column: L1-accuracy over iterations (every run, or mean and one standard
    deviation), and the exact Nash gap over the same iterations, on a logarithmic axis."""
    figure = Figure(figsize=(4.6 * len(columns), 6.4), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(2, len(columns), squeeze=False, sharex="col")
    for column, (upper, lower) in zip(columns, axes.T, strict=True):
        for label, curves in column.curves.items():
            colour = COLOURS.get(label, "#444444")
            accuracy = np.asarray(curves.l1_accuracy)
            label = f"{label} ({curves.stopped} of {counted(len(accuracy), 'run')} stopped)"
            iterations = np.broadcast_to(np.arange(accuracy.shape[1]), accuracy.shape)
            (_band if mean else _lines)(upper, iterations, accuracy, label, colour)
            gaps = np.where(curves.nash_gap < LEAST_GAP, LEAST_GAP, curves.nash_gap)
            _lines(lower, curves.check_iteration, gaps, label, colour)
        upper.set_title(column.title, fontsize="medium")
        lower.set(xlabel="Iterations", yscale="log")
        upper.legend(frameon=False, fontsize="small")
        for axis in (upper, lower):
            axis.grid(linewidth=0.4, alpha=0.6)
    axes[0, 0].set_ylabel("L1-accuracy\n(distance to the run's own last policy)")
    axes[1, 0].set_ylabel(f"exact Nash gap, every run\n(below {LEAST_GAP:g}: drawn there)")
    return figure


def save_figure(figure: Figure, stem: Path) -> list[Path]:
    """Write PNG and SVG beside each other, each whole or not at all; the same figure gives the same
    bytes."""
    paths = [stem.with_suffix(".png"), stem.with_suffix(".svg")]
    for path, metadata in zip(paths, ({"Software": None}, {"Date": None}), strict=True):
        content = io.BytesIO()
        with mpl.rc_context({"svg.hashsalt": "potentia", "svg.fonttype": "none"}):
            figure.savefig(content, format=path.suffix[1:], dpi=140, metadata=metadata)
        write_bytes(path, content.getvalue())
    return paths


def _lines(axes: Axes, x: np.ndarray, rows: np.ndarray, label: str, colour: str) -> None:
    """Every run as a thin line, ending where the run ended; the first one carries the label."""
    for k, (steps, row) in enumerate(zip(x, rows, strict=True)):
        known = ~np.isnan(row)
        axes.plot(steps[known], row[known], color=colour, linewidth=0.8, alpha=0.7,
                  label=label if k == 0 else None)


def _band(axes: Axes, x: np.ndarray, rows: np.ndarray, label: str, colour: str) -> None:
    """Mean and one standard deviation over the runs; a run that has ended is at its final profile,
    distance 0."""
    rows = np.nan_to_num(rows)
    centre, deviation = rows.mean(axis=0), rows.std(axis=0, ddof=1) if len(rows) > 1 else 0.0
    axes.plot(x[0], centre, color=colour, linewidth=1.2, label=label)
    # A distance is not negative, so neither is the band.
    axes.fill_between(x[0], np.maximum(centre - deviation, 0.0), centre + deviation, color=colour,
                      alpha=0.25,
                      linewidth=0)
