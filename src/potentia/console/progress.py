"""A progress bar or a spinner on standard error, where someone may be looking; elsewhere a line now
and then, of what takes long."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from potentia.console.log import LOG

Tell = Callable[[int, str], None]
QUIET = 5.0               # seconds that anything may take without a line
BETWEEN = 15.0            # seconds from one line to the next, at least


@contextmanager
def progress_bar(total: int, shown: bool | Tell | None, title: str = "solving") -> Iterator[Tell]:
    """Yield `tell(done, note)`: the caller's own function, or a bar if `shown`, by default if
    stderr is a terminal. Where it is none, and nothing was said of it, notes in the log."""
    if callable(shown):
        yield shown
        return
    if not (sys.stderr.isatty() if shown is None else shown):
        with _line_if_long(title, shown is None):
            yield _lines(title, total) if shown is None else lambda done, note: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn(),
               TextColumn("{task.fields[note]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total, note="")
        yield lambda done, note: bar.update(task, completed=done, note=note)


@contextmanager
def spinner(title: str, shown: bool | None = None) -> Iterator[None]:
    """Show that something is being done that has no steps to count, by default if stderr is a
    terminal. Where it is none, a note in the log if it takes long."""
    if not (sys.stderr.isatty() if shown is None else shown):
        with _line_if_long(title, shown is None):
            yield
        return
    from rich.console import Console
    with Console(stderr=True).status(title):
        yield


def _lines(title: str, total: int) -> Tell:
    """A function that notes how far it is, unless it has just done so."""
    last = time.monotonic()

    def tell(done: int, note: str) -> None:
        nonlocal last
        if time.monotonic() - last >= BETWEEN:
            last = time.monotonic()
            LOG.info("%s: %s of at most %s%s", title, f"{done:,}", f"{total:,}",
                     f", {note}" if note else "")

    return tell


@contextmanager
def _line_if_long(title: str, noted: bool) -> Iterator[None]:
    """Note what is done, if that is still so after a while."""
    timer = threading.Timer(QUIET, LOG.info, ("%s ...", title))
    timer.daemon = True
    if noted:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
