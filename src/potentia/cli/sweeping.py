"""`potentia sweep`: every combination that a file asks for."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potentia.cli.options import Json, a_path
from potentia.cli.status import DONE, NO

if TYPE_CHECKING:
    from potentia.sweeps.spec import Spec
    from potentia.sweeps.sweep import Sweep


def sweep(
        spec: Annotated[Path, typer.Argument(
            parser=a_path, metavar="SPEC.toml",
            help="What to sweep over: tables games, rules, perhaps oracles and schedules, and "
                 "sweep with seeds and settings.")],
        out: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="DIR",
            help="Keep every cell here as soon as it is done; the same command goes on there "
                 "where it was stopped.")] = None,
        workers: Annotated[int, typer.Option(min=1, help="Processes of this machine.")] = 1,
        backend: Annotated[str, typer.Option(
            help="Who learns: local, or ray, a Ray cluster.")] = "local",
        dry_run: Annotated[bool, typer.Option(
            "--dry-run", help="Tell how many cells, programs, seconds and bytes, and learn "
                              "nothing.")] = False,
        as_json: Json = False) -> None:
    """Let rules learn on games, from many seeds: one table, a row a run. Status 1 if a cell failed;
    a run that does not converge is an answer, and no failure."""
    from potentia.console.log import LOG, notes_on_stderr
    from potentia.errors import InputError
    from potentia.sweeps.backends import backend_of
    from potentia.sweeps.spec import read_spec
    from potentia.sweeps.sweep import swept
    asked = read_spec(spec)
    backend_of(backend, workers)
    if dry_run:
        _tell_cost(asked, out, workers, as_json)
        raise typer.Exit(DONE)
    if out is None:
        raise InputError("--out DIR is missing: a sweep keeps its table in a folder")
    with notes_on_stderr():
        try:
            found = swept(asked, out, workers, backend)
        except KeyboardInterrupt:
            LOG.info("cells that are done are whole in %s; the same command goes on there", out)
            raise
    failed = _failed(asked, found)
    _tell(asked, found, failed, out, as_json)
    raise typer.Exit(NO if failed else DONE)


def _tell_cost(asked: Spec, out: Path | None, workers: int, as_json: bool) -> None:
    from potentia.io.plain import document
    from potentia.sweeps.cost import cost_of
    found = cost_of(asked, out, workers)
    print(document(found) if as_json else found)


def _failed(asked: Spec, found: Sweep) -> dict[str, str]:
    """Why, of each cell that failed, by what it is."""
    rows = zip(found.table["cell"], found.table["status"], found.table["message"], strict=True)
    return {asked.cells[digest].label: why for digest, status, why in rows if status == "failed"}


def _tell(asked: Spec, found: Sweep, failed: dict[str, str], out: Path, as_json: bool) -> None:
    from potentia.console.text import visible
    from potentia.io.plain import document
    statuses: dict[str, Any] = dict(Counter(found.table["status"]).most_common())
    if as_json:
        print(document({"cells": len(asked.cells), "runs": len(found.table), "statuses": statuses,
                        "failed": failed, "out": out}))
        return
    print(f"{len(asked.cells):,} cells, {len(found.table):,} runs: "
          + ", ".join(f"{count:,} {status}" for status, count in statuses.items()))
    for label, why in failed.items():
        print(visible(f"Failed: {label}: {why}"))
    print(f"The table is {out / 'table.parquet'}; potentia leaderboard {out} ranks the rules")
