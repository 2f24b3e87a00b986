"""What a report says, as lines for people: a label and a text each."""

from __future__ import annotations

from collections.abc import Iterable

Line = tuple[str, str]


def as_text(lines: Iterable[Line]) -> str:
    """One line below the other, texts in one column; a line without a label goes on with the one above."""
    return "\n".join(f"{label + ':' if label else '':<40}{text}" for label, text in lines)
