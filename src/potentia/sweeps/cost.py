"""`pt.sweep_cost`: what a sweep would take, before it is run."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np

from potentia.console.text import Line, Readable, counted, duration
from potentia.errors import InputError
from potentia.io.read import as_path
from potentia.learning.batch import solve_each
from potentia.runtime.own import is_own
from potentia.sweeps.folder import HEADER, Folder, refuse_another
from potentia.sweeps.groups import CHECKS, Group, groups, learnt, things_of
from potentia.sweeps.spec import Cell, Spec, spec

MEASURING = 30.0               # seconds after which no further program is timed
TIMED_CHECKS = 2               # of the iterations that are timed
COLUMN = 8                     # bytes of a number in a file, at most


@dataclasses.dataclass(frozen=True)
class SweepCost(Readable):
    """What a sweep would take.

    cells, runs: how many there are. done: the cells of them that the folder has. programs: how many
    have to be compiled, in one process. timed: how many of them were timed.
    seconds: estimated, at most about: of one program of each game, oracle and schedule one
        iteration and the compilation are timed, all others are taken to be the same, and every
        run to go on to its last iteration.
    bytes: of the folder's files, estimated likewise.
    """

    cells: int
    runs: int
    done: int
    programs: int
    timed: int
    seconds: float
    bytes: int

    def lines(self) -> list[Line]:
        """What it says, for people."""
        taken = (f"{duration(self.seconds)} ({counted(self.timed, 'program')} timed; runs that "
                 f"converge end earlier)" if self.timed else "nothing was timed")
        return [("cells", f"{self.cells:,}, {self.done:,} of them done"),
                ("runs", f"{self.runs:,}"),
                ("programs to compile", f"{self.programs:,}"),
                ("time, estimated, at most about", taken),
                ("size of the folder, at most about", f"{self.bytes / 1e6:,.1f} MB")]


@dataclasses.dataclass(frozen=True)
class _Pace:
    """Of one program: seconds that compiling takes, seconds of a run's iteration, bytes of a
    cell's files without its checks."""

    compiling: float
    iteration: float
    bytes: float


def sweep_cost(games: object, rules: object, oracles: object = "exact",
               schedules: object = "simultaneous", *, seeds: object = 10,
               out: str | os.PathLike[str] | None = None, workers: int = 1,
               **settings: Any) -> SweepCost:
    """What `pt.sweep` with the same arguments would take: cells, programs, seconds and bytes.

    It times one program of each game, for half a minute in all at most, and writes nothing.
    Raises InputError as the sweep would before it begins.
    """
    return cost_of(spec(games, rules, oracles, schedules, seeds, **settings), out, workers)


def cost_of(asked: Spec, out: object = None, workers: int = 1) -> SweepCost:
    """What a spec takes; see `sweep_cost`."""
    done = _done(asked, out)
    left = groups(asked, done)
    kinds = [_kind(group) for group in left]
    paces = dict(_paces(left, kinds))
    known = list(paces.values())
    usual = _Pace(*(float(np.mean([getattr(pace, field.name) for pace in known] or [0.0]))
                    for field in dataclasses.fields(_Pace)))
    compiling = {_program(group): paces.get(kind, usual).compiling
                 for group, kind in zip(left, kinds, strict=True)}
    learning = sum(asked.settings["max_iterations"] * group.runs * paces.get(kind, usual).iteration
                   for group, kind in zip(left, kinds, strict=True))
    return SweepCost(
        cells=len(asked.cells), runs=len(asked.cells) * len(asked.seeds), done=len(done),
        programs=len(compiling), timed=len(known),
        seconds=(sum(compiling.values()) + learning) / max(min(workers, len(left)), 1),
        bytes=round(len(asked.cells) * (usual.bytes + _bytes_of_checks(asked))))


def _done(asked: Spec, out: object) -> set[str]:
    if out is None:
        return set()
    path = as_path(out, "out")
    refuse_another(path, asked)
    return Folder(path, asked).done() if (path / HEADER).exists() else set()


def _kind(group: Group) -> Any:
    """What those groups share that are taken to be as fast: all but the rule."""
    game, _, *others = things_of(_first(group))
    return _told((game, *others), _first(group))


def _program(group: Group) -> Any:
    """What those groups share that one compiled program serves."""
    return _told(things_of(_first(group)), _first(group)), group.runs


def _told(things: Sequence[Any], cell: Cell) -> Any:
    """Structure and shapes, which is what a program is compiled for; of own classes, which one."""
    if any(map(is_own, things)):
        return cell.label
    return (jax.tree.structure(things),
            tuple((np.shape(leaf), str(np.asarray(leaf).dtype))
                  for leaf in jax.tree.leaves(things)))


def _paces(left: Sequence[Group], kinds: Sequence[Any]) -> Iterator[tuple[Any, _Pace]]:
    """The pace of the first group of each kind that can be learnt, as long as there is time."""
    until, timed = time.monotonic() + MEASURING, set()
    for group, kind in zip(left, kinds, strict=True):
        if kind in timed:
            continue
        if time.monotonic() > until:
            return
        try:
            yield kind, _pace(group)
        except InputError:            # the sweep's table will say why
            continue
        timed.add(kind)


def _pace(group: Group) -> _Pace:
    game, rule, oracle, schedule = things_of(_first(group))
    settings: dict[str, Any] = group.settings | {"tolerance": None}
    most = min(settings["max_iterations"], TIMED_CHECKS * settings["check_every"])

    def solved(most: int) -> float:
        began, wanted = time.perf_counter(), dict[str, Any](settings, max_iterations=most)
        solve_each(game, [rule] * len(group.seeds), group.seeds, oracle, schedule, progress=False,
                   record_every=max(most, 1), **wanted)
        return time.perf_counter() - began

    compiling, learning = solved(min(most, 1)), solved(most)
    (digest, cell), *_ = group.cells.items()
    written, = learnt(Group({digest: cell}, group.seeds,
                            group.settings | {"max_iterations": min(most, 1)}))
    return _Pace(max(compiling - learning, 0.0), learning / max(most * len(group.seeds), 1),
                 len(written.rows) + len(written.curves))


def _bytes_of_checks(asked: Spec) -> float:
    """What the curves of a cell take, without compression."""
    checks = 1 + asked.settings["max_iterations"] // asked.settings["check_every"]
    return checks * len(asked.seeds) * COLUMN * (1 + len(CHECKS))


def _first(group: Group) -> Cell:
    return next(iter(group.cells.values()))
