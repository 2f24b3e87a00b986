"""The host's side of a solve: chunks, exact checks, statuses, records.

Where a solve stands is a `SolveState`, which never changes: each chunk and each check gives another
one. What a run does depends on nothing but the run itself, neither on the length of the chunks nor
on the other runs, so that a solve may stop at any state and go on from it to the same bits.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np

from potentia.console.progress import Tell
from potentia.game import Reorientable
from potentia.learning import clock
from potentia.learning.chunk_size import ChunkSize
from potentia.learning.device import (
    BAD,
    CHECKED,
    CHUNK,
    CLOSE,
    RECORDED,
    RUNNING,
    SMALL,
    STEPS,
    STRAY,
    RunState,
    Stops,
)
from potentia.learning.history import Log
from potentia.learning.programs import Programs
from potentia.learning.settings import Settings
from potentia.learning.snapshots import is_kept, next_of
from potentia.oracles.base import is_exact
from potentia.result import Status
from potentia.runtime.ahead import nothing
from potentia.runtime.sharding import gathered

RESOLVED = 2e-12          # what a certificate leaves open of a relative gap
KEPT = tuple(name for name in RECORDED if name != "l1_accuracy")
UPDATE = ("iteration", *KEPT)                                         # what is kept of an update
CHECK = ("check_iteration", *CHECKED)                                 # what is kept of a check


@dataclasses.dataclass(frozen=True)
class SolveState:
    """Where a solve stands, all runs with a leading axis `runs`.

    state: the runs. statuses: why each run ended; None while it goes on.
    checked: [runs] iteration of the last exact check, -1 before the first.
    close: [runs] a run asks for a check when no advantage exceeds this.
    snapped: [runs] iteration of the last snapshot, -1 before the first.
    updates, checks: rows of `UPDATE` and `check_columns`. snapshots: rows of an iteration and the
    profile.
    """

    state: RunState
    statuses: tuple[Status | None, ...]
    checked: np.ndarray
    close: np.ndarray
    snapped: np.ndarray
    updates: Log = dataclasses.field(default_factory=Log)
    checks: Log = dataclasses.field(default_factory=Log)
    snapshots: Log = dataclasses.field(default_factory=Log)

    @property
    def iteration(self) -> np.ndarray:
        """[runs] updates made."""
        return np.asarray(self.state.iteration)

    @property
    def waiting(self) -> np.ndarray:
        """[runs] whether the run has not ended."""
        return np.array([status is None for status in self.statuses])

    @property
    def done(self) -> int:
        """Updates that every run which has not ended has made."""
        return int(np.min(self.iteration, where=self.waiting, initial=self.iteration.max()))

    def ended(self, status: Status) -> SolveState:
        """The solve state with this status for every run that has none."""
        return dataclasses.replace(self, statuses=tuple(each or status for each in self.statuses))

    def history(self) -> dict[str, np.ndarray]:
        """Records by iteration [runs, T] and by check [runs, checks]; see `Result`."""
        runs, check = len(self.statuses), check_columns(self.state)
        columns = {**dict(zip(UPDATE, self.updates.table(runs, len(UPDATE)), strict=True)),
                   **dict(zip(check, self.checks.table(runs, len(check)), strict=True))}
        for name in ("iteration", "check_iteration"):
            at = columns[name]
            columns[name] = np.where(np.isnan(at), self.iteration[:, None], at).astype(np.int64)
        for name in ("potential", "relative_gap", "relative_gap_error"):
            if np.isnan(columns[name]).all():
                del columns[name]
        return columns


def check_columns(state: RunState) -> tuple[str, ...]:
    """What is kept of a check of these runs."""
    return CHECK if state.agent_steps is None else (*CHECK, STEPS)


class Monitor:
    """One solve: what is asked for, and how fast it goes."""

    def __init__(self, programs: Programs, settings: Settings):
        game, exact = programs.game, is_exact(programs.oracle)
        self.game, self.settings, self.programs = game, settings, programs
        # What the exact gap has to fall to; a sampled run never stops on what its agents cannot
        # see. Nor does one that waits for other actions, or that has nothing to reach.
        self.reorient_every = game.reorient_every if isinstance(game, Reorientable) else None
        stops = exact and settings.tolerance is not None and self.reorient_every is None
        self.least_step = (settings.step_tolerance if settings.step_tolerance is not None
                           else 0.0 if stops else -1.0)
        self.goal = settings.tolerance if exact and settings.tolerance is not None else -np.inf
        self.relative_goal = (settings.relative_tolerance
                              if exact and settings.relative_tolerance is not None else -np.inf)
        self.chunk_size = ChunkSize()
        self.limit = np.full(settings.runs, settings.max_iterations)
        self.compiled: Callable[[], None] = nothing       # waits for the program of chunks

    def start(self, state: RunState) -> SolveState:
        """Before anything is done here."""
        # If no advantage exceeds tolerance/scale, the gap is within the tolerance (the performance
        # difference lemma); at discount 1 there is no such bound and the interval alone decides.
        close = -np.inf if self.game.undiscounted else self.goal / float(self.game.scale)
        runs = self.settings.runs
        self.limit = np.asarray(state.iteration) + self.settings.max_iterations
        return SolveState(state, (None,) * runs, checked=np.full(runs, -1),
                          close=np.full(runs, close), snapped=np.full(runs, -1))

    def solve_states(self, solve_state: SolveState, tell: Tell) -> Iterator[SolveState]:
        """Each state on the way from `solve_state` to where no run goes on; runs at the limit keep
        the status None."""
        if self._going(solve_state).any():
            self.compiled = self._ahead(solve_state)
        while True:
            solve_state = self._snapped(solve_state)
            due = self._due(solve_state)
            if due.any():
                solve_state = yield from self._checked(solve_state, due, tell)
            elif self._going(solve_state).any():
                solve_state = self._advanced(solve_state)
                yield solve_state
            else:
                return

    def _checked(self, solve_state: SolveState, due: np.ndarray,
                 tell: Tell) -> Generator[SolveState, None, SolveState]:
        """After an exact check of the runs that are `due`, and what they came to while it was made:
        a check of a large game takes as long as dozens of iterations, and seldom ends a run. What
        is beyond it is told after it, and dropped where it ends a run."""
        doing = self.programs.check_begun(solve_state.state, due)
        beyond = dataclasses.replace(
            solve_state, checked=np.where(due, solve_state.iteration, solve_state.checked))
        while not doing.done() and self._going(beyond).any() and not self._due(beyond).any():
            beyond = self._snapped(self._advanced(beyond))
        exact = np.asarray(doing.result())
        checked = self._judged(solve_state, due, exact)
        yield checked
        tell(checked.done, self._gaps(exact[due]))
        if beyond.state is solve_state.state or checked.statuses != solve_state.statuses:
            return checked
        beyond = dataclasses.replace(beyond, checks=checked.checks, close=checked.close)
        yield beyond
        return beyond

    def _gaps(self, exact: np.ndarray) -> str:
        """The largest gaps of the runs that were checked, for people; the relative one where that
        is asked for."""
        relative = exact[:, CHECKED.index("relative_gap")].max()
        told = f"Nash gap {exact[:, 0].max():.3g}"
        return (told if self.settings.relative_tolerance is None
                else f"{told}, relative gap {relative:.3g}")

    def last(self, solve_state: SolveState) -> SolveState:
        """The last state: every profile checked, every run with a status."""
        due = solve_state.waiting & (solve_state.checked < solve_state.iteration)
        if due.any():
            exact = np.asarray(self.programs.check(solve_state.state, due))
            solve_state = self._judged(solve_state, due, exact)
        return self._snapped(solve_state, last=True).ended(Status.MAX_ITERATIONS)

    def replay(self, state: RunState, final: RunState, before: np.ndarray) -> np.ndarray:
        """L1 distance of the iterates that are recorded to the run's own final profile, and of that
        one, [runs, T+1], by running again from `state`; before: [runs] rows that are on record from
        before it, NaN here."""
        reference, ends = jnp.exp(final.log_profile), np.asarray(final.iteration)
        made = np.diff([recorded_before(np.asarray(each), self.settings.record_every)
                        for each in (state.iteration, ends)], axis=0)[0]
        # shaped as in the run
        never = Stops(step=np.float64(-1.0), advantage=np.full(len(ends), -np.inf))
        log = Log()
        while (going := np.asarray(state.iteration) < ends).any():
            state, until = self._reoriented(state, going)
            until = np.minimum(until, ends)
            following, records = self.chunk_size.timed(self.programs.advance, never, state,
                                                       reference, until)
            log, state = self._with_records(log, state, following, records,
                                            ("l1_accuracy",)), following
        table = log.table(len(ends), 1)[0]
        distances = np.full((len(ends), (before + made).max() + 1), np.nan)
        for run, (first, count) in enumerate(zip(before, made, strict=True)):
            distances[run, first:first + count + 1] = [*table[run, :count], 0.0]
        return distances

    def _going(self, solve_state: SolveState) -> np.ndarray:
        return solve_state.waiting & (solve_state.iteration < self.limit)

    def _due(self, solve_state: SolveState) -> np.ndarray:
        """[runs] whether the run asks for an exact check, or has reached its interval."""
        at_interval = ((solve_state.iteration % self.settings.check_every == 0)
                       | (solve_state.checked < 0))       # the first, wherever the runs begin
        unchecked = solve_state.checked < solve_state.iteration
        return (solve_state.waiting & ((np.asarray(solve_state.state.signal) != RUNNING)
                                       | (at_interval & unchecked)))

    def _judged(self, solve_state: SolveState, due: np.ndarray, exact: np.ndarray) -> SolveState:
        """After a check that found `exact` (`CHECKED`) of the runs that are `due`, which end or go
        on."""
        signal, iteration, statuses = np.asarray(
            solve_state.state.signal), solve_state.iteration, list(
            solve_state.statuses)
        for run in np.flatnonzero(due):
            # What counts is the gap with its error: no run converges on what rounding hides.
            statuses[run] = self._status(int(signal[run]), *exact[run])
        vain = due & np.array([status is None for status in statuses])
        counted = solve_state.state.agent_steps
        rows = np.column_stack([iteration, exact[:, :len(CHECKED)],
                                *([] if counted is None else [np.asarray(counted)])])[due]
        return dataclasses.replace(
            solve_state, statuses=tuple(statuses),
            checked=np.where(due, iteration, solve_state.checked),
            # Asked for in vain once, it would be at every iteration.
            close=np.where(vain & (signal == CLOSE), -np.inf, solve_state.close),
            state=dataclasses.replace(solve_state.state, signal=np.where(vain, RUNNING, signal)),
            checks=solve_state.checks.with_rows(np.flatnonzero(due), rows))

    def _status(self, signal: int, gap: float, error: float, *others: float) -> Status | None:
        """others: the rest of `CHECKED`, of which the relative gap and its error are the last, and
        whether they stand."""
        *_, relative_gap, relative_error, stands = others
        if signal == BAD or np.isnan(gap + error):
            return Status.NONFINITE
        if signal == STRAY:
            return Status.NOT_A_PROFILE
        if not stands:
            return Status.INCONSISTENT
        relative_bound = relative_gap + relative_error + RESOLVED
        if gap + error <= self.goal or relative_bound <= self.relative_goal:
            return Status.CONVERGED
        # As far as agents can see who share policies: whether it is so is the certificate's to say.
        if relative_gap <= self.relative_goal / 2:
            return Status.UNVERIFIED
        return Status.SMALL_STEP if signal == SMALL else None

    def _ahead(self, solve_state: SolveState) -> Callable[[], None]:
        """Have the program of chunks compiled while the first check is."""
        state = solve_state.state
        return self.programs.advance_ahead(self._stops(solve_state), state, state.log_profile,
                                           solve_state.iteration)

    def _stops(self, solve_state: SolveState) -> Stops:
        return Stops(step=np.float64(self.least_step), advantage=solve_state.close)

    def _advanced(self, solve_state: SolveState) -> SolveState:
        """One chunk further: each run to its own next check at most."""
        every, iteration, going = self.settings.check_every, solve_state.iteration, self._going(
            solve_state)
        state, until = self._reoriented(solve_state.state, going)
        until = np.minimum((iteration // every + 1) * every, until)
        until = np.minimum(until, [next_of(self.settings.snapshots, at) for at in iteration])
        until = np.where(going, np.minimum(until, self.limit), iteration)
        self.compiled()
        # Distances to a reference are of use in a replay only.
        following, records = self.chunk_size.timed(self.programs.advance, self._stops(solve_state),
                                                   state, state.log_profile, until)
        updates = self._with_records(solve_state.updates, state, following, records, UPDATE)
        return dataclasses.replace(solve_state, state=following, updates=updates)

    def _snapped(self, solve_state: SolveState, last: bool = False) -> SolveState:
        """With the profiles of the runs that are at an iteration of which one is kept; `last`: of
        all whose last profile is not kept yet."""
        wanted, at = self.settings.snapshots, solve_state.iteration
        if wanted is None:
            return solve_state
        due = (solve_state.snapped < at) & (last | np.array([is_kept(wanted, each) for each in at]))
        if not due.any():
            return solve_state
        profile = np.exp(gathered(solve_state.state.log_profile)).reshape(len(at), -1)
        return dataclasses.replace(
            solve_state, snapped=np.where(due, at, solve_state.snapped),
            snapshots=solve_state.snapshots.with_rows(np.flatnonzero(due),
                                                      np.column_stack([at, profile])[due]))

    def _with_records(self, log: Log, before: RunState, after: RunState, records: Any,
                      names: tuple[str, ...]) -> Log:
        """The log with what is recorded of the updates made: of the iteration, and of the device's
        records [runs, CHUNK, 3], the columns of these names."""
        first = np.asarray(before.iteration)[:, None]
        at = first + np.arange(CHUNK)
        rows = np.dstack([at, np.asarray(records)])
        columns = [("iteration", *RECORDED).index(name) for name in names]
        kept = ((at < np.asarray(after.iteration)[:, None])
                & (at % self.settings.record_every == 0))
        return log.with_rows(np.nonzero(kept)[0], rows[kept][:, columns])

    def _reoriented(self, state: RunState, going: np.ndarray) -> tuple[RunState, np.ndarray]:
        """The state, those runs reoriented whose turn it is, and how far [runs] a chunk may go from
        there."""
        iteration = np.asarray(state.iteration)
        until, every = iteration + self.chunk_size.limit, self.reorient_every
        if every is None:
            return state, until
        due = going & clock.due(iteration, every)
        return (self.programs.reoriented(state, due),
                np.minimum(until, clock.following(iteration, every)))


def recorded_before(iteration: np.ndarray, every: int) -> np.ndarray:
    """How many of the iterations before this one are recorded."""
    return -(-iteration // every)
