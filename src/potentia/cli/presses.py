"""Ctrl-C: the first press interrupts, wherever it comes; a second one ends the process at once.

The first is Python's KeyboardInterrupt, which waits for compiled code to return: a compilation
takes seconds. So presses are counted beside it, on a thread that the system's own handler wakes.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from potentia.cli.status import INTERRUPTED

AGAIN = 0.3               # seconds in which one press may come twice: of the terminal and a parent
SOON = 0.05               # seconds until a press that was lost is told once more
PATIENCE = 1.0            # seconds that counting may take
MARK = b"\0"              # no signal has this number
LAST_WORDS = b"potentia: interrupted again, ended at once\n"
SHOW_CURSOR = b"\x1b[?25h"                # which a progress bar hides


class Presses:
    """What was pressed, as the pipe tells it."""

    def __init__(self) -> None:
        self.wake: int | None = None
        self._heard, self._told = False, threading.Event()
        self._last = -AGAIN
        self._repeated = 0

    @property
    def heard(self) -> bool:
        """Whether Ctrl-C was pressed before this moment: all that came until now is counted."""
        if self.wake is not None:
            self._told.clear()
            os.write(self.wake, MARK)
            self._told.wait(PATIENCE)
        return self._heard

    def listen(self, pipe: int) -> None:
        """Count what comes through the pipe, a byte for each signal, until it is closed."""
        with os.fdopen(pipe, "rb", buffering=0) as signals:
            while number := signals.read(1):
                if number == MARK:
                    self._told.set()
                elif number[0] == signal.SIGINT:
                    self._hear()

    def tell_again(self, lost: sys.UnraisableHookArgs) -> None:
        """Interrupt once more where an interrupt was lost: Python drops those that come while
        callbacks of its collector of garbage run."""
        if issubclass(lost.exc_type, KeyboardInterrupt):
            self._repeated += 1
            # A real signal, which also ends a wait of the main thread.
            timer = threading.Timer(SOON, signal.pthread_kill,
                                    (threading.main_thread().ident, signal.SIGINT))
            timer.daemon = True
            timer.start()
        else:
            sys.__unraisablehook__(lost)

    def _hear(self) -> None:
        now = time.monotonic()
        if self._repeated:
            self._repeated -= 1
        elif self._heard and now - self._last > AGAIN:
            os.write(2, (SHOW_CURSOR if os.isatty(2) else b"") + LAST_WORDS)
            os._exit(INTERRUPTED)
        self._heard, self._last = True, now


@contextmanager
def hearing() -> Iterator[Presses]:
    """Count presses inside; where Ctrl-C is ignored, or heard by somebody else, nothing changes."""
    presses = Presses()
    if (threading.current_thread() is not threading.main_thread()
            or signal.getsignal(signal.SIGINT) is not signal.default_int_handler):
        yield presses
        return
    pipe, wake = os.pipe()
    os.set_blocking(wake, False)
    presses.wake = wake
    listener = threading.Thread(target=presses.listen, args=(pipe,), daemon=True)
    listener.start()
    hook, sys.unraisablehook = sys.unraisablehook, presses.tell_again
    before = signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    try:
        yield presses
    finally:
        signal.set_wakeup_fd(before)
        sys.unraisablehook = hook
        presses.wake = None
        os.close(wake)
        listener.join()
