"""Ctrl-C for a solve that several processes share: all stop at the same point of it, or they would
wait for ever."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import jax

from potentia.runtime.collectives import anywhere


@contextmanager
def interrupted_together() -> Iterator[Callable[[], None]]:
    """Yield a function that all processes call at the same points: it raises KeyboardInterrupt in
    all of them once one was interrupted.

    Between these points the first Ctrl-C only waits; a second one ends its process as it stands.
    With one process Ctrl-C is what it always is, and so it is for a process that ignores it or has
    a way of its own to handle it.
    """
    if jax.process_count() == 1:
        yield lambda: None
        return
    asked = threading.Event()

    def hear(number: int, frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    def stop_if_asked() -> None:
        if anywhere(asked.is_set()):
            raise KeyboardInterrupt

    if not _is_usual():
        yield stop_if_asked
        return
    before = signal.signal(signal.SIGINT, hear)
    try:
        yield stop_if_asked
    finally:
        signal.signal(signal.SIGINT, before)


def _is_usual() -> bool:
    """Whether Ctrl-C ends what runs here, by KeyboardInterrupt or at once; only the main thread
    hears of it."""
    return (signal.getsignal(signal.SIGINT) in (signal.default_int_handler, signal.SIG_DFL)
            and threading.current_thread() is threading.main_thread())
