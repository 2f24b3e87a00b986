"""`potentia compare --scenarios`: changes to roads from a file, against the roads as they are."""

from __future__ import annotations

import csv
import dataclasses
import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from potentia.cli import closing_notes, road_outputs, road_results
from potentia.cli.saving import refusal_of, refuse_no_picture
from potentia.cli.status import DONE, INTERRUPTED, NO

if TYPE_CHECKING:
    from potentia.games.roads.game import RoutingGame
    from potentia.welfare.scenarios import Scenarios

SHOWN = 20                # links of each scenario in a JSON document


@dataclasses.dataclass(frozen=True)
class Outputs:
    """Files that are asked for, None where one is not; and whether one JSON document is printed."""

    table: Path | None
    picture: Path | None
    report: Path | None
    as_json: bool
    flows: Path | None = None


def compare(base: RoutingGame, path: Path, goals: road_results.Goals, outputs: Outputs,
            extras: road_outputs.Extras, max_iterations: int) -> NoReturn:
    """Solve the base and every scenario, tell what changes, write what is asked for, and end with
    the status: 1 unless all are certified to be within `goals` and all is written."""
    import potentia as pt
    from potentia.console.log import notes_on_stderr
    scenarios = pt.io.read_scenarios(path)
    _refuse_no_files(outputs)
    with notes_on_stderr():
        found = dataclasses.replace(
            pt.compare(base, scenarios, max_iterations, road_results.finer(goals)),
            asked=goals.relative)
        refused = _written(found, outputs, extras)
    sides = {"base": found.base, **found.sides}
    within = {name: goals.reached(side.certificate) for name, side in sides.items()}
    if outputs.as_json:
        _print_document(found, within, refused)
    else:
        print(found)
        for name, near in within.items():
            if not near:
                print(f"{name} is not within {goals}: its totals may be off by more than that "
                      f"({closing_notes.remedy(sides[name])})")
        for written in (outputs.table, outputs.flows, outputs.picture, outputs.report):
            if written is not None and str(written) not in refused:
                print(f"Written: {written}")
    if found.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(DONE if all(within.values()) and not refused else NO)


def _refuse_no_files(outputs: Outputs) -> None:
    """Refuse what cannot be written before anything is solved."""
    from potentia.io.directories import refuse_no_file
    from potentia.pages.writing import refuse_no_report
    for path in (outputs.table, outputs.flows):
        if path is not None:
            refuse_no_file(path)
    if outputs.picture is not None:
        refuse_no_picture(outputs.picture)
    if outputs.report is not None:
        refuse_no_report(outputs.report)


def _written(found: Scenarios, outputs: Outputs, extras: road_outputs.Extras) -> dict[str, str]:
    """Write what is asked for; why it could not be written, by path."""
    from potentia.io.atomic import write_text
    refused: dict[str, str] = {}
    writers: tuple[tuple[Path | None, Callable[[Path], Any]], ...] = (
        (outputs.table, lambda path: write_text(path, as_csv(found))),
        (outputs.flows, lambda path: write_text(path, found.flows().to_csv(
            index=False, lineterminator="\n"))),
        (outputs.picture, lambda path: _draw(found, extras, path)),
        (outputs.report, lambda path: _write_report(found, extras, path)))
    for path, write in writers:
        if path is None:
            continue
        why = refusal_of(partial(write, path))
        if why:
            refused[str(path)] = why
            print(f"potentia: not written: {path}: {why}", file=sys.stderr)
    return refused


def _write_report(found: Scenarios, extras: road_outputs.Extras, path: Path) -> None:
    import potentia as pt
    pt.write_report(path, found, places=extras.places)


def as_csv(found: Scenarios) -> str:
    """The table with a row for the base and each scenario."""
    rows, text = found.rows(), io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _print_document(found: Scenarios, within: dict[str, bool], refused: dict[str, str]) -> None:
    from potentia.io.plain import document
    sides = {"base": found.base, **found.sides}
    rows = [{**row, "within_tolerance": within[row["scenario"]],
             "certificate": sides[row["scenario"]].certificate} for row in found.rows()]
    print(document({"solved_to": found.near, "base": rows[0], "scenarios": rows[1:],
                    "links": {name: found.link_changes(name, SHOWN) for name in found.sides},
                    "left_out": found.left_out, "not_written": refused}))


def _draw(found: Scenarios, extras: road_outputs.Extras, path: Path) -> None:
    from potentia.io.atomic import write_bytes
    from potentia.plot import scenario_maps
    from potentia.report import road_maps
    figure = scenario_maps.picture(found, extras.places,
                                   road_outputs.aspect_of(extras.places, extras))
    write_bytes(path, road_maps.as_file(figure, path.suffix.lower().removeprefix(".")))
