"""`potentia leaderboard`: which rule came how near, how soon and how surely."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potentia.cli.options import Json, a_path
from potentia.cli.overwriting import refuse_overwriting
from potentia.cli.saving import refusal_of, refuse_no_picture
from potentia.cli.status import DONE, NO

if TYPE_CHECKING:
    from collections.abc import Callable

    from potentia.ranking.leaderboard import Leaderboard

FORMATS = ("terminal", "markdown", "latex", "csv")
EXPORTS = ("marl-eval",)


def leaderboard(
        sweep: Annotated[Path, typer.Argument(
            parser=a_path, metavar="DIR",
            help="A sweep's folder, finished or not, or its table.parquet.")],
        level: Annotated[float | None, typer.Option(
            help="The gap to come to: 0.01, 0.0001 or 1e-06; 0.0001 if omitted.")] = None,
        by: Annotated[str, typer.Option(help="iterations or seconds.")] = "iterations",
        untuned: Annotated[bool, typer.Option(
            "--untuned", help="Let each setting of a rule compete for itself, not the best on each "
                              "game.")] = False,
        top: Annotated[int | None, typer.Option(
            min=1, metavar="N", help="Rules that are told of each game; on a terminal 5 if "
                                     "omitted.")] = None,
        form: Annotated[str, typer.Option(
            "--format", help="terminal, markdown (a page), latex (for booktabs) or csv (all "
                             "levels).")] = "terminal",
        export: Annotated[str | None, typer.Option(
            metavar="marl-eval", help="Write the curves as the JSON that marl-eval reads.")] = None,
        out: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH", help="Write it to this file.")] = None,
        picture: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="Draw performance profiles to this file, .png, .pdf or .svg.")] = None,
        as_json: Json = False) -> None:
    """Rank the rules of a sweep on each game and over all games, by how soon they come to a gap; a
    run that never got there counts as infinitely late. Status 1 if something cannot be
    written."""
    import potentia as pt
    from potentia.errors import known_name
    from potentia.io.directories import refuse_no_file
    from potentia.sweeps.folder import files_of, read_swept
    known_name(form, FORMATS, "format")
    if export is not None:
        known_name(export, EXPORTS, "export")
    if out is None and export is not None:
        raise pt.InputError("--export needs --out PATH, the file to write")
    if as_json:
        if form != "terminal" or export is not None:
            raise pt.InputError("--json is a form of its own: leave out --format and --export")
        form = "json"
    if out is not None and export is None and form == "terminal":
        raise pt.InputError("--out needs --json or --format markdown, latex or csv")
    refuse_overwriting(files_of(sweep), {"--out": out, "--picture": picture})
    if out is not None:
        refuse_no_file(out)
    if picture is not None:
        refuse_no_picture(picture)
    table = read_swept(sweep)
    board = pt.leaderboard(table, tuned=not untuned)
    board.overall(level, by)                # refuses what is not there before anything is written
    text = _exported(sweep) if export else _text(board, level, by, top, form, table.attrs)
    written = [_written(out, text)]
    if picture is not None:
        written.append(_drawn(board, level, by, picture))
    raise typer.Exit(DONE if all(written) else NO)


def _text(board: Leaderboard, level: float | None, by: str, top: int | None, form: str,
          origin: dict) -> str:
    """What is told; of a terminal, "", since it is told already."""
    from potentia.report.leaderboard import as_csv, game_sheets, overall_sheet
    from potentia.report.leaderboard_page import page
    from potentia.report.sheets import as_latex
    if form == "json":
        return _document(board, level, by)
    if form == "csv":
        return as_csv(board)
    if form == "markdown":
        return page(board, origin, level)
    if form == "latex":
        return as_latex([overall_sheet(board, level, by), *game_sheets(board, level, by, top)])
    _show(board, level, by, top or 5)
    return ""


def _document(board: Leaderboard, level: float | None, by: str) -> str:
    """Ranks over all games and on each, and what is to be said of them; times are infinite where
    most runs never came."""
    from potentia.io.plain import document
    return document({
        "level": board.level(level), "by": by, "tuned": board.tuned, "notes": board.notes,
        "overall": board.overall(level, by).to_dict("records"),
        "games": board.standings(level, by).to_dict("records")}) + "\n"


def _show(board: Leaderboard, level: float | None, by: str, top: int) -> None:
    from potentia.console.text import visible
    from potentia.report.leaderboard import game_sheets, overall_sheet
    from potentia.report.terminal import show_table
    for sheet in (overall_sheet(board, level, by), *game_sheets(board, level, by, top)):
        print(visible(sheet.title))
        show_table(sheet.columns, sheet.rows)
    for note in board.notes:
        print(visible(note))


def _exported(sweep: Path) -> str:
    from potentia.ranking.marl_eval import exported
    from potentia.sweeps.folder import read_folder
    text, notes = exported(*read_folder(sweep))
    for note in notes:
        print("potentia:", note, file=sys.stderr)
    return text


def _written(out: Path | None, text: str) -> bool:
    """Whether the text is in the file `out`; it is printed where there is none."""
    if out is None:
        print(text, end="")
        return True
    from potentia.io.atomic import write_text
    return _is_done(out, lambda: write_text(out, text), "Written to")


def _drawn(board: Leaderboard, level: float | None, by: str, picture: Path) -> bool:
    from potentia.io.atomic import write_bytes
    from potentia.report.leaderboard_figures import leaderboard_figure
    from potentia.report.road_maps import as_file

    def draw() -> None:
        figure = leaderboard_figure(board, level, by)
        write_bytes(picture, as_file(figure, picture.suffix.lower().removeprefix(".")))

    return _is_done(picture, draw, "Drawn in")


def _is_done(path: Path, work: Callable[[], object], said: str) -> bool:
    refused = refusal_of(work)
    print(f"potentia: cannot write {path}: {refused}" if refused else f"{said} {path}",
          file=sys.stderr)
    return not refused
