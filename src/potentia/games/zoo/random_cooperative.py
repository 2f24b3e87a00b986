"""A cooperative game that is drawn at random and played once: every agent is paid the same.

Payoffs are uniform on [0, 1), drawn by NumPy's legacy generator, so that the published script's
game is the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError, shown, whole_number
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Sun, Liu, Zhou, Kumar, Shahrampour: Provably Fast Convergence of Independent Natural "
          "Policy Gradient for Markov Potential Games (arXiv 2310.09727); sizes and seed from the "
          "published experiment script of that paper")


def build(actions: Sequence[int] = (3, 4, 5), seed: int = 10) -> MarkovGame:
    """A cooperative game that is drawn at random and played once: every agent is paid the same.

    actions: how many each agent has, each >= 1. seed: below 2^32, of NumPy's legacy generator.

    The joint payoff is uniform on [0, 1), and is the potential. The script starts from policies
    that it draws next from the same generator, uniform numbers that are normalised. What it calls
    the NE-gap is the sum of all agents' gains, not the largest.

    Raises InputError for parameters out of range and tables above 2 GB.
    """
    counts = _counts(actions)
    check_table(len(counts), 1, counts)
    drawn = np.random.RandomState(whole_number(seed, "seed", most=2**32 - 1)).uniform(size=counts)
    return MarkovGame.from_payoffs(*[drawn] * len(counts), name="random-cooperative")


def _counts(value: object) -> tuple[int, ...]:
    listed = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes) or not listed:
        raise InputError(f"actions is {shown(value)}, but it must be whole numbers, one an agent")
    return tuple(whole_number(count, f"actions[{agent}]", 1) for agent, count in enumerate(listed))
