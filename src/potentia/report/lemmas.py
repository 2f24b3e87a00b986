"""The page of the paper's lemmas and of the corrections to it, as Markdown, from the entries of `lemmas.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from potentia import __version__

Entry = Mapping[str, Any]

PREFACE = """## Lemmas of the paper, along real runs

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 3 and Appendix A, on true potential games: exact INPG
from a random start, seed {seed}, Potentia {version}. Rewards are rescaled to a range of 1.

HOLDS is evidence: the statement was true wherever it was looked at. **FAILS** is a counterexample, with its numbers.
UNDECIDED: the numbers cannot tell. NOT APPLICABLE: a hypothesis is not met. In brackets: beyond the paper's
hypotheses, by local policies or, for what is said of the run itself, by a step size above 1/L; what fails there does
not speak against the paper. The margin is what is left of the inequality, in its own unit; below 0 it fails.

The runs:
"""


def markdown(entries: Sequence[Entry], cases: Mapping[str, str], seed: int) -> str:
    """The section: an overview of lemmas by game, each lemma's numbers, the corrections.

    cases: title of each case by name.
    """
    lemmas: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry["id"].startswith("lemma:"):
            lemmas.setdefault(entry["id"].removeprefix("lemma:"), []).append(entry)
    corrections = [entry for entry in entries if entry["id"].startswith("correction:")]
    return "\n".join([PREFACE.format(seed=seed, version=__version__),
                      *(f"- `{name}`: {title}" for name, title in cases.items()), "",
                      *_overview(lemmas, list(cases)),
                      "### Corrections to the paper", "", *_corrections(corrections), "", "### Numbers", "",
                      *(line for name, group in lemmas.items() for line in _numbers(name, group))])


def _overview(lemmas: Mapping[str, Sequence[Entry]], cases: Sequence[str]) -> list[str]:
    head = ["", "statement", *(f"`{case}`" for case in cases)]
    rows = []
    for name, group in lemmas.items():
        found = {entry["kind"]: _found(entry) for entry in group}
        rows.append([name, group[0]["claim"], *(found[case] for case in cases)])
    return [*_table(head, rows), ""]


def _corrections(entries: Sequence[Entry]) -> list[str]:
    rows = [[entry["id"].removeprefix("correction:"), f"{entry['source']}: {entry['paper']}", entry["claim"],
             f"**{entry['found']}**", entry["kind"], _words(entry["measured"]), entry["note"]] for entry in entries]
    return _table(["", "the paper", "what holds", "found", "shown on", "numbers", "note"], rows)


def _numbers(name: str, group: Sequence[Entry]) -> list[str]:
    rows = [[f"`{entry['kind']}`", _found(entry), _number(entry["margin"]), _words(entry["measured"]),
             entry["note"]] for entry in group]
    first = group[0]
    return [f"**{name}** ({first['source']}): {first['claim']}.", "",
            *_table(["run", "found", "margin", "numbers", "note"], rows), ""]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    # A bar inside a cell would end it.
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _found(entry: Entry) -> str:
    text = f"**{entry['found']}**" if entry["found"] == "FAILS" else entry["found"]
    return text if entry["covered"] else f"({text})"


def _words(numbers: Mapping[str, float | str]) -> str:
    return "; ".join(f"{name} {_number(value)}" for name, value in numbers.items())


def _number(value: float | str | None) -> str:
    return "-" if value is None else value if isinstance(value, str) else f"{value:.4g}"
