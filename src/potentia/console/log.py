"""What the library has to say beside its results: Python's own logging, to the logger "potentia".

What costs the user something, input that is changed or work that is done again, is a warning, which
Python shows on standard error unless told otherwise; the rest is information, which the command
line shows too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from potentia.console.text import visible

LOG = logging.getLogger("potentia")


class _Visible(logging.Formatter):
    """Lines that hold nothing that a terminal would obey: names from files are in them."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))


@contextmanager
def notes_on_stderr() -> Iterator[None]:
    """Show notes as lines on standard error, as the command line does."""
    handler, level = logging.StreamHandler(), LOG.level
    handler.setFormatter(_Visible("potentia: %(message)s"))
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        yield
    finally:
        LOG.setLevel(level)
        LOG.removeHandler(handler)
