"""Whether a network fits in memory, told before anything of its size is made."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.errors import InputError
from potentia.games.limits import short
from potentia.runtime.memory import physical_memory

COPIES = 60               # numbers held for each action of a row, at most
SEARCHED = 10             # numbers held for each link of a step while paths are searched


@dataclasses.dataclass(frozen=True)
class Room:
    """What was asked for, so that a refusal advises only what would help."""

    policies: str
    shareable: bool = True        # costs with which policies may be by destination
    horizon: int | None = None
    detour: float | None = None

    def refuse_large_search(self, origin: np.ndarray, destination: np.ndarray, group: np.ndarray,
                            n_nodes: int, n_links: int) -> None:
        """Raise InputError if the distances from all origins [T] and to all destinations [T], the
        nodes of each group [T], and the links of all steps do not fit."""
        steps = self.horizon or 1
        ends = np.unique(origin).size + np.unique(destination).size
        nodes = n_nodes * (steps + 1) * (int(group.max()) + 1 + 8 * ends)
        size = nodes + 8 * SEARCHED * n_links * steps
        self._refuse(size, f"{n_nodes:,} nodes and {n_links:,} links"
                           f"{f' at each of {steps:,} steps' if self.horizon else ''}")

    def refuse_many_rows(self, n_rows: int, widest: int) -> None:
        """Raise InputError if a solve on so many rows, of up to so many links, does not fit."""
        self._refuse(8 * COPIES * n_rows * widest, f"{short(n_rows)} rows of {widest} links")

    def _refuse(self, size: int, what: str) -> None:
        if size <= physical_memory():
            return
        advice = {"policies='destination'": self.policies != "destination" and self.shareable,
                  "policies='type'": self.policies == "agent",
                  "a shorter horizon": self.horizon is not None,
                  "a detour (-p detour=1.5)": self.detour is None,
                  "a smaller detour": self.detour is not None and self.detour > 1}
        helps = [name for name, would in advice.items() if would]
        raise InputError(f"{what} need about {short(size // 10**6)} MB, but this machine has "
                         f"{physical_memory() // 10**6:,} MB"
                         f"{'; ' if helps else ''}{' or '.join(helps)}"
                         f"{' needs less' if helps else ''}")
