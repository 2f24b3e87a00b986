"""The directory that a reproduction writes to: what cannot be written there ends nothing, since
what was measured counts without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from potentia.errors import NotWrittenError
from potentia.io.directories import keeping

Entries = list[dict[str, object]]


class Files:
    """out: the directory. refused: why something could not be written, a line each."""

    def __init__(self, out: Path):
        self.out, self.refused = out, list[str]()

    def write(self, write: Callable[[], Any]) -> None:
        """Let something be written."""
        try:
            with keeping(None, self.out):
                write()
        except NotWrittenError as error:
            self.refused.append(str(error))

    def studied(self, study: Callable[[Path, int], Entries], seed: int) -> Entries:
        """The entries of a study, which writes files of its own."""
        try:
            return study(self.out, seed)
        except NotWrittenError as error:
            self.refused.append(str(error))
            return error.found

    def refuse(self, entries: Entries) -> None:
        """Raise NotWrittenError if something could not be written."""
        if self.refused:
            more = f", and {len(self.refused) - 1} times more" if len(self.refused) > 1 else ""
            raise NotWrittenError(f"{self.refused[0]}{more}", entries)
