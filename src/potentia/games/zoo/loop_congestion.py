"""Congestion on a loop of five nodes, with two parallel edges back to the first.

0 leads to 1 and 2; 1 to 3 and 4; 2 to 4 and 3 (its first action is 4); from 3 and from 4 two edges
lead to 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError, finite_number, shown, whole_number
from potentia.games.congestion.game import CongestionGame
from potentia.games.limits import check_agents

SOURCE = ("Sahitaj, Sasnauskas, Yalin, Mandal, Radanovic: Independent Learning in Performative "
          "Markov Potential Games (arXiv 2504.20593); numbers from the published experiment "
          "scripts of that paper, without their performative term")

MOVES = np.array([[1, 2], [3, 4], [4, 3], [0, 0], [0, 0]])


def build(n_agents: int = 4, paid: Sequence[float] = (50.0, 15.0, 5.0, 1.0),
          discount: float = 0.99) -> CongestionGame:
    """Agents go round a loop and are paid for each edge by how many take it with them.

    n_agents: N >= 1; 1 + 2 2^N joint states. paid: of an edge by load, at least N numbers.
    discount: in [0, 1).

    All start at node 0. Loads are those of an edge, a node and an action there, so that the two
    edges from node 3 to node 0 are two.

    Raises InputError for parameters out of range and games that do not fit in memory.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    check_agents(n_agents)
    by_load = _paid(paid, n_agents)
    return CongestionGame.from_network(MOVES, np.broadcast_to(by_load, (*MOVES.shape, n_agents)),
                                       n_agents=n_agents, discount=discount,
                                       name="loop-congestion")


def _paid(value: object, n_agents: int) -> np.ndarray:
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes) or len(
            listed) < n_agents:
        raise InputError(f"paid is {shown(value)}, but it must be numbers for the loads 1 to "
                         f"{n_agents}")
    return np.array([finite_number(listed[k], f"paid[{k}]") for k in range(n_agents)])
