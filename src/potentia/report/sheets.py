"""Tables with a title, as Markdown and as LaTeX."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

ESCAPED = {"&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
           "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}",
           "<": r"\textless{}", ">": r"\textgreater{}"}


@dataclasses.dataclass(frozen=True)
class Sheet:
    """A table: a title, the names of its columns, and rows of text."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def as_markdown(sheet: Sheet, heading: str = "##") -> str:
    """A heading and the table beneath it."""
    rows = [sheet.columns, ["---"] * len(sheet.columns), *sheet.rows]
    return "\n".join([f"{heading} {sheet.title}", "",
                      *("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |"
                        for row in rows)]) + "\n"


def as_latex(sheets: Iterable[Sheet]) -> str:
    """Floats, one for each table, to be put into a document that uses the package booktabs."""
    return "\n".join(["% \\usepackage{booktabs}", *map(_float, sheets)]) + "\n"


def _float(sheet: Sheet) -> str:
    head, *rows = [" & ".join(map(_escaped, row)) + r" \\" for row in (sheet.columns, *sheet.rows)]
    return "\n".join([r"\begin{table}", r"\centering", rf"\caption{{{_escaped(sheet.title)}}}",
                      rf"\begin{{tabular}}{{{'l' * len(sheet.columns)}}}", r"\toprule", head,
                      r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", r"\end{table}"])


def _escaped(text: str) -> str:
    return re.sub(r"[&%$#_{}~^\\<>]", lambda found: ESCAPED[found[0]], text)
