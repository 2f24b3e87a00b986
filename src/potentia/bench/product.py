"""An exact iteration of the congestion game against a bare product of matrices of the same
operation count.

From the first layer to the second, the next values of N agents are contracted with the products of
their policies: for each of 2^N states w_high^T V_i w_low, which is 2 N 2^(2N) operations. The bare
product has that count and the shape of the first of the two products that do it, or is square; the
faster of the two is what an iteration is held against.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from potentia import games
from potentia.bench.harness import Asked, Figure, Limit, learning, least

LIMIT = Limit("at most", 3)
GAME = "stochastic-congestion"


def measure(asked: Asked, n_agents: int = 12, repeats: int = 7) -> list[Figure]:
    """The ratio at `n_agents`."""
    ours = learning(games.make(GAME, n_agents=n_agents, representation="congestion"))
    operations = 2 * n_agents * 4**n_agents
    high, low = 2**(n_agents // 2), 2**(n_agents - n_agents // 2)
    side = round((operations / 2)**(1 / 3))
    bare = {"product as in the contraction": _product(high * low, low, high * n_agents),
            "square product": _product(side, side, side)}
    taken = least({"iterations": ours.run, **bare}, repeats)
    seconds = {"an iteration": taken.pop("iterations") / ours.count, **taken}
    return [Figure(f"exact INPG iteration at n = {n_agents}, gap left out, to a bare float64 "
                   f"product",
                   seconds["an iteration"] / min(taken.values()), limit=LIMIT, seconds=seconds,
                   note=f"{operations:,} operations")]


def _product(rows: int, inner: int, columns: int):
    left, right = jnp.asarray(np.ones((rows, inner))), jnp.asarray(np.ones((inner, columns)))
    multiply = jax.jit(jnp.matmul)
    return lambda: multiply(left, right)
