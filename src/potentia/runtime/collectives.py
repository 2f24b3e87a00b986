"""What the processes that share a solve decide alike.

Each of these functions is called by all processes at the same point of the solve and waits until
all have come there. With one process it answers at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jax
import numpy as np
from jax.experimental import multihost_utils

from potentia.errors import InputError

LONGEST = 500             # bytes of a text that is told to the others


def is_first() -> bool:
    """Whether this is the process that speaks for all. (This one waits for nobody.)"""
    return jax.process_index() == 0


def agreed(number: int) -> int:
    """The first process's number, for all: what the processes decide by their own clocks, they must
    decide alike."""
    return (number if jax.process_count() == 1
            else int(multihost_utils.broadcast_one_to_all(np.int64(number))))


def anywhere(fact: bool) -> bool:
    """Whether it is so in some process."""
    return (fact if jax.process_count() == 1
            else bool(multihost_utils.process_allgather(np.int64(fact)).any()))


def texts_of_all(text: str) -> list[str]:
    """What each process says, by its number; at most LONGEST bytes of it."""
    if jax.process_count() == 1:
        return [text]
    content = np.frombuffer(text.encode()[:LONGEST], np.uint8)
    rows = multihost_utils.process_allgather(np.pad(content, (0, LONGEST - len(content))))
    return [row.tobytes().rstrip(b"\0").decode(errors="ignore") for row in rows]


@contextmanager
def all_or_none() -> Iterator[None]:
    """Raise InputError in every process if the body raises it in one; the others would wait for
    that one for ever.

    A process raises its own error if it has one, and otherwise names the process whose error it is.
    """
    own = None
    try:
        yield
    except InputError as error:
        own = error
    errors = texts_of_all("" if own is None else str(own))
    if own is not None:
        raise own
    for process, error in enumerate(errors):
        if error:
            raise InputError(f"process {process}: {error}")
