"""How many agents take each move of a congestion game's network."""

from __future__ import annotations

import numpy as np

from potentia.game import FacilityLoads
from potentia.games.congestion.data import CongestionData


def expected(game: CongestionData, profile: np.ndarray, states: np.ndarray) -> FacilityLoads:
    """By moves, called by the nodes that they lead from and to, in each of `states` [K] at
    `profile` [N, S, A]. Staying at an end is no move."""
    moves, nodes = np.asarray(game.moves), np.asarray(game.configurations)[states]      # [K, N]
    start, action = np.nonzero(moves >= 0)
    leads = moves[start, action]
    paid = np.asarray(game.pay)[start, action].any(axis=1)
    kept = (leads != start) | paid
    start, action, leads = start[kept], action[kept], leads[kept]
    there = nodes[:, :, None] == start                                                   # [K, N, F]
    chosen = np.moveaxis(profile[:, states], 0, 1)[:, :, action]
    return FacilityLoads(
        tuple(f"{a} → {b}" for a, b in zip(start, leads, strict=True)),
        tuple(f"state {state}: at {', '.join(map(str, at))}" for state, at in
              zip(states, nodes, strict=True)),
        (there * chosen).sum(axis=1))
