"""Congestion at facilities, each of which is safe or unsafe by itself.

An agent at facility k with l agents there is paid w_k l, and w_k on top if the facility is safe
next, or `penalty` off if it is not. As in the published script the status that is paid for is drawn
apart from the one that comes: rewards here are the means.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from potentia.errors import (
    InputError,
    finite_number,
    known_name,
    positive_number,
    shown,
    whole_number,
)
from potentia.games.counts import count_vectors
from potentia.games.limits import check_table
from potentia.games.load_driven.build import check_counts
from potentia.games.load_driven.game import INSTEAD, REPRESENTATIONS, LoadGame
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Guo, Li, Maheshwari, Sastry, Wu: Markov alpha-Potential Games (arXiv 2305.12553); "
          "numbers from the published experiment scripts of that paper; the discount and the "
          "uniform start are Potentia's own")

MOST_FACILITIES = 6       # 2^facilities states


def build(n_agents: int = 8, weights: Sequence[float] = (1, 2, 4, 6), penalty: float = 100.0,
          steepness: float | None = None, discount: float = 0.9,
          representation: str = "auto") -> MarkovGame | LoadGame:
    """Agents like company at facilities, each of which turns unsafe by itself if too full.

    n_agents: N >= 1. weights: positive w_k, one a facility, one to six. penalty: off where the
        facility is unsafe next. discount: in [0, 1).
    steepness: kappa > 0: unsafe next with probability 1 / (1 + exp(-kappa (load/N - C))), C = 1/2 +
        1/(2N) from safe, 1/4 + 1/(2N) from unsafe; the source has 25. If omitted, for certain: a
        safe one turns unsafe if more than N/2 agents are there, an unsafe one safe if at most N/4
        are.
    representation: "tabular", a table of joint actions; "loads", exact from count vectors; or
        "auto", tabular where the table is not above 2 GB.

    States are the facilities' statuses, 0 safe and 1 unsafe, the first facility's as the highest
    binary digit. The start is uniform. No Markov potential game, but at discount 0.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    worth = _weights(weights)
    n_states = 2**worth.size
    if known_name(representation, REPRESENTATIONS, "representation") == "tabular":
        check_table(n_agents, n_states, worth.size, INSTEAD)
    check_counts(n_agents, n_states, worth.size)
    unsafe = _unsafe(n_agents, steepness)                                          # [2, N+1]
    status = np.array(list(itertools.product((0, 1), repeat=worth.size)))          # [S, A]
    load = np.arange(1, n_agents + 1)
    risk = unsafe[status][:, :, 1:]                                                # [S, A, N]
    rewards = (worth[:, None] * (load + 1 - risk) - finite_number(penalty, "penalty") * risk)
    turned = unsafe[status[:, None, :], count_vectors(n_agents, worth.size)]       # [S, C, A]
    following = np.where(status == 1, turned[:, :, None], 1 - turned[:, :, None]).prod(axis=3)
    game = LoadGame.from_loads(rewards, following, discount=discount, n_agents=n_agents,
                               name="facility-congestion")
    return game.represented(representation)


def _unsafe(n_agents: int, steepness: float | None) -> np.ndarray:
    """[2, N+1] probability that a facility is unsafe next, by its status and load."""
    load = np.arange(n_agents + 1)
    if steepness is None:
        return np.stack([2 * load > n_agents, 4 * load > n_agents]).astype(float)
    middle = np.array([[1 / 2], [1 / 4]]) + 1 / (2 * n_agents)
    return expit(positive_number(steepness, "steepness") * (load / n_agents - middle))


def _weights(value: object) -> np.ndarray:
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes) or not 1 <= len(
            listed) <= MOST_FACILITIES:
        raise InputError(f"weights is {shown(value)}, but it must be 1 to {MOST_FACILITIES} "
                         f"positive numbers, one a facility")
    return np.array([positive_number(weight, f"weights[{k}]") for k, weight in enumerate(listed)])
