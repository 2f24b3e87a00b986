"""What a simulator must hold to, looked at before anything is played: shapes, by tracing it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.errors import InputError, shown, whole_number
from potentia.runtime.shapes import key_shape, traced
from potentia.simulators.base import (
    HasLegalActions,
    HasObservations,
    HasObservationShape,
    Simulator,
    name_of,
)

MEMBERS = ("action_counts", "horizon", "discount", "reset", "step", "observe")
MOST_AGENTS = 1_000_000   # of a simulator with a name
MOST_SIDE = 10_000        # of a square that it keeps
MOST_THINGS = 2**31 - 1   # that agents may see one of: whole numbers have 32 bits on the device


@dataclasses.dataclass(frozen=True)
class Facts:
    """What is known of a simulator once it was looked at.

    observation: shape and type of what one agent sees. n_observations: H, 0 where agents do not see
    one of so many things. masked: whether actions may be missing.
    """

    name: str
    action_counts: tuple[int, ...]
    horizon: int
    discount: float
    observation: jax.ShapeDtypeStruct
    n_observations: int
    masked: bool

    @property
    def n_agents(self) -> int:
        return len(self.action_counts)

    @property
    def n_actions(self) -> int:
        """A, the most that any agent has."""
        return max(self.action_counts)

    @property
    def exists(self) -> np.ndarray:
        """[N, A] actions that an agent has at all."""
        return np.arange(self.n_actions) < np.array(self.action_counts)[:, None]


def checked(simulator: object) -> Facts:
    """Raise InputError naming what is missing, or the function whose answer does not fit."""
    lacking = [name for name in MEMBERS if getattr(simulator, name, None) is None]
    if lacking:
        raise InputError(f"simulator is a {type(simulator).__name__}, which has no "
                         f"{', no '.join(lacking)}: see pt.Simulator")
    assert isinstance(simulator, Simulator)
    name, counts = name_of(simulator), checked_counts(simulator.action_counts)
    horizon = whole_number(simulator.horizon, f"{name}.horizon", 1)
    discount = checked_discount(simulator.discount, name)
    state, seen = _observed(simulator, name, len(counts))
    _check_step(simulator, name, state, seen, len(counts))
    masked = isinstance(simulator, HasLegalActions)
    if masked:
        _check_legal(simulator, name, state, (len(counts), max(counts)))
    several = _several(simulator, name, seen)
    return Facts(name, counts, horizon, discount, jax.ShapeDtypeStruct(seen.shape[1:], seen.dtype),
                 several, masked)


def refuse_class(simulator: object) -> None:
    """Raise InputError for a class in place of an instance."""
    if isinstance(simulator, type):
        raise InputError(f"simulator is the class {simulator.__name__}, but an instance was "
                         f"expected, such as {simulator.__name__}()")


def checked_counts(given: object) -> tuple[int, ...]:
    """`action_counts` as whole numbers. Raises InputError naming the agent."""
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray) or not len(given):
        raise InputError(f"action_counts is {shown(given)}, but the number of actions of each "
                         f"agent was expected")
    return tuple(whole_number(count, f"action_counts[{agent}]", 1)
                 for agent, count in enumerate(given))


def checked_discount(given: object, name: str) -> float:
    """`discount` of what is called `name`, in [0, 1]. Raises InputError."""
    try:
        found = float(given)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError, OverflowError):
        found = math.nan
    if isinstance(given, bool | str) or not 0 <= found <= 1:
        raise InputError(f"{name}.discount is {shown(given)}, but it must lie in [0, 1]")
    return found


def _observed(simulator: Simulator, name: str, n_agents: int) -> tuple[Any, Any]:
    """Shapes of a state, and of what agents see of it."""
    state = traced(simulator.reset, f"{name}.reset", key_shape())
    seen = traced(simulator.observe, f"{name}.observe", state)
    _expect(seen, f"{name}.observe", (n_agents,), ahead=True)
    if 0 in seen.shape:
        raise InputError(f"{name}.observe has shape {list(seen.shape)}, in which agents see "
                         f"nothing: give a constant, [{n_agents}, 1]")
    shape = simulator.observation_shape if isinstance(simulator, HasObservationShape) else None
    if shape is not None and shape != seen.shape[1:]:
        raise InputError(f"{name}.observation_shape is {shown(shape)}, but {name}.observe gives "
                         f"each agent {seen.shape[1:]}")
    return state, seen


def _check_step(simulator: Simulator, name: str, state: Any, seen: Any, n_agents: int) -> None:
    what = f"{name}.step"
    actions = jax.ShapeDtypeStruct((n_agents,), jnp.int32)
    answer = traced(simulator.step, what, state, actions, key_shape())
    if not isinstance(answer, tuple) or len(answer) != 3:
        raise InputError(f"{what} gives {type(answer).__name__} of "
                         f"{len(answer) if isinstance(answer, tuple | list) else 1}, but (state, "
                         f"rewards, done) was expected")
    following, rewards, done = answer
    _expect(rewards, f"the rewards of {what}", (n_agents,))
    _expect(done, f"done of {what}", ())
    before, after = (jax.tree.map(lambda leaf: (leaf.shape, str(leaf.dtype)), one)
                     for one in (state, following))
    if before != after:
        raise InputError(f"{what} gives a state of {shown(after)}, but reset one of "
                         f"{shown(before)}: shapes and types must stay")
    again = traced(simulator.observe, f"{name}.observe", following)
    if (again.shape, again.dtype) != (seen.shape, seen.dtype):
        raise InputError(f"{name}.observe gives {again.dtype} {list(again.shape)} after a step, "
                         f"but {seen.dtype} {list(seen.shape)} at the beginning")


def _check_legal(simulator: HasLegalActions, name: str, state: Any,
                 shape: tuple[int, ...]) -> None:
    _expect(traced(simulator.legal, f"{name}.legal", state), f"{name}.legal", shape)


def _several(simulator: Simulator, name: str, seen: Any) -> int:
    """H, 0 where agents see numbers."""
    told = simulator.n_observations if isinstance(simulator, HasObservations) else None
    if seen.ndim == 1 and jnp.issubdtype(seen.dtype, jnp.integer):
        if told is None:
            raise InputError(f"{name}.observe gives whole numbers [N]: {name}.n_observations must "
                             f"say below which number they are")
        return whole_number(told, f"{name}.n_observations", 1, MOST_THINGS)
    if told is not None and whole_number(told, f"{name}.n_observations"):
        raise InputError(f"{name}.n_observations is {told}, so that {name}.observe must give whole "
                         f"numbers [N], but it gives {seen.dtype} {list(seen.shape)}")
    return 0


def _expect(answer: Any, what: str, shape: tuple[int, ...], ahead: bool = False) -> None:
    """Refuse an array of another shape, or of no real numbers; ahead: whether the shape may go on
    after that."""
    found = getattr(answer, "shape", None)
    if found is None or (found[:len(shape)] if ahead else found) != shape:
        wanted = f"[{', '.join(map(str, shape))}{', ...' if ahead else ''}]"
        raise InputError(f"{what} has shape {list(found) if found is not None else None}, but it "
                         f"must be {wanted}")
    if not any(jnp.issubdtype(answer.dtype, kind)
               for kind in (jnp.bool_, jnp.integer, jnp.floating)):
        raise InputError(f"{what} gives {answer.dtype}, but real numbers were expected")
