"""The table of claims, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def markdown(entries: Sequence[Mapping[str, object]]) -> str:
    """The page `claims.md` from the entries of `claims.json`."""
    rows = ["| claim | source | paper | mode | measured | Nash gap at the end | holds | verdict |",
            "|---|---|---|---|---|---|---|---|"]
    rows += ["| " + " | ".join(_cells(entry)) + " |" for entry in entries]
    return "\n".join([PREFACE, *rows, ""])


def _cells(entry: Mapping[str, object]) -> list[str]:
    holds = entry["holds"]
    assert isinstance(holds, Mapping)
    return [f"`{entry['id']}`: {entry['claim']}", str(entry["source"]), str(entry["paper"]), str(entry["mode"]),
            _numbers(entry["measured"]), _numbers(entry["nash_gap"]),
            "; ".join(f"{kind}: {'yes' if held else 'no'}" for kind, held in holds.items()), f"**{entry['verdict']}**"]


def _numbers(values: object) -> str:
    """Numbers by name; a median with its least and greatest becomes one item."""
    assert isinstance(values, Mapping)
    items, used = [], set()
    for name in values:
        if not name.endswith("median"):
            continue
        stem = name[: -len("median")]
        low, high = stem + "min", stem + "max"
        used |= {name, low, high}
        items.append(f"{_plain(stem)}{values[name]:.4g} [{values[low]:.4g}, {values[high]:.4g}]")
    items += [f"{_plain(name)}{value:.4g}" for name, value in values.items() if name not in used]
    return "; ".join(items)


def _plain(name: str) -> str:
    return f"{name.strip('_').replace('_', ' ')} " if name else ""
