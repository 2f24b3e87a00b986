"""The map from the paper to the code: what computes each thing is linked to its entry in the
reference; functions that have none get one on a page of their own.

The page in the repository has the names alone, which a reader of the code can search for.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import names

import potentia

PAGE = "reference/paper-map"
SOURCE = Path(__file__).parents[1] / f"{PAGE}.md"
NAME = re.compile(r"`(potentia\.[\w.]+)`")
GAMES = "potentia.games.zoo."
TITLE = "What the map of the paper names"
ABOUT = ("Functions behind the public ones that [the map from the paper to the "
         "code](../paper-map.md) names.")


def linked(text: str) -> str:
    """The map with a link for each of its names."""
    known = _public()
    return NAME.sub(lambda match: _link(match[1], known), text)


def pages() -> Iterator[tuple[str, str]]:
    """Path relative to the folder of the reference, and text, of the page of what has no entry
    elsewhere."""
    known = _public()
    lines = [f"# {TITLE}", "", ABOUT, ""]
    for full in sorted(set(NAME.findall(SOURCE.read_text()))):
        if not full.startswith(GAMES) and id(_thing(full)) not in known:
            lines += names.entry(full, _thing(full))
    yield "api/paper.md", "\n".join(lines)


def setup(app: Any) -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _read(app: Any, page: str, source: list[str]) -> None:
    if page == PAGE:
        source[0] = linked(source[0])


def _link(full: str, known: dict[int, str]) -> str:
    if full.startswith(GAMES):
        game = full.removeprefix(GAMES).partition(".")[0].replace("_", "-")
        return f"[`{full}`](games/{game}.md)"
    return f"{{py:obj}}`{full} <{known.get(id(_thing(full)), full)}>`"


def _thing(full: str) -> Any:
    module, _, name = full.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _public() -> dict[int, str]:
    """Id of each thing -> the name that its entry in the reference stands under."""
    found = names.registered()
    for name in potentia.__all__:
        thing = getattr(potentia, name)
        if callable(thing) and not isinstance(thing, ModuleType):
            found.setdefault(id(thing), f"potentia.{thing.__name__}")
    for name, module in names.modules().items():
        for thing in names.public(module).values():
            if callable(thing):
                found.setdefault(id(thing), f"potentia.{name}.{thing.__name__}")
    return found
