"""The columns of a sweep's table that tell what a run was of, and how messages tell their values.

A game, rule, oracle or schedule has a column of its name, and one of each parameter,
`rule.step_size`. What is told of two cells in the same words is alike to whoever reads the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

KINDS = ("game", "rule", "oracle", "schedule")
LEVELS = (1e-2, 1e-4, 1e-6)    # of the gap, that a table tells the way to
ARRIVAL = "iterations_to_"     # before a level, the column of when a run came there
PACE = "seconds_per_iteration"
FAILED = "failed"              # the status of a run that could not be learnt
WHOLE = 2**53                  # from here on floats are not all whole numbers


def arrival(level: float) -> str:
    """The column of when a run came to the gap `level`."""
    return f"{ARRIVAL}{level:g}"


def told(value: Any) -> str:
    """A value in words, numbers in full: 1 and 1.0, which a column of floats holds alike, are the
    same, 0.1 and 0.10000001 are not."""
    if not isinstance(value, float | np.floating):
        return str(value)
    if value.is_integer() and abs(value) < WHOLE:
        return str(int(value))
    return f"{value:g}" if float(f"{value:g}") == value else repr(float(value))


def settings(parameters: Iterable[tuple[str, Any]]) -> str:
    """Parameters by name, in words; those that are missing are none."""
    return "; ".join(f"{name}={told(value)}" for name, value in parameters
                     if not is_missing(value))


def with_settings(name: str, setting: str) -> str:
    """A game, rule, oracle or schedule with its parameters, in words."""
    return f"{name}({setting})" if setting else name


def words(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells a cell from all others in a table, by its columns: of each kind its name with its
    parameters, in words."""
    return tuple(with_settings(row[kind], settings(
        (name.partition(".")[2], value) for name, value in sorted(row.items())
        if name.startswith(f"{kind}."))) for kind in KINDS)


def is_missing(value: Any) -> bool:
    """Whether a column has nothing there: a parameter that only others have."""
    return value is None or (isinstance(value, float) and np.isnan(value))
