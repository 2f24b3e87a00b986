"""The page of claims, as Markdown, from the entries of `claims.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from potentia import __version__

Entry = Mapping[str, Any]

PREFACE = """# Claims of the paper, measured

Fox, McAleer, Overman and Panageas, "Independent Natural Policy Gradient Always Converges in Markov Potential Games",
arXiv 2110.10614. Section 4 (`fig*`): {runs} runs a trial, seed {seed}, Potentia {version}. Remark 1 (`chaos-*`): both
agents start alike, at probability 0.3 of the first link, with exact values; single measurements over 800 step sizes.
Section 3 and the appendix, where they were asked for, are the lemmas at the end of this page.

Three kinds of trials, the second and third as the paper is written:

- **as published**: the game, estimators, stopping rules and step sizes of the published experiment scripts, with
  every quirk (listed in the docstrings of `PublishedCongestion` and `PublishedDistancing`).
- **as written, sampled**: the paper's own definitions. Agents learn from mini-batches of 20 episodes, returns are
  summed over T = 20 steps, the start is uniform, a run stops when the policies change by less than 10e-16 (mean L1),
  or at 3,000 iterations. Congestion: all agents start at s, and play ends at t. A batch in which nobody tries
  anything new changes nothing and so stops a run: stopping is not convergence, and the Nash gap tells them apart.
- **as written, exact**: the same with exact values, from random starts. In both congestion games the uniform start
  is itself a Nash policy (gap 0), because all agents and edges are alike: sampled runs leave it by noise alone.

How to read the tables: numbers are the median over the runs with the least and the greatest in brackets; "7/10
stopped" counts the runs that ended by their own stopping rule, the others met the limit. The Nash gap is the certified
upper bound of what any single agent could still gain, from the initial distribution, at the end of the run; "worst
state" is the same from the worst state (the paper's Definition 1, which is stricter).

A claim holds *about* N if every run stopped and their median is within half of N. It holds in *almost every run* if
{almost_every:.0%} of all pairs of runs agree. L1-accuracy has *arrived* when its mean over the runs is below
{accurate:g}, which counts only where every run stopped. An end point is *a Nash policy* up to a gap of {nash_gap:g};
where only runs that were cut off lie farther, that is undecided. **REPRODUCED**: holds in both kinds as written.
**REPRODUCED ONLY AS PUBLISHED**: holds as published, but not in both kinds as written. **NOT REPRODUCED**: neither.
Kinds that were not run do not count.
"""  # noqa: E501


def markdown(entries: Sequence[Entry], runs: int, seed: int,
             thresholds: Mapping[str, float]) -> str:
    """The page `claims.md`: a verdict and a small table for each claim."""
    by_id: dict[str, list[Entry]] = {}
    for entry in entries:
        by_id.setdefault(entry["id"], []).append(entry)
    preface = PREFACE.format(runs=runs, seed=seed, version=__version__, **thresholds)
    return "\n".join([preface, *_overview(by_id),
                      *(line for group in by_id.values() for line in _section(group))])


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
    return [f"## {first['id']}", "",
            f"{first['claim'][0].upper()}{first['claim'][1:]} ({first['source']}). "
            f"The paper: {first['paper']}. **{first['verdict']}**.", "",
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
    return "; ".join(items
                     or [f"{name.replace('_', ' ')} {value:.6g}" for name, value in values.items()])


def _group(values: Mapping[str, float], prefix: str) -> str:
    label = {"": "", "inpg_": "INPG ", "ipg_": "IPG ", "worst_state_": "worst state "}[prefix]
    median, low, high = (f"{values[prefix + name]:.4g}" for name in ("median", "min", "max"))
    text = f"{label}{median} [{low}, {high}]"
    if f"{prefix}stopped" not in values:
        return text
    stopped, runs, limit = (values[prefix + name] for name in ("stopped", "runs", "limit"))
    return f"{text}, {stopped}/{runs} stopped" + (f" (limit {limit})" if stopped < runs else "")
