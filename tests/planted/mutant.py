"""What a mutant is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A fault: in `file`, below the package, `before` becomes `after`; `tests` must then fail."""

    name: str
    file: str
    before: str
    after: str
    tests: str
