"""Which records of a curve are drawn: as many as a screen shows."""

from __future__ import annotations

import numpy as np

COLUMNS = 240             # that the axis is cut into
POINTS = 60_000           # of all thin lines of one figure together
LEAST = 12                # columns, however many lines there are
BEFORE_FIRST = 0.55       # where iteration 0 stands on a logarithmic axis
FEW_DECADES = 4           # up to which 2 and 5 of each are marked too
RULE = ("Of every {columns}th of the axis' width a line has its first, its least, its greatest and "
        "its last record: what lies between is not in this file.")


def columns_for(lines: int) -> int:
    """How many columns the axis is cut into where so many lines are drawn."""
    return int(np.clip(POINTS // (4 * max(lines, 1)), LEAST, COLUMNS))


def on_axis(iterations: np.ndarray) -> np.ndarray:
    """Where iterations stand on a logarithmic axis: 0 a little before 1."""
    return np.where(iterations > 0, iterations, BEFORE_FIRST)


def ticks(first: float, last: float) -> list[int]:
    """The iterations that a logarithmic axis from the first to the last is marked at: 0, 1, 2, 5,
    10, ... as far as they go, of a long axis the powers of ten alone. Plotly's own would be
    fractions between 0 and 1. The ends themselves where fewer than two lie between them.
    """
    decades = range(len(f"{int(last)}"))
    steps = (1, 2, 5) if len(decades) <= FEW_DECADES else (1,)
    known = [0, *(step * 10**power for power in decades for step in steps)]
    found = [tick for tick in known if first <= tick <= last]
    return found if len(found) > 1 else sorted({int(first), int(last)})


def kept(iterations: np.ndarray, values: np.ndarray, columns: int,
         span: tuple[float, float]) -> np.ndarray:
    """[K] which of [T] records are drawn, ascending: of each column the first, the least, the
    greatest and the last.

    iterations: ascending. span: the first and the last iteration of the axis, cut into so many
    columns of equal width in their logarithms.
    """
    low, high = np.log(on_axis(np.array(span, dtype=np.float64)))
    where = np.log(on_axis(iterations.astype(np.float64)))
    column = ((where - low) * columns / max(high - low, 1e-9)).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    ends = np.append(starts[1:], len(column))
    chosen = {*starts.tolist(), *(ends - 1).tolist()}
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start > 2:
            part = values[start:end]
            chosen |= {start + int(part.argmin()), start + int(part.argmax())}
    return np.array(sorted(chosen))
