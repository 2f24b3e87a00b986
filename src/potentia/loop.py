"""The one loop: `solve` lets every agent learn by itself and watches the exact Nash gap.

The device advances all runs in chunks (`stepper`); between chunks the host computes the exact gap, reports
progress and decides. A run is CONVERGED only on an exact gap, computed by the game for the very profile
that is returned.
"""

from __future__ import annotations

import dataclasses
import time
from functools import partial
from typing import Any

import jax
import numpy as np

from potentia import stepper
from potentia.errors import InputError, finite_number, whole_number
from potentia.game import Game
from potentia.numerics import float64_on_one_blas_thread
from potentia.oracles.exact import Exact
from potentia.profile import checked
from potentia.progress import Tell, progress_bar
from potentia.result import Result, Status
from potentia.stepper import BAD, CHUNK, CLOSE, REST, RUNNING, SMALL, RunState, Stops

LIMIT_GB = 8.0           # what all runs together may take
CHUNK_SECONDS = 0.5      # about how long the host waits for one chunk, so that Ctrl-C and progress answer


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a solve was asked for; see `solve`."""

    initial: str
    seed: int
    max_iterations: int
    tolerance: float | None
    step_tolerance: float | None
    check_every: int
    runs: int


def solve(game: Game, rule: Any, oracle: Any = None, *, initial: object = "random", seed: int = 0,
          max_iterations: int = 10_000, tolerance: float | None = 1e-8, step_tolerance: float | None = None,
          check_every: int = 100, runs: int = 1, l1_accuracy: bool = False,
          progress: bool | Tell | None = None) -> Result:
    """Let the agents of `game` learn independently by `rule`, from what `oracle` tells them.

    oracle: `Exact()` if omitted.
    initial: "random" (interior, by the seed), "uniform", or a profile [N, H, A].
    seed: a whole number; the runs use independent keys derived from it.
    max_iterations: the exact limit of updates.
    tolerance: with an exact oracle a run is CONVERGED when its exact Nash gap from the initial
        distribution, rounding included, is at most this; None to go on regardless. With any other oracle the
        gap is recorded and never acted on.
    step_tolerance: a run ends as SMALL_STEP when the mean over agents of the L1 change is at most this. If
        omitted, an exact run ends when nothing moves at all, and a sampled one never: a batch in which nobody
        happens to try anything new moves nothing either.
    check_every: iterations between exact gaps; the first and the last profile are always checked.
    runs: number of independent runs, advanced together.
    l1_accuracy: also record the distance to each run's own final profile, by replaying the run.
    progress: show a bar on standard error; by default if that is a terminal. Or a function that is told
        (iterations done, a note) at every check; if it raises KeyboardInterrupt, the runs end.

    Returns a `Result`. Ctrl-C ends the runs as INTERRUPTED and returns what there is.
    Raises InputError on bad settings.
    """
    oracle = Exact() if oracle is None else oracle
    _refuse_non_instances(game, rule, oracle)
    if hasattr(oracle, "check"):
        oracle.check(game)
    _refuse_too_many(game, runs)
    settings = _settings(initial, seed, max_iterations, tolerance, step_tolerance, check_every, runs)
    with float64_on_one_blas_thread():
        given = None if isinstance(initial, str) else checked(initial, np.asarray(game.mask))
        state = stepper.start(game, rule, None if given is not None else settings.initial, given,
                              np.int64(settings.seed), settings.runs)
        with progress_bar(settings.max_iterations, progress) as tell:
            watch = _Watch(game, oracle, rule, settings, tell)
            final, statuses = watch.run(state)
            history = watch.history(final)
            if l1_accuracy and Status.INTERRUPTED not in statuses:
                history["l1_accuracy"] = watch.replay(state, final)
        return _result(game, rule, oracle, final, statuses, history, settings)


def _refuse_non_instances(game: Any, rule: Any, oracle: Any) -> None:
    needed = (("game", game, "best_response"), ("rule", rule, "update"), ("oracle", oracle, "exact"))
    for kind, thing, method in needed:
        if isinstance(thing, str):
            raise InputError(f"{kind} is the text {thing!r}; give the {kind} itself, pt.{kind}s.make({thing!r}, ...)")
        if isinstance(thing, type):
            raise InputError(f"{kind} is the class {thing.__name__}; give an instance, {thing.__name__}(...)")
        if not hasattr(thing, method):
            raise InputError(f"{kind} is a {type(thing).__name__}, which is no {kind}: it has no `{method}`")


def _refuse_too_many(game: Game, runs: object) -> None:
    """Find out before anything is allocated whether all runs fit (profiles, memory, values, records)."""
    size = 8 * whole_number(runs, "runs", 1) * (6 * int(np.size(game.mask)) + 3 * CHUNK)
    if size > LIMIT_GB * 1e9:
        raise InputError(f"runs is {runs}, which needs {size / 1e9:,.0f} GB at once, but the limit is {LIMIT_GB:g} GB")


def _settings(initial: object, seed: object, max_iterations: object, tolerance: object, step_tolerance: object,
              check_every: object, runs: object) -> Settings:
    if isinstance(initial, str) and initial not in ("random", "uniform"):
        raise InputError(f"initial is {initial!r}, but it must be 'random', 'uniform' or a profile [N, H, A]")
    return Settings(
        initial=initial if isinstance(initial, str) else "given", seed=_seed(seed),
        max_iterations=whole_number(max_iterations, "max_iterations"),
        check_every=whole_number(check_every, "check_every", 1), runs=whole_number(runs, "runs", 1),
        tolerance=None if tolerance is None else _not_negative(tolerance, "tolerance"),
        step_tolerance=None if step_tolerance is None else _not_negative(step_tolerance, "step_tolerance"))


def _seed(value: object) -> int:
    seed = whole_number(value, "seed")
    if seed >= 2**63:
        raise InputError(f"seed is {seed}, but it must be below 2**63")
    return seed


def _not_negative(value: object, name: str) -> float:
    number = finite_number(value, name)
    if number < 0:
        raise InputError(f"{name} is {number:g}, but it must not be negative")
    return float(number)


class _Watch:
    """The host's side of one solve: chunks, checks, statuses, history."""

    def __init__(self, game: Game, oracle: Any, rule: Any, settings: Settings, tell: Tell):
        self.game, self.settings, self.tell = game, settings, tell
        # What the exact gap has to fall to; a sampled run never stops on what its agents cannot see.
        self.least_step = settings.step_tolerance if settings.step_tolerance is not None else \
            0.0 if oracle.exact else -1.0
        self.goal = settings.tolerance if oracle.exact and settings.tolerance is not None else -np.inf
        # If no advantage exceeds tolerance/scale, the gap is within the tolerance (the performance
        # difference lemma); at discount 1 there is no such bound and the interval alone decides.
        self.close = -np.inf if game.undiscounted else self.goal / float(game.scale)
        self.advance = partial(stepper.advance, game, oracle, rule)
        self.records: list[np.ndarray] = []                     # [runs, CHUNK, ...] each
        self.checks: list[tuple[np.ndarray, np.ndarray]] = []   # (iterations [runs], quantities [runs, ...])
        self.pace = _Pace()

    def run(self, state: RunState) -> tuple[RunState, list[Status]]:
        """Advance until every run has ended; the final states and why each ended."""
        settings = self.settings
        statuses: list[Status | None] = [None] * settings.runs
        reference, done = np.exp(state.log_profile), 0
        try:
            self._decide(state, statuses, done)
            while None in statuses:
                next_check = min((done // settings.check_every + 1) * settings.check_every, settings.max_iterations)
                until = min(next_check, done + self.pace.limit)
                stops = Stops(step=np.float64(self.least_step), advantage=np.float64(self.close))
                following, records = self.pace.timed(self.advance, stops, state, reference,
                                                     np.full(settings.runs, until))
                # Recorded first: should Ctrl-C fall between, rows without a state are cut off at the end.
                self.records.append(np.asarray(records))
                state, done = following, until
                if done == next_check or _ended(state, statuses):
                    self._decide(state, statuses, done)
                    state = dataclasses.replace(state, signal=_signals(statuses))
        except KeyboardInterrupt:
            statuses = [status or Status.INTERRUPTED for status in statuses]
        return state, [status for status in statuses if status is not None]

    def _decide(self, state: RunState, statuses: list[Status | None], done: int) -> None:
        """Compute the exact gap of the runs still going and end those that are to end."""
        going = np.array([status is None for status in statuses])
        exact = np.asarray(stepper.check(self.game, state.log_profile, going))
        self.checks.append((np.asarray(state.iteration), exact))
        for run in np.flatnonzero(going):
            # What counts is the gap with its error: no run converges on what rounding hides.
            statuses[run] = self._status(int(state.signal[run]), int(state.iteration[run]), exact[run, :2].sum())
            if statuses[run] is None and state.signal[run] == CLOSE:
                self.close = -np.inf      # asked for in vain once, it would be at every iteration
        self.tell(done, f"Nash gap {np.max(exact[going, 0]):.3g}")

    def _status(self, signal: int, iteration: int, gap: float) -> Status | None:
        if signal == BAD or np.isnan(gap):
            return Status.NONFINITE
        if gap <= self.goal:
            return Status.CONVERGED
        if signal == SMALL:
            return Status.SMALL_STEP
        return Status.MAX_ITERATIONS if iteration >= self.settings.max_iterations else None

    def replay(self, state: RunState, final: RunState) -> np.ndarray:
        """L1 distance of every iterate to the run's own final profile, [runs, T+1], by running again."""
        reference, ends = np.exp(final.log_profile), np.asarray(final.iteration)
        never = Stops(step=np.float64(-1.0), advantage=np.float64(-np.inf))
        rows, done = [], 0
        while done < ends.max():
            done = min(done + self.pace.limit, int(ends.max()))
            state, records = self.pace.timed(self.advance, never, state, reference, np.minimum(ends, done))
            rows.append(np.asarray(records)[:, :, stepper.RECORDED.index("l1_accuracy")])
        return _with_last(_joined(rows, ends), ends)

    def history(self, final: RunState) -> dict[str, np.ndarray]:
        """Records by iteration [runs, T] and by check [runs, checks]."""
        ends = np.asarray(final.iteration)
        by_name = {name: _joined([chunk[:, :, k] for chunk in self.records], ends)
                   for k, name in enumerate(stepper.RECORDED) if name != "l1_accuracy"}
        by_name["check_iteration"] = np.stack([done for done, _ in self.checks], axis=1) if self.checks else \
            np.zeros((self.settings.runs, 0), np.int64)
        for k, name in enumerate(stepper.CHECKED):
            columns = np.stack([exact[:, k] for _, exact in self.checks], axis=1) if self.checks else \
                np.zeros((self.settings.runs, 0))
            if name != "potential" or not np.isnan(columns).all():
                by_name[name] = columns
        return by_name


class _Pace:
    """How many iterations the next chunk may take, so that one takes about CHUNK_SECONDS."""

    def __init__(self) -> None:
        self.limit = 16          # the first chunk includes compilation, so it says little

    def timed(self, advance: Any, stops: Stops, state: RunState, reference: Any, until: np.ndarray) -> tuple:
        began = time.monotonic()
        state, records = jax.block_until_ready(advance(stops, state, reference, until))
        if time.monotonic() - began < CHUNK_SECONDS:
            self.limit = min(2 * self.limit, CHUNK)
        else:
            self.limit = max(self.limit // 2, 1)
        return state, records


def _ended(state: RunState, statuses: list[Status | None]) -> bool:
    """Whether the device handed back a run that the host still counts as going."""
    signals = np.asarray(state.signal)
    return any(status is None and signal != RUNNING for status, signal in zip(statuses, signals, strict=True))


def _signals(statuses: list[Status | None]) -> np.ndarray:
    """RUNNING for the runs to go on with, REST for those that have ended."""
    return np.array([RUNNING if status is None else REST for status in statuses])


def _joined(chunks: list[np.ndarray], ends: np.ndarray) -> np.ndarray:
    """Chunks [runs, CHUNK], NaN where a run made no iteration, as one array [runs, T] padded at the end."""
    joined = np.full((ends.size, int(ends.max(initial=0))), np.nan)
    for run, end in enumerate(ends):
        rows = np.concatenate([chunk[run] for chunk in chunks]) if chunks else np.zeros(0)
        joined[run, :end] = rows[~np.isnan(rows)][:end]
    return joined


def _with_last(distances: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Append the final profile's own distance, 0, to each run."""
    padded = np.column_stack([distances, np.full(len(ends), np.nan)])
    padded[np.arange(len(ends)), ends] = 0.0
    return padded


def _result(game: Game, rule: Any, oracle: Any, final: RunState, statuses: list[Status],
            history: dict[str, np.ndarray], settings: Settings) -> Result:
    profile = np.exp(np.asarray(final.log_profile))
    iterations = np.asarray(final.iteration)
    named = {"rule": type(rule).__name__, "oracle": type(oracle).__name__,
             **{f"rule.{field}": _plain(value) for field, value in vars(rule).items()},
             **{f"oracle.{field}": _plain(value) for field, value in vars(oracle).items()},
             **dataclasses.asdict(settings)}
    if settings.runs > 1:
        return Result(game, profile, tuple(statuses), iterations, history, named)
    single = {name: rows[0] for name, rows in history.items()}
    return Result(game, profile[0], statuses[0], int(iterations[0]), single, named)


def _plain(value: Any) -> Any:
    """A setting as JSON can hold it."""
    return np.asarray(value).tolist() if isinstance(value, np.ndarray | np.generic) else \
        value if isinstance(value, int | float | str | bool | None) else repr(value)
