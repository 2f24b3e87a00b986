"""Where one solve ends and another goes on: to the same bits, where nothing else has changed.

What a solve leaves (`Final`) is its runs whole, as a checkpoint has them. The rule's memory, with
the steps that it may have learnt, goes on with the same class of rule; another rule begins from the
log-policies. The same holds of the schedule, and of an oracle that keeps something: of another
class it begins anew. The check at the seam is made again, since what is
asked for may have changed, and is on record once.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError
from potentia.game import Game, usable
from potentia.learning.checkpoint.arrays import fitting, is_key, leaves_of
from potentia.learning.device import RUNNING, STEPS, RunState
from potentia.learning.history import Log
from potentia.learning.host import CHECK, UPDATE, Monitor, SolveState, check_columns
from potentia.learning.programs import OneRule, Programs
from potentia.oracles.base import stateful
from potentia.profile import SAME
from potentia.result import Final, Result
from potentia.runtime.sharding import gathered


def final_of(programs: Programs, state: RunState) -> Final:
    """What a solve leaves of its runs for another to go on from."""
    arrays = {name: gathered(jax.random.key_data(leaf) if is_key(leaf) else leaf)
              for name, leaf in leaves_of(state).items()}
    return Final(arrays, str(jax.random.key_impl(state.key)), type(programs.rule).__qualname__,
                 _name_of(programs.schedule), _name_of(stateful(programs.oracle)))


def refuse_other(result: Result, game: Game) -> np.ndarray:
    """The profiles [runs, N, H, A] that a result ends with. Raises InputError unless `game` has the
    same actions, and the result what another solve goes on from."""
    if result.final is None:
        raise InputError("initial is a result that holds no state to go on from, as an older "
                         "Potentia wrote them: give initial=result.profile")
    there, here = usable(result.game), usable(game)
    if there.shape != here.shape or (there != here).any():
        raise InputError(f"initial is a result of a game with actions {there.shape} [N, H, A], of "
                         f"which {np.count_nonzero(there)} exist, but game has {here.shape}, of "
                         f"which {np.count_nonzero(here)} exist: only the same go on")
    _refuse_edited(result, result.final)
    return result.profiles


def _refuse_edited(result: Result, final: Final) -> None:
    """Raise InputError unless the result tells of its runs what their states do, which go on:
    whoever edited the one would wait in vain for the other to change."""
    at, logs = final.arrays.get(".iteration"), final.arrays.get(".log_profile")
    there = {"iterations": at is not None and np.array_equal(np.ravel(result.iterations), at)
             and bool(np.all(at >= 0)),
             # The exponential of another machine may end in another digit.
             "profiles": logs is not None and logs.shape == result.profiles.shape
             and np.allclose(np.exp(logs), result.profiles, rtol=0, atol=SAME, equal_nan=True),
             "history": _is_whole(result)}
    for name, same in there.items():
        if not same:
            raise InputError(f"initial is a result whose state to go on from has other {name}: it "
                             f"was edited; give initial=result.profile to start anew")


def _is_whole(result: Result) -> bool:
    """Whether the history has the rows of all runs, each column as many as the others."""
    if not {"policy_step", "check_iteration", "nash_gap"} <= result.history.keys():
        return False
    for names in (UPDATE, (*CHECK, STEPS)):
        columns = [np.atleast_2d(result.history[name]) for name in names if name in result.history]
        if len({column.shape for column in columns}) > 1 \
                or len(columns[0]) != len(result.profiles) \
                or any(column.dtype.kind not in "iuf" for column in columns):
            return False
    return True


def gone_on(result: Result, programs: OneRule, like: RunState) -> RunState:
    """The runs of a result, on the devices of `like` and of its shapes.

    Raises InputError naming what does not fit: a memory of the same class of rule, say, that has
    other shapes now.
    """
    final = result.final
    assert final is not None
    if final.random_bits != str(jax.random.key_impl(like.key)):
        raise InputError(f"initial is a result with random bits by {final.random_bits}, but they "
                         f"come by {jax.random.key_impl(like.key)} here")
    same_rule = final.rule == type(programs.rule).__qualname__
    anew = [*([] if same_rule else [".memory"]),
            *([] if final.schedule == _name_of(programs.schedule) else [".turns"]),
            *([] if final.oracle == _name_of(stateful(programs.oracle)) else [".experience"]),
            *([] if f".{STEPS}" in final.arrays else [f".{STEPS}"])]

    def leaf(path: Any, old: Any) -> Any:
        name = jax.tree_util.keystr(path)
        if any(name.startswith(part) for part in anew):
            return old
        if is_key(old):
            data = _placed(final.arrays, name, jax.random.key_data(old))
            return jax.random.wrap_key_data(data, impl=jax.random.key_impl(old))
        return _placed(final.arrays, name, old)

    try:
        state: RunState = jax.tree_util.tree_map_with_path(leaf, like)
    except InputError as error:
        raise InputError(f"initial is a result that does not go on here: {error}") from None
    state = dataclasses.replace(state, signal=jnp.full_like(state.signal, RUNNING))
    return state if same_rule else programs.begun(state)


def begin(monitor: Monitor, result: Result, state: RunState) -> SolveState:
    """Before anything is done here, with what is on record of the result; but for the last check,
    which is made again."""
    ends = np.asarray(state.iteration)
    columns = {"iteration": _counted(result), **result.history}
    return dataclasses.replace(monitor.start(state),
                               updates=_log(columns, UPDATE, "policy_step", ends),
                               checks=_log(columns, check_columns(state), "nash_gap", ends),
                               snapshots=_snapshots(result, ends))


def _name_of(thing: Any) -> str:
    return "" if thing is None else type(thing).__qualname__


def _placed(arrays: dict[str, np.ndarray], name: str, old: Array) -> Array:
    whole = fitting(arrays, name, old.dtype, old.shape)
    if not old.committed:
        return jnp.asarray(whole)
    return jax.make_array_from_callback(whole.shape, old.sharding, lambda index: whole[index])


def _counted(result: Result) -> np.ndarray:
    """The iterations of the rows by iteration, of a result that does not tell."""
    rows = np.shape(result.history["policy_step"])
    return np.broadcast_to(np.arange(rows[-1]), rows)


def _log(columns: dict[str, np.ndarray], names: tuple[str, ...], told: str,
         ends: np.ndarray) -> Log:
    """The rows of these columns of before the end of each run, which has a number in `told`."""
    log = Log()
    rows = {name: np.atleast_2d(columns[name]) for name in names if name in columns}
    for run, end in enumerate(ends):
        kept = ~np.isnan(rows[told][run]) & (rows[names[0]][run] < end)
        table = np.full((int(kept.sum()), len(names)), np.nan)
        for k, name in enumerate(names):
            if name in rows:
                table[:, k] = rows[name][run][kept]
        log = log.with_rows(np.full(len(table), run), table)
    return log


def _snapshots(result: Result, ends: np.ndarray) -> Log:
    """Those of before the end; the last profile is kept again if it is asked for."""
    log, snapshots = Log(), result.snapshots
    if snapshots is None:
        return log
    at = np.atleast_2d(snapshots.iteration)
    profiles = snapshots.profile.reshape(*at.shape, -1)
    for run, end in enumerate(ends):
        kept = at[run] < end
        log = log.with_rows(np.full(int(kept.sum()), run),
                            np.column_stack([at[run], profiles[run]])[kept])
    return log
