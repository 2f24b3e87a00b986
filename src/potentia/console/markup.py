"""Reports as small HTML tables, for notebooks: text that is escaped, and no colours but the page's
own, so that they are read on a light and on a dark page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from potentia.errors import encodable

Line = tuple[str, str]
TABLE = "border-collapse:collapse;margin:0.4em 0"
CAPTION = "caption-side:top;text-align:left;font-weight:bold;padding:0.2em 0;color:inherit"
# Spaces align what is one below the other, and a notebook's own style would end all at the right.
CELL = "padding:0.1em 1em;vertical-align:top;white-space:pre-wrap;text-align:"


def as_html(caption: str, lines: Iterable[Line], notes: Iterable[str] = ()) -> str:
    """A table of labels beside texts under a caption, and notes in paragraphs below."""
    rows = [_row([("th", label, "left"), ("td", text, "left")]) for label, text in lines]
    return _table(caption, "", rows, notes)


def as_html_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[object]],
                  notes: Iterable[str] = ()) -> str:
    """Columns as `text.as_table` sets them: the first begins at the left, the others end at the
    right."""
    sides = ["left"] + ["right"] * (len(columns) - 1)
    head = _row([("th", name, side) for name, side in zip(columns, sides, strict=True)])
    body = [_row([("td", cell, side) for cell, side in zip(row, sides, strict=True)])
            for row in rows]
    return _table(caption, f"<thead>{head}</thead>", body, notes)


def title_of(cls: type) -> str:
    """The name of a class as a heading: "Theory report" of `TheoryReport`."""
    first, *others = re.findall("[A-Z][a-z0-9]*|[A-Z]+", cls.__name__) or [cls.__name__]
    return " ".join([first, *map(str.lower, others)])


def _table(caption: str, head: str, rows: Sequence[str], notes: Iterable[str]) -> str:
    below = "".join(f"<p>{_text(note)}</p>\n" for note in notes)
    return (f'<table style="{TABLE}">\n<caption style="{CAPTION}">{_text(caption)}</caption>\n'
            f"{head}<tbody>\n" + "\n".join(rows) + f"\n</tbody></table>\n{below}")


def _text(text: str) -> str:
    return escape(encodable(text))


def _row(cells: Iterable[tuple[str, object, str]]) -> str:
    """A row of cells: element, content and the side where it stands."""
    return "<tr>" + "".join(f'<{kind} style="{CELL}{side}">{_text(str(content))}</{kind}>'
                            for kind, content, side in cells) + "</tr>"
