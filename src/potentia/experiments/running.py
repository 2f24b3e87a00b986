"""Run trials and take measures, two at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, cast

import numpy as np

from potentia import games
from potentia.certificates.equilibrium import certify
from potentia.console.progress import Tell, progress_bar
from potentia.experiments.claims import Outcome
from potentia.experiments.trials import Trial
from potentia.games.tabular.game import MarkovGame
from potentia.learning.solver import solve
from potentia.report.learning_curves import Curves
from potentia.result import Result, Status
from potentia.runtime.float64 import float64_on_one_blas_thread

WORKERS = 2


def run_all(tasks: Mapping[str, Callable[[Tell], Any]], progress: bool | None, doing: str,
            beside: Mapping[str, Callable[[], Any]] | None = None) -> dict[str, Any]:
    """What every task returns, by name, two at a time: most of a task keeps one core busy. Ctrl-C
    ends those that are under way.

    beside: tasks that cannot be told to end; they run here, one by one, while the others do.
    """
    stop, results = threading.Event(), {}
    beside = beside or {}
    count = len(tasks) + len(beside)
    # The tasks' own limits on BLAS threads nest in this one, so that none lifts another's.
    with (float64_on_one_blas_thread(), progress_bar(count, progress, doing) as tell,
          ThreadPoolExecutor(WORKERS) as pool):
        waiting = {pool.submit(task, _stopping(stop)): name for name, task in tasks.items()}
        try:
            for done, (name, work) in enumerate(beside.items()):
                tell(done, name)
                results[name] = work()
            for done, future in enumerate(as_completed(waiting), start=1 + len(beside)):
                results[waiting[future]] = future.result()
                tell(done, waiting[future])
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return results


def _stopping(stop: threading.Event) -> Tell:
    """What a task tells its progress to: it ends the task once `stop` is set, as Ctrl-C would."""
    def tell(done: int, note: str) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
    return tell


def run_trial(trial: Trial, runs: int, seed: int, l1_accuracy: bool = True,
              progress: Tell | bool = False) -> Result:
    """All runs of one trial."""
    return solve(
        *trial.made(), initial=trial.initial, seed=seed,
        max_iterations=trial.cap, tolerance=None, step_tolerance=trial.stop,
        check_every=trial.check_every, runs=runs,
        l1_accuracy=l1_accuracy, progress=progress)


def outcome(trial: Trial, result: Result) -> Outcome:
    """What the claims need of a trial, with the certified Nash gaps of the final profiles."""
    runs = _by_run(result)
    game = cast(MarkovGame, result.game)
    certificates = [certify(game, profile) for profile in runs["profile"]]
    accuracy = runs.get("l1_accuracy")
    return Outcome(
        iterations=runs["iterations"], stopped=_stopped(runs), cap=trial.cap,
        gap=np.array([c.nash_gap for c in certificates]), l1_accuracy=accuracy,
        worst_gap=np.array([np.nan if c.worst_state_gap is None else c.worst_state_gap
                            for c in certificates]))


def _by_run(result: Result) -> Mapping[str, np.ndarray]:
    """The result's arrays with a leading axis of runs, also for a single run."""
    single = not isinstance(result.status, tuple)
    arrays = {"profile": result.profile, "iterations": np.asarray(result.iterations),
              **result.history}
    lifted = {name: rows[None] if single else rows for name, rows in arrays.items()}
    statuses = (result.status,) if single else result.status
    return {**lifted, "status": np.array(statuses, dtype=object)}


def noted(trials: Mapping[str, Trial]) -> list[str]:
    """Lines for a figure that say how the trials of one column were run, by label: game, step size,
    discount, batch, start and stop."""
    first = next(iter(trials.values()))
    game = games.make(first.game, **first.game_parameters)
    said = {"samples": "batch", "episodes": "batch", "horizon": "T"}
    told = ", ".join(f"{said[name]} {value}" for name, value in first.oracle_parameters.items())
    discount = 1 - 1 / game.scale if not game.undiscounted else 1.0
    stops = ", ".join(f"{label} at {trial.stop:g} or {trial.cap:,}"
                      for label, trial in trials.items())
    return [f"{first.game}, step size {first.rule_parameters['step_size']:g}, "
            f"discount {discount:.3g}",
            f"{told or 'exact values'}, {first.initial} start",
            f"stop: {stops} iterations"]


def curves(result: Result) -> Curves:
    runs = _by_run(result)
    return Curves(runs["l1_accuracy"], runs["check_iteration"], runs["nash_gap"],
                  _stopped(runs))


def _stopped(runs: Mapping[str, np.ndarray]) -> np.ndarray:
    """[runs] whether the policy step fell to the trial's stop."""
    return runs["status"] == Status.SMALL_STEP
