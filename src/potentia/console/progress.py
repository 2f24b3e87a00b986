"""A progress bar or a spinner on standard error, where someone may be looking."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[int, str], None]


@contextmanager
def progress_bar(total: int, shown: bool | Tell | None, title: str = "solving") -> Iterator[Tell]:
    """Yield `tell(done, note)`: the caller's own function, or a bar if `shown`, by default if
    stderr is a terminal."""
    if callable(shown):
        yield shown
        return
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda done, note: None
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
    terminal."""
    if not (sys.stderr.isatty() if shown is None else shown):
        yield
        return
    from rich.console import Console
    with Console(stderr=True).status(title):
        yield
