"""`potentia games`, `rules` and `oracles`: what there is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from potentia.cli.options import Json, Name


def list_games(name: Name = None, as_json: Json = False) -> None:
    """The registered games, each with a line and its source; or one of them with its parameters."""
    from potentia import games
    modules = {known: games.module(known) for known in ([name] if name else games.names())}
    _list({known: (module.build, module) for known, module in modules.items()}, name, as_json)


def list_rules(name: Name = None, as_json: Json = False) -> None:
    """The registered learning rules, each with a line and its source; or one of them in full."""
    from potentia import rules
    classes = {known: rules.load(known) for known in ([name] if name else rules.names())}
    _list({known: (cls, sys.modules[cls.__module__]) for known, cls in classes.items()}, name,
          as_json)


def list_oracles(name: Name = None, as_json: Json = False) -> None:
    """The registered oracles, each with a line and its source; or one of them in full."""
    from potentia import oracles
    classes = {known: oracles.load(known) for known in ([name] if name else oracles.names())}
    _list({known: (cls, sys.modules[cls.__module__]) for known, cls in classes.items()}, name,
          as_json)


def _list(things: Mapping[str, tuple[Any, Any]], one: str | None, as_json: bool) -> None:
    """Print names, what docstrings say first, and the modules' sources (our own ideas have none);
    of `one` thing its signature and whole docstring."""
    import inspect

    from potentia.io.plain import document
    from potentia.report.terminal import show_table
    rows = [{"name": name, "line": _first(inspect.getdoc(thing) or ""),
             "source": getattr(module, "SOURCE", None)}
            for name, (thing, module) in things.items()]
    if as_json:
        print(document(rows))
    elif one:
        thing, _ = things[one]
        text = inspect.getdoc(thing) or ""
        source = "" if "Source: " in text else f"\n\nSource: {rows[0]['source'] or '-'}"
        print(f"{one}{inspect.signature(thing)}\n\n{text}{source}")
    else:
        show_table(("name", "what it is", "source"),
                   [(row["name"], row["line"], row["source"] or "-") for row in rows])


def _first(text: str) -> str:
    """The first paragraph, on one line."""
    return " ".join(text.partition("\n\n")[0].split())
