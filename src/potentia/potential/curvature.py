"""Cross second derivatives, a test of its own: in a potential game the derivative of V_i in pi_i
and pi_j is that of V_j, both being the potential's.

    d^2 V_i(mu) / d pi_i d pi_j = d^2 V_j(mu) / d pi_i d pi_j

By automatic differentiation through the game's own evaluation, at a random interior profile along
random directions.
"""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.tabular.game import MarkovGame
from potentia.runtime.float64 import float64_on_one_blas_thread

PAIRS = 6
LEAST = 1e-6  # of the largest value: second derivatives below are compared with this instead


def asymmetry(game: MarkovGame, seed: int = 0) -> float:
    """The largest |d^2 V_i - d^2 V_j| over the pairs of agents tried, relative to the largest of
    the derivatives."""
    pairs = list(itertools.combinations(range(game.n_agents), 2))
    chosen = np.random.default_rng(seed).permutation(len(pairs))[:PAIRS]
    with float64_on_one_blas_thread():
        keys = jax.random.split(jax.random.key(seed), 1 + len(chosen))
        profile = game.initial_profile("random", keys[0])
        found = np.array([_cross(game, profile, pairs[k][0], pairs[k][1], key)
                          for k, key in zip(chosen, keys[1:], strict=True)])
        least = LEAST * np.abs(game.start_values(profile)).max()
    largest = max(np.abs(found).max(initial=0.0), least)
    return (float(np.abs(found.reshape(-1, 2) @ [1, -1]).max(initial=0.0) / largest) if largest > 0
            else 0.0)


@jax.jit
def _cross(game: MarkovGame, profile: Array, i: Array, j: Array, key: Array) -> Array:
    """[2] the second derivatives of V_i(mu) and V_j(mu), once along a direction of pi_i and once
    along one of pi_j."""
    toward = game.initial_profile("random", key) - profile
    agents = jnp.arange(game.n_agents)[:, None, None]

    def values(one: Array, two: Array) -> Array:
        moved = profile + toward * (one * (agents == i) + two * (agents == j))
        return game.start_values(moved)[jnp.stack([i, j])]

    def slope(one: Array) -> Array:
        return jax.jvp(lambda two: values(one, two), (0.0,), (1.0,))[1]

    return jax.jvp(slope, (0.0,), (1.0,))[1]
