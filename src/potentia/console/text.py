"""What a report says, as lines for people: a label and a text each. A notebook shows them as a
table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence

from potentia.console.markup import Line, as_html, title_of
from potentia.errors import printable

WIDEST = 1_000            # characters of a text that is shown; names from files know no bound
WIDEST_CELL = 500


def as_text(lines: Iterable[Line]) -> str:
    """One line below the other, texts in one column, but after a label that is longer; a line
    without a label goes on with the one above."""
    return "\n".join(f"{label + ': ' if label else '':<40}{visible(text)}" for label, text in lines)


def cell(text: object) -> str:
    """What a cell of a table shows: its blanks kept, for they may align it."""
    shown = printable(str(text)[:WIDEST_CELL + 1])
    return shown if len(shown) <= WIDEST_CELL else shown[:WIDEST_CELL - 3] + "..."


def visible(text: str, width: int = WIDEST) -> str:
    """The text as it may be shown: its lines kept, what cannot be seen escaped, and cut where it is
    longer than any that we write."""
    shown = "\n".join(map(printable, text[:width + 1].split("\n")))
    return shown if len(text) <= width else shown[:width - 3] + "..."


def as_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns of text, each as wide as its longest cell; the first begins at the left, the others
    end at the right."""
    cells = [list(columns), *(list(map(cell, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(each.rjust(width) if k else each.ljust(width)
                               for k, (each, width) in enumerate(zip(row, widths, strict=True)))
                     for row in cells)


class Readable(ABC):
    """Base of reports: printed, they are their lines; in a notebook, a table of them."""

    @abstractmethod
    def lines(self) -> list[Line]:
        """What it says, for people."""

    def __str__(self) -> str:
        return as_text(self.lines())

    def _repr_html_(self) -> str:
        return as_html(title_of(type(self)), self.lines())


def span(low: float, high: float) -> str:
    """The least and the greatest of some numbers; one number where they agree to the digits
    shown."""
    least, most = f"{low:.6g}", f"{high:.6g}"
    return least if least == most else f"{least} to {most}"


def duration(seconds: float) -> str:
    """Seconds as people say them: "8 s", "12 min" or "3.5 h"."""
    if seconds < 100:
        return f"{seconds:.0f} s" if seconds >= 1 else "1 s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"


def counted(count: int, noun: str) -> str:
    """A count with its noun, "1 state" or "3 states": in the plural unless there is one."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def there_are(count: int, noun: str) -> str:
    """That there are so many of them, the verb in the singular where there is one."""
    return f"there {'is' if count == 1 else 'are'} {counted(count, noun)}"
