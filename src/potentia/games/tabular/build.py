"""From arrays to the checked data of a `MarkovGame`: shapes, distributions, endings, information.

Everything is checked once, here, and an error names the culprit by index, value and expectation.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import numpy as np
import scipy.sparse as sp

from potentia.errors import InputError, whole_number
from potentia.games.checks import (
    NO_NUMBER,
    action_mask,
    array_of,
    discount_of,
    distribution,
    name_of,
    share_of,
)
from potentia.games.limits import check_evaluation
from potentia.games.tabular import structure
from potentia.games.tabular.chains import MOST_DIRECT, is_direct
from potentia.games.tabular.data import TabularData
from potentia.games.tabular.transitions import from_csr, is_sparse
from potentia.names import names_from, over_time
from potentia.runtime.precision import precision_of, sum_tolerance

SUMMED = 8             # units of a narrow type that sums in it are taken to be off by


def from_arrays(rewards: object, transitions: object, *, discount: float, initial: object,
                mask: object,
                information: object, horizon: int | None, stage_potential: object,
                accuracy: float | None,
                name: str, agents: object, actions: object, states: object) -> TabularData:
    """What `MarkovGame.from_arrays` says."""
    reward = _rewards(rewards)
    counts = reward.shape[2:]
    n_agents, n_states = reward.shape[:2]
    allowed = action_mask(mask, n_agents, n_states, counts)
    playable = _playable(allowed, counts)
    gamma = discount_of(discount)
    reward = np.ascontiguousarray(np.moveaxis(_checked_rewards(reward, playable, counts), 0, -1))
    table = _transitions(transitions, playable, counts)
    known_to = accuracy_of(accuracy, rewards, transitions)
    refuse_large = partial(_check_size, n_agents, table, not_factored=information is None
                           and bool(gamma < 1))
    refuse_large(n_states)
    mu = distribution(initial, n_states)
    seen = _information(information, n_agents, n_states)
    stage = _stage_potential(stage_potential, reward, playable, counts)
    names = names_from(agents, actions, states, counts, n_states)
    if horizon is not None:
        steps = whole_number(horizon, "horizon", least=1)
        refuse_large(steps * n_states + 1, times=steps, not_factored=information is None)
        names = over_time(names, steps)
        reward, table, mu, seen, stage, allowed, playable = structure.unroll(
            steps, reward, table, mu, seen, stage, allowed, playable)
    found = _assemble(reward, table, mu, seen, stage, allowed, playable, gamma, counts,
                      full_information=information is None, accuracy=known_to, name=name_of(name))
    return dataclasses.replace(found, names=names)


def accuracy_of(value: float | None, *arrays: Any) -> float:
    """What `MarkovGame.from_arrays` says of it."""
    if value is not None:
        return share_of(value, "accuracy")
    dtypes = (array.dtype if sp.issparse(array) else np.asarray(array).dtype for array in arrays)
    return SUMMED * max(map(precision_of, dtypes))


def _assemble(reward: np.ndarray, table: sp.csr_array, mu: np.ndarray, seen: np.ndarray,
              stage: np.ndarray | None, allowed: np.ndarray, playable: np.ndarray,
              gamma: np.float64,
              counts: tuple[int, ...], *, full_information: bool, accuracy: float,
              name: str) -> TabularData:
    n_states = mu.size
    absorbing = structure.absorbing_states(table, reward, playable)
    if gamma == 1:
        trap = structure.find_trap(table, playable, absorbing)
        if trap is not None:
            state, flat = trap
            raise InputError(
                f"discount is 1, but play need not end: from state {state} the joint action "
                f"{_joint(flat, counts)} and others like it avoid absorption for ever "
                "(give a discount below 1, a horizon, or absorbing states of reward 0)")
    depth = structure.depth(table, playable, absorbing)
    # Sweeps are exact, but so many of them over few states cost more than a factorisation.
    swept = depth is not None and (depth <= max(8, n_states // 8) or n_states > MOST_DIRECT)
    by_information = _mask_by_information(allowed, seen)
    found = TabularData(
        rewards=reward, transitions=from_csr(table, n_states), initial=mu, discount=gamma,
        absorbing=absorbing, mask=by_information, information=seen.astype(np.int32),
        stage_potential=stage, action_counts=tuple(int(c) for c in counts),
        sweeps=depth if swept else None, direct=is_direct(n_states, float(gamma)),
        undiscounted=bool(gamma == 1),
        full_information=full_information, separable=True, name=name, accuracy=accuracy)
    if full_information or structure.is_separable(found, table):
        return found
    return dataclasses.replace(found, separable=False)


def _check_size(n_agents: int, table: sp.csr_array, n_states: int, times: int = 1, *,
                not_factored: bool) -> None:
    """Refuse what exact evaluation cannot hold: a matrix [S, S]; or where transitions are sparse,
    states many, and their systems not factored, the entries and the rewards, `times` over."""
    widest = int(np.diff(table.indptr).max(initial=0))
    sparse = not_factored and n_states > MOST_DIRECT and is_sparse(widest, n_states)
    check_evaluation(n_states, times * table.shape[0] * (widest + n_agents) if sparse
                     else n_states**2)


def _joint(flat: int, counts: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(a) for a in np.unravel_index(flat, counts))


def _rewards(value: object) -> np.ndarray:
    array = array_of(value, "rewards").astype(np.float64, copy=False)
    if array.ndim < 3 or array.ndim != array.shape[0] + 2 or 0 in array.shape:
        raise InputError(f"rewards has shape {array.shape}, but it must be [N, S, A1, ..., AN] "
                         f"with one action axis for each of the N agents")
    return array


def _playable(allowed: np.ndarray, counts: tuple[int, ...]) -> np.ndarray:
    """[S, J] joint actions that exist."""
    n_states = allowed.shape[1]
    playable = np.ones((n_states, 1), bool)
    for agent, count in enumerate(counts):
        playable = (playable[:, :, None] & allowed[agent, :, None, :count]).reshape(n_states, -1)
    return playable


def _checked_rewards(reward: np.ndarray, playable: np.ndarray,
                     counts: tuple[int, ...]) -> np.ndarray:
    """[N, S, J], 0 where the joint action does not exist."""
    flat = reward.reshape(*reward.shape[:2], -1)
    bad = ~np.isfinite(flat) & playable
    if bad.any():
        agent, state, joint = (int(k) for k in np.argwhere(bad)[0])
        raise InputError(f"rewards[agent={agent}, state={state}, actions={_joint(joint, counts)}] "
                         f"is {flat[agent, state, joint]}, {NO_NUMBER}")
    return np.where(playable, flat, 0.0)


def _transitions(value: object, playable: np.ndarray, counts: tuple[int, ...]) -> sp.csr_array:
    """[S*J, S]; joint actions that do not exist stay where they are."""
    n_states, n_joint = playable.shape
    if sp.issparse(value):
        matrix = sp.csr_array(value)
        try:
            matrix.check_format(full_check=True)
        except (ValueError, RuntimeError) as error:
            raise InputError(
                f"transitions is no valid sparse matrix: {error}".splitlines()[0]) from None
        if matrix.dtype.kind not in "biuf":
            raise InputError(f"transitions holds {matrix.dtype}, not real numbers")
        precision = precision_of(matrix.dtype)
        table = sp.csr_array(matrix, dtype=np.float64, copy=True)     # tidied in place below
        if table.shape != (n_states * n_joint, n_states):
            raise InputError(f"transitions has shape {table.shape}, but it must be "
                             f"{(n_states * n_joint, n_states)} [S*J, S]")
    else:
        array = array_of(value, "transitions")
        table, precision = _table(array, playable, counts), precision_of(array.dtype)
    table.sum_duplicates()
    _check_rows(table, playable, counts, precision)
    missing = ~playable.ravel()
    if missing.any():
        stay = np.repeat(np.arange(n_states), n_joint)[missing]
        rows = np.flatnonzero(missing)
        filler = sp.csr_array((np.ones(rows.size), (rows, stay)), shape=table.shape)
        table = sp.csr_array(sp.diags_array((~missing).astype(float)) @ _without_nan(table)
                             + filler)
    table.eliminate_zeros()
    return _normalised(table)


def _normalised(table: sp.csr_array) -> sp.csr_array:
    """Rows that sum to 1 up to the tolerance, made to sum to 1 up to rounding (which leaves such
    rows alone)."""
    total = table.sum(axis=1)
    off = np.abs(total - 1) > 1e-15 * (1 + np.diff(table.indptr))
    table.data /= np.repeat(np.where(off, total, 1.0), np.diff(table.indptr))
    return table


def _without_nan(table: sp.csr_array) -> sp.csr_array:
    clean = table.copy()
    clean.data = np.nan_to_num(clean.data, nan=0.0, posinf=0.0, neginf=0.0)
    return clean


def _table(array: np.ndarray, playable: np.ndarray, counts: tuple[int, ...]) -> sp.csr_array:
    n_states, n_joint = playable.shape
    if array.shape == (n_states, *counts, n_states):
        return sp.csr_array(array.reshape(-1, n_states).astype(np.float64))
    if array.shape != (n_states, *counts):
        raise InputError(f"transitions has shape {array.shape}, but it must be "
                         f"{(n_states, *counts)} (next-state index) or "
                         f"{(n_states, *counts, n_states)} (probabilities)")
    if array.dtype.kind not in "iu":
        raise InputError(
            f"transitions of shape {array.shape} are next-state indices, but they hold "
            f"{array.dtype}")
    target = array.reshape(n_states, n_joint)
    bad = ((target < 0) | (target >= n_states)) & playable
    if bad.any():
        state, joint = (int(k) for k in np.argwhere(bad)[0])
        raise InputError(f"transitions[state={state}, actions={_joint(joint, counts)}] is "
                         f"{target[state, joint]}, but states run from 0 to {n_states - 1}")
    column = np.where(playable, target, 0).ravel()
    rows = np.arange(column.size)
    return sp.csr_array((np.ones(column.size), (rows, column)), shape=(column.size, n_states))


def _check_rows(table: sp.csr_array, playable: np.ndarray, counts: tuple[int, ...],
                precision: float) -> None:
    """Refuse what is no probability, and rows that are off summing to 1 by more than `precision`
    explains."""
    row_of = np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))
    known = playable.ravel()[row_of]
    n_joint = playable.shape[1]

    def named(row: int) -> str:
        return f"state={row // n_joint}, actions={_joint(row % n_joint, counts)}"

    for culprit, bad in (("is not finite", ~np.isfinite(table.data)),
                         ("is negative", table.data < 0)):
        if (bad & known).any():
            entry = int(np.flatnonzero(bad & known)[0])
            raise InputError(f"transitions[{named(int(row_of[entry]))}, "
                             f"next={table.indices[entry]}] is {table.data[entry]:g}, which "
                             f"{culprit}")
    total = _without_nan(table).sum(axis=1)
    off = (np.abs(total - 1) > sum_tolerance(precision, np.diff(table.indptr))) & playable.ravel()
    if off.any():
        row = int(np.flatnonzero(off)[0])
        raise InputError(f"transitions[{named(row)}] sums to {total[row]:.10g}, not 1")


def _information(value: object, n_agents: int, n_states: int) -> np.ndarray:
    if value is None:
        return np.broadcast_to(np.arange(n_states), (n_agents, n_states)).copy()
    seen = array_of(value, "information")
    if seen.shape != (n_agents, n_states):
        raise InputError(
            f"information has shape {seen.shape}, but it must be {(n_agents, n_states)} [N, S]")
    if seen.dtype.kind not in "iu":
        raise InputError(
            f"information holds {seen.dtype}, not indices 0, 1, ... of what the agent sees")
    bad = (seen < 0) | (seen >= n_states)
    if bad.any():
        agent, state = (int(k) for k in np.argwhere(bad)[0])
        raise InputError(f"information[agent={agent}, state={state}] is {seen[agent, state]}, but "
                         f"information states run from 0 to {n_states - 1} at most, one for each "
                         f"state")
    return seen.astype(np.int64)


def _mask_by_information(allowed: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """[N, S, A] by state to [N, H, A] by information state; both must agree."""
    n_agents, _, widest = allowed.shape
    result = np.zeros((n_agents, int(seen.max()) + 1, widest), bool)
    for agent in range(n_agents):
        result[agent, seen[agent]] = allowed[agent]
        differs = (result[agent, seen[agent]] != allowed[agent]).any(axis=-1)
        if differs.any():
            state = int(np.flatnonzero(differs)[0])
            raise InputError(f"mask[agent={agent}, state={state}] differs from that of another "
                             f"state with the same information {seen[agent, state]}, so the agent "
                             f"could tell them apart")
    # Information states that an agent never sees keep one nominal action, so that every row is a
    # policy.
    result[..., 0] |= ~result.any(axis=-1)
    return result


def _stage_potential(value: object, reward: np.ndarray, playable: np.ndarray,
                     counts: tuple[int, ...]) -> np.ndarray | None:
    """[S, J]."""
    if value is not None:
        stage = array_of(value, "stage_potential").astype(np.float64)
        if stage.shape != (len(playable), *counts):
            raise InputError(f"stage_potential has shape {stage.shape}, but it must be "
                             f"{(len(playable), *counts)} [S, A1, ..., AN]")
        stage = stage.reshape(playable.shape)
        bad = ~np.isfinite(stage) & playable
        if bad.any():
            state, joint = (int(k) for k in np.argwhere(bad)[0])
            raise InputError(f"stage_potential[state={state}, actions={_joint(joint, counts)}] is "
                             f"{stage[state, joint]}, not a finite number")
        return np.where(playable, stage, 0.0)
    common = (reward == reward[..., :1]).all()
    return reward[..., 0].copy() if common else None
