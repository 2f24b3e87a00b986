"""Where counts stand in the lists that a game of n identical agents is computed by."""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np

from potentia.games.counts import count_vectors, rank
from potentia.games.symmetric.characteristic_functions import Waves, waves

UNITS = 8                 # roundings behind one agent's factor


@dataclasses.dataclass(frozen=True)
class IndexTables:
    """Index tables for n agents on layers of W nodes.

    others: [Y, W] the others' counts. seen: [W, W, Y] index of what another agent at u sees, others
    + e_v - e_u, when the own node is v; 0 where there is nobody at u. flat: [Y] position of the
    others' counts on the axes of `wave`.
    line: frequencies of one number.
    """

    n_agents: int
    others: np.ndarray
    seen: np.ndarray
    flat: np.ndarray
    wave: Waves
    line: Waves

    @property
    def rounding(self) -> float:
        """Error of a mean relative to the `spectral_size` of the function."""
        return ((UNITS * self.n_agents + 2 * len(self.wave.weights) + 32)
                * float(np.finfo(np.float64).eps))


@lru_cache(maxsize=8)
def index_tables(n_agents: int, width: int) -> IndexTables:
    """The tables, computed once."""
    others, step = count_vectors(n_agents - 1, width), np.eye(width, dtype=int)
    seen = others + step[:, None, None] - step[:, None]  # [W, W, Y, W]
    nobody = (seen < 0).any(axis=-1)
    return IndexTables(
        n_agents=n_agents, others=others,
        seen=np.where(nobody, 0, rank(np.maximum(seen, 0), n_agents - 1)),
        flat=others[:, :-1] @ n_agents ** np.arange(width - 1)[::-1],
        wave=waves(n_agents, width - 1),
        line=waves(n_agents, 1))
