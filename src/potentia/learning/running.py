"""From the first state of a solve to its result."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from potentia.console.log import LOG
from potentia.console.progress import Tell, progress_bar
from potentia.game import Game
from potentia.learning.checkpoint.store import CheckpointStore
from potentia.learning.confirmation import confirmed
from potentia.learning.faults import messages_of
from potentia.learning.host import Monitor, SolveState
from potentia.learning.programs import Programs
from potentia.learning.seam import final_of
from potentia.learning.settings import Settings
from potentia.learning.snapshots import kept_of
from potentia.result import Result, Snapshots, Status
from potentia.runtime.interrupts import interrupted_together
from potentia.runtime.own import attributes
from potentia.runtime.sharding import gathered
from potentia.schedules.simultaneous import Simultaneous


def advanced(monitor: Monitor, first: SolveState, checkpoints: CheckpointStore | None,
         progress: bool | Tell | None) -> SolveState:
    """Go on from the state `first` until every run has ended, keeping checkpoints on the way; the
    last state."""
    solve_state = first
    with interrupted_together() as stop_if_asked:
        try:
            with progress_bar(int(monitor.limit.max()), progress) as tell:
                tell(first.done, "")
                for solve_state in monitor.solve_states(first, tell):
                    if checkpoints:
                        checkpoints.keep(solve_state)
                    stop_if_asked()
                if checkpoints:
                    checkpoints.write(solve_state)
                return monitor.last(solve_state)
        except KeyboardInterrupt:
            if checkpoints and checkpoints.write(solve_state):
                LOG.info("interrupted: resume goes on from the checkpoint in %s",
                         checkpoints.directory)
            return solve_state.ended(Status.INTERRUPTED)


def result_of(programs: Programs, given: Game, game: Game, final: SolveState,
            history: dict[str, np.ndarray], settings: Settings) -> Result:
    """The result on `game`, which is the one that was `given`, oriented."""
    profile = np.exp(gathered(final.state.log_profile))
    things = {"rule": programs.rule, "oracle": programs.oracle,
              "schedule": programs.schedule or Simultaneous()}
    named = {**{name: type(thing).__name__ for name, thing in things.items()},
             **{f"{name}.{field}": _plain(value) for name, thing in things.items()
                for field, value in attributes(thing).items()},
             **dataclasses.asdict(settings)}
    statuses = tuple(status for status in final.statuses if status is not None)
    messages = messages_of(programs, final.state, statuses)
    verdicts = confirmed(given, profile, statuses, settings.tolerance, settings.relative_tolerance)
    statuses = tuple(status for status, _ in verdicts)
    messages = tuple(doubt or message
                     for (_, doubt), message in zip(verdicts, messages, strict=True))
    left, kept = final_of(programs, final.state), kept_of(final.snapshots, profile.shape)
    if settings.runs > 1:
        return Result(game, profile, statuses, final.iteration, history, named, messages, kept,
                      left)
    single = {name: rows[0] for name, rows in history.items()}
    if kept is not None:
        kept = Snapshots(kept.iteration[0], kept.profile[0])
    return Result(game, profile[0], statuses[0], int(final.iteration[0]), single, named,
                  messages[0], kept, left)


def _plain(value: Any) -> Any:
    """A setting as JSON can hold it."""
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value).tolist()
    if isinstance(value, int | float | str | bool | None):
        return value
    # A function's own text has its place in memory.
    return getattr(value, "__qualname__", None) or repr(value)
