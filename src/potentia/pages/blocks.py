"""What a page is made of; the template knows how to set each."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from potentia.console.text import Line
from potentia.pages.look import Drawn


@dataclasses.dataclass(frozen=True)
class Words:
    """A paragraph; the first of the page is `lead`."""

    text: str
    lead: bool = False
    kind: ClassVar[str] = "words"


@dataclasses.dataclass(frozen=True)
class Lines:
    """Labels beside texts under a caption; `folded` until somebody asks."""

    caption: str
    lines: Sequence[Line]
    folded: bool = False
    kind: ClassVar[str] = "lines"


@dataclasses.dataclass(frozen=True)
class Columns:
    """A table: the names of its columns, and rows of text."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    kind: ClassVar[str] = "columns"


@dataclasses.dataclass(frozen=True)
class Picture:
    """A figure, and what it is of. wide: whether it takes the whole width."""

    caption: str
    drawn: Drawn
    note: str = ""
    wide: bool = True
    kind: ClassVar[str] = "picture"


@dataclasses.dataclass(frozen=True)
class Image:
    """A still picture, a PNG in base 64, and what it is of; `told` to those who cannot see it."""

    caption: str
    told: str
    data: str
    note: str = ""
    kind: ClassVar[str] = "image"


@dataclasses.dataclass(frozen=True)
class Code:
    """What can be copied, and what it does."""

    caption: str
    text: str
    kind: ClassVar[str] = "code"


Block = Words | Lines | Columns | Picture | Image | Code


@dataclasses.dataclass(frozen=True)
class Section:
    """A part of the page under a title."""

    title: str
    blocks: Sequence[Block]
