"""Congestion on a loop whose rewards and moves respond to what agents deploy.

The loop is that of `loop_congestion`. An agent may be led to any node that some action at its own
node leads to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError, not_negative_number, whole_number
from potentia.games.limits import check_agents
from potentia.games.performative.build import check_size
from potentia.games.performative.game import PerformativeGame
from potentia.games.zoo import loop_congestion

SOURCE = ("Sahitaj, Sasnauskas, Yalin, Mandal, Radanovic: Independent Learning in Performative "
          "Markov Potential Games (arXiv 2504.20593); formulas and numbers from the published "
          "experiment scripts of that paper")


NOWHERE = 2.0             # c_p at which an action that is never played leads nowhere


def build(n_agents: int = 4, paid: Sequence[float] = (50.0, 15.0, 5.0, 1.0), omega_r: float = 0.03,
          omega_p: float = 0.03, discount: float = 0.99) -> PerformativeGame:
    """Agents go round a loop of shared edges that comes to favour what they play often.

    n_agents: N >= 1; S = 1 + 2 2^N joint states. paid: of an edge by load, at least N numbers.
    omega_r, omega_p: >= 0, how strongly rewards and moves respond; the source has 0.03 and 0.1.
        With p the deployed probability of an agent's action in the joint state, its reward grows by
        c_r (p - 1/2), and c_p (p - 1/2) is added to the probabilities of both nodes that it may
        come to, which are then cut off at 0 and divided by their sum. c is omega divided by
        (1 - discount) sqrt(2 S).
    discount: in [0, 1).

    All start at node 0. Uniform play induces loop-congestion itself, as any does at omega 0. An
    agent may come to the node that it did not choose where it plays its action more often than not.
    The published scripts look p up at the number of the agent's node in place of the joint state's,
    and do not cut off; here p is that of the joint state, and an omega_p at which c_p is 2 or more
    is refused, since an action that is never played would lead nowhere.

    Raises InputError for parameters out of range and games that do not fit in memory.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    rewarding = not_negative_number(omega_r, "omega_r")
    leading = not_negative_number(omega_p, "omega_p")
    check_agents(n_agents)
    n_states = 1 + 2 * 2**n_agents
    check_size(n_agents, n_states, 2)
    walk = loop_congestion.build(n_agents, paid, discount)
    base = walk.tabular()
    strength = 1.0 / ((1.0 - float(base.discount)) * math.sqrt(2 * n_states))
    _check_below(leading, NOWHERE / strength)
    shape = (n_agents, n_states, *base.action_counts)
    moves = np.eye(len(loop_congestion.MOVES))[loop_congestion.MOVES]
    return PerformativeGame.from_moves(
        np.moveaxis(base.rewards, -1, 0).reshape(shape), np.asarray(walk.configurations).T, moves,
        np.broadcast_to(moves.max(axis=1, keepdims=True), moves.shape), pay=strength * rewarding,
        lead=strength * leading, discount=discount, initial=base.initial, name="performative-loop")


def _check_below(omega_p: float, most: float) -> None:
    if omega_p >= most:
        raise InputError(f"omega_p is {omega_p:g}, at which an action that is never played would "
                         f"lead nowhere: with so many agents and this discount it must be below "
                         f"{most:.6g}")
