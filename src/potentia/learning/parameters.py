"""Parameters that are functions of the iteration, looked at before the first one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.errors import InputError
from potentia.game import Game
from potentia.learning.agreement import refuse_other_scale
from potentia.learning.contract import naming_method
from potentia.runtime.own import functions_of

AT_ONCE = 1 << 18         # iterations


def refuse_bad_functions(thing: Any, game: Game, max_iterations: int, begin: int = 0) -> None:
    """Raise InputError naming a parameter of one of Potentia's rules or schedules, and an iteration
    in which its function gives what would be refused as a number on that game: one of
    `max_iterations` from `begin` on.

    Ranges are intervals, so that the least and the largest value speak for all.
    """
    for name, function in functions_of(thing).items():
        end = begin + max(max_iterations, 1)
        for first in range(begin, end, AT_ONCE):
            last = min(first + AT_ONCE, end)
            values = _values(f"{type(thing).__name__}'s {name}", function, first, last)
            for k in (int(np.argmin(np.isfinite(values))), int(values.argmin()),
                      int(values.argmax())):
                _refuse_bad(thing, game, name, float(values[k]), first + k)


def _values(name: str, function: Callable[..., Any], first: int, last: int) -> np.ndarray:
    """[last - first] what the function gives in these iterations."""
    def one(iteration: jax.Array) -> jax.Array:
        found = jnp.asarray(function(iteration))
        if found.shape or found.dtype.kind not in "iuf":
            raise InputError(f"{name} is a function that gives {found.dtype} {found.shape}, but "
                             f"it must give one number for each iteration")
        return found.astype(jnp.float64)

    with naming_method(name):
        return np.asarray(jax.jit(jax.vmap(one))(jnp.arange(first, last)))


def _refuse_bad(thing: Any, game: Game, name: str, value: float, iteration: int) -> None:
    try:
        refuse_other_scale(dataclasses.replace(thing, **{name: value}), game)
    except InputError as error:
        raise InputError(f"{error}, in iteration {iteration}") from None
