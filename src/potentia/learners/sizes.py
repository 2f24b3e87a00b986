"""Sizes of learners, as people give them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from potentia.errors import InputError, shown, whole_number

MOST_PASSES = 1_000_000   # over what was played, for one update


def hidden_sizes(given: object) -> tuple[int, ...]:
    """Each at least 1. Raises InputError naming the one at fault."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(f"hidden is {shown(given)}, but sizes of layers were expected, such as "
                         f"(32, 32), or () for none")
    return tuple(whole_number(size, f"hidden[{at}]", 1) for at, size in enumerate(given))


def as_plain(learner: Any, check: Callable[[object, str], Any], *names: str) -> None:
    """Check parameters of a learner, and hold them as Python's own numbers, as files do."""
    for name in names:
        object.__setattr__(learner, name, check(getattr(learner, name), name).item())
