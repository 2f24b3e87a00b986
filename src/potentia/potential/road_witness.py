"""What refutes a potential on roads: two agents on two paths each."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

from potentia.console.text import Line, Readable

Path = tuple[int, ...]    # numbers of loaded links


@dataclasses.dataclass(frozen=True)
class RoadWitness(Readable):
    """Four pure profiles of which the deviating agents' gains should sum to 0, and do not.

    types: of the two agents: the first one moves from profile 0 to 1 and from 2 to 3, the other
        from 1 to 2 and from 3 to 0. names: what they are called. paths: two of each, as numbers of
        the game's links; others keep to the cheapest path of an agent alone. gains: [4] of the
        agent that moves. total: their sum. residual: |total| relative to the largest gain.
    """

    types: tuple[int, int]
    names: tuple[str, str]
    paths: tuple[tuple[Path, Path], tuple[Path, Path]]
    gains: tuple[Fraction, ...]
    total: Fraction
    residual: float

    def lines(self) -> list[Line]:
        """What it says, for people."""
        i, j = self.names
        return [("witness", f"{i} and {j} deviate in turn and come back; the others keep their "
                            f"paths"),
                *[("", f"{name} by the links numbered {_shown(one)}, and by {_shown(other)}")
                  for name, (one, other) in zip(self.names, self.paths, strict=True)],
                ("witness, gains", ", ".join(f"{float(gain):.8g}" for gain in self.gains)),
                ("witness, sum of the gains",
                 f"{float(self.total):.8g}, not 0 ({self.residual:.2g} of the largest gain)")]


def _shown(links: Path) -> str:
    return ", ".join(map(str, links))
