"""The table of a sweep, as a ranking needs it: whole, consistent, and counted from row 0.

A table may come from anywhere: filtered, turned round, put together of several, or written by hand.
What a sweep cannot have said is refused, since it would be ranked silently.
"""

from __future__ import annotations

from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd

from potentia.errors import InputError, known_name, one_line, shown
from potentia.result import Status
from potentia.sweeps.columns import ARRIVAL, FAILED, KINDS, LEVELS, PACE, arrival

NEEDED = (*KINDS, "seed", "status", PACE, *map(arrival, LEVELS))
STATUSES = (*map(str, Status), FAILED)


def checked(table: object) -> pd.DataFrame:
    """The table with names as text, levels and pace as float64, seeds as whole numbers, and rows
    counted from 0. Raises InputError naming the column and the row of what a sweep cannot have
    said."""
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"table is {shown(table)}, but the table of a sweep is needed")
    _refuse_bad_columns(table)
    found: Any = table.reset_index(drop=True)
    statuses = [known_name(status, STATUSES, "status in the table of a sweep")
                for status in _texts(found, "status")]
    failed = np.array([status == FAILED for status in statuses])
    if failed.all():
        raise InputError(f"all {len(failed):,} runs of the table failed, so that it ranks nothing"
                         f"{_reason(found)}")
    _refuse_missing_columns(found)
    columns = {kind: _texts(found, kind) for kind in KINDS} | {"status": statuses}
    levels = {name: _arrivals(found, name) for name in found if name.startswith(ARRIVAL)}
    _refuse_leaps(levels)
    return found.assign(**columns, **levels, seed=_seeds(found), **{PACE: _pace(found, failed)})


def level_of(column: str) -> float:
    """The gap of a column of arrivals. Raises InputError if it is none."""
    try:
        level = float(column.removeprefix(ARRIVAL))
    except ValueError:
        level = np.nan
    if not (np.isfinite(level) and level > 0 and column == arrival(level)):
        raise InputError(f"table has a column {shown(column)}, but what is called {ARRIVAL}... "
                         f"ends with a gap, as {arrival(LEVELS[0])} does")
    return level


def _refuse_bad_columns(table: pd.DataFrame) -> None:
    for name in table.columns:
        if not isinstance(name, str):
            raise InputError(f"table has a column {shown(name)}, whose name is no text: it is no "
                             f"table of a sweep")
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise InputError(f"table has the column {shown(twice)} twice")
    if "status" not in table:
        raise InputError(_lacking("status"))
    if table.empty:
        raise InputError("table has no runs: it is no table of a sweep, or of another version")


def _refuse_missing_columns(table: pd.DataFrame) -> None:
    for name in NEEDED:
        if name not in table:
            raise InputError(_lacking(name))


def _lacking(name: str) -> str:
    return f"table has no column {name!r}: it is no table of a sweep, or of another version"


def _reason(table: pd.DataFrame) -> str:
    reason = one_line(table["message"].iloc[0], 200) if "message" in table else ""
    return f": {reason}" if reason else ""


def _bad(name: str, row: int, value: object, expected: str) -> InputError:
    return InputError(f"table has {name} {shown(value)} in its row {row}, but {expected}")


def _texts(table: pd.DataFrame, name: str) -> list[str]:
    values = table[name].tolist()
    for row, value in enumerate(values):
        if not isinstance(value, str) or not value:
            raise _bad(name, row, value, "a name is expected")
    return values


def _numbers(table: pd.DataFrame, name: str, expected: str) -> np.ndarray:
    """The column as float64, NaN where nothing is. Numbers may be held as any objects."""
    column = table[name]
    if column.dtype.kind in "iuf":
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    found = np.full(len(column), np.nan)
    for row, value in enumerate(column.tolist()):
        if value is None or value is pd.NA:
            continue
        if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
            raise _bad(name, row, value, expected)
        try:
            found[row] = float(value)
        except OverflowError:
            found[row] = np.inf
    return found


def _refuse(wrong: np.ndarray, table: pd.DataFrame, name: str, expected: str) -> None:
    if wrong.any():
        row = int(np.argmax(wrong))
        raise _bad(name, row, table[name].tolist()[row], expected)


def _arrivals(table: pd.DataFrame, name: str) -> np.ndarray:
    level_of(name)
    expected = "a whole number of iterations is expected, or nothing"
    found = _numbers(table, name, expected)
    there = ~np.isnan(found)
    with np.errstate(invalid="ignore"):
        _refuse(there & ~(np.isfinite(found) & (found >= 0) & (found == np.round(found))), table,
                name, expected)
    return found


def _refuse_leaps(levels: dict[str, np.ndarray]) -> None:
    """Who is within a small gap is within every larger one, at that iteration at the latest."""
    ordered = sorted(levels, key=level_of, reverse=True)
    for larger, smaller in pairwise(ordered):
        soon, late = levels[larger], levels[smaller]
        leaps = ~np.isnan(late) & ~(soon <= late)
        if leaps.any():
            row = int(np.argmax(leaps))
            raise InputError(f"table has {smaller} {late[row]:g} in its row {row}, where {larger} "
                             f"is {soon[row]:g}: no run comes to the smaller gap before the larger")


def _pace(table: pd.DataFrame, failed: np.ndarray) -> np.ndarray:
    """Seconds an iteration; NaN where a run failed."""
    expected = "a positive number of seconds is expected"
    found = np.where(failed, np.nan, _numbers(table, PACE, expected))
    _refuse(~failed & ~(np.isfinite(found) & (found > 0)), table, PACE, expected)
    return found


def _seeds(table: pd.DataFrame) -> list[int]:
    expected, found = "a whole number is expected", []
    for row, value in enumerate(table["seed"].tolist()):
        whole = isinstance(value, Integral) or (isinstance(value, float) and value.is_integer())
        if isinstance(value, bool) or not whole:
            raise _bad("seed", row, value, expected)
        found.append(int(value))
    return found
