"""The distancing game: agents like company until too much of it makes the state bad for all.

Reward of an agent at facility k: w_k x (number of agents at k), less a penalty in the spread state.
Leonardos, Overman, Panageas and Piliouras, arXiv 2106.01969; Section 4.1 of arXiv 2110.10614.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.errors import (
    InputError,
    known_name,
    not_negative_number,
    positive_number,
    shown,
    whole_number,
)
from potentia.games.counts import count_vectors
from potentia.games.limits import check_table
from potentia.games.load_driven.build import check_counts
from potentia.games.load_driven.game import INSTEAD, REPRESENTATIONS, LoadGame
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Leonardos, Overman, Panageas, Piliouras: Global Convergence of Multi-Agent Policy "
          "Gradient in Markov Potential Games (arXiv 2106.01969); weights and penalty from the "
          "published experiment scripts of arXiv 2110.10614")

SAFE, SPREAD = 0, 1


def build(n_agents: int = 8, weights: Sequence[float] = (1, 2, 4, 6), penalty: float = 100.0,
          spread_threshold: float | None = None, safe_threshold: float | None = None,
          discount: float = 0.99, penalised: str = "now",
          representation: str = "auto") -> MarkovGame | LoadGame:
    """Agents crowd at facilities in a safe state, and must spread out to leave the bad one.

    n_agents: N >= 1. weights: positive w_k of each facility. penalty: >= 0, off every agent's
        reward in the spread state. discount: in [0, 1).
    spread_threshold: safe becomes spread if some facility holds more; N/2 if omitted.
    safe_threshold: spread becomes safe if no facility holds more; N/4 if omitted. Where the
        facilities cannot hold all agents so thinly, spread lasts for ever.
    penalised: "now", in the spread state; or "next", whoever moves, where the next state is spread:
        with weights (4, 3, 2, 1) the game of arXiv 2504.20593, without its performative term.
    representation: "tabular", a table of joint actions; "loads", exact from count vectors (165 for
        8 agents, 12,341 for 40); or "auto", tabular where the table is not above 2 GB.

    State 0 is safe, 1 is spread; the start is uniform over the two. With 8 agents there are 65,536
    joint actions, and rewards lie in [1 - 100, 48]. It is not an exact Markov potential game.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    worth = _weights(weights)
    if known_name(representation, REPRESENTATIONS, "representation") == "tabular":
        check_table(n_agents, 2, worth.size, INSTEAD)
    check_counts(n_agents, 2, worth.size)
    safe = worth[:, None] * np.arange(1, n_agents + 1)                             # [A, N]
    fullest = count_vectors(n_agents, worth.size).max(axis=1)
    spread_at = (n_agents / 2 if spread_threshold is None
                 else not_negative_number(spread_threshold, "spread_threshold"))
    safe_at = (n_agents / 4 if safe_threshold is None
               else not_negative_number(safe_threshold, "safe_threshold"))
    following = np.where(np.stack([fullest > spread_at, fullest > safe_at]), SPREAD, SAFE)
    off = not_negative_number(penalty, "penalty")
    later = known_name(penalised, ("now", "next"), "penalised") == "next"
    game = LoadGame.from_loads(np.stack([safe, safe if later else safe - off]), following,
                               discount=discount, n_agents=n_agents,
                               common=-off * (following == SPREAD) if later else None,
                               name="distancing")
    return game.represented(representation)


def _weights(value: object) -> np.ndarray:
    single = isinstance(value, np.ndarray) and value.ndim == 0
    if isinstance(value, str | bytes) or not isinstance(value, Sequence
                                                        | np.ndarray) or single or len(value) == 0:
        raise InputError(
            f"weights is {shown(value)}, but it must be a sequence of positive numbers, one a "
            f"facility")
    return np.array([positive_number(weight, f"weights[{index}]")
                     for index, weight in enumerate(value)])
