"""The table of claims, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

PREFACE = """# Claims of the paper, measured

Fox, McAleer, Overman and Panageas, "Independent Natural Policy Gradient Always Converges in Markov Potential Games",
arXiv 2110.10614, Section 4. Every number below is the median over the runs, with the least and the greatest in
brackets.

- **as-published**: the game, estimators, stopping rules and step sizes of the published experiment scripts, with all
  their quirks.
- **as-written**: the paper's own definitions. Sampled: 20-step episodes in mini-batches of 20 from the uniform start.
  Exact: exact values from random starts.
- **Nash gap**: the most that any single agent could still gain from the initial distribution, at the end of the run;
  the certified upper bound.
- A claim is REPRODUCED if it holds as written, sampled and exact; REPRODUCED ONLY AS PUBLISHED if it holds with the
  scripts' quirks alone; else NOT REPRODUCED. "About N" means a median within half of N, with every run stopped by its
  own stopping rule. A run that met its iteration limit has not stopped, let alone converged.
"""


def markdown(entries: Sequence[Mapping[str, Any]]) -> str:
    """The page `claims.md` from the entries of `claims.json`: a verdict and a small table for each claim."""
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_id.setdefault(entry["id"], []).append(entry)
    return "\n".join([PREFACE, *_overview(by_id), *(line for group in by_id.values() for line in _section(group))])


def _overview(by_id: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    rows = [f"| [`{name}`](#{name}) | {group[0]['claim']} | {group[0]['verdict']} |" for name, group in by_id.items()]
    return ["| | claim | verdict |", "|---|---|---|", *rows, ""]


def _section(group: Sequence[Mapping[str, Any]]) -> list[str]:
    first = group[0]
    rows = [_row(entry, kind, place) for entry in group for place, kind in enumerate(entry["holds"])]
    return [f"## {first['id']}", "", f"{first['claim'][0].upper()}{first['claim'][1:]} ({first['source']}). "
            f"The paper: {first['paper']}. **{first['verdict']}**.", "",
            "| mode | holds | measured | Nash gap at the end |", "|---|---|---|---|", *rows, ""]


def _row(entry: Mapping[str, Any], kind: str, place: int) -> str:
    """One kind of trial; the second kind of a mode has its numbers under a prefix."""
    prefix = "" if place == 0 else f"{kind.split(', ')[-1]}_"
    others = () if place else tuple(f"{other.split(', ')[-1]}_" for other in list(entry["holds"])[1:])
    own = [{name[len(prefix):]: value for name, value in entry[field].items()
            if name.startswith(prefix) and not name.startswith(others)} for field in ("measured", "nash_gap")]
    return f"| {kind} | {'yes' if entry['holds'][kind] else 'no'} | {_numbers(own[0])} | {_numbers(own[1])} |"


def _numbers(values: Mapping[str, float]) -> str:
    """Numbers by name; a median with its least and greatest becomes one item."""
    items = []
    for name, value in values.items():
        stem = name.removesuffix("median")
        if name.endswith("median"):
            items.append(f"{_plain(stem)}{value:.4g} [{values[stem + 'min']:.4g}, {values[stem + 'max']:.4g}]")
        elif not name.endswith(("min", "max")):
            items.append(f"{_plain(name)}{value:.4g}")
    return "; ".join(items)


def _plain(name: str) -> str:
    return f"{name.strip('_').replace('_', ' ')} " if name else ""
