"""When each run of a sweep's table came to each gap, and what competes with what.

A task is a game with its parameters; a rule competes with its oracle and schedule, where the table
has several; a setting is a choice of the rule's parameters. A run that never came to a gap is
infinitely late: it is dropped from no statistic. So is one that failed, and one that ended as
anything but converged, small_step or max_iterations: what is not finite, no profile, cut off or not
verified counts as nowhere, whatever was said on the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from potentia.errors import InputError, shown

ENDED_WELL = ("converged", "small_step", "max_iterations")
PREFIX = "iterations_to_"
MEASURES = ("iterations", "seconds")
NEEDED = ("game", "rule", "oracle", "schedule", "seed", "status", "seconds_per_iteration")
RUN = ("game", "rule", "setting", "seed")


def arrivals(table: object) -> tuple[pd.DataFrame, tuple[float, ...], list[str]]:
    """A row of each run and gap: game, rule, setting, seed, level, iterations, seconds, which are
    infinite where the run never got there; the levels, largest first; and what is to be said.

    A start that is already there took one iteration. A level that some run was not asked for, since
    it converged before, is left out. Raises InputError for what is no table of a sweep.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"table is {shown(table)}, but the table of a sweep is needed")
    asked, levels = _levels(table)
    runs = named(table)
    if runs.duplicated(list(RUN)).any():
        rule, game = runs.loc[runs.duplicated(list(RUN)), ["rule", "game"]].iloc[0]
        raise InputError(f"table has two runs of {rule} on {game} with the same seed and setting")
    return (pd.concat([_at(runs, table, level, asked[level]) for level in levels],
                      ignore_index=True), tuple(levels), _notes(runs, table, asked, levels))


def _levels(table: Any) -> tuple[dict[float, str], list[float]]:
    """The columns of all levels, and those that the table tells, largest first."""
    missing = [name for name in NEEDED if name not in table]
    asked = {float(name.removeprefix(PREFIX)): name for name in table if name.startswith(PREFIX)}
    if missing or not asked or table.empty:
        lacks = f"has no column {missing[0]!r}" if missing else \
            "has no runs" if table.empty else f"has no column {PREFIX}..."
        raise InputError(f"table {lacks}: it is no table of a sweep, or of another version")
    levels = [level for level in sorted(asked, reverse=True)
              if not (table["status"].eq("converged") & table[asked[level]].isna()).any()]
    if not levels:
        raise InputError(f"table has runs that converged before a gap of {max(asked):g}, so that "
                         f"it ranks nothing: sweep with a smaller tolerance")
    return asked, levels


def _at(runs: pd.DataFrame, table: pd.DataFrame, level: float, column: str) -> pd.DataFrame:
    came = table["status"].isin(ENDED_WELL) & table[column].notna()
    iterations = np.where(came, table[column].clip(lower=1), np.inf)
    pace = table["seconds_per_iteration"].fillna(1.0)
    return runs.assign(level=level, iterations=iterations, seconds=iterations * pace)


def named(table: Any) -> pd.DataFrame:
    """Of each run who competes where, in words."""
    others = [kind for kind in ("oracle", "schedule")
              if len(set(zip(table[kind], _settings(table, kind), strict=True))) > 1]
    named = {kind: _with(table[kind], _settings(table, kind)) for kind in ("game", *others)}
    rules = [" ".join(parts) for parts in zip(table["rule"], *(named[kind] for kind in others),
                                              strict=True)]
    return pd.DataFrame({"game": named["game"], "rule": rules,
                         "setting": _settings(table, "rule"), "seed": table["seed"].to_numpy()})


def _with(names: Sequence[str], settings: Sequence[str]) -> list[str]:
    return [f"{name}({setting})" if setting else name
            for name, setting in zip(names, settings, strict=True)]


def _settings(table: pd.DataFrame, kind: str) -> list[str]:
    """The parameters of each row's game, rule, oracle or schedule, in words."""
    columns = [name for name in table if name.startswith(f"{kind}.")]
    return ["; ".join(f"{name.partition('.')[2]}={_told(value)}"
                      for name, value in zip(columns, row, strict=True) if not _is_missing(value))
            for row in table[columns].itertuples(index=False, name=None)] \
        if columns else [""] * len(table)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _told(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)


def _notes(runs: pd.DataFrame, table: pd.DataFrame, asked: dict[float, str],
           levels: Sequence[float]) -> list[str]:
    notes = [f"Nothing is said of a gap of {level:g}: runs converged before it, at the sweep's "
             f"tolerance." for level in sorted(asked, reverse=True) if level not in levels]
    failed: Any = runs[table["status"].eq("failed").to_numpy()]
    notes += [f"{rule} failed on {', '.join(dict.fromkeys(part['game']))}, and counts as never "
              f"there." for rule, part in failed.groupby("rule", sort=False)]
    games = list(dict.fromkeys(runs["game"]))
    for rule, part in runs.groupby("rule", sort=False):
        if absent := [game for game in games if game not in set(part["game"])]:
            notes.append(f"{rule} was not run on {', '.join(absent)}, and counts as never there.")
    return notes
