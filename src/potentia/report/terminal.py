"""Tables for people at a terminal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from potentia.certificates.certificate import Certificate
from potentia.console.bounds import above, below
from potentia.console.text import cell, visible
from potentia.report import lemmas
from potentia.result import Result, Status

if TYPE_CHECKING:
    from rich.console import RenderableType

PIPED_WIDTH = 240        # where no terminal sets the width, a row stays on one line for other tools


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; cells are shown as they are, without markup."""
    from rich.table import Column, Table  # 0.02 s that whoever asks for JSON does not need
    table = Table(*(Column(name, overflow="fold", no_wrap=k == 0)
                    for k, name in enumerate(columns)))
    for row in rows:
        table.add_row(*("\n".join(map(cell, str(each).split("\n"))) for each in row))
    show(table)


def show(*things: RenderableType) -> None:
    """Print as a terminal shows it; where there is none, wide, and without blanks at the ends of
    lines."""
    from rich.console import Console
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    console = Console(width=width, markup=False, emoji=False, highlight=False)
    with console.capture() as captured:
        for thing in things:
            console.print(thing)
    for line in captured.get().removesuffix("\n").split("\n"):
        print(line.rstrip())


def show_runs(result: Result, certificates: Sequence[Certificate] | None, reason: str = "") -> None:
    """How each run ended, and the certificate of the best one; or the loop's own gaps, and why none
    is certified."""
    gaps = [f"{gap:.3g}, uncertified" for gap in result.last("nash_gap")] \
        if certificates is None else [
        f"{below(certificate.nash_gap_lower, '.3g')} to {above(certificate.nash_gap, '.3g')}"
        for certificate in certificates]
    rows = ((run, *row) for run, row in enumerate(zip(*endings(result), gaps, strict=True)))
    show_table(("run", "status", "iterations", "Nash gap"), rows)
    for run, message in enumerate(result.messages):
        if message:
            print(f"Run {run}: {visible(message)}")
    if certificates is None:
        print(f"Not certified: {visible(reason)}")
        return
    best = min(range(len(certificates)), key=lambda run: certificates[run].nash_gap)
    print(f"Certificate of run {best}:" if len(certificates) > 1 else "Certificate:")
    print(certificates[best])


def show_claims(claims: Sequence[Mapping[str, Any]]) -> None:
    """What was found of each claim, by kind of trial, and the verdict; of the lemmas, on how many
    runs; which corrections are borne out."""
    _show_by_kind([claim for claim in claims
                   if not claim["id"].startswith((lemmas.LEMMA, lemmas.CORRECTION))])
    _show_lemmas([claim for claim in claims if claim["id"].startswith(lemmas.LEMMA)])
    _show_corrections([claim for claim in claims if claim["id"].startswith(lemmas.CORRECTION)])


def _show_by_kind(claims: Sequence[Mapping[str, Any]]) -> None:
    kinds = list(dict.fromkeys(claim["kind"] for claim in claims))
    by_id = {claim["id"]: {} for claim in claims}
    for claim in claims:
        basis = f" ({claim['basis']})" if claim.get("basis") else ""
        by_id[claim["id"]] |= {claim["kind"]: claim["holds"], "verdict": claim["verdict"] + basis}
    if claims:
        columns = ("claim", *(kind.replace("as written, ", "") for kind in kinds), "verdict")
        show_table(columns, ((name, *(found.get(kind, "-") for kind in kinds), found["verdict"])
                             for name, found in by_id.items()))


def _show_lemmas(entries: Sequence[Mapping[str, Any]]) -> None:
    """On how many of its runs each lemma was found to hold and to fail."""
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_id.setdefault(entry["id"], []).append(entry)
    rows = []
    for group in by_id.values():
        counts = Counter(map(lemmas.found, group))
        said = ", ".join(f"{found} {count}" for found, count in counts.items())
        rows.append((lemmas.title(group[0]), said, group[0]["verdict"]))
    if rows:
        show_table(("lemma", "found, on so many runs", "verdict"), rows)
    if not all(entry["covered"] for entry in entries):
        print("(In brackets): beyond the paper's hypotheses; what fails there does not speak "
              "against the paper.")


def _show_corrections(entries: Sequence[Mapping[str, Any]]) -> None:
    if entries:
        show_table(("correction to the paper", "where in the paper", "verdict"),
                   ((lemmas.title(entry), entry["source"], entry["verdict"]) for entry in entries))


def endings(result: Result) -> tuple[tuple[Status, ...], list[int]]:
    """Each run's status and number of iterations, also for a single run."""
    return result.statuses, list(map(int, np.ravel(result.iterations)))
