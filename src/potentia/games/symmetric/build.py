"""Checks what a game of identical agents is built from."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, finite_number, whole_number
from potentia.games.checks import array_of, discount_of, name_of
from potentia.games.counts import number_of_vectors
from potentia.games.limits import LIMIT_GB, short
from potentia.games.symmetric.data import SymmetricData

MOST_WIDTH = 1000


def from_layers(rewards: object, *, n_agents: int, layers: int, width: int, discount: float,
                loop_reward: float | None = None, name: str = "anonymous") -> SymmetricData:
    """What `SymmetricCongestionGame.from_layers` says."""
    n_agents = whole_number(n_agents, "n_agents", 1)
    layers, width = whole_number(layers, "layers", 1), whole_number(width, "width", 1)
    check_crowd(n_agents, layers, width)
    gamma = discount_of(discount)
    if gamma == 1 and loop_reward is not None:
        raise InputError("discount is 1, but play that loops never ends; give a discount below 1")
    return SymmetricData(
        pay=_checked_pay(rewards, n_agents, layers, width), discount=gamma, n_agents=n_agents,
        layers=layers,
        loop_reward=np.float64(0) if loop_reward is None
        else finite_number(loop_reward, "loop_reward"),
        width=width, loops=loop_reward is not None, undiscounted=bool(gamma == 1),
        name=name_of(name))


def check_crowd(n_agents: int, layers: int, width: int) -> None:
    """Refuse a game whose exact evaluation would not fit."""
    if width > MOST_WIDTH:        # the numbers below would themselves be too long to form
        raise InputError(
            f"width is {width:,}, but count vectors of layers wider than {MOST_WIDTH:,} do not fit")
    own, all_counts = width * number_of_vectors(n_agents - 1,
                                                width), number_of_vectors(n_agents, width)
    frequencies, line = max(1, n_agents ** (width - 2)
                            * (n_agents // 2 + 1)) if width > 1 else 1, n_agents // 2 + 1
    # Crowds of every layer; while one is computed, factors by count vector and by edge.
    size = (8 * (2 * own * frequencies * layers + 6 * width * all_counts * frequencies
                 + 6 * own * width * line))
    if size > LIMIT_GB * 1e9:
        raise InputError(f"n_agents={n_agents} on layers of {width} nodes have {short(own)} "
                         f"information states a layer, which need {short(size // 10**6)} MB, but "
                         f"the limit is {LIMIT_GB * 1e3:,.0f} MB")


def _checked_pay(rewards: object, n_agents: int, layers: int, width: int) -> np.ndarray:
    """[1 + L W, W, n+1] pay by load 0..n, 0 where there is no move."""
    array = array_of(rewards, "rewards").astype(np.float64)
    shape = (1 + layers * width, width, n_agents)
    if array.shape != shape:
        raise InputError(
            f"rewards has shape {array.shape}, but it must be {shape}, by node, move and load")
    exists = np.ones(shape, bool)
    exists[-width:, 1:] = False
    for node, move, index in np.argwhere(exists & ~np.isfinite(array)):
        raise InputError(f"rewards[node={node}, move={move}] at load {index + 1} is "
                         f"{array[node, move, index]}, not a finite number")
    return np.concatenate([np.zeros((*shape[:2], 1)), np.where(exists, array, 0.0)], axis=2)
