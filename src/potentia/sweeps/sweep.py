"""`pt.sweep`: every combination, one table."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pandas as pd

from potentia.console.progress import Tell, progress_bar
from potentia.console.text import Line, Readable, counted, duration
from potentia.sweeps.backends import backend_of
from potentia.sweeps.cells import joined, read_table
from potentia.sweeps.columns import FAILED, words
from potentia.sweeps.folder import Folder, read_folder, with_origin
from potentia.sweeps.groups import groups
from potentia.sweeps.spec import Spec, spec


@dataclasses.dataclass(frozen=True, eq=False)
class Sweep(Readable):
    """A sweep that is done.

    table: a row of each run: cell, game, rule, oracle, schedule and their parameters
        (`rule.step_size`), seed, status (or "failed", and why as message), iterations, the exact
        Nash gap of the last profile with its rounding error, welfare, potential, iterations to
        gaps of 1e-2, 1e-4 and 1e-6 (the first check within them), seconds an iteration, checks
        counted and compilation not, as a mean over the cells that were learnt together.
    curves: a row of each check of each run: cell, seed, iteration, the same quantities.
    """

    table: pd.DataFrame
    curves: pd.DataFrame

    def __repr__(self) -> str:
        failed = self.table["status"].tolist().count(FAILED)
        return (f"<Sweep of {self._size()}"
                f"{f', {failed:,} of them failed' if failed else ''}>")

    def lines(self) -> list[Line]:
        """What it says, for people: how runs ended, and why cells failed."""
        table: Any = self.table
        ended = table["status"].value_counts()
        failed = table[table["status"].eq(FAILED)].drop_duplicates("cell")
        return [("sweep", self._size()),
                ("runs ended as", ", ".join(f"{count:,} {status}"
                                            for status, count in ended.items())),
                *((f"failed: {' on '.join(words(row)[1::-1])}", row["message"])
                  for row in failed.to_dict("records"))]

    def _size(self) -> str:
        return (f"{counted(len(set(self.table['cell'])), 'cell')}, "
                f"{counted(len(self.table), 'run')}")


def sweep(games: object, rules: object, oracles: object = "exact",
          schedules: object = "simultaneous", *, seeds: object = 10,
          out: str | os.PathLike[str] | None = None, workers: int = 1, backend: str = "local",
          progress: bool | Tell | None = None, **settings: Any) -> Sweep:
    """Let every rule learn on every game, from every seed; with every oracle and schedule.

    games, rules, oracles, schedules: a list of names, of mappings {"name": ..., parameter: ...}
        in which a list of values is a grid, or of things that were made, own ones too.
    seeds: how many, from 0 on, or which. A run has the bits of `solve` with that seed and the exact
        oracle.
    out: a folder that keeps each cell as soon as it is done; the same sweep goes on there where it
        was stopped. In memory only if omitted.
    workers: processes of this machine. backend: "local", or "ray": the cluster that Ray is
        connected to, or one that it starts here.
    progress: as in `solve`, by runs.
    settings: max_iterations, tolerance, step_tolerance, check_every, initial of `solve`.

    A cell that fails is a row that says why, and stops nothing else. Raises InputError for what is
    unknown, empty or given twice, before anything is learnt, and for a folder of another sweep.
    """
    return swept(spec(games, rules, oracles, schedules, seeds, **settings), out, workers, backend,
                 progress)


def swept(asked: Spec, out: object = None, workers: int = 1, backend: str = "local",
          progress: bool | Tell | None = None) -> Sweep:
    """Do what a spec asks for; see `sweep`."""
    learn = backend_of(backend, workers)
    folder = None if out is None else Folder(out, asked)
    done = folder.done() if folder else set()
    left = groups(asked, done)
    rows: dict[str, bytes] = {}
    curves: dict[str, bytes] = {}
    runs = len(asked.cells) * len(asked.seeds)
    made = len(done) * len(asked.seeds)
    note = _time_left(runs - made)
    with progress_bar(runs, progress, "sweeping") as tell, closing(learn(left)) as coming:
        tell(made, "")
        for found in coming:
            for each in found:
                if folder:
                    folder.keep(each)
                else:
                    rows[each.digest], curves[each.digest] = each.rows, each.curves
                made += len(asked.seeds)
            tell(made, note(runs - made))
    if folder:
        return Sweep(folder.table(), folder.curves())
    table, checks = (joined([read_table(parts[digest]) for digest in asked.cells])
                     for parts in (rows, curves))
    return Sweep(with_origin(table, asked), checks)


def read_sweep(directory: str | os.PathLike[str]) -> Sweep:
    """What a sweep left in its folder `out`, as far as it came.

    Raises InputError for a folder of no sweep, and where no cell is done.
    """
    return Sweep(*read_folder(directory))


def _time_left(runs: int) -> Callable[[int], str]:
    """What tells how long the runs that are left take, at the pace of those made since now."""
    began = time.monotonic()

    def note(left: int) -> str:
        seconds = (time.monotonic() - began) * left / max(runs - left, 1)
        return f"about {duration(seconds)} left" if left else ""

    return note
