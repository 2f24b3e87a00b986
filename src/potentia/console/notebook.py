"""Progress in a notebook: one output below the cell, which is brought up to date and in the end
says how far it came. IPython's own display does it, in Jupyter as in VS Code; no widgets."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from potentia.console.standing import Standing
from potentia.errors import encodable

REFRESH = 0.2             # seconds from one update to the next, at least


def in_notebook() -> bool:
    """Whether a kernel runs this and shows what is displayed. It has loaded IPython by then, which
    nobody else has to have."""
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and "IPKernelApp" in shell.config


@contextmanager
def notebook_progress(standing: Standing, wait: float) -> Iterator[Callable[[int, str], None]]:
    """Yield `tell(done, note)`. What has ended within `wait` seconds is not shown at all: no output
    can be taken away again."""
    output, whole = _Output(standing), False
    timer = threading.Timer(wait, output.show)
    timer.daemon = True
    if wait:
        timer.start()
    else:
        output.show()
    try:
        yield output.tell
        whole = True
    finally:
        timer.cancel()
        output.end(whole)


class _Output:
    """The output of one piece of work: not there yet, shown, or ended. The timer shows it from a
    thread of its own."""

    def __init__(self, standing: Standing) -> None:
        self.standing, self.lock = standing, threading.RLock()
        self.handle: Any = None
        self.over = False
        self.shown_at = 0.0

    def show(self) -> None:
        with self.lock:
            if not self.over and self.handle is None:
                self.handle = _displayed(_going(self.standing), self.standing.now())
                self.shown_at = time.monotonic()

    def tell(self, done: int, note: str) -> None:
        with self.lock:
            self.standing.done, self.standing.note = done, note
            if self.handle is not None and time.monotonic() - self.shown_at >= REFRESH:
                self.handle.update(_bundle(_going(self.standing), self.standing.now()), raw=True)
                self.shown_at = time.monotonic()

    def end(self, whole: bool) -> None:
        with self.lock:
            self.over = True
            if self.handle is not None:
                said = self.standing.ended(whole)
                self.handle.update(_bundle(escape(said), said), raw=True)


def _displayed(html: str, text: str) -> Any:
    """IPython's handle of a new output."""
    from IPython.display import display  # pyright: ignore[reportMissingImports]
    return display(_bundle(html, text), raw=True, display_id=True)


def _bundle(html: str, text: str) -> dict[str, str]:
    return {"text/html": encodable(f"<div>{html}</div>"), "text/plain": encodable(text)}


def _going(standing: Standing) -> str:
    bar = ("" if standing.total is None
           else f'<progress max="{standing.total}" value="{standing.done}"></progress> ')
    return bar + escape(standing.now())
