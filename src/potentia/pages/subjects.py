"""What a report is about: results by their labels, scenarios of roads, or a sweep."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from potentia.certificates.certificate import Certificate
from potentia.errors import InputError, shown
from potentia.games.roads.scenarios import BASE
from potentia.io.runs import is_run, load
from potentia.plot import groups
from potentia.result import Result
from potentia.sweeps.folder import HEADER, read_swept
from potentia.sweeps.sweep import Sweep, read_sweep
from potentia.welfare.scenarios import Scenarios

MOST = 12                 # results in one page


@dataclasses.dataclass(frozen=True, eq=False)
class Subject:
    """A result, what it is called, and the folder that it was read from, None if it was given.
    certificate: of its one run, if there is one already."""

    label: str
    result: Result
    folder: str | None
    certificate: Certificate | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Compared:
    """Scenarios, and the base and each of them that was solved, by their names."""

    scenarios: Scenarios
    subjects: list[Subject]


@dataclasses.dataclass(frozen=True, eq=False)
class Swept:
    """A sweep, what its table says of itself, and its folder, None if it was given."""

    sweep: Sweep
    asked: Mapping[str, Any]
    folder: str | None


def subjects_of(given: object) -> list[Subject] | Compared | Swept:
    """One or several results or folders of runs, {label: result or folder}, what `pt.compare` found
    of scenarios, as many as there are, or one sweep.

    Raises InputError naming what is none of these, labels that nobody can read or tell apart, more
    than MOST, and a sweep among others.
    """
    if isinstance(given, Scenarios):
        return Compared(given, [Subject(name, given.results[name], None, _certified(given, name))
                                for name in (BASE, *given.sides)])
    labels = groups.labels_in(given) if isinstance(given, Mapping) else None
    if isinstance(given, Mapping):
        listed = list(given.values())
    elif isinstance(given, str | os.PathLike | Result | Sweep) or not isinstance(given, Iterable):
        listed = [given]
    else:
        listed = [each for each, _ in zip(given, range(MOST + 1), strict=False)]
    if not listed:
        raise InputError("there is nothing to report: give a result, or the folder of a run")
    if len(listed) > MOST:
        raise InputError(f"a report is of at most {MOST} results: pt.plot.curves draws more in one "
                         f"picture")
    read = [_read(each) for each in listed]
    if any(isinstance(each, Swept) for each in read):
        if len(read) > 1:
            raise InputError("a sweep is reported alone, but there are "
                             f"{len(read)} things to report")
        return read[0]                      # pyright: ignore[reportReturnType]
    return _labelled(read, labels)


def _certified(given: Scenarios, name: str) -> Certificate | None:
    """What is certified of the base's or a scenario's first run, if it is the only one."""
    side = given.base if name == BASE else given.sides[name]
    return side.certificate if len(given.results[name].statuses) == 1 else None


def _labelled(read: list[Any], labels: list[Any] | None) -> list[Subject]:
    results = [result for result, _ in read]
    names = labels if labels is not None else [folder for _, folder in read]
    if None in names:
        names = groups.labels_of(results, None)
    if len(set(names)) < len(names):
        names = [f"{number}: {name}" for number, name in enumerate(names, 1)]
    return [Subject(str(name), result, folder)
            for name, (result, folder) in zip(names, read, strict=True)]


def _read(given: object) -> tuple[Result, str | None] | Swept:
    if isinstance(given, Result):
        return given, None
    if isinstance(given, Sweep):
        return Swept(given, _said(given.table.attrs), None)
    if not isinstance(given, str | os.PathLike) or not str(given):
        raise InputError(f"{shown(given)} cannot be reported: a Result was expected, a sweep, or "
                         f"the folder of one")
    path = Path(given)
    if (path / HEADER).is_file():
        return Swept(read_sweep(path), _said(read_swept(path).attrs), str(given))
    refuse_unsaved(path)
    return load(path), str(given)


def refuse_unsaved(path: Path) -> None:
    """Raise InputError unless it is the folder of a saved run or of a sweep."""
    if (path / HEADER).is_file() or is_run(path):
        return
    if not path.exists():
        raise InputError(f"{path} does not exist")
    raise InputError(f"{path} is no saved run and no sweep: it has neither run.json nor {HEADER}")


def _said(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """What a table says of itself, by name."""
    return {str(name): value for name, value in attributes.items()}
