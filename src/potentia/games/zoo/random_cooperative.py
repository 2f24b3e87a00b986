"""A cooperative game that is drawn at random and played once: every agent is paid the same.

Payoffs are uniform on [0, 1), drawn by NumPy's legacy generator, so that the published script's
game is the same to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError, known_name, shown, whole_number
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Sun, Liu, Zhou, Kumar, Shahrampour: Provably Fast Convergence of Independent Natural "
          "Policy Gradient for Markov Potential Games (arXiv 2310.09727); sizes and seed from the "
          "published experiment script of that paper")
ORDERS = ("C", "F")       # the last agent's actions first, or the first agent's


def build(actions: Sequence[int] = (3, 4, 5), seed: int = 10, order: str = "C") -> MarkovGame:
    """A cooperative game that is drawn at random and played once: every agent is paid the same.

    actions: how many each agent has, each >= 1. seed: below 2^32, of NumPy's legacy generator.
    order: in which payoffs are drawn, "C" as NumPy fills arrays, or "F" as MATLAB does, whose
        generator gives the same numbers: eight agents with three actions each, seed 19765 and "F"
        are the larger game of Zhang, Mei, Dai, Schuurmans and Li (arXiv 2202.00872, the source of
        `flat-region`), by their published script from the uniform start.

    The joint payoff is uniform on [0, 1), and is the potential. The script starts from policies
    that it draws next from the same generator, uniform numbers that are normalised. What it calls
    the NE-gap is the sum of all agents' gains, not the largest.

    Raises InputError for parameters out of range and tables above 2 GB.
    """
    counts = _counts(actions)
    check_table(len(counts), 1, counts)
    drawn = np.random.RandomState(whole_number(seed, "seed", most=2**32 - 1)).uniform(
        size=math.prod(counts))
    first_fastest = known_name(order, ORDERS, "order") == "F"
    drawn = drawn.reshape(counts[::-1]).T if first_fastest else drawn.reshape(counts)
    return MarkovGame.from_payoffs(*[drawn] * len(counts), name="random-cooperative")


def _counts(value: object) -> tuple[int, ...]:
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes) or not listed:
        raise InputError(f"actions is {shown(value)}, but it must be whole numbers, one an agent")
    return tuple(whole_number(count, f"actions[{agent}]", 1) for agent, count in enumerate(listed))
