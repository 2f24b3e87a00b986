"""Run benchmarks one after another and write what they found: a JSON file, and the page made from
it."""

from __future__ import annotations

import inspect
import itertools
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from potentia.bench import REGISTRY, machine, module
from potentia.bench.harness import Asked
from potentia.console.progress import progress_bar
from potentia.errors import InputError, known_name
from potentia.io.atomic import write_text
from potentia.io.directories import keeping, refuse_unwritable
from potentia.io.plain import document
from potentia.io.read import read_json
from potentia.report.benchmarks import markdown
from potentia.runtime.float64 import float64_on_one_blas_thread

MARK = "sgamesolver_run.py"      # what tells a folder of peers
NET, TRIPS = "_net.tntp", "_trips.tntp"


def bench(names: Sequence[str] = (), options: Asked | None = None, out: Path | None = None,
          progress: bool | None = None) -> dict[str, Any]:
    """Run the named benchmarks, or all; the document of what they found.

    out: directory for `benchmarks.json` and `benchmarks.md` (with the backend in their names where
        it is not the CPU), written at the end: earlier results stay until then, and those of other
        benchmarks for good, if the same machine measured them with the same versions.
    Ctrl-C ends the run; the document then says so, with what there is.
    Raises InputError for unknown names, and where `out` cannot be written; where that is only known
    at the end it is a NotWrittenError, which has the document.
    """
    for name in names:
        known_name(name, REGISTRY, "benchmark")
    if out is not None:
        refuse_unwritable(out)
    chosen = [name for name in REGISTRY if name in names or not names]
    found: dict[str, Any] = {"machine": machine.description(),
                             "date": _today(),
                             "complete": False, "benchmarks": {}}
    try:
        with progress_bar(len(chosen), progress, "measuring") as tell:
            for done, name in enumerate(chosen):
                tell(done, name)
                found["benchmarks"][name] = _measured(name, options or Asked())
        found["complete"] = True
    except KeyboardInterrupt:
        pass
    _write(found, out)
    return found


def _measured(name: str, options: Asked) -> dict[str, Any]:
    """What one benchmark says of itself and finds, and how long it took."""
    chosen = module(name)
    began = time.perf_counter()
    with float64_on_one_blas_thread():
        figures = chosen.measure(options)
    return {"about": inspect.getdoc(chosen), "took": time.perf_counter() - began, "date": _today(),
            "figures": [figure.entry() for figure in figures]}


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _write(found: Mapping[str, Any], out: Path | None) -> None:
    if out is None:
        return
    backend = found["machine"]["backend"]
    stem = "benchmarks" if backend == "cpu" else f"benchmarks-{backend}"
    with keeping(found, out):
        out.mkdir(parents=True, exist_ok=True)
        found = _with_earlier(found, out / f"{stem}.json")
        write_text(out / f"{stem}.json", document(found) + "\n")
        write_text(out / f"{stem}.md", markdown(found))


def _with_earlier(found: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """With what that file holds of other benchmarks, if the same machine measured it."""
    try:
        before = read_json(path)
        earlier, machines = before["benchmarks"], [before["machine"], found["machine"]]
        same = machines[0] == {**machines[1], "load": machines[0]["load"]}
        both = {**{name: {"date": before["date"], **each} for name, each in earlier.items()},
                **found["benchmarks"]}
    except (InputError, KeyError, TypeError, AttributeError):
        return found                              # there is none, or it is of something else
    if not same:
        return found
    return {**found, "benchmarks": {name: both[name] for name in REGISTRY if name in both}}


def asked(peers: Path | None, sgamesolver: str | None = None,
          aequilibrae: str | None = None, network: tuple[Path, Path] | None = None,
          folders: Iterable[Path] = ()) -> Asked:
    """What the user gave, checked; the folder of peers is that of the current directory if it is a
    checkout's root. network: of TNTP, and its trips. folders: of such networks, NAME_net.tntp
    beside NAME_trips.tntp.

    Raises InputError for a folder without peers or networks, and for files and a Python that are
    not there.
    """
    here = Path("benchmarks", "peers")
    if peers is not None and not (peers / MARK).exists():
        raise InputError(
            f"{peers} is no folder of peers (benchmarks/peers in a checkout): it has no {MARK}")
    networks = [() if network is None else (network,), *map(_in_folder, folders)]
    for path in network or ():
        if not path.is_file():
            raise InputError(f"network: there is no file {path}")
    for name, python in (("sgamesolver", sgamesolver), ("aequilibrae", aequilibrae)):
        if python is not None and shutil.which(python) is None:
            raise InputError(
                f"{name} is {python!r}, but there is no such program; give the path of a Python")
    return Asked(peers=peers or (here if (here / MARK).exists() else None), sgamesolver=sgamesolver,
                 aequilibrae=aequilibrae, networks=tuple(itertools.chain(*networks)))


def _in_folder(folder: Path) -> tuple[tuple[Path, Path], ...]:
    """The networks in a folder, in the order of their names, and their trips."""
    nets = sorted(folder.glob(f"*{NET}"))
    if not nets:
        raise InputError(f"networks: there is no NAME{NET} in {folder}")
    found = tuple((net, net.with_name(net.name.removesuffix(NET) + TRIPS)) for net in nets)
    for net, trips in found:
        if not trips.is_file():
            raise InputError(f"networks: there is no {trips.name} beside {net}")
    return found
