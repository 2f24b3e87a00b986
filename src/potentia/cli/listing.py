"""`potentia games`, `rules`, `oracles` and `schedules`: what there is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from potentia.cli.arguments import STEP_SIZE, keep_programs
from potentia.cli.options import Json, Name, NoCache, Page
from potentia.cli.saving import refusal_of
from potentia.cli.status import NO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from potentia.catalogue import Entry, Kind, Parameter


def list_games(name: Name = None, page: Page = None, no_cache: NoCache = False,
               as_json: Json = False) -> None:
    """The registered games, each with a line and its source; or one of them with its parameters,
    and whether it is a potential game."""
    from potentia import catalogue, games
    from potentia.report.catalogue import games_page
    _refuse_page(page, name)
    keep_programs(no_cache or (name is None and page is None))       # a list compiles nothing
    entries = [catalogue.game(known) for known in ([name] if name else games.names())]
    if page is None:
        _list(entries, catalogue.kinds(name) if name else (), name, as_json)
    else:
        _write(page, games_page(entries, {known: catalogue.kinds(known)
                                          for known in games.names()}), as_json)


def list_rules(name: Name = None, page: Page = None, as_json: Json = False) -> None:
    """The registered learning rules, each with a line and its source; or one of them in full. The
    page has the schedules too."""
    from potentia import catalogue, rules, schedules
    from potentia.report.catalogue import rules_page
    _refuse_page(page, name)
    entries = [catalogue.rule(known) for known in ([name] if name else rules.names())]
    if page is None:
        _list(entries, (), name, as_json)
    else:
        _write(page, rules_page(entries, list(map(catalogue.schedule, schedules.names()))),
               as_json)


def list_oracles(name: Name = None, as_json: Json = False) -> None:
    """The registered oracles, each with a line and its source; or one of them in full."""
    from potentia import catalogue, oracles
    _list([catalogue.oracle(known) for known in ([name] if name else oracles.names())], (), name,
          as_json)


def list_schedules(name: Name = None, as_json: Json = False) -> None:
    """The registered schedules, who moves when, each with a line and its source; or one of them in
    full."""
    from potentia import catalogue, schedules
    _list([catalogue.schedule(known) for known in ([name] if name else schedules.names())], (),
          name, as_json)


def _refuse_page(page: Path | None, name: str | None) -> None:
    """Refuse a page that cannot be written, or of one thing, before the work is done."""
    from potentia.errors import InputError
    from potentia.io.directories import refuse_unwritable
    if page is None:
        return
    if name:
        raise InputError(f"--page is a page of all of them: leave out {name!r}")
    if page.is_dir():
        raise InputError(f"{page} is a directory, but --page is a file to write")
    refuse_unwritable(page.parent)


def _write(page: Path, text: str, as_json: bool) -> None:
    from potentia.io.atomic import write_text
    from potentia.io.plain import document

    def write() -> None:
        page.parent.mkdir(parents=True, exist_ok=True)
        write_text(page, text)

    if refused := refusal_of(write):
        print(document({"page": None, "text": text}) if as_json else text)
        print(f"potentia: cannot write {page}: {refused}", file=sys.stderr)
        raise typer.Exit(NO)
    print(document({"page": page}) if as_json else f"The page is {page}")


def _list(entries: Sequence[Entry], kinds: Sequence[Kind], one: str | None,
          as_json: bool) -> None:
    """Print names, what docstrings say first, and sources; of `one` all there is, with `kinds`."""
    from potentia.io.plain import document
    from potentia.report.terminal import show_table
    if as_json:
        print(document([_plain(entry, kinds) for entry in entries]))
    elif one:
        print(_in_full(entries[0], kinds))
    else:
        show_table(("name", "what it is", "source"),
                   [(entry.name, entry.line, entry.source or "-") for entry in entries])


def _plain(entry: Entry, kinds: Sequence[Kind]) -> dict[str, Any]:
    """For programs."""
    found = [{"parameters": kind.parameters, "verdict": kind.verdict, "why": kind.why}
             for kind in kinds]
    return {"name": entry.name, "line": entry.line, "source": entry.source,
            **({"potential_game": found} if found else {})}


def _asked(parameter: Parameter) -> str:
    """What a parameter without a default asks for."""
    if parameter.default is not None:
        return ""
    usual = f" (potentia solve takes {STEP_SIZE:g})" if parameter.name == "step_size" else ""
    return f"; must be given{usual}"


def _in_full(entry: Entry, kinds: Sequence[Kind]) -> str:
    """Parameters, the whole docstring, the source where the docstring gives none, and the kind."""
    head = [entry.name, *(f"  {parameter}{_asked(parameter)}" for parameter in entry.parameters),
            *([f"gives a {entry.gives}"] if entry.gives else [])]
    source = [] if "Source: " in entry.text else [f"Source: {entry.source or '-'}"]
    judged = ["\n".join(["Potential game?", *(f"  {kind}" for kind in kinds)])] if kinds else []
    return "\n\n".join(["\n".join(head), entry.text, *source, *judged])
