"""`potentia games`, `rules` and `oracles`: what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from potentia.cli.options import Json, Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from potentia.catalogue import Entry


def list_games(name: Name = None, as_json: Json = False) -> None:
    """The registered games, each with a line and its source; or one of them with its parameters."""
    from potentia import catalogue, games
    _list([catalogue.game(known) for known in ([name] if name else games.names())], name, as_json)


def list_rules(name: Name = None, as_json: Json = False) -> None:
    """The registered learning rules, each with a line and its source; or one of them in full."""
    from potentia import catalogue, rules
    _list([catalogue.rule(known) for known in ([name] if name else rules.names())], name, as_json)


def list_oracles(name: Name = None, as_json: Json = False) -> None:
    """The registered oracles, each with a line and its source; or one of them in full."""
    from potentia import catalogue, oracles
    _list([catalogue.oracle(known) for known in ([name] if name else oracles.names())], name,
          as_json)


def _list(entries: Sequence[Entry], one: str | None, as_json: bool) -> None:
    """Print names, what docstrings say first, and sources; of `one` all there is."""
    from potentia.io.plain import document
    from potentia.report.terminal import show_table
    if as_json:
        print(document([{"name": entry.name, "line": entry.line, "source": entry.source}
                        for entry in entries]))
    elif one:
        print(_in_full(entries[0]))
    else:
        show_table(("name", "what it is", "source"),
                   [(entry.name, entry.line, entry.source or "-") for entry in entries])


def _in_full(entry: Entry) -> str:
    """Parameters, the whole docstring, and the source where the docstring gives none."""
    head = [entry.name, *(f"  {parameter}" for parameter in entry.parameters),
            *([f"gives a {entry.gives}"] if entry.gives else [])]
    source = [] if "Source: " in entry.text else [f"Source: {entry.source or '-'}"]
    return "\n\n".join(["\n".join(head), entry.text, *source])
