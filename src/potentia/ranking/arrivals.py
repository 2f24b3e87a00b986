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

from potentia.errors import InputError
from potentia.ranking.tables import checked, level_of
from potentia.sweeps.columns import ARRIVAL, FAILED, PACE, settings, with_settings

ENDED_WELL = ("converged", "small_step", "max_iterations")
MEASURES = ("iterations", "seconds")
RUN = ("game", "rule", "setting", "seed")


def arrivals(table: object) -> tuple[pd.DataFrame, tuple[float, ...], list[str]]:
    """A row of each run and gap: game, rule, setting, seed, level, iterations, seconds, which are
    infinite where the run never got there; the levels, largest first; and what is to be said.

    A start that is already there took one iteration. A level that some run was not asked for, since
    it converged before, is left out. Raises InputError for what is no table of a sweep.
    """
    known = checked(table)
    asked, levels = _levels(known)
    runs = named(known)
    if runs.duplicated(list(RUN)).any():
        rule, game = runs.loc[runs.duplicated(list(RUN)), ["rule", "game"]].iloc[0]
        raise InputError(f"table has two runs of {rule} on {game} with the same seed and setting")
    return (pd.concat([_at(runs, known, level, asked[level]) for level in levels],
                      ignore_index=True), tuple(levels), _notes(runs, known, asked, levels))


def _levels(table: Any) -> tuple[dict[float, str], list[float]]:
    """The columns of all levels, and those that the table tells, largest first."""
    asked = {level_of(name): name for name in table if name.startswith(ARRIVAL)}
    levels = [level for level in sorted(asked, reverse=True)
              if not (table["status"].eq("converged") & table[asked[level]].isna()).any()]
    if not levels:
        raise InputError(f"table has runs that converged before a gap of {max(asked):g}, so that "
                         f"it ranks nothing: sweep with a smaller tolerance")
    return asked, levels


def _at(runs: pd.DataFrame, table: pd.DataFrame, level: float, column: str) -> pd.DataFrame:
    came = table["status"].isin(ENDED_WELL) & table[column].notna()
    iterations = np.where(came, table[column].clip(lower=1), np.inf)
    seconds = np.where(came, iterations * table[PACE].to_numpy(), np.inf)
    return runs.assign(level=level, iterations=iterations, seconds=seconds)


def named(table: Any) -> pd.DataFrame:
    """Of each run of a table that is `checked` who competes where, in words."""
    others = [kind for kind in ("oracle", "schedule")
              if len(set(zip(table[kind], _settings(table, kind), strict=True))) > 1]
    named = {kind: list(map(with_settings, table[kind], _settings(table, kind)))
             for kind in ("game", *others)}
    rules = [" ".join(parts) for parts in zip(table["rule"], *(named[kind] for kind in others),
                                              strict=True)]
    return pd.DataFrame({"game": named["game"], "rule": rules,
                         "setting": _settings(table, "rule"), "seed": table["seed"].to_numpy()})


def _settings(table: pd.DataFrame, kind: str) -> list[str]:
    """The parameters of each row's game, rule, oracle or schedule, in words."""
    columns = [name for name in table if name.startswith(f"{kind}.")]
    names = [name.partition(".")[2] for name in columns]
    return [settings(zip(names, row, strict=True))
            for row in table[columns].itertuples(index=False, name=None)] \
        if columns else [""] * len(table)


def _notes(runs: pd.DataFrame, table: pd.DataFrame, asked: dict[float, str],
           levels: Sequence[float]) -> list[str]:
    notes = [f"Nothing is said of a gap of {level:g}: runs converged before it, at the sweep's "
             f"tolerance." for level in sorted(asked, reverse=True) if level not in levels]
    failed: Any = runs[table["status"].eq(FAILED).to_numpy()]
    notes += [f"{rule} failed on {', '.join(dict.fromkeys(part['game']))}, and counts as never "
              f"there." for rule, part in failed.groupby("rule", sort=False)]
    games = list(dict.fromkeys(runs["game"]))
    for rule, part in runs.groupby("rule", sort=False):
        if absent := [game for game in games if game not in set(part["game"])]:
            notes.append(f"{rule} was not run on {', '.join(absent)}, and counts as never there.")
    return notes
