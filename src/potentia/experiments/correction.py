"""What a correction to the paper is: its statement, what holds instead, and whether a computation
bears that out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from potentia.experiments.verdicts import VERIFIED, WITHDRAWN
from potentia.theory.verdicts import LemmaReport

Reports = Mapping[str, LemmaReport]


@dataclasses.dataclass(frozen=True)
class Correction:
    """A statement of the paper (arXiv 2110.10614), and what holds instead.

    item: a short name. source: where the paper says it. paper, instead: the two statements.
    shown_on: the games.
    verified: whether the computation bears `instead` out; if not it is withdrawn.
    """

    item: str
    source: str
    paper: str
    instead: str
    shown_on: str
    verified: bool
    numbers: dict[str, float]
    note: str = ""

    @property
    def verdict(self) -> str:
        """VERIFIED or WITHDRAWN."""
        return VERIFIED if self.verified else WITHDRAWN
