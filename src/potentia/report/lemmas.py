"""The page of the paper's lemmas and of the corrections to it, as Markdown, from the entries of
`lemmas.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from potentia import __version__

Entry = Mapping[str, Any]
LEMMA, CORRECTION = "lemma:", "correction:"        # what the ids of entries begin with

PREFACE = """### Lemmas of the paper, along real runs

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Section 3 and Appendix A, on true potential games: exact INPG
from a random start, seed {seed}, Potentia {version}. Rewards are rescaled to a range of 1.

HOLDS is evidence: the statement was true wherever it was looked at. **FAILS** is a counterexample, with its numbers.
UNDECIDED: the numbers cannot tell. NOT APPLICABLE: a hypothesis is not met. In brackets: beyond the paper's
hypotheses, by local policies or, for what is said of the run itself, by a step size above 1/L; what fails there does
not speak against the paper. The margin is what is left of the inequality, in its own unit; below 0 it fails.

The runs:
"""  # noqa: E501

CORRECTIONS = """#### Corrections to the paper

VERIFIED: a computation bears out what is said to hold instead. WITHDRAWN: it does not.
"""


def markdown(entries: Sequence[Entry], cases: Mapping[str, str], seed: int) -> str:
    """The section: an overview of lemmas by game, the corrections, each lemma's numbers.

    cases: title of each case by name.
    """
    lemmas: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry["id"].startswith(LEMMA):
            lemmas.setdefault(title(entry), []).append(entry)
    corrections = [entry for entry in entries if entry["id"].startswith(CORRECTION)]
    return "\n".join([PREFACE.format(seed=seed, version=__version__),
                      *(f"- `{name}`: {words}" for name, words in cases.items()), "",
                      *_overview(lemmas, list(cases)), CORRECTIONS, *_listed(corrections),
                      *(line for entry in corrections for line in _correction(entry)),
                      "#### Numbers", "",
                      *(line for name, group in lemmas.items() for line in _numbers(name, group))])


def title(entry: Entry) -> str:
    """The name of the lemma or correction that an entry is about."""
    return entry["id"].removeprefix(LEMMA).removeprefix(CORRECTION)


def found(entry: Entry) -> str:
    """What was found; in brackets beyond the paper's hypotheses."""
    return entry["found"] if entry["covered"] else f"({entry['found']})"


def _overview(lemmas: Mapping[str, Sequence[Entry]], cases: Sequence[str]) -> list[str]:
    head = ["", "statement", *(f"`{case}`" for case in cases)]
    rows = []
    for name, group in lemmas.items():
        by_case = {entry["kind"]: _emphasised(entry) for entry in group}
        rows.append([name, group[0]["claim"], *(by_case[case] for case in cases)])
    return [*_table(head, rows), ""]


def _listed(corrections: Sequence[Entry]) -> list[str]:
    rows = [[title(entry), entry["source"], f"**{entry['found']}**"] for entry in corrections]
    return [*_table(["correction", "where in the paper", "found"], rows), ""]


def _correction(entry: Entry) -> list[str]:
    said = {"The paper": entry["paper"], "What holds": entry["claim"], "Shown on": entry["kind"],
            "Numbers": "; ".join(f"{name}: {_number(value)}"
                                 for name, value in entry["measured"].items()),
            "Note": entry["note"]}
    return [f"**{title(entry)}** ({entry['source']})", "",
            *(f"- {label}: {text}." for label, text in said.items() if text), ""]


def _numbers(name: str, group: Sequence[Entry]) -> list[str]:
    """A table of a row for each run and a column for each number, and beneath it what is noted of
    some runs."""
    measured = list(dict.fromkeys(number for entry in group for number in entry["measured"]))
    rows = [[f"`{entry['kind']}`", _emphasised(entry), _number(entry["margin"]),
             *(_number(entry["measured"].get(number)) for number in measured)] for entry in group]
    first = group[0]
    return [f"**{name}** ({first['source']}): {first['claim']}.", "",
            *_table(["run", "found", "margin", *measured], rows), "", *_notes(group)]


def _notes(group: Sequence[Entry]) -> list[str]:
    runs: dict[str, list[str]] = {}
    for entry in group:
        if entry["note"]:
            runs.setdefault(entry["note"], []).append(f"`{entry['kind']}`")
    lines = [f"- {', '.join(noted) if len(noted) < len(group) else 'all runs'}: {note}."
             for note, noted in runs.items()]
    return [*lines, ""] if lines else []


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [_line(head), _line(["---"] * len(head)), *map(_line, rows)]


def _line(cells: Sequence[str]) -> str:
    # A bar inside a cell would end it.
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _emphasised(entry: Entry) -> str:
    return found(entry).replace("FAILS", "**FAILS**")


def _number(value: float | str | None) -> str:
    return "-" if value is None else value if isinstance(value, str) else f"{value:.4g}"
