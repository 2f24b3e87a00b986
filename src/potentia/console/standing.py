"""How far something is, in words."""

from __future__ import annotations

import dataclasses
import time


@dataclasses.dataclass
class Standing:
    """What is being done, and how far it is.

    total: the most steps that it may take; None where there are none to count. done, note: as last
    told. began: by `time.monotonic`, in seconds.
    """

    title: str
    total: int | None
    done: int = 0
    note: str = ""
    began: float = dataclasses.field(default_factory=time.monotonic)

    def now(self) -> str:
        """On the way: "solving: 1,200 of at most 3,000, Nash gap 0.5"."""
        return f"{self.title} ..." if self.total is None else f"{self.title}: {self._steps()}"

    def ended(self, whole: bool) -> str:
        """After the end, which an error or an interrupt made if it is not `whole`."""
        seconds = f"{time.monotonic() - self.began:.1f} s"
        if self.total is None:
            return f"{self.title}: {'done in' if whole else 'stopped after'} {seconds}"
        how = "" if whole else "stopped after "
        return f"{self.title}: {how}{self._steps()} ({seconds})"

    def _steps(self) -> str:
        return (f"{self.done:,} of at most {self.total:,}"
                + (f", {self.note}" if self.note else ""))
