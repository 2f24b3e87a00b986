"""What a simulator on the host must hold to: what it says of itself, and each answer that it gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.errors import RAISED, InputError, one_line, shown, truth_value, whole_number
from potentia.simulators.base import name_of
from potentia.simulators.contract import (
    MOST_THINGS,
    Facts,
    checked_counts,
    checked_discount,
    refuse_class,
)
from potentia.simulators.host import HostSimulator, Stepped

PARTS = {"observations": "biuf", "rewards": "biuf", "ended": "b", "cut": "b", "legal": "b"}


def checked_host(simulator: HostSimulator) -> Facts:
    """What it says of itself. Raises InputError naming what does not fit."""
    refuse_class(simulator)
    name, counts = name_of(simulator), checked_counts(simulator.action_counts)
    several = whole_number(simulator.n_observations, f"{name}.n_observations", 0, MOST_THINGS)
    shape = simulator.observation_shape
    if not isinstance(shape, tuple) or (several and shape):
        raise InputError(f"{name}.observation_shape is {shown(shape)}, but "
                         + (f"() was expected, of one of {several} things" if several else
                            "a tuple was expected, such as (3,)"))
    for at, length in enumerate(shape):
        whole_number(length, f"{name}.observation_shape[{at}]", 1)
    return Facts(name, counts, whole_number(simulator.horizon, f"{name}.horizon", 1),
                 checked_discount(simulator.discount, name),
                 jax.ShapeDtypeStruct(shape, jnp.int32 if several else jnp.float32), several,
                 truth_value(simulator.masked, f"{name}.masked"))


def asked(function: Callable[[np.ndarray], Any], what: str, given: np.ndarray) -> Any:
    """What a function of the simulator's answers. Raises InputError for whatever it raises."""
    try:
        return function(given)
    except InputError:
        raise
    except RAISED as error:
        raise InputError(f"{what} failed: {type(error).__name__}: {one_line(error)}") from error


def answered(given: Any, what: str, facts: Facts, alive: np.ndarray) -> Stepped:
    """An answer of the copies that are `alive` [E], as arrays; of the others it does not matter but
    for its shape.

    Raises InputError naming `what`, the copy and the agent, both from 0 on.
    """
    if not isinstance(given, tuple) or not 4 <= len(given) <= len(PARTS):
        raise InputError(f"{what} gives {shown(given)}, but Stepped(observations, rewards, ended, "
                         f"cut, legal) was expected")
    copies, agents = len(alive), facts.n_agents
    shapes = ((copies, agents, *facts.observation.shape), (copies, agents), (copies,), (copies,),
              (copies, agents, facts.n_actions))
    parts = [None if part is None and name == "legal" else _array(part, name, what, shape)
             for name, part, shape in zip(PARTS, given, shapes, strict=False)]
    found = Stepped(*parts)  # pyright: ignore[reportArgumentType]
    _refuse_values(found, what, facts, alive)
    return found


def _array(given: Any, name: str, what: str, shape: tuple[int, ...]) -> np.ndarray:
    """An array of this shape."""
    try:
        found = np.asarray(given)
    except Exception:
        # Of rows of different lengths, or anything that has no array to give.
        found = np.zeros(0, object)
    kinds = PARTS[name]
    if kinds == "b" and found.dtype.kind in "iu" and ((found == 0) | (found == 1)).all():
        found = found.astype(bool)
    if found.dtype.kind not in kinds:
        raise InputError(f"{what}: {name} are {shown(given)}, but "
                         f"{'truth values' if kinds == 'b' else 'real numbers'} "
                         f"{list(shape)} were expected")
    if found.shape != shape:
        raise InputError(f"{what}: {name} have shape {list(found.shape)}, but {list(shape)} was "
                         f"expected")
    return found


def _refuse_values(found: Stepped, what: str, facts: Facts, alive: np.ndarray) -> None:
    goes_on = alive & ~found.ended
    if facts.n_observations:
        seen = found.observations
        if seen.dtype.kind not in "iu":
            raise InputError(f"{what}: observations are {seen.dtype}, but whole numbers from 0 to "
                             f"{facts.n_observations - 1} were expected")
        wrong = goes_on[:, None] & ((seen < 0) | (seen >= facts.n_observations))
        _refuse(wrong, what, seen, f"the observation is {{}}, but it must be from 0 to "
                                   f"{facts.n_observations - 1}")
    else:
        with np.errstate(over="ignore"):
            seen = found.observations.astype(np.float32).reshape(*found.rewards.shape, -1)
        _refuse(~np.isfinite(seen), what, seen, "the observation holds {}, not finite numbers")
    with np.errstate(over="ignore"):
        rewards = found.rewards.astype(np.float32)
    _refuse(alive[:, None] & ~np.isfinite(rewards), what, rewards,
            "the reward is {}, not a finite number")
    if found.legal is not None:
        some = (found.legal & facts.exists).any(axis=-1)
        some |= ~(goes_on & ~found.cut)[:, None]
        _refuse(~some, what, some, "no action exists")


def _refuse(wrong: np.ndarray, what: str, values: np.ndarray, why: str) -> None:
    """Name the first copy and agent of whom something is wrong."""
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0].tolist())
        raise InputError(f"{what}, copy {at[0]}, agent {at[1]}: {why.format(values[at])}")
