"""How near runs came to a Nash equilibrium, certified, in words."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Sequence

import numpy as np

from potentia.certificates.equilibrium import Certificate, certify
from potentia.console.bounds import above, below
from potentia.console.text import counted
from potentia.errors import InputError
from potentia.pages.blocks import Block, Columns, Lines, Words
from potentia.result import Result, Status
from potentia.runtime.time_limits import TimeIsUpError, time_limit

SHORT = ".3g"
SHOWN_RUNS = 20           # that the table has a row for


@dataclasses.dataclass(frozen=True, eq=False)
class Judged:
    """A certificate of each run of a result, or why there is none."""

    result: Result
    found: Sequence[Certificate | str]

    @property
    def certificates(self) -> list[Certificate]:
        """Those that there are."""
        return [each for each in self.found if isinstance(each, Certificate)]


def judged(result: Result, seconds: float | None, known: Certificate | None = None) -> Judged:
    """The certificates of all runs, as far as they come within the seconds given.

    known: that of the one run, if there is one already.
    """
    if known is not None:
        return Judged(result, [known])
    began = time.perf_counter()
    found: list[Certificate | str] = []
    for profile in result.profiles:
        left = None if seconds is None else seconds - (time.perf_counter() - began)
        try:
            with time_limit(left):
                found.append(certify(result.game, profile))
        except InputError as error:
            found.append(str(error))
        except TimeIsUpError:
            found.append(f"the time was up: certificates may take {seconds:g} s")
    return Judged(result, found)


def certificate_blocks(found: Judged, run: int, label: str = "",
                       goal: str | None = None) -> list[Block]:
    """What is certified, in words first, then by run, then of the run that is drawn; goal: see
    `verdict`."""
    before = f"{label}: " if label else ""
    blocks: list[Block] = [Words(before + verdict(found, goal), lead=True),
                           Words(ended(found.result))]
    if len(found.found) > 1:
        blocks.append(_table(found))
    of_run = found.found[run]
    if isinstance(of_run, Certificate):
        name = f"The certificate of run {run}" if len(found.found) > 1 else "The certificate"
        blocks.append(Lines(name, of_run.lines(), folded=True))
    return blocks


def verdict(found: Judged, goal: str | None = None) -> str:
    """What is proven of all runs together: the most that any one agent could gain alone.

    goal: how that compares with what was asked for; by the results' settings if omitted.
    """
    known = found.certificates
    if not known:
        return f"Nothing is certified: {found.found[0]}."
    without = len(found.found) - len(known)
    but = f" Of {counted(without, 'run')} nothing is certified." if without else ""
    return (_relative(known) if known[0].relative_gap is not None else _gain(known)) \
        + (_tolerance(found) if goal is None else f" {goal}") + but


def _gain(known: Sequence[Certificate]) -> str:
    low, high = min(each.nash_gap for each in known), max(each.nash_gap for each in known)
    if len(known) == 1:
        least = known[0].nash_gap_lower
        more = f", and one of them can gain {below(least, SHORT)}" if least > 0 else ""
        return (f"Certified: no agent can gain more than {above(high, SHORT)} by changing its own "
                f"policy alone{more}.")
    return (f"Certified: in none of {len(known)} runs can an agent gain more than "
            f"{above(high, SHORT)} by changing its own policy alone, in the best of them no more "
            f"than {above(low, SHORT)}.")


def _relative(known: Sequence[Certificate]) -> str:
    share = max(each.relative_gap or 0.0 for each in known)
    gap = max(each.nash_gap for each in known)
    runs = f" in each of {len(known)} runs" if len(known) > 1 else ""
    return (f"Certified: by changing their ways, each alone, all agents together could save at "
            f"most a share of {above(share, SHORT)} of what they pay{runs}, and no single "
            f"one more than {above(gap, SHORT)}.")


def _tolerance(found: Judged) -> str:
    """How what is certified compares with the gap at which learning was to end, which the user
    need not have asked for."""
    settings, known = found.result.settings, found.certificates
    nash, relative = (settings.get(name) for name in ("tolerance", "relative_tolerance"))
    if isinstance(relative, float) and known[0].relative_gap is not None:
        inside, asked = [(each.relative_gap or 0.0) <= relative for each in known], relative
        name = "relative gap"
    elif isinstance(nash, float):
        inside, asked, name = [each.nash_gap <= nash for each in known], nash, "Nash gap"
    else:
        return " No tolerance was asked for."
    if all(inside):
        return f" That is within the {name} of {asked:g} that learning aimed at."
    if not any(inside):
        return f" That is more than the {name} of {asked:g} that learning aimed at."
    return f" {sum(inside)} of them are within the {name} of {asked:g} that learning aimed at."


def ended(result: Result) -> str:
    """How runs ended, and what was said of it."""
    least, most = (int(count(np.ravel(result.iterations))) for count in (np.min, np.max))
    after = counted(most, "iteration") if least == most else f"{least:,} to {most:,} iterations"
    said = "".join(f" {message}." for message in dict.fromkeys(result.messages) if message)
    return f"{_endings(result.statuses)} after {after}.{said}"


def _endings(statuses: Sequence[Status]) -> str:
    """How many runs ended how, as the beginning of a sentence."""
    runs, found = len(statuses), Counter(statuses)
    if len(found) > 1:
        told = ", ".join(f"{count:,} as {status}" for status, count in found.items())
        return f"{counted(runs, 'run')} ended, {told},"
    how = "converged" if statuses[0] is Status.CONVERGED else f"ended as {statuses[0]}"
    return f"The run {how}" if runs == 1 else f"All {counted(runs, 'run')} {how}"


def _table(found: Judged) -> Columns:
    result = found.result
    rows = [(str(run), str(status), f"{count:,}", *_bounds(each))
            for run, (status, count, each) in enumerate(zip(
                result.statuses, np.ravel(result.iterations).tolist(), found.found, strict=True))]
    left = len(rows) - SHOWN_RUNS
    more = f"; the first {SHOWN_RUNS} of {len(rows):,}" if left > 0 else ""
    return Columns(f"Run by run{more}", ("run", "status", "iterations", "Nash gap at least",
                                         "at most"), rows[:SHOWN_RUNS])


def _bounds(found: Certificate | str) -> tuple[str, str]:
    if isinstance(found, str):
        return "none", found
    return below(found.nash_gap_lower, SHORT), above(found.nash_gap, SHORT)
