"""What learning curves are drawn of: the runs of results or of a sweep, by panel and by line."""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from potentia.console.text import counted
from potentia.errors import InputError, known_name, shown
from potentia.names import refuse_alike
from potentia.plot import returns
from potentia.plot.bands import Run
from potentia.report.result_tables import AXES, iterations_of
from potentia.result import Result
from potentia.sweeps.columns import KINDS, is_missing, told
from potentia.sweeps.sweep import Sweep, read_sweep
from potentia.training.trained import Trained

USUAL = ("nash_gap", "relative_gap", "potential", "l1_accuracy", "policy_step", returns.MEAN)
MOST_RESULTS = 1_000      # in one picture
MOST_NAMES = 100          # of quantities or columns
ITERATIONS, STEPS = "iterations", "agent_steps"        # what runs along x
Groups = dict[str, list[Run]]
Learnt = Result | Trained


@dataclasses.dataclass(frozen=True, eq=False)
class Panel:
    """One quantity of some lines: `groups` has the runs of each by its label.

    title: what tells it from other panels of the quantity, "" if nothing does. along: what runs
    along x.
    """

    title: str
    quantity: str
    groups: Groups
    along: str = ITERATIONS


def of_results(results: Sequence[Learnt], labels: object,
               quantities: Sequence[str] | None, x: str = ITERATIONS) -> list[Panel]:
    """A panel for each quantity. Results of the same label go together, as runs of one.

    quantities: names of `Result.history`, or of what was trained "mean_return" and "return_0",
    "return_1", ... of the agents; those of USUAL that are known if omitted. x: "iterations" or
    "agent_steps", which what was trained always goes along. Raises InputError for labels of another
    number, and for what no result has.
    """
    named = labels_of(results, labels)
    along = STEPS if isinstance(results[0], Trained) else x
    for label, result in zip(named, results, strict=True) if x != ITERATIONS else ():
        if isinstance(result, Result) and x not in result.history:
            raise InputError(f"x is {x!r}, which {shown(label)} does not have: its oracle counts "
                             f"no steps of play")
    known = [name for name in dict.fromkeys(name for result in results for name in _names(result))
             if name not in AXES and any(map(len, _runs(results, name, x)))]
    if quantities is None:
        quantities = [name for name in USUAL if name in known]
    return [Panel("", name, _together(named, _runs(results, _known(name, known), x)), along)
            for name in quantities]


def of_sweep(sweep: Sweep, by: object, quantities: Sequence[str] | None,
             x: str = ITERATIONS) -> list[Panel]:
    """A panel for each game and quantity, in it a line for each value of the columns `by`.

    by: a column of `sweep.table` or several; what tells rules, oracles and schedules apart if
    omitted. quantities: "nash_gap" if omitted. x: "iterations" or "agent_steps", which not all
    cells may have. Raises InputError for what the sweep does not have.
    """
    table: Any = sweep.table.drop_duplicates("cell")
    cells = table["cell"].tolist()
    told = [name for name in table.columns if name.split(".")[0] in KINDS]
    lines = _columns(by, told)
    boards = [name for name in told if name.split(".")[0] == "game" and name not in lines]
    titles, labels = (dict(zip(cells, told_apart(table[names].to_dict("records")), strict=True))
                      for names in (boards, lines))
    curves: Any = sweep.curves
    known = [name for name in curves.columns if name not in ("cell", "seed", "iteration")
             and curves[name].notna().any()]
    if not known:
        raise InputError("the sweep has no curves: all of its runs failed")
    if x != ITERATIONS and x not in known:
        raise InputError(f"x is {x!r}, which the sweep does not have: its oracles count no steps "
                         f"of play")
    cells_of = {title: {cell: labels[cell] for cell in cells if titles[cell] == title}
                for title in titles.values()}
    panels = [Panel(title, _known(name, known), _of_cells(curves, name, cells_of[title], x), x)
              for name in quantities or ("nash_gap",) for title in dict.fromkeys(titles.values())]
    return [panel for panel in panels if x == ITERATIONS or panel.groups]


def listed(results: object) -> tuple[list[Learnt], object]:
    """The results given, one, several or by label, and their labels, None if there are none.

    Raises InputError naming what is no result, and where some were solved and others trained.
    """
    labels = labels_in(results) if isinstance(results, Mapping) else None
    given: list[Any] = list(results.values()) if isinstance(results, Mapping) else \
        list(itertools.islice(results, MOST_RESULTS + 1)) if isinstance(results, Iterable) \
        and not isinstance(results, str) else [results]
    for place, each in enumerate(given):
        if not isinstance(each, Learnt):
            raise InputError(f"results[{place}] is {shown(each)}, but a Result was expected, or a "
                             f"sweep alone")
        if isinstance(each, Trained) != isinstance(given[0], Trained):
            raise InputError(f"results[{place}] is a {type(each).__name__}, others are "
                             f"{type(given[0]).__name__}: draw what was solved and what was "
                             f"trained apart")
    if not given:
        raise InputError("results is empty: there is nothing to draw")
    if len(given) > MOST_RESULTS:
        raise InputError(f"results holds more than {MOST_RESULTS:,} results, too many for one "
                         f"picture")
    return given, labels


