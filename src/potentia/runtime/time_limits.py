"""Work that may take so long and no longer."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TimeIsUpError(BaseException):
    """The time is up. Like Ctrl-C it is no `Exception`, which work in progress might take for one
    of its own."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise TimeIsUpError in the body when it has taken that many seconds; at once if there are
    none left.

    None, any other thread than the main one, and a system or a program whose alarm cannot be set
    know no limit.
    """
    if seconds is not None and seconds <= 0:
        raise TimeIsUpError
    if seconds is None or not _may_set_alarm():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def _may_set_alarm() -> bool:
    """Whether the alarm is there, is ours to set, and is not set already."""
    return (threading.current_thread() is threading.main_thread()
            and hasattr(signal, "setitimer")
            and signal.getitimer(signal.ITIMER_REAL)[0] == 0.0)


def _ring(number: int, frame: FrameType | None) -> None:
    raise TimeIsUpError
