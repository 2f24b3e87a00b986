"""The one loop: `solve` lets every agent learn by itself and watches the exact Nash gap.

The device advances all runs in chunks (`device`); between chunks the host computes the exact gap,
reports progress, decides (`host`), and writes checkpoints (`checkpoint.store`). A run is CONVERGED
only on an exact gap, computed by the game for the very profile that is returned.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable
from functools import partial
from typing import Any

import jax
import numpy as np

from potentia import __version__
from potentia.console.progress import Tell
from potentia.errors import InputError, truth_value
from potentia.game import Game, HasLinks, Shardable, usable
from potentia.learning.checkpoint import store
from potentia.learning.checkpoint.fingerprint import described
from potentia.learning.contract import naming_host_functions
from potentia.learning.device import RunState
from potentia.learning.host import Monitor
from potentia.learning.parameters import refuse_bad_functions
from potentia.learning.programs import programs_of
from potentia.learning.running import advanced, result_of
from potentia.learning.seam import begin, gone_on
from potentia.learning.settings import Settings, checked_settings
from potentia.learning.snapshots import refuse_too_many
from potentia.learning.starting import begun, holding, refuse_no_profile, start_profiles
from potentia.learning.together import going_together, refuse_too_many_runs
from potentia.oracles.base import Oracle
from potentia.result import Final, Result, Status
from potentia.rules.base import Rule
from potentia.runtime.code import digest_of
from potentia.runtime.float64 import float64_on_one_blas_thread, refuse_inside_a_trace
from potentia.runtime.own import is_own
from potentia.runtime.sharding import over_devices
from potentia.schedules.base import Schedule


def solve(game: Game, rule: Rule, oracle: Oracle | None = None, *, initial: object = "random",
          seed: int | None = None,
          max_iterations: int = 10_000, tolerance: float | None = 1e-8,
          relative_tolerance: float | None = None,
          step_tolerance: float | None = None,
          check_every: int = 100, runs: int = 1, l1_accuracy: bool = False,
          progress: bool | Tell | None = None,
          checkpoint: str | os.PathLike[str] | None = None, checkpoint_every: float = 60.0,
          resume: bool = False, schedule: Schedule | None = None, record_every: int = 1,
          snapshots: int | str | Iterable[int] | None = None) -> Result:
    """Let the agents of `game` learn independently by `rule`, from what `oracle` tells them.

    rule, oracle, game, schedule: Potentia's, or of a class of one's own (`pt.rules.rule`,
        `pt.oracles.oracle`, `pt.schedules.schedule`). What such a class returns is checked: shapes
        and dtypes before the first iteration, each row of every update as it is made.
    oracle: `Exact()` if omitted.
    initial: "random" (interior, by the seed), "uniform", a profile [N, H, A], or one of each run
        [runs, N, H, A]. Or a Result, whose runs all go on from where they ended, to the bits of one
        longer solve: with their random keys (leave `seed` out) and history. A rule of the same
        class goes on with its memory, the steps that it has learnt included; another begins from
        the log-policies. So does an oracle that keeps something, such as play that goes on; one of
        another class begins anew. The game may have changed, but for the actions that exist. Of a
        routing game, earlier flows on links (`WarmStarts.profile_of_flows`), or a Result of another
        version of its roads, whose profiles are carried over (`WarmStarts.profile_from`) and learn
        anew.
    seed: a whole number, 0 if omitted; the runs use independent keys derived from it.
    max_iterations: the exact limit of updates; of further ones where a result goes on.
    tolerance: with an exact oracle a run is CONVERGED when its exact Nash gap from the initial
        distribution, rounding included, is at most this; None to go on regardless. With any other
        oracle the gap is recorded and never acted on. `certify`, which trusts no solver, resolves
        gaps down to about 1e-12 (1 + max|V|) / (1 - discount): a smaller tolerance may be reached
        here and not be signed there. XLA takes numbers below 2.2e-308 for 0, so that no gap counts
        as less than 1e-292 / (1 - discount): a tolerance of 0 is never reached, whatever the game,
        and such a run ends when nothing moves (`step_tolerance`) or at `max_iterations`.
    relative_tolerance: of a routing game and an exact oracle, a run is CONVERGED too when its exact
        relative gap, rounding included, is at most this: what all agents would gain by their best
        responses, over what they all pay. `certify` resolves relative gaps down to about 1e-12:
        a run that is asked for less ends as UNVERIFIED, or CONVERGED if the certificate signs it.
    step_tolerance: a run ends as SMALL_STEP when the mean over agents of the L1 change is at most
        this. If omitted, an exact run with a tolerance ends when nothing moves at all; one without
        goes on regardless, and so does a sampled one: a batch in which nobody happens to try
        anything new moves nothing either.
    check_every: iterations between exact gaps; the first and the last profile are always checked.
    runs: number of independent runs, advanced together.
    l1_accuracy: also record the distance to each run's own final profile, by replaying the run.
    progress: show a bar, by default on a terminal and in a notebook; in a pipe True writes lines on
        standard error. Or a function that is told (iterations done, a note) at the start and at
        every check; if it raises KeyboardInterrupt, the runs end.
    checkpoint: a directory to write checkpoints to, which stay there; the solve is refused if it
        holds one already. Processes that share the solve all need the same directory; each writes
        its own part there.
    checkpoint_every: seconds between two checkpoints; the last one is written at the end, or at
        Ctrl-C.
    resume: go on from the checkpoint, or start if there is none yet. On the same machine with the
        same versions the result has the same bits as that of a solve that was never stopped (on a
        GPU, roads need XLA_FLAGS=--xla_gpu_deterministic_ops=true for that). All
        that these bits depend on must be as it was, the numbers of devices and processes too, but
        max_iterations may be more.

    schedule: who moves when (`pt.schedules`); everybody in every iteration if omitted. Who waits
        keeps policy and memory. A run ends as SMALL_STEP only after a whole round in which
        everybody moved and nothing changed.
    record_every: history has the updates t that are multiples of this, and all checks.
    snapshots: keep profiles on the way, and the last: of every k-th iteration, of the iterations in
        a list, or "logarithmic", ten of each power of ten. All together they may take 1 GB.

    Returns a `Result`. Ctrl-C ends the runs as INTERRUPTED and returns what there is; in one of the
    processes that share the solve it does so in all.
    Raises InputError on bad settings, for an own class that returns what it should not, and for a
    checkpoint that is damaged or of another solve.
    """
    oracle, schedule = going_together(game, rule, oracle, schedule)
    initial = begun(initial, game)
    refuse_too_many_runs(game, runs)
    truth_value(resume, "resume")
    truth_value(l1_accuracy, "l1_accuracy")
    if progress is not None and not callable(progress):
        truth_value(progress, "progress")
    settings = checked_settings(initial, seed, max_iterations, tolerance,
                                relative_tolerance, step_tolerance, check_every, runs,
                                record_every, snapshots)
    if relative_tolerance is not None and (is_own(game) or not isinstance(game, HasLinks)):
        raise InputError(f"relative_tolerance goes with a RoutingGame, but game is a "
                         f"{type(game).__name__}")
    given = game
    before = initial if isinstance(initial, Result) else None
    start_profile = start_profiles(initial, game)
    refuse_too_many(settings.snapshots, settings.max_iterations,
                    settings.runs * int(np.size(usable(game))))
    if start_profile is not None:
        game = holding(game, start_profile)
    shards = game.shards if isinstance(game, Shardable) else 1
    with (float64_on_one_blas_thread(), over_devices(game, shards) as placed,
          naming_host_functions(game, oracle, rule, *([] if schedule is None else [schedule]))):
        refuse_inside_a_trace("solve")
        for thing in (rule, schedule):
            refuse_bad_functions(thing, game, settings.max_iterations,
                                 0 if before is None else int(np.max(before.iterations)))
        programs = programs_of(placed, oracle, rule, schedule)
        state = programs.start(None if start_profile is not None else settings.initial,
                               start_profile,
                               np.int64(settings.seed),
                               settings.runs)
        if before is not None:
            state = gone_on(before, programs, state)
        elif is_own(game):
            refuse_no_profile(game, settings.initial, np.exp(np.asarray(state.log_profile)))
        monitor = Monitor(programs, settings)
        asked = partial(_asked, game, rule, oracle, schedule, settings,
                        start_profile if before is None else before.final, state)
        with store.opened(checkpoint, checkpoint_every, resume, asked) as checkpoints:
            start = monitor.start(state) if before is None else begin(monitor, before, state)
            final = advanced(monitor, checkpoints.first(start, monitor.limit) if checkpoints
                         else start, checkpoints, progress)
        history = final.history()
        if l1_accuracy and Status.INTERRUPTED not in final.statuses:
            history["l1_accuracy"] = monitor.replay(
                state, final.state, start.updates.counts(settings.runs))
        return result_of(programs, given, game, final, history, settings)


def _asked(game: Game, rule: Rule, oracle: Oracle, schedule: Schedule | None, settings: Settings,
           begun: np.ndarray | Final | None, state: RunState) -> dict[str, str]:
    """All that the bits of a run depend on. Not the limit of updates: runs that only reached it can
    go on."""
    devices = f"{len(state.log_profile.sharding.device_set)} {jax.default_backend()}"
    if jax.process_count() > 1:
        devices += f" in {jax.process_count()} processes"
    asked = dataclasses.asdict(settings) | {"random_bits": str(jax.random.key_impl(state.key)),
                                            "potentia": __version__, "jax": jax.__version__}
    del asked["max_iterations"]
    # First, since a game that is laid out for other devices differs in many of its arrays.
    texts = described(devices, "devices")
    for name, thing in (("game", game), ("rule", rule), ("oracle", oracle),
                        ("schedule", schedule)):
        texts |= described(thing, name)
        if thing is not None and is_own(thing):
            texts |= {f"{name}'s code": digest_of(thing)}
    for name, value in asked.items():
        texts |= described(value, name)
    return texts if begun is None else texts | described(begun, "initial")


def solved(*arguments: Any, **named: Any) -> Result:
    """What `solve` returns, for who needs the runs whole: after Ctrl-C it raises KeyboardInterrupt
    instead of giving them as far as they came."""
    result = solve(*arguments, **named)
    if Status.INTERRUPTED in result.statuses:
        raise KeyboardInterrupt
    return result
