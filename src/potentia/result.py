"""What a solve returns."""

from __future__ import annotations

import dataclasses
import enum
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from potentia.console.markup import as_html, as_html_table
from potentia.console.text import as_table, counted, span
from potentia.errors import shown

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from potentia.game import Game

SHOWN_RUNS = 20           # that a printed result has a row for


class Status(enum.StrEnum):
    """Why a run stopped. None of them flatters.

    CONVERGED: the exact Nash gap from the initial distribution was computed and is within the
        tolerance; or, where one was asked for, the exact relative gap within its own.
    MAX_ITERATIONS: the limit was reached first.
    SMALL_STEP: the policies all but stopped moving; that is not convergence.
    NONFINITE: an update, or what an oracle or a game said, was not finite; the last profile before
        it is kept.
    NOT_A_PROFILE: an update was finite, but no profile: a row did not sum to 1, or lay on actions
        that do not exist. The last profile before it is kept.
    INCONSISTENT: a user's own game contradicts itself: its best response is worth less than the
        profile, or its table says that the gap is above the tolerance.
    UNVERIFIED: a user's own game says that the gap is within the tolerance, but has no table to
        confirm it by; or agents who share policies by destination see a relative gap within its
        tolerance, but the certificate, which tells types apart, does not.
    INTERRUPTED: stopped from outside (Ctrl-C); what there was is kept.
    """

    CONVERGED = enum.auto()
    MAX_ITERATIONS = enum.auto()
    SMALL_STEP = enum.auto()
    NONFINITE = enum.auto()
    NOT_A_PROFILE = enum.auto()
    INCONSISTENT = enum.auto()
    UNVERIFIED = enum.auto()
    INTERRUPTED = enum.auto()


