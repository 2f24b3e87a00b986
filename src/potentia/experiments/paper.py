"""What a paper is: its claims as data, and the words by which they are asked for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from potentia.experiments.claims import Claim
from potentia.experiments.statements import Statement
from potentia.experiments.trials import Figure, Trial


@dataclasses.dataclass(frozen=True)
class Paper:
    """A paper and what is reproduced of it.

    name: as the command line calls it. title: authors, title and where it is found. about: how the
    numbers of its section are to be read, as Markdown. figures, trials, claims: of learning curves
    over several runs. studies: names in `studies.STUDIES`. statements: claims of single numbers.
    """

    name: str
    title: str
    about: str = ""
    figures: Mapping[str, Figure] = dataclasses.field(default_factory=dict)
    trials: Mapping[str, Trial] = dataclasses.field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    studies: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def parts(self) -> tuple[str, ...]:
        """Words for parts of it; a paper without figures and studies is one part, itself."""
        return (*self.figures, *self.studies) or (self.name,)
