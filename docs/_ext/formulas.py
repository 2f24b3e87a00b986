"""The formulas of docstrings in LaTeX, from `formulas.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


@cache
def known() -> dict[str, str]:
    """Plain text as it stands in a docstring, unindented -> its LaTeX."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    return {entry["plain"].strip(): entry["latex"].strip() for entry in table["formula"]}


def block(plain: str) -> list[str]:
    """The Markdown lines of a formula: typeset where its LaTeX is known, and else as it stands."""
    latex = known().get(plain)
    if latex is None:
        return ["```text", *plain.splitlines(), "```"]
    return ["```{math}", *latex.splitlines(), "```"]
