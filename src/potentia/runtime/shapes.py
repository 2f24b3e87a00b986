"""Shapes that a user's own functions give, without computing anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from potentia.errors import RAISED, InputError, one_line


def traced(function: Callable[..., Any], what: str, *arguments: Any) -> Any:
    """Shapes and types of what a function gives. Raises InputError, with `what` for its name, for
    whatever it raises, but an InputError, which says itself what is wrong."""
    try:
        return jax.eval_shape(function, *arguments)
    except InputError:
        raise
    except RAISED as error:
        raise InputError(f"{what} failed: {type(error).__name__}: {one_line(error)}") from error


def key_shape() -> Any:
    """That of a random key."""
    return jax.eval_shape(lambda: jax.random.key(0))
