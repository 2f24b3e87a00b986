"""One page about a game: a table for each part of an analysis, with what it took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from rich import box
from rich.table import Column, Table

from potentia.console.text import Line
from potentia.report.terminal import show

TITLES = {"equilibrium": "How far from a Nash equilibrium?",
          "potential": "Is it a Markov potential game?",
          "theory": "What does Theorem 3.1 promise?", "welfare": "What does selfishness cost?",
          "lemmas": "Do the lemmas hold along the run?"}
LEFT = 38                 # characters of the labels


class Part(Protocol):
    """What the page needs of a part of an analysis."""

    @property
    def name(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    def lines(self) -> list[Line]: ...


def show_page(title: str, parts: Sequence[Part]) -> None:
    """Print a title and a table for each part; texts are shown as they are, without markup."""
    tables = []
    for part in parts:
        table = Table(Column(width=LEFT, overflow="fold"), Column(overflow="fold"),
                      show_header=False, box=box.SIMPLE,
                      title=f"{TITLES[part.name]} ({part.seconds:.2g} s)", title_justify="left",
                      title_style="bold")
        for label, text in part.lines():
            table.add_row(label, text)
        tables.append(table)
    show(title, *tables)


def as_document(parts: Sequence[Any]) -> dict[str, Any]:
    """The parts as one object for programs: each part's report by name, or why there is none, and
    its seconds."""
    return {part.name: {"seconds": part.seconds, **_fields(part)} for part in parts}


def _fields(part: Any) -> dict[str, Any]:
    if part.report is None:
        return {"not_computed": part.without}
    return {name: value for name, value in vars(part.report).items() if name != "game"}
