"""The page of claims, as Markdown, from the entries of `claims.json`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from potentia import __version__

Entry = Mapping[str, Any]

PREFACE = """# Claims of papers, measured

Written by `potentia reproduce`, Potentia {version}. Each claim has a verdict. **REPRODUCED**: it holds in every kind
of trial as the paper is written. **REPRODUCED ONLY AS PUBLISHED**: it holds with the quirks of the published
experiment scripts, but not in every kind as written. **NOT REPRODUCED**: neither. Kinds that were not run do not count.
The Nash gap is the certified upper bound of what any single agent could still gain, from the initial distribution, at
the end of a run; "worst state" is the same from the worst state (the stricter Definition 1 of `fox2021`).
"""  # noqa: E501
STORY = "## The story in ten lines"


@dataclasses.dataclass(frozen=True)
class Section:
    """What the page says of one paper: name and title, how its numbers are to be read (Markdown),
    its entries, and a part that is written already (Markdown)."""

    name: str
    title: str
    about: str
    entries: Sequence[Entry]
    more: str = ""


def markdown(sections: Sequence[Section], story: Sequence[str]) -> str:
    """The page `claims.md`: the story, if there is one, and for each paper a verdict and a small
    table for each claim."""
    told = [STORY, "", *(f"{number}. {line}" for number, line in enumerate(story, start=1)), ""]
    return "\n".join([PREFACE.format(version=__version__), *(told if story else []),
                      *(line for section in sections for line in _paper(section))])


def _paper(section: Section) -> list[str]:
    by_id: dict[str, list[Entry]] = {}
    for entry in section.entries:
        by_id.setdefault(entry["id"], []).append(entry)
    return [f"## {section.name}", "", f"{section.title}.", "",
            *([section.about] if section.about else []), *_overview(by_id),
            *(line for group in by_id.values() for line in _section(group)),
            *([section.more] if section.more else [])]


def _overview(by_id: Mapping[str, Sequence[Entry]]) -> list[str]:
    kinds = list(dict.fromkeys(entry["kind"] for group in by_id.values() for entry in group))
    rows = []
    for name, group in by_id.items():
        holds = {entry["kind"]: entry["holds"] for entry in group}
        found = [holds.get(kind, "-") for kind in kinds]
        rows.append(_line([f"[`{name}`](#{name})", group[0]["claim"], *found, group[0]["verdict"]]))
    return [_line(["", "claim", *kinds, "verdict"]), _line(["---"] * (len(kinds) + 3)), *rows, ""]


def _section(group: Sequence[Entry]) -> list[str]:
    first = group[0]
    rows = [_line([entry["kind"], entry["holds"], _measured(entry["measured"]),
                   _measured(entry["nash_gap"])])
            for entry in group]
    basis = f" ({first['basis']})" if first.get("basis") else ""
    unexplained = first["verdict"] == "REPRODUCED" or not first.get("reason")
    reason = "" if unexplained else f" {first['reason']}"
    return [f"### {first['id']}", "",
            f"{first['claim'][0].upper()}{first['claim'][1:]} ({first['source']}). "
            f"The paper: {first['paper']}. **{first['verdict']}**{basis}.{reason}", "",
            _line(["kind of trial", "holds", "measured", "Nash gap at the end"]), _line(
                ["---"] * 4), *rows, ""]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _measured(values: Mapping[str, float]) -> str:
    """The numbers in words: medians with their range and how many runs stopped, then the rest;
    where there are none of these, every number by its name."""
    items = [_group(values, prefix) for prefix in ("", "inpg_", "ipg_", "worst_state_")
             if f"{prefix}median" in values]
    if "within" in values:
        items.append(f"{values['within']}/{values['runs']} within the threshold")
    items += [f"{prefix.upper()} arrived at {values[f'{prefix}_arrival']:.0f}"
              for prefix in ("inpg", "ipg") if f"{prefix}_arrival" in values]
    if "share_of_pairs_inpg_first" in values:
        items.append(f"INPG first in {values['share_of_pairs_inpg_first']:.0%} of pairs")
    items = items or [f"{name.replace('_', ' ')} {value:.6g}" for name, value in values.items()]
    return "; ".join(items) or "-"


def _group(values: Mapping[str, float], prefix: str) -> str:
    label = {"": "", "inpg_": "INPG ", "ipg_": "IPG ", "worst_state_": "worst state "}[prefix]
    median, low, high = (f"{values[prefix + name]:.4g}" for name in ("median", "min", "max"))
    text = f"{label}{median} [{low}, {high}]"
    if f"{prefix}stopped" not in values:
        return text
    stopped, runs, limit = (values[prefix + name] for name in ("stopped", "runs", "limit"))
    return f"{text}, {stopped}/{runs} stopped" + (f" (limit {limit})" if stopped < runs else "")