def asked(given: object, name: str) -> list[str] | None:
    """The names given, one or several, each once; None if none are. Raises InputError for what is
    no text."""
    if given is None:
        return None
    listed = [given] if isinstance(given, str | bytes) or not isinstance(given, Iterable) or \
        (isinstance(given, np.ndarray) and given.ndim == 0) else given
    found: dict[str, None] = {}
    for each in listed:              # which may have no end
        if not isinstance(each, str):
            raise InputError(f"{name} is {shown(given)}, but a name was expected, or several")
        if each in found:
            raise InputError(f"{name} has {shown(each)} twice")
        if len(found) == MOST_NAMES:
            raise InputError(f"{name} has more than {MOST_NAMES} names")
        found[each] = None
    return list(found)


def sweep_of(results: object) -> Sweep | None:
    """The sweep given, or that of the folder given; None if it is neither."""
    if isinstance(results, str | os.PathLike):
        return read_sweep(results)
    return results if isinstance(results, Sweep) else None


def told_apart(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each is called: its values that others do not share, names alone, parameters as
    name=value."""
    differing = [key for key in dict.fromkeys(key for row in rows for key in row)
                 if len({repr(row.get(key)) for row in rows}) > 1]
    keys = differing or [key for key in ("game", "rule") if rows and key in rows[0]][-1:]
    return [", ".join(f"{key.partition('.')[2]}={told(row[key])}" if "." in key
                      else str(row[key]) for key in keys if not is_missing(row.get(key)))
            for row in rows]


def labels_in(results: Mapping[Any, object]) -> list[str]:
    """The labels of {label: result}. Raises InputError for None, for an empty one, and for two that
    read alike, such as 1 and "1"."""
    for label in results:
        if label is None or not str(label).strip():
            raise InputError(f"results has the label {shown(label)}, but a label is text, to be "
                             f"read")
    refuse_alike(results, "results has")
    return list(map(str, results))


def labels_of(results: Sequence[Learnt], labels: object) -> list[str]:
    """What results are called: by the labels given, one for each, else by what tells them apart.

    Raises InputError for labels of another number.
    """
    if labels is None:
        found = told_apart([
            returns.settings_of(result) if isinstance(result, Trained)
            else {"game": result.game.name} | {key: value for key, value in result.settings.items()
                                               if key.split(".")[0] in KINDS}
            for result in results])
        return found if len(set(found)) == len(found) else [
            f"{number}: {label}" for number, label in enumerate(found, 1)]
    given = [labels] if isinstance(labels, str) or not isinstance(labels, Iterable) \
        else list(itertools.islice(labels, len(results) + 1))
    if len(given) != len(results):
        few = counted(len(given), "label") if len(given) < len(results) else "more labels"
        raise InputError(f"labels has {few}, but there "
                         f"{'is' if len(results) == 1 else 'are'} "
                         f"{counted(len(results), 'result')}: give one for each")
    return list(map(str, given))


def _known(name: str, known: Sequence[str]) -> str:
    if name == "l1_accuracy" and name not in known:
        raise InputError("no result has the quantity 'l1_accuracy': solve with l1_accuracy=True")
    return known_name(name, known, "quantity of these runs")


def _columns(by: object, told: Sequence[str]) -> list[str]:
    if by is None:
        return [name for name in told if name.split(".")[0] != "game"]
    return [known_name(name, told, "column of the sweep") for name in asked(by, "by") or ()]


def _together(labels: Sequence[str], runs: Sequence[list[Run]]) -> Groups:
    found: Groups = {}
    for label, own in zip(labels, runs, strict=True):
        found.setdefault(label, []).extend(own)
    return {label: own for label, own in found.items() if own}


def _names(result: Learnt) -> Iterable[str]:
    return returns.names_of(result) if isinstance(result, Trained) else result.history


def _runs(results: Sequence[Learnt], quantity: str, x: str) -> list[list[Run]]:
    """The runs of each result that have the quantity."""
    return [returns.runs_of(result, quantity) if isinstance(result, Trained)
            else _solved(result, quantity, x) for result in results]


def _solved(result: Result, quantity: str, x: str) -> list[Run]:
    if quantity not in result.history:
        return []
    return [Run(at[known], row[known]) for at, row in zip(
                _along(result, quantity, x), np.atleast_2d(result.history[quantity]),
                strict=True) if (known := np.isfinite(row) & np.isfinite(at)).any()]


def _along(result: Result, quantity: str, x: str) -> np.ndarray:
    """[runs, T] where the records of a quantity lie along x; NaN where that is not known."""
    at = iterations_of(result, quantity)
    if x == ITERATIONS:
        return at
    counted = zip(at, np.atleast_2d(result.history["check_iteration"]),
                  np.atleast_2d(result.history[x]), strict=True)
    return np.stack([np.interp(row, checks[known], steps[known], np.nan, np.nan)
                     for row, checks, steps in counted for known in [~np.isnan(steps)]])


def _of_cells(curves: Any, quantity: str, labels: Mapping[str, str], x: str) -> Groups:
    """The runs of cells that have the quantity, by the labels of the cells."""
    at = "iteration" if x == ITERATIONS else x
    rows = curves[curves["cell"].isin(list(labels)) & curves[quantity].notna()
                  & curves[at].notna()]
    found: Groups = {label: [] for label in labels.values()}
    for (cell, _), run in rows.groupby(["cell", "seed"], sort=False):
        found[labels[str(cell)]].append(Run(run[at].to_numpy(),
                                            run[quantity].to_numpy(dtype=np.float64)))
    return {label: runs for label, runs in found.items() if runs}
