"""Tables for people at a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from potentia.certificates.equilibrium import Certificate
from potentia.result import Result, Status

PIPED_WIDTH = 240        # where no terminal sets the width, a row stays on one line for other tools


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; cells are shown as they are, without markup."""
    table = Table(*(Column(name, overflow="fold", no_wrap=k == 0) for k, name in enumerate(columns)))
    for row in rows:
        table.add_row(*map(str, row))
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(width=width, markup=False, emoji=False, highlight=False).print(table)


def show_runs(result: Result, certificates: Sequence[Certificate]) -> None:
    """How each run ended, and the certificate of the best one."""
    rows = ((run, status, iterations, f"{certificate.nash_gap_lower:.3g} to {certificate.nash_gap:.3g}")
            for run, (status, iterations, certificate) in enumerate(
                zip(*endings(result), certificates, strict=True)))
    show_table(("run", "status", "iterations", "Nash gap"), rows)
    best = min(range(len(certificates)), key=lambda run: certificates[run].nash_gap)
    print(f"Certificate of run {best}:" if len(certificates) > 1 else "Certificate:")
    print(certificates[best])


def show_claims(claims: Sequence[Mapping[str, Any]]) -> None:
    """What the paper claims, what was measured, and the verdict."""
    show_table(("claim", "paper", "mode", "measured", "Nash gap", "verdict"),
               ((claim["id"], claim["paper"], claim["mode"], _medians(claim["measured"]),
                 _medians(claim["nash_gap"]), claim["verdict"]) for claim in claims))


def endings(result: Result) -> tuple[tuple[Status, ...], list[int]]:
    """Each run's status and number of iterations, also for a single run."""
    if isinstance(result.status, tuple):
        return result.status, [int(count) for count in result.iterations]  # pyright: ignore[reportGeneralTypeIssues]
    return (result.status,), [int(result.iterations)]


def _medians(numbers: Mapping[str, float]) -> str:
    """The medians among numbers by name (and whatever has no median), in brief."""
    chosen = {name: value for name, value in numbers.items() if name.endswith("median")} or numbers
    return "; ".join(f"{re.sub('_?median$', '', name).replace('_', ' ')} {value:.3g}".strip()
                     for name, value in chosen.items())
