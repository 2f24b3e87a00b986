"""Many runs in one compiled program: each with a rule and a seed of its own, on one game.

The rules are of one class and differ in numbers only, which become arrays with an axis `runs`, as
the states are. Run k has the bits of `solve(game, rules[k], seed=seeds[k])` with an exact oracle,
mapped over the runs on a processor (`side_by_side` says what an accelerator does). With one that is
`batched` (the sampled) they go side by side, and its sums may round otherwise in a batch of another
size.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.console.progress import Tell
from potentia.console.text import counted
from potentia.errors import InputError
from potentia.game import Game, Shardable
from potentia.learning import device
from potentia.learning.contract import naming_host_functions
from potentia.learning.device import PerRun, RunState
from potentia.learning.host import Monitor
from potentia.learning.parameters import refuse_bad_functions
from potentia.learning.programs import OneRule, Programs, programs_of
from potentia.learning.running import advanced, result_of
from potentia.learning.settings import checked_settings
from potentia.learning.shared import OfDevice
from potentia.learning.together import going_together, refuse_too_many_runs
from potentia.oracles.base import Oracle, counts_steps, stateful
from potentia.result import Result, Status
from potentia.rules.base import Rule
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.runtime.own import attributes, is_own
from potentia.runtime.sharding import over_devices
from potentia.schedules.base import Schedule


def one_program(one: Rule, other: Rule, *things: Any) -> bool:
    """Whether one compiled program serves both rules: they are one and the same; or they are of one
    class of Potentia's and differ in numbers only, and so are game, oracle and schedule, `things`,
    of Potentia's classes."""
    if one is other:
        return True
    if any(thing is not None and is_own(thing) for thing in (one, other, *things)):
        return False
    shapes = [[np.shape(leaf) for leaf in jax.tree.leaves(rule)] for rule in (one, other)]
    return jax.tree.structure(one) == jax.tree.structure(other) and shapes[0] == shapes[1]


def solve_each(game: Game, rules: Sequence[Rule], seeds: Sequence[int],
               oracle: Oracle | None = None, schedule: Schedule | None = None, *,
               initial: str = "random", max_iterations: int = 10_000,
               tolerance: float | None = 1e-8, step_tolerance: float | None = None,
               check_every: int = 100, record_every: int = 1,
               progress: bool | Tell | None = None) -> list[Result]:
    """A run by each of `rules` from the seed beside it, all in one program: a result of each.

    rules: for which `one_program` holds. The rest is as in `solve`.
    Raises InputError as `solve` does, and unless the rules go in one program; KeyboardInterrupt
    where `solve` would give back what there is, which is less than was asked for.
    """
    if not rules or len(rules) != len(seeds):
        raise InputError(f"{counted(len(rules), 'rule')} and {counted(len(seeds), 'seed')} were "
                         f"given, but each run needs one of both")
    if not all(one_program(rules[0], rule, game, oracle, schedule) for rule in rules):
        raise InputError("the rules go in no one program: they differ in more than their numbers, "
                         "or something is of a class of one's own")
    distinct = list({id(rule): rule for rule in rules}.values())
    for rule in distinct:
        ready, movers = going_together(game, rule, oracle, schedule)
    refuse_too_many_runs(game, len(rules))
    checked = [checked_settings(initial, seed, max_iterations, tolerance, None, step_tolerance,
                                check_every, 1, record_every, None) for seed in seeds]
    settings = dataclasses.replace(checked[0], runs=len(rules))
    shards = game.shards if isinstance(game, Shardable) else 1
    with (float64_on_one_blas_thread(), over_devices(game, shards) as placed,
          naming_host_functions(game, ready, rules[0], *([] if movers is None else [movers]))):
        for thing in (*distinct, movers):
            refuse_bad_functions(thing, game, settings.max_iterations)
        programs: Programs = programs_of(placed, ready, rules[0], movers)
        if len(distinct) > 1:
            programs = _Batch(placed, ready, rules[0], movers, tuple(rules), _stacked(rules))
        state = programs.start(initial, None, np.array([each.seed for each in checked]),
                               len(rules))
        monitor = Monitor(programs, settings)
        final = advanced(monitor, monitor.start(state), None, progress)
        if Status.INTERRUPTED in final.statuses:
            raise KeyboardInterrupt
        together = result_of(programs, game, game, final, final.history(), settings)
    return [_run_of(together, run, rule, each.seed)
            for run, (rule, each) in enumerate(zip(rules, checked, strict=True))]


def _stacked(rules: Sequence[Rule]) -> PerRun:
    def stacked(*numbers: Any) -> Any:
        return jnp.stack([jnp.asarray(number) for number in numbers])

    return PerRun(jax.tree.map(stacked, *rules))


@dataclasses.dataclass(frozen=True)
class _Batch(OfDevice):
    """The programs of Potentia's classes with a rule of each run.

    rule: the first, which tells the class of all. own: the rules. stacked: the same, as one.
    """

    own: tuple[Rule, ...]
    stacked: PerRun

    @property
    def learner(self) -> PerRun:
        """What each run learns by."""
        return self.stacked

    def start(self, initial: str | None, start_profile: Any, seed: Any, runs: int) -> RunState:
        return device.start(self.game, self.stacked, self.schedule, initial, start_profile, seed,
                            runs, counts_steps(self.oracle), stateful(self.oracle))

    def reoriented(self, states: RunState, wanted: np.ndarray) -> RunState:
        for run in np.flatnonzero(wanted):
            states = self.of_run(int(run)).reoriented(states, np.arange(len(wanted)) == run)
        return states

    def of_run(self, run: int) -> OneRule:
        return programs_of(self.game, self.oracle, self.own[run], self.schedule)


def _run_of(together: Result, run: int, rule: Rule, seed: int) -> Result:
    """The result of one run of a batch, without what a batch only pads it with."""
    runs = len(together.profiles)
    statuses = together.status if isinstance(together.status, tuple) else (together.status,)
    rows = {name: np.reshape(values, (runs, -1))[run] for name, values in together.history.items()}
    made = int(np.ravel(together.iterations)[run])
    updates = int((rows["iteration"] < made).sum())
    checks = int(np.argmax(rows["check_iteration"] == made)) + 1
    history = {name: values[:updates if name in ("iteration", "policy_step", "advantage")
                            else checks] for name, values in rows.items()}
    settings = together.settings | {"runs": 1, "seed": seed} | {
        f"rule.{name}": value if isinstance(value, int | float | str) else
        together.settings.get(f"rule.{name}") for name, value in attributes(rule).items()}
    final = together.final and dataclasses.replace(together.final, arrays={
        name: array[run:run + 1] for name, array in together.final.arrays.items()})
    return Result(together.game, together.profiles[run], statuses[run], made, history, settings,
                  together.messages[run], None, final)
