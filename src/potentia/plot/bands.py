"""Medians over runs with bootstrap bands, at every iteration over all runs.

A run that has ended keeps its last value, and between two records a run has the earlier one. So a
median is of all runs wherever it is drawn, and does not turn into that of the slow ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

SHARE = 0.95                 # of the resampled medians that a band holds
RESAMPLES = 2000
SEED = 0                     # of the resampling: the same runs give the same band
POINTS = 300                 # iterations that a median is computed at
AT_ONCE = 4_000_000          # numbers of resampled runs that are held together


@dataclasses.dataclass(frozen=True, eq=False)
class Run:
    """One run's records of one quantity: iterations [T], ascending, and values [T]. Where curves
    are drawn along another axis, `iterations` are of that."""

    iterations: np.ndarray
    values: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Band:
    """iterations [K]; median [K] over all runs; lower, upper [K], or None of a single run."""

    iterations: np.ndarray
    median: np.ndarray
    lower: np.ndarray | None
    upper: np.ndarray | None


def band(runs: Sequence[Run]) -> Band:
    """Median and percentile bootstrap of the median, whole runs being drawn.

    From the first iteration at which all runs have a record to the last of any of them, at no more
    than POINTS of the iterations recorded, spread evenly over their logarithms.
    """
    grid = _grid(runs)
    rows = carried(runs, grid)
    if len(runs) == 1:
        return Band(grid, rows[0], None, None)
    tail = 100 * (1 - SHARE) / 2
    lower, upper = np.percentile(_resampled(rows), [tail, 100 - tail], axis=0)
    return Band(grid, np.median(rows, axis=0), lower, upper)


def carried(runs: Sequence[Run], grid: np.ndarray) -> np.ndarray:
    """[runs, K] the last value of each run at or before each iteration of `grid` [K]."""
    return np.stack([run.values[np.searchsorted(run.iterations, grid, side="right") - 1]
                     for run in runs])


def _grid(runs: Sequence[Run]) -> np.ndarray:
    first = max(run.iterations[0] for run in runs)
    known = np.unique(np.concatenate([run.iterations for run in runs]))
    known = known[known >= first]
    if len(known) <= POINTS:
        return known
    span = known - known[0]
    wanted = np.geomspace(1.0, span[-1] + 1.0, POINTS) - 1.0
    return known[np.unique(np.searchsorted(span, wanted).clip(max=len(known) - 1))]


def _resampled(rows: np.ndarray) -> np.ndarray:
    """[RESAMPLES, K] medians of as many runs as there are, drawn with replacement."""
    drawn = np.random.default_rng(SEED).integers(len(rows), size=(RESAMPLES, len(rows)))
    parts = np.array_split(drawn, -(-drawn.size * rows.shape[1] // AT_ONCE))
    return np.concatenate([np.median(rows[part], axis=1) for part in parts if len(part)])
