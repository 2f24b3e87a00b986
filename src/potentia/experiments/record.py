"""The verdicts on record, and what differs from them.

The record is data, `record.json` beside this file: of every claim its verdict and whether it holds
in each kind of trial, and of what is computed once also the numbers, each with the tolerance that
it is held to. Where some kinds were run only, the verdict on record is the one over these kinds.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from potentia.experiments.verdicts import verdict_of

Entry = Mapping[str, Any]
RUNS, SEED = 10, 0       # of the trials that the record is of
NONE = "none"
ROUNDING = 1e-9          # what is smaller, as a gap that is 0, is told apart by rounding alone


@dataclasses.dataclass(frozen=True)
class Difference:
    """A verdict, or a number, that is not the one on record."""

    id: str
    on_record: str
    now: str

    def __str__(self) -> str:
        return f"{self.id}: on record {self.on_record}, now {self.now}"


def on_record() -> dict[str, Any]:
    """The record: id of a claim -> its `verdict`, `holds` by kind, `numbers` with tolerances."""
    return json.loads((files("potentia.experiments") / "record.json").read_text())


def basis(runs: int) -> str:
    """What a verdict says of the runs that it rests on, if they are fewer than those of the
    record."""
    return "" if runs >= RUNS else f"rests on {runs} run{'s' * (runs > 1)}, the record on {RUNS}"


def recorded(entries: Iterable[Entry]) -> dict[str, Any]:
    """The record that these entries make."""
    return {claim: _recorded(group) for claim, group in _by_claim(entries).items()}


def differences(entries: Iterable[Entry], known: Mapping[str, Any]) -> list[Difference]:
    """What is not as in the record `known`, in the order of the entries."""
    found = []
    for claim, group in _by_claim(entries).items():
        now, before = group[0]["verdict"], _verdict(known.get(claim, {}), group)
        if now != before:
            found.append(Difference(claim, before, now))
        found += _of_numbers(claim, group, known.get(claim, {}))
    return found


def _by_claim(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry["id"], []).append(entry)
    return groups


def _recorded(group: Sequence[Entry]) -> dict[str, Any]:
    one: dict[str, Any] = {"verdict": group[0]["verdict"]}
    if "found" not in group[0]:  # lemmas and corrections have verdicts of their own
        one["holds"] = {entry["kind"]: entry["holds"] for entry in group}
    numbers = {name: [entry["measured"][name], share] for entry in group
               for name, share in entry.get("tolerance", {}).items()}
    return one | ({"numbers": numbers} if numbers else {})


def _verdict(known: Mapping[str, Any], group: Sequence[Entry]) -> str:
    holds = known.get("holds", {})
    kinds = [entry["kind"] for entry in group]
    if holds and all(kind in holds for kind in kinds):
        return verdict_of({kind: holds[kind] for kind in kinds})
    return known.get("verdict", NONE)


def _of_numbers(claim: str, group: Sequence[Entry], known: Mapping[str, Any]) -> list[Difference]:
    measured = {name: number for entry in group for name, number in entry["measured"].items()}
    return [Difference(f"{claim}, {name}", f"{number:.6g}",
                       f"{measured[name]:.6g}" if name in measured else NONE)
            for name, (number, share) in known.get("numbers", {}).items()
            if not math.isclose(measured.get(name, math.nan), number, rel_tol=share,
                                abs_tol=ROUNDING)]
