"""Checks what a load-driven game is built from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from potentia.errors import InputError, finite_number, one_line, whole_number
from potentia.games.checks import NO_NUMBER, action_mask, array_of, distribution, name_of
from potentia.games.counts import counts_of, number_of_vectors
from potentia.games.limits import LIMIT_GB, short
from potentia.games.load_driven.data import LoadData
from potentia.runtime.precision import precision_of, sum_tolerance


def from_loads(rewards: object, next_state: object, *, discount: float, n_agents: int,
               initial: object = None,
               mask: object = None, common: object = None, name: str = "loads") -> LoadData:
    """What `LoadGame.from_loads` says."""
    n_agents = whole_number(n_agents, "n_agents", 1)
    pay = _checked_shape(rewards, n_agents)
    n_states, n_facilities = pay.shape[1:3]
    check_counts(n_agents, n_states, n_facilities)
    gamma = _checked_discount(discount)
    allowed = action_mask(mask, n_agents, n_states, (n_facilities,) * n_agents)
    counts = counts_of(n_agents, n_facilities)
    possible = _possible(counts.taken, allowed)
    pay = _checked_pay(pay, allowed)
    shared = None if common is None else _checked_common(common, counts.vectors, possible)
    following = _following(next_state, counts.vectors, possible)
    return LoadData(
        pay=pay, common=shared, following=following, initial=distribution(initial, n_states),
        discount=gamma,
        mask=allowed,
        stage_potential=_stage_potential(pay, shared, following, possible, counts.vectors, gamma),
        counts=counts, at_one=counts_of(n_agents, 2), name=name_of(name))


def check_counts(n_agents: int, n_states: int, n_facilities: int) -> None:
    """Refuse a game whose exact evaluation would not fit."""
    number = number_of_vectors(n_agents, n_facilities)
    # Probabilities for each agent, functions for each facility (both twice, in a loop), the tables
    # of next states.
    size = 8 * number * n_states * (n_agents + 2 * (n_facilities + 1) * (n_states + 2))
    if size > LIMIT_GB * 1e9:
        raise InputError(f"n_agents={n_agents} on {n_facilities} facilities with {n_states} states "
                         f"have {short(number)} count vectors, which need {short(size // 10**6)} "
                         f"MB, but the limit is {LIMIT_GB * 1e3:,.0f} MB")


def _checked_shape(rewards: object, n_agents: int) -> np.ndarray:
    """[1 or N, S, A, N]."""
    array = array_of(rewards, "rewards").astype(np.float64)
    by_agent = array[None] if array.ndim == 3 else array
    if array.ndim not in (3, 4) or by_agent.shape[::3] not in (
            (1, n_agents), (n_agents, n_agents)) or not array.size:
        raise InputError(f"rewards has shape {array.shape}, but it must be [S, A, {n_agents}] or "
                         f"[{n_agents}, S, A, {n_agents}], by the number 1..{n_agents} of agents "
                         f"at the facility")
    return by_agent


def _checked_discount(discount: object) -> np.float64:
    gamma = finite_number(discount, "discount")
    if gamma == 1:
        raise InputError(
            "discount is 1, but play need not end where loads drive the state; give a discount "
            "below 1")
    if not 0 <= gamma < 1:
        raise InputError(f"discount is {gamma:g}, but it must lie in [0, 1)")
    return gamma


def _possible(taken: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """[S, C] count vectors that some choice of all agents leads to."""
    n_facilities, n_vectors = taken.shape
    # the last row is the vector that does not exist
    reached = np.zeros((n_vectors + 1, allowed.shape[1]), bool)
    reached[0] = True
    for may in allowed:
        reached[:-1] = np.logical_or.reduce([reached[taken[k]] & may[:, k]
                                             for k in range(n_facilities)])
    return reached[:-1].T


def _checked_pay(pay: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """[1 or N, S, A, N+1] pay by load 0..N, 0 where a load cannot be."""
    n_agents = len(allowed)
    # [N, S, A] an agent that must go there
    bound = allowed & (allowed.sum(axis=2, keepdims=True) == 1)
    least, most = ((kind.sum(axis=0) - kind)[..., None] + 1 for kind in (bound, allowed))
    load = np.arange(1, n_agents + 1)
    possible = allowed[..., None] & (least <= load) & (load <= most)  # [N, S, A, N]
    if len(pay) == 1:
        possible = possible.any(axis=0, keepdims=True)
    for owner, state, facility, index in np.argwhere(possible & ~np.isfinite(pay)):
        whose = f"agent={owner}, " if len(pay) > 1 else ""
        raise InputError(f"rewards[{whose}state={state}, facility={facility}] at load {index + 1} "
                         f"is {pay[owner, state, facility, index]}, {NO_NUMBER}")
    return np.concatenate([np.zeros((*pay.shape[:3], 1)), np.where(possible, pay, 0.0)], axis=3)


def _checked_common(common: object, vectors: np.ndarray, possible: np.ndarray) -> np.ndarray:
    array = array_of(common, "common").astype(np.float64)
    if array.shape != possible.shape:
        raise InputError(
            f"common has shape {array.shape}, but it must be {possible.shape} [S, C], by count "
            f"vector")
    for state, index in np.argwhere(possible & ~np.isfinite(array)):
        raise InputError(
            f"common[{_named(state, vectors[index])}] is {array[state, index]}, not a finite "
            f"number")
    return np.where(possible, array, 0.0)


def _following(next_state: object, vectors: np.ndarray, possible: np.ndarray) -> np.ndarray:
    """[S, C, S] probabilities of the next state; counts that cannot be lead back to the same
    state."""
    n_states = len(possible)
    found, precision = _called_at_all(next_state, vectors, possible) if callable(next_state) \
        else _listed(array_of(next_state, "next_state"), vectors, possible)
    for state, index, following in np.argwhere(possible[..., None]
                                               & ~(np.isfinite(found) & (found >= 0))):
        raise InputError(f"next_state[{_named(state, vectors[index])}] leads to state {following} "
                         f"with probability {found[state, index, following]:g}, but probabilities "
                         f"are finite and not negative")
    kept = np.where(possible[..., None], found, np.eye(n_states)[:, None])
    total = kept.sum(axis=2, keepdims=True)
    allowance = sum_tolerance(precision, np.count_nonzero(kept, axis=2))
    for state, index in np.argwhere(np.abs(total[..., 0] - 1) > allowance):
        raise InputError(
            f"next_state[{_named(state, vectors[index])}] sums to {total[state, index, 0]:.10g}, "
            f"not 1")
    return kept / total


def _listed(array: np.ndarray, vectors: np.ndarray,
            possible: np.ndarray) -> tuple[np.ndarray, float]:
    """[S, C, S] probabilities, not yet checked, from those or from an index; and their
    precision."""
    n_states = len(possible)
    if array.shape == (*possible.shape, n_states):
        return array.astype(np.float64), precision_of(array.dtype)
    if array.shape != possible.shape:
        raise InputError(f"next_state has shape {array.shape}, but it must be {possible.shape} "
                         f"(next-state index by state and count vector) or "
                         f"{(*possible.shape, n_states)} (probabilities)")
    if array.dtype.kind not in "iu":
        raise InputError(
            f"next_state of shape {array.shape} holds next-state indices, but they are "
            f"{array.dtype}")
    for state, index in np.argwhere(possible & ~((array >= 0) & (array < n_states))):
        raise InputError(_past_the_table(array[state, index], n_states, state, vectors[index]))
    return np.eye(n_states)[np.where(possible, array, 0)], 0.0


def _called_at_all(next_state: Callable[..., object], vectors: np.ndarray,
                   possible: np.ndarray) -> tuple[np.ndarray, float]:
    """[S, C, S] probabilities, not yet checked, from a function; and their precision."""
    n_states, precision = len(possible), 0.0
    probabilities = np.zeros((*possible.shape, n_states))
    for state, index in np.argwhere(possible):
        name = f"next_state[{_named(state, vectors[index])}]"
        try:
            returned = next_state(int(state), vectors[index].copy())
        except Exception as error:
            raise InputError(
                f"{name} cannot be computed: "
                f"{one_line(f'{type(error).__name__}: {error}')}") from error
        found = array_of(returned, name)
        if found.shape == (n_states,):
            probabilities[state, index], precision = found, max(precision,
                                                                precision_of(found.dtype))
        elif found.ndim == 0 and found.dtype.kind in "iu" and 0 <= found < n_states:
            probabilities[state, index, found] = 1.0
        elif found.ndim == 0:
            raise InputError(_past_the_table(found, n_states, state, vectors[index]))
        else:
            raise InputError(
                f"{name} has shape {found.shape}, but it must be a state or ({n_states},) "
                f"probabilities")
    return probabilities, precision


def _past_the_table(found: np.ndarray, n_states: int, state: int, counts: np.ndarray) -> str:
    return (f"next_state[{_named(state, counts)}] is {found}, but states run from 0 to "
            f"{n_states - 1}")


def _stage_potential(pay: np.ndarray, common: np.ndarray | None, following: np.ndarray,
                     possible: np.ndarray,
                     vectors: np.ndarray, discount: float) -> np.ndarray | None:
    """[S, C] common rewards; or Rosenthal's sum on top, where nobody's choice moves the state."""
    shared = np.zeros(possible.shape) if common is None else common
    if not pay.any():
        return shared
    first = following[np.arange(len(following)), possible.argmax(axis=1)][:, None]
    moved = (possible[..., None] & (following != first)).any()
    if len(pay) > 1 or (moved and discount > 0):
        return None
    upto = np.cumsum(pay[0], axis=2)  # [S, A, N+1]
    return shared + sum(upto[:, k, vectors[:, k]] for k in range(pay.shape[2]))


def _named(state: int, counts: np.ndarray) -> str:
    return f"state={state}, counts={tuple(counts.tolist())}"
