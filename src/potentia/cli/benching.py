"""`potentia bench`: how fast it is here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from potentia.cli.options import Json, a_path
from potentia.cli.saving import found_of
from potentia.cli.status import DONE, INTERRUPTED, NO


def bench(
        names: Annotated[list[str] | None, typer.Argument(
            metavar="[NAME]...",
            help="Benchmarks, all if omitted: machine, product, starts, commands, enumeration, "
                 "checks, tabular, published, playing, training, growth, large, analysis, roads, "
                 "opening, homotopy, device.",
        )] = None,
        peers: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="The folder benchmarks/peers of a checkout; not needed at its root.")] = None,
        sgamesolver: Annotated[str | None, typer.Option(
            metavar="PYTHON",
            help="The Python of an environment with sgamesolver, to measure that too.")] = None,
        aequilibrae: Annotated[str | None, typer.Option(
            metavar="PYTHON",
            help="The Python of an environment with aequilibrae, for roads.")] = None,
        network: Annotated[tuple[str, str] | None, typer.Option(
            metavar="NET TRIPS",
            help="A TNTP network and its trips, to measure roads on too.")] = None,
        networks: Annotated[list[Path] | None, typer.Option(
            parser=a_path, metavar="FOLDER",
            help="A folder of TNTP networks, NAME_net.tntp beside NAME_trips.tntp, to measure "
                 "roads on all of them; may be given several times.")] = None,
        out: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="Write benchmarks.json and benchmarks.md to this directory.")] = None,
        as_json: Json = False) -> None:
    """Measure how fast Potentia is on this machine, as ratios in one process, each beside its
    limit. Status 1 if a limit is missed."""
    from potentia.bench import runner
    from potentia.io.plain import document
    from potentia.report.benchmarks import show_benchmarks
    options = runner.asked(
        peers, sgamesolver, aequilibrae, None if network is None else _paths(*network),
        networks or ())
    found, refused = found_of(lambda: runner.bench(names or (), options, out))
    if as_json:
        print(document({**found, "not_written": refused or None}))
    else:
        show_benchmarks(found)
        if out is not None and not refused:
            print(f"The results and their page are in {out}")
    missed = any(figure["holds"] is False for one in found["benchmarks"].values()
                 for figure in one["figures"])
    raise typer.Exit(NO if missed or refused else DONE if found["complete"] else INTERRUPTED)


def _paths(network: str, trips: str) -> tuple[Path, Path]:
    """The files of a network. Raises InputError for an empty path."""
    from potentia.errors import InputError
    if not network or not trips:
        raise InputError("--network is empty, but a path is needed")
    return Path(network), Path(trips)
