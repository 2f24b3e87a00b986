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
    over several runs. studies: names in `studies.STUDIES`. statements: claims of single numbers,
    asked for by `statements_word`, the paper's name if omitted.
    """

    name: str
    title: str
    about: str = ""
    figures: Mapping[str, Figure] = dataclasses.field(default_factory=dict)
    trials: Mapping[str, Trial] = dataclasses.field(default_factory=dict)
    claims: tuple[Claim, ...] = ()
    studies: tuple[str, ...] = ()
    statements: tuple[Statement, ...] = ()
    statements_word: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Words for parts of it; a paper of statements alone is one part, itself."""
        stated = (self.statements_word or self.name,) if self.statements else ()
        return (*self.figures, *self.studies, *stated)
