"""A game of common interest with a flat region, where independent natural gradients stand still for
long.

Payoffs of both agents, by the actions of agent 0 (rows) and agent 1:

    -1    0.14
    0.16  0.15
    0.2   -1
"""

from __future__ import annotations

from potentia.errors import positive_number
from potentia.games.tabular.game import MarkovGame

SOURCE = ("Zhang, Mei, Dai, Schuurmans, Li: On the Global Convergence Rates of Decentralized "
          "Softmax Gradient Play in Markov Potential Games (arXiv 2202.00872); payoffs from the "
          "published experiment script of that paper")


def build(scale: float = 0.1) -> MarkovGame:
    """Two agents of common interest whose way to the one equilibrium leads past a flat region.

    scale: positive factor of the payoffs -10, 1.4; 1.6, 1.5; 2, -10.

    The payoff is the potential. The one pure equilibrium is the third action against the first, at
    0.2. INPG with step 5 from (.8, .1, .1) and (.5, .5) first comes to the profile of 0.16 beside
    it, where agent 0 could gain 0.04 by its third action, whose probability is then so small that
    the gap is above 0.001 for the last time after 24,419 updates; the published script stores
    probabilities, in which it underflows to 0, and stays there for ever.

    The same source's game of eight agents is `random-cooperative`, see its `order`.

    Raises InputError for a scale that is not positive.
    """
    factor = float(positive_number(scale, "scale"))
    paid = [[factor * value for value in row] for row in ((-10, 1.4), (1.6, 1.5), (2, -10))]
    return MarkovGame.from_payoffs(paid, paid, name="flat-region")
