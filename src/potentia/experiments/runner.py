"""Run the paper's trials and the studies beside them, judge claims, write figures and tables."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import cast

import numpy as np

from potentia import games, oracles, rules
from potentia.certificates.equilibrium import certify
from potentia.console.progress import Tell, progress_bar
from potentia.errors import known_name, whole_number
from potentia.experiments import chaos, lemmas
from potentia.experiments.claims import ACCURATE, ALMOST_EVERY, CLAIMS, NASH_GAP, Outcome, judged
from potentia.experiments.paper import FIGURES, MODES, STEP_SIZE, TRIALS, Trial, trials_of
from potentia.games.tabular.game import MarkovGame
from potentia.io.atomic import write_text
from potentia.io.directories import refuse_unwritable
from potentia.learning.solver import solve
from potentia.report.claims import markdown
from potentia.report.figures import Column, Curves, learning_figure, save_figure
from potentia.result import Result, Status
from potentia.runtime.float64 import float64_on_one_blas_thread

# What is reproduced beside the figures of Section 4: each writes files of its own to a directory,
# and returns entries.
STUDIES: dict[str, Callable[[Path, int], list[dict[str, object]]]] = {
    "chaos": lambda out, seed: chaos.reproduce(out),
    "lemmas": lemmas.reproduce,
}
WORKERS = 2
PLOTTED = {name for figure in FIGURES for kinds in MODES.values() for kind in kinds
           for name in trials_of(figure, kind).values()}


def reproduce(figures: Sequence[str], out: Path, modes: Sequence[str] = tuple(MODES),
              runs: int = 10, seed: int = 0,
              progress: bool | None = None) -> list[dict[str, object]]:
    """Reproduce figures of the paper in the given modes, and studies, and judge the claims that
    belong to them.

    figures: of `FIGURES` and `STUDIES`; a study is as written, whatever the modes. Writes
    `figN.png`, `figN.svg`, `claims.json` and `claims.md` to the directory `out`, and what the
    studies write; returns their entries too.
    Raises InputError for unknown figures or modes, and where `out` cannot be written.
    """
    whole_number(runs, "runs", 1)
    for figure in figures:
        known_name(figure, {*FIGURES, *STUDIES}, "figure")
    for mode in modes:
        known_name(mode, MODES, "mode")
    refuse_unwritable(out)
    drawn = [figure for figure in figures if figure in FIGURES]
    results = _run([name for name in TRIALS if name in _needed(drawn, modes)], runs, seed, progress)
    out.mkdir(parents=True, exist_ok=True)
    for figure in drawn:
        columns = [Column(kind, {label: _curves(results[name])
                                 for label, name in trials_of(figure, kind).items()})
                   for mode in modes for kind in MODES[mode]]
        save_figure(learning_figure(FIGURES[figure].title, columns, FIGURES[figure].mean),
                    out / figure)
    outcomes = {name: outcome(TRIALS[name], result) for name, result in results.items()}
    studied = _studied([name for name in STUDIES if name in figures], out, seed, progress)
    entries = judged(outcomes, drawn, modes) + studied.get("chaos", [])
    if set(figures) == {"lemmas"}:  # which has files of its own: earlier claims stay as they are
        return studied["lemmas"]
    write_text(out / "claims.json", json.dumps(entries, indent=1) + "\n")
    thresholds = {"nash_gap": NASH_GAP, "accurate": ACCURATE, "almost_every": ALMOST_EVERY}
    page = markdown(entries, runs, seed, thresholds)
    write_text(out / "claims.md",
               page + ((out / "lemmas.md").read_text() if "lemmas" in studied else ""))
    return entries + studied.get("lemmas", [])


def _studied(names: Sequence[str], out: Path, seed: int,
             progress: bool | None) -> dict[str, list[dict[str, object]]]:
    """The entries of each study."""
    found = {}
    with progress_bar(len(names), progress, "studying") as tell:
        for done, name in enumerate(names):
            tell(done, name)
            found[name] = STUDIES[name](out, seed)
    return found


def _needed(figures: Sequence[str], modes: Sequence[str]) -> set[str]:
    kinds = [kind for mode in modes for kind in MODES[mode]]
    drawn = {name for figure in figures for kind in kinds
             for name in trials_of(figure, kind).values()}
    return drawn | {name for claim in CLAIMS if claim.figure in figures for kind in kinds
                    if kind in claim.kinds
                    for name in claim.trials(kind)}


def _run(names: Sequence[str], runs: int, seed: int, progress: bool | None) -> dict[str, Result]:
    """All trials, two at a time: most of a trial keeps one core busy. Ctrl-C ends those that are
    under way."""
    stop = threading.Event()

    def trial(name: str) -> Result:
        return run_trial(TRIALS[name], runs, seed, name in PLOTTED, _stopping(stop))

    results = {}
    # The trials' own limits on BLAS threads nest in this one, so that none lifts another's.
    with (float64_on_one_blas_thread(), progress_bar(len(names), progress, "reproducing") as tell,
          ThreadPoolExecutor(WORKERS) as pool):
        waiting = {pool.submit(trial, name): name for name in names}
        try:
            for done, future in enumerate(as_completed(waiting), start=1):
                results[waiting[future]] = future.result()
                tell(done, waiting[future])
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return results


def _stopping(stop: threading.Event) -> Tell:
    """What a trial tells its progress to: it ends the trial once `stop` is set, as Ctrl-C would."""
    def tell(done: int, note: str) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
    return tell


def run_trial(trial: Trial, runs: int, seed: int, l1_accuracy: bool = True,
              progress: Tell | bool = False) -> Result:
    """All runs of one trial."""
    return solve(
        games.make(trial.game, **trial.game_parameters),
        rules.make(trial.rule, step_size=STEP_SIZE),
        oracles.make(trial.oracle, **trial.oracle_parameters), initial=trial.initial, seed=seed,
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


def _curves(result: Result) -> Curves:
    runs = _by_run(result)
    return Curves(runs["l1_accuracy"], runs["check_iteration"], runs["nash_gap"],
                  int(_stopped(runs).sum()))


def _stopped(runs: Mapping[str, np.ndarray]) -> np.ndarray:
    """[runs] whether the policy step fell to the trial's stop."""
    return runs["status"] == Status.SMALL_STEP