@dataclasses.dataclass(frozen=True, eq=False)
class Final:
    """Where the runs of a solve stand, so that another goes on to the bits that one would have had.

    arrays: by name, with a leading axis `runs`: log-policies (a profile is not enough: some
        probabilities are below what a float64 can hold), the memories of rule, schedule and
        oracle, the random keys, updates made, and what runs changed of the game.
    random_bits: what kind of random keys. rule, schedule, oracle: the names of the classes whose
        memories these are; schedule is "" where everybody always moves, oracle where it keeps none.
    """

    arrays: dict[str, np.ndarray]
    random_bits: str
    rule: str
    schedule: str
    oracle: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Snapshots:
    """Profiles on the way.

    iteration: [K], updates made before each. profile: [K, N, H, A]. With a leading axis `runs` if
    runs > 1; a run that ended keeps its last.
    """

    iteration: np.ndarray
    profile: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Result:
    """One solve: one run, or several side by side (a leading axis `runs`).

    game: the game that was solved.
    profile: [N, H, A] final profile; [runs, N, H, A] if runs > 1.
    status: a `Status`, or a tuple of them.
    iterations: updates made, an int, or [runs].
    history: by name, one row for each iteration t that was recorded (the profile before update t),
        NaN after the end:
        iteration: t, and after the end the count of updates made;
        policy_step: mean over agents of the L1 change of the policy;
        advantage: largest marginal advantage that the oracle saw;
        l1_accuracy: mean over agents of the L1 distance to the run's own final profile,
            if asked for, with a row more: 0, of that profile itself;
      and one row for each check, NaN once a run had ended:
        check_iteration: updates the run had made; nash_gap: exact gain of the best single deviation
        from the initial distribution; nash_gap_error: how far rounding may have hidden more;
        worst_state_gap: the gain, worst over the states; welfare: sum of values; potential: where
        the game has one; relative_gap: of a routing game, how much of what all pay would be gained
        by best responses; relative_gap_error: how much more it may be; agent_steps: of an oracle
        that plays, the steps that agents have taken in it so far, all agents' together.
    settings: rule, oracle, seed and the like, as text and numbers.
    message: what went wrong, naming rule, oracle or game, agent, information state and number; ""
        if nothing did. A tuple of them if runs > 1.
    snapshots: profiles on the way, if they were asked for.
    final: what `solve(..., initial=result)` goes on from.
    """

    game: Game
    profile: np.ndarray
    status: Status | tuple[Status, ...]
    iterations: int | np.ndarray
    history: dict[str, np.ndarray]
    settings: dict[str, Any]
    message: str | tuple[str, ...] = ""
    snapshots: Snapshots | None = None
    final: Final | None = None

    def __post_init__(self) -> None:
        if isinstance(self.status, tuple) and self.message == "":
            object.__setattr__(self, "message", ("",) * len(self.status))

    @property
    def profiles(self) -> np.ndarray:
        """[runs, N, H, A] final profiles, also of a single run."""
        return self.profile.reshape(-1, *self.profile.shape[-3:])

    @property
    def messages(self) -> tuple[str, ...]:
        """A message of each run, also of a single one."""
        return self.message if isinstance(self.message, tuple) else (self.message,)

    @property
    def statuses(self) -> tuple[Status, ...]:
        """A status of each run, also of a single one."""
        return self.status if isinstance(self.status, tuple) else (self.status,)

    def last(self, quantity: str) -> np.ndarray:
        """[runs] the last that `history` knows of a quantity, of each run; NaN where it knows none.

        The gap that `last("nash_gap")` gives is the loop's own; `summary` has the certified one.
        """
        rows = np.atleast_2d(self.history.get(quantity, np.empty((len(self.statuses), 0))))
        known = [row[~np.isnan(row)] for row in rows]
        return np.array([row[-1] if row.size else np.nan for row in known], dtype=np.float64)

    def to_dataframe(self) -> pd.DataFrame:
        """`history` as a tidy table: run, iteration, quantity, value. A row for each number that is
        known."""
        from potentia.report.result_tables import to_dataframe
        return to_dataframe(self)

    def to_xarray(self) -> xr.Dataset:
        """All of it but the game as labelled arrays, which needs xarray
        (`pip install 'potentia[xarray]'`)."""
        from potentia.report.result_arrays import to_xarray
        return to_xarray(self)

    def summary(self) -> pd.DataFrame:
        """A row for each run: how it ended, its certified Nash gap and its welfare. The certificate
        is computed anew at each call."""
        from potentia.report.result_tables import summary
        return summary(self)

    def policies(self) -> pd.DataFrame:
        """The final profile as a tidy table: run, agent, state, action, probability, by their names
        where the game has some."""
        from potentia.report.result_tables import policies
        return policies(self)

    def plot(self, quantities: Any = None, ax: Any = None) -> Any:
        """`pt.plot.curves` of it: the gap, the potential, the L1 distance and the step over
        iterations, as far as they are known. Returns Matplotlib axes, with their `figure`."""
        from potentia.plot.learning import curves
        return curves(self, quantities=quantities, ax=ax)

    def __repr__(self) -> str:
        counts = np.ravel(self.iterations)
        if len(self.statuses) == 1:
            ended = f"{self.statuses[0]} after {counted(int(counts[0]), 'iteration')}"
        else:
            found = ", ".join(f"{count} {status}" for status, count in
                              Counter(self.statuses).items())
            ended = (f"{len(self.statuses)} runs, {found}, after "
                     f"{span(counts.min(), counts.max())} iterations")
        said = "".join(f"; {message}" for message in dict.fromkeys(self.messages) if message)
        return f"<Result of {shown(self.game, 160)}: {ended}{said}; {self._gap()}>"

    def __str__(self) -> str:
        """One run in a line; of several a table, the first twenty of them. Each ends with the
        loop's own Nash gap."""
        if len(self.statuses) == 1:
            return repr(self)
        return "\n".join([self._title(), as_table(*self._table()), *self._notes()])

    def _repr_html_(self) -> str:
        """What a notebook shows: one run as its status and numbers, several as a table."""
        columns, rows = self._table()
        if len(self.statuses) > 1:
            return as_html_table(self._title(), columns, rows, self._notes())
        said = [("message", message) for message in self.messages if message]
        told = [(name, str(cell)) for name, cell in zip(columns[1:], rows[0][1:], strict=True)]
        return as_html(self._title(), [*told, ("rule", str(self.settings.get("rule", "unknown"))),
                                       *said])

    def _title(self) -> str:
        return f"Result of {shown(self.game, 160)}"

    def _table(self) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
        """Columns, and a row for each of the first runs."""
        gaps = {"Nash gap": self.last("nash_gap")}
        if "relative_gap" in self.history:
            gaps["relative gap"] = self.last("relative_gap")
        rows = [(run, status, f"{count:,}", *map(_number, found)) for run, (status, count, *found)
                in enumerate(zip(self.statuses, np.ravel(self.iterations), *gaps.values(),
                                 strict=True))]
        return ("run", "status", "iterations", *gaps), rows[:SHOWN_RUNS]

    def _notes(self) -> list[str]:
        """What stands below the table of several runs."""
        left = len(self.statuses) - SHOWN_RUNS
        more = [f"... {counted(left, 'more run')}: summary() has all"] if left > 0 else []
        said = [f"run {run}: {message}" for run, message in enumerate(self.messages) if message]
        return [*more, *said, self._gap()]

    def _gap(self) -> str:
        """The Nash gap, or the least and the largest of several runs, in words."""
        known = self.last("nash_gap")[~np.isnan(self.last("nash_gap"))]
        if not known.size:
            return "Nash gap unknown"
        low, high = _number(known.min()), _number(known.max())
        return f"Nash gap {low}" if low == high else f"Nash gap {low} to {high}"


def _number(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{value:.3g}"
