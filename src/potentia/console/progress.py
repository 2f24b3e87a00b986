"""What is told while something runs: a bar or a spinner on a terminal, one output in a notebook;
elsewhere lines of what takes long, to the log, or to standard error where they were asked for."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from potentia.console.log import LOG
from potentia.console.notebook import in_notebook, notebook_progress
from potentia.console.standing import Standing

Tell = Callable[[int, str], None]
QUIET = 5.0               # seconds that anything may take without a line
BETWEEN = 15.0            # seconds from one line to the next, at least
SOON = 1.0                # seconds that anything may take in a notebook without an output


def progress_bar(total: int, shown: bool | Tell | None,
                 title: str = "solving") -> AbstractContextManager[Tell]:
    """Yield `tell(done, note)`: the caller's own function, or a bar if `shown`, by default on a
    terminal and in a notebook. In a pipe, lines if `shown`, notes in the log by default."""
    return nullcontext(shown) if callable(shown) else _told(Standing(title, total), shown)


@contextmanager
def spinner(title: str, shown: bool | None = None) -> Iterator[None]:
    """Show that something is being done that has no steps to count, where `progress_bar` would."""
    with _told(Standing(title, None), shown):
        yield


def _told(standing: Standing, shown: bool | None) -> AbstractContextManager[Tell]:
    """The way of telling for where this runs."""
    if shown is False:
        return nullcontext(lambda done, note: None)
    if in_notebook():
        return notebook_progress(standing, 0.0 if shown else SOON)
    if shown is None and not sys.stderr.isatty():
        return _noted(standing)
    from rich.console import Console
    # Beside IPython Rich would look for widgets.
    console = Console(stderr=True, force_jupyter=False)
    return _on_terminal(standing, console) if console.is_terminal else _written(standing)


@contextmanager
def _on_terminal(standing: Standing, console: Any) -> Iterator[Tell]:
    """A bar, or a spinner where there is nothing to count, that is gone in the end."""
    if standing.total is None:
        with console.status(standing.title):
            yield lambda done, note: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn(),
               TextColumn("{task.fields[note]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(standing.title, total=standing.total, note="")
        yield lambda done, note: bar.update(task, completed=done, note=note)


@contextmanager
def _written(standing: Standing) -> Iterator[Tell]:
    """Lines on standard error, the last of them of how it ended."""
    whole = False
    try:
        yield _lines(standing, lambda line: print(line, file=sys.stderr, flush=True))
        whole = True
    finally:
        print(standing.ended(whole), file=sys.stderr, flush=True)


@contextmanager
def _noted(standing: Standing) -> Iterator[Tell]:
    """Notes in the log: what is done, if that is still so after a while, and how far it is."""
    timer = threading.Timer(QUIET, LOG.info, ("%s ...", standing.title))
    timer.daemon = True
    timer.start()
    try:
        yield _lines(standing, lambda line: LOG.info("%s", line))
    finally:
        timer.cancel()


def _lines(standing: Standing, write: Callable[[str], None]) -> Tell:
    """A function that writes how far it is, unless it has just done so."""
    last = time.monotonic()

    def tell(done: int, note: str) -> None:
        nonlocal last
        standing.done, standing.note = done, note
        if time.monotonic() - last >= BETWEEN:
            last = time.monotonic()
            write(standing.now())

    return tell
