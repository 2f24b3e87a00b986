"""Which profiles a solve keeps on the way, and how many it may keep."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Sequence

import jax
import numpy as np

from potentia.errors import InputError, one_line, shown, whole_number
from potentia.learning.history import Log
from potentia.result import Snapshots

LIMIT_GB = 1.0            # what all of them together may take
MOST = 2**62              # iterations: counted in 64 bits
LISTED = 100_000          # iterations that a list may name: each is a stop of its own
PER_DECADE = 10           # of iterations, logarithmically
# A number k for every k-th iteration, "logarithmic", or the iterations themselves.
Wanted = int | str | tuple[int, ...]
LOGARITHMIC = "logarithmic"
_STEPS = tuple(np.unique(np.round(10.0 ** (np.arange(PER_DECADE * 19) / PER_DECADE))).astype(
    np.int64).tolist())


def checked_snapshots(value: object) -> Wanted | None:
    """What was asked for. Raises InputError unless it is a whole number from 1 on, "logarithmic",
    or up to LISTED whole numbers from 0 on."""
    if value is None or (isinstance(value, str) and value == LOGARITHMIC):
        return value        # pyright: ignore[reportReturnType]
    # An array of no dimension is one number, though its class can be iterated.
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | bytearray) or (
            isinstance(value, np.ndarray | jax.Array) and value.ndim == 0):
        try:
            return whole_number(value, "snapshots", 1, MOST)
        except InputError as error:
            raise InputError(f"{one_line(error, 200)}, or {LOGARITHMIC!r}, or a list of "
                             f"iterations") from None
    found = list(itertools.islice(value, LISTED + 1))         # it may have no end
    if len(found) > LISTED:
        raise InputError(f"snapshots lists more than {LISTED:,} iterations: a number k keeps every "
                         f"k-th, {LOGARITHMIC!r} ten of each power of ten")
    return tuple(sorted({whole_number(each, "snapshots", 0, MOST) for each in found}))


def is_kept(wanted: Wanted, iteration: int) -> bool:
    """Whether the profile after so many updates is kept."""
    if isinstance(wanted, int):
        return iteration % wanted == 0
    return _is_among(wanted, iteration) if isinstance(wanted, tuple) else \
        iteration == 0 or _is_among(_STEPS, iteration)


def next_of(wanted: Wanted | None, iteration: int) -> int:
    """The next iteration after this one whose profile is kept; a very large number if none is."""
    if isinstance(wanted, int):
        return (iteration // wanted + 1) * wanted
    if wanted is None:
        return np.iinfo(np.int64).max
    steps = wanted if isinstance(wanted, tuple) else _STEPS
    place = bisect.bisect_right(steps, iteration)
    return int(steps[place]) if place < len(steps) else np.iinfo(np.int64).max


def refuse_too_many(wanted: Wanted | None, max_iterations: int, numbers: int) -> None:
    """Raise InputError if those of one profile of that many numbers, over that many iterations, do
    not fit in LIMIT_GB.

    numbers: of all runs together.
    """
    if wanted is None:
        return
    room = int(LIMIT_GB * 1e9 / (8 * numbers))
    if isinstance(wanted, int):
        count = max_iterations // wanted + 1
    else:
        steps = wanted if isinstance(wanted, tuple) else _STEPS
        count = bisect.bisect_right(steps, max_iterations) + 1
    if count > room:
        fits = f"; every {-(-max_iterations // (room - 1)):,} iterations would fit" if room > 1 \
            else ""
        raise InputError(f"snapshots is {shown(wanted)}, which keeps up to {count:,} profiles of "
                         f"{8 * numbers:,} bytes, but the limit is {LIMIT_GB:g} GB{fits}")


def kept_of(log: Log, shape: tuple[int, ...]) -> Snapshots | None:
    """The profiles of that shape [runs, N, H, A] that were kept; a run that ended keeps its last.

    log: rows of an iteration and the profile.
    """
    counts = log.counts(shape[0])
    if not counts.any():
        return None
    table = log.table(shape[0], 1 + int(np.prod(shape[1:])))
    last = np.minimum(np.arange(table.shape[-1]), counts[:, None] - 1)
    table = np.take_along_axis(table, last[None], axis=-1)
    profiles = np.moveaxis(table[1:], 0, -1).reshape(*table.shape[1:], *shape[1:])
    return Snapshots(table[0].astype(np.int64), profiles)


def _is_among(steps: Sequence[int], iteration: int) -> bool:
    """Whether it is one of `steps`, which ascend."""
    place = bisect.bisect_left(steps, iteration)
    return place < len(steps) and steps[place] == iteration
