"""Exit statuses, and the lines on standard error beside them."""

from __future__ import annotations

import sys

DONE, NO, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130


def say(message: str) -> None:
    """A line on standard error, if it can be written at all."""
    try:
        print("potentia:", message, file=sys.stderr, flush=True)
    except OSError:
        return
