"""What users give a game, as arrays: every representation checks the same things in the same
words."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, encodable, finite_number, shown
from potentia.runtime.precision import precision_of, sum_tolerance

MOST_WHOLE = 2**63 - 1
NO_NUMBER = "not a finite number (where an action does not exist, say so by mask)"


def array_of(value: object, name: str, whole: bool = False) -> np.ndarray:
    """`value` as an array of real numbers, or of whole ones; refuses rows of different lengths,
    text and the like."""
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{name} is a masked array, but every entry must be there")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(f"{name} is not an array: {error}".splitlines()[0]) from None
    if whole and array.dtype.kind in "uO":
        _refuse_beyond(array, name)
    if array.dtype.kind not in ("iu" if whole else "biuf") and (whole
                                                                or not precision_of(array.dtype)):
        raise InputError(f"{name} holds {array.dtype}, not {'whole' if whole else 'real'} numbers")
    return array


def _refuse_beyond(array: np.ndarray, name: str) -> None:
    """Refuse whole numbers that have no place in 64 bits, which NumPy keeps as objects."""
    for each in array.ravel().tolist() if array.dtype == object else [array.max(initial=0)]:
        if isinstance(each, int | np.integer) and not -MOST_WHOLE <= each <= MOST_WHOLE:
            raise InputError(f"{name} holds {shown(each)}, a whole number of more than 64 bits")


def name_of(value: object) -> str:
    """`value` as a name: text on one line, in characters that can be written."""
    if not isinstance(value, str) or "\n" in value or value != encodable(value):
        raise InputError(f"name is {shown(value)}, but it must be text on one line")
    return value


def discount_of(value: object) -> np.float64:
    """`value` as a discount in [0, 1]."""
    gamma = finite_number(value, "discount")
    if not 0 <= gamma <= 1:
        raise InputError(f"discount is {gamma:g}, but it must lie in [0, 1]")
    return gamma


def share_of(value: object, name: str) -> float:
    """`value` as a number in [0, 1)."""
    share = float(finite_number(value, name))
    if not 0 <= share < 1:
        raise InputError(f"{name} is {share:g}, but it must lie in [0, 1)")
    return share


def action_mask(value: object, n_agents: int, n_states: int, counts: tuple[int, ...]) -> np.ndarray:
    """`value` as the mask [N, S, max A] of agents with so many actions each; all of them if it is
    None."""
    widest = max(counts)
    exists = np.arange(widest) < np.asarray(counts)[:, None]
    allowed = np.broadcast_to(exists[:, None, :], (n_agents, n_states, widest)).copy()
    if value is not None:
        flags = array_of(value, "mask")
        if flags.shape != allowed.shape:
            raise InputError(
                f"mask has shape {flags.shape}, but it must be {allowed.shape} [N, S, max A]")
        odd = (flags != 0) & (flags != 1)
        if odd.any():
            agent, state, action = (int(k) for k in np.argwhere(odd)[0])
            raise InputError(f"mask[agent={agent}, state={state}, action={action}] is "
                             f"{flags[agent, state, action]}, but it must be 0 or 1")
        allowed &= flags.astype(bool)
    empty = ~allowed.any(axis=-1)
    if empty.any():
        agent, state = (int(k) for k in np.argwhere(empty)[0])
        raise InputError(
            f"mask[agent={agent}, state={state}] allows no action, but every agent needs one")
    return allowed


def distribution(value: object, n_states: int) -> np.ndarray:
    """`value` as the initial distribution [S]; uniform if it is None."""
    if value is None:
        return np.full(n_states, 1.0 / n_states)
    array = array_of(value, "initial")
    mu = array.astype(np.float64)
    if mu.shape != (n_states,):
        raise InputError(f"initial has shape {mu.shape}, but it must be ({n_states},) [S]")
    bad = ~np.isfinite(mu) | (mu < 0)
    if bad.any():
        state = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"initial[state={state}] is {mu[state]:g}, but probabilities are finite and not "
            f"negative")
    if abs(mu.sum() - 1) > sum_tolerance(precision_of(array.dtype), np.count_nonzero(mu)):
        raise InputError(f"initial sums to {mu.sum():.10g}, not 1")
    return mu / mu.sum()
