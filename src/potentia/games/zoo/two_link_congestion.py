"""Two agents, two links: the smallest congestion game, on which large steps breed cycles and chaos.

An agent on link e pays c_e x (number of agents on e). Rewards are NEGATIVE costs. Stage potential
(Rosenthal): phi = -sum over links of c_e (1 + ... + load), so r_i - phi does not depend on agent
i's own action. Palaiopanos, Panageas and Piliouras, arXiv 1703.01138: two-agent, two-strategy load
balancing, where multiplicative weights with a constant step in the exponent can cycle or be chaotic
(abstract).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potentia.errors import InputError, finite_number, positive_number, shown
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Palaiopanos, Panageas, Piliouras: Multiplicative Weights Update with Constant Step-Size "
          "in Congestion Games: Convergence, Limit Cycles and Chaos (arXiv 1703.01138); the "
          "default costs are Potentia's own")


def build(costs: Sequence[float] = (1.0, 1.4), discount: float = 0.0) -> MarkovGame:
    """Two agents each choose one of two links; the more agents on a link, the more each of them
    pays.

    costs: (c_1, c_2), both positive: what each agent on a link pays for every agent on it, itself
    included.
    discount: in [0, 1).

    There is one state, and play stays in it: at discount 0 this is a plain normal-form game.
    Rewards are negative costs, in [-2 max(c), -min(c)]. An exact potential game, with its Rosenthal
    potential.

    Raises InputError for parameters out of range.
    """
    slopes = _slopes(costs)
    if finite_number(discount, "discount") == 1:
        raise InputError("discount is 1, but play never ends; give one in [0, 1)")
    alone, shared = -slopes, -2 * slopes
    # [own action, other's action]
    first = np.where(np.eye(2, dtype=bool), shared[:, None], alone[:, None])
    potential = alone[:, None] + alone[None, :] + np.diag(alone)
    return MarkovGame.from_arrays(np.stack([first, first.T])[:, None],
                                  np.zeros((1, 2, 2), dtype=int),
                                  discount=discount, stage_potential=potential[
                                      None], name="two-link-congestion")


def _slopes(value: object) -> np.ndarray:
    single = isinstance(value, np.ndarray) and value.ndim == 0
    if isinstance(value, str | bytes) or not isinstance(value, Sequence
                                                        | np.ndarray) or single or len(value) != 2:
        raise InputError(
            f"costs is {shown(value)}, but it must be two positive numbers, one a link")
    return np.array([positive_number(slope, f"costs[{link}]") for link, slope in enumerate(value)])
