"""Docstrings as Markdown: they are plain text with formulas indented and parameters as `name: what
it is`, and any mark that Markdown would read is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

import formulas

CODE = re.compile(r"(``[^`]+``|`[^`]+`)")
MARKS = re.compile(r"([\\*_<>\[\]$#|~{}])")
ITEM = re.compile(r"[A-Za-z_]\w*(?:, \w+)*: ")
BEGINS = rf"\n(?={ITEM.pattern}|- )"


def markdown(text: str) -> str:
    """A whole docstring, unindented."""
    return "\n\n".join("\n".join(_paragraph(part)) for part in re.split(r"\n{2,}", text.rstrip()))


def escaped(text: str) -> str:
    """One line of prose, in which code between backticks stays."""
    parts = CODE.split(" ".join(text.split()))
    return "".join(part if number % 2 else MARKS.sub(r"\\\1", part)
                   for number, part in enumerate(parts))


def _paragraph(text: str) -> Iterator[str]:
    lines = text.splitlines()
    if all(line.startswith("    ") for line in lines):
        yield from formulas.block("\n".join(line[4:] for line in lines))
    elif (ITEM.match(text) and "\n" in text) or text.startswith("- "):
        for item in re.split(BEGINS, text):
            yield f"- {escaped(item.removeprefix('- '))}"
    else:
        yield escaped(text)
