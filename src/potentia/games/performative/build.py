"""Checks what a performative game is built from."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, finite_number, not_negative_number
from potentia.games.checks import array_of, distribution, name_of
from potentia.games.limits import LIMIT_GB, short
from potentia.games.performative.data import PerformativeData
from potentia.games.tabular.chains import is_direct
from potentia.runtime.precision import precision_of, sum_tolerance

TABLES = 2                # of [S, J, S] that one evaluation holds at once


def from_moves(rewards: object, places: object, moves: object, support: object, *,
               pay: float, lead: float, discount: float, initial: object = None,
               name: str = "performative") -> PerformativeData:
    """What `PerformativeGame.from_moves` says."""
    paid = _rewards(rewards)
    n_agents, n_states = paid.shape[:2]
    n_actions = paid.shape[2]
    check_size(n_agents, n_states, n_actions)
    rows = _moves(moves, n_actions)
    led = _support(support, rows.shape)
    at = _places(places, (n_agents, n_states), len(rows))
    _check_closed(at, np.any((rows > 0) | (led > 0), axis=1))
    strength = not_negative_number(lead, "lead")
    _check_left(rows, led, float(strength))
    gamma = _discount(discount)
    return PerformativeData(
        rewards=np.ascontiguousarray(np.moveaxis(paid.reshape(n_agents, n_states, -1), 0, -1)),
        places=at, moves=rows, support=led, pay=np.float64(finite_number(pay, "pay")),
        lead=np.float64(strength), initial=distribution(initial, n_states), discount=gamma,
        mask=np.ones((n_agents, n_states, n_actions), bool),
        direct=is_direct(n_states, float(gamma)), name=name_of(name))


def check_size(n_agents: int, n_states: int, n_actions: int) -> None:
    """Refuse a game whose next-state probabilities do not fit, as dense as a response makes
    them."""
    size = 8 * TABLES * n_states**2 * n_actions**n_agents
    if size > LIMIT_GB * 1e9:
        raise InputError(
            f"n_agents={n_agents} in {short(n_states)} states with "
            f"{short(n_actions**n_agents)} joint actions need {short(size // 10**6)} MB for what "
            f"a profile induces, but the limit is {LIMIT_GB * 1e3:,.0f} MB")


def _rewards(value: object) -> np.ndarray:
    array = array_of(value, "rewards").astype(np.float64)
    if array.ndim < 3 or 0 in array.shape or array.ndim != array.shape[0] + 2 \
            or len(set(array.shape[2:])) > 1:
        raise InputError(f"rewards has shape {array.shape}, but it must be [N, S, A, ..., A], as "
                         f"many actions of each of the N agents")
    for agent, state, *actions in np.argwhere(~np.isfinite(array)):
        where = tuple(int(action) for action in actions)
        raise InputError(f"rewards[agent={agent}, state={state}, actions={where}] is "
                         f"{array[(agent, state, *where)]}, not a finite number")
    return array


def _moves(value: object, n_actions: int) -> np.ndarray:
    """[K, A, K]."""
    array = array_of(value, "moves")
    rows = array.astype(np.float64)
    if rows.ndim != 3 or rows.shape[1] != n_actions or rows.shape[0] != rows.shape[2]:
        raise InputError(f"moves has shape {rows.shape}, but it must be [K, {n_actions}, K], "
                         f"probabilities of the next place by place and action")
    _check_not_negative(rows, "moves")
    total = rows.sum(axis=2, keepdims=True)
    allowed = sum_tolerance(precision_of(array.dtype), np.count_nonzero(rows, axis=2))
    for place, action in np.argwhere(np.abs(total[..., 0] - 1) > allowed):
        raise InputError(f"moves[place={place}, action={action}] sums to "
                         f"{total[place, action, 0]:.10g}, not 1")
    return rows / total


def _support(value: object, shape: tuple[int, ...]) -> np.ndarray:
    led = array_of(value, "support").astype(np.float64)
    if led.shape != shape:
        raise InputError(f"support has shape {led.shape}, but it must be {shape} [K, A, K], as "
                         f"moves has")
    _check_not_negative(led, "support")
    return led


def _check_not_negative(array: np.ndarray, name: str) -> None:
    for place, action, following in np.argwhere(~(np.isfinite(array) & (array >= 0))):
        raise InputError(f"{name}[place={place}, action={action}, next={following}] is "
                         f"{array[place, action, following]:g}, but it must be finite and not "
                         f"negative")


def _places(value: object, shape: tuple[int, int], n_places: int) -> np.ndarray:
    at = array_of(value, "places", whole=True)
    if at.shape != shape:
        raise InputError(f"places has shape {at.shape}, but it must be {shape} [N, S]")
    for agent, state in np.argwhere((at < 0) | (at >= n_places)):
        raise InputError(f"places[agent={agent}, state={state}] is {at[agent, state]}, but places "
                         f"run from 0 to {n_places - 1}")
    known: dict[tuple[int, ...], int] = {}
    for state, column in enumerate(map(tuple, at.T.tolist())):
        if column in known:
            raise InputError(f"places of state={state} are {column}, those of "
                             f"state={known[column]}, but states differ by where agents are")
        known[column] = state
    return at.astype(np.int32)


def _check_closed(places: np.ndarray, may: np.ndarray) -> None:
    """Refuse states from which agents may come to places that together are no state; `may`
    [K, K]."""
    arrives = np.ones((places.shape[1],) * 2, bool)
    for at in places:
        arrives &= may[at][:, at]
    wanted = np.prod(may.sum(axis=1)[places].astype(np.float64), axis=0)
    for state in np.flatnonzero(arrives.sum(axis=1) < wanted):
        raise InputError(f"from state={state} agents may come to {wanted[state]:,.0f} joint "
                         f"places, by moves and support, but only {arrives[state].sum():,} of "
                         f"them are states")


def _check_left(moves: np.ndarray, support: np.ndarray, lead: float) -> None:
    """Refuse a response that leaves an agent no next place, where it never plays an action."""
    # Entries fall with the deployed probability, so that 0 leaves least.
    left = np.maximum(moves - lead * support / moves.shape[1], 0.0).sum(axis=2)
    for place, action in np.argwhere(left <= 0):
        led = support[place, action]
        most = (moves.shape[1] * moves[place, action][led > 0] / led[led > 0]).max()
        raise InputError(
            f"lead is {lead:g}, but from place={place} action={action}, where it is never played, "
            f"would lead nowhere: lead must be below {most:.6g}")


def _discount(value: object) -> np.float64:
    gamma = finite_number(value, "discount")
    if not 0 <= gamma < 1:
        raise InputError(f"discount is {gamma:g}, but it must lie in [0, 1)")
    return np.float64(gamma)
