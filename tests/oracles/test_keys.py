"""No oracle uses a random key twice, as JAX's own checker sees it."""

import jax
import numpy as np
import pytest

import potentia as pt

CASES = {"exact": "stochastic-congestion", "one-sample": "stochastic-congestion",
         "rollouts": "stochastic-congestion",
         "sampled": "stochastic-congestion",
         "soft": "stochastic-congestion",
         "trajectory": "stochastic-congestion",
         "published-distancing": "distancing",
         "price-taking": "braess",
         "published-congestion": "stochastic-congestion-published"}


@pytest.mark.parametrize("oracle", pt.oracles.names())
def test_no_key_is_used_twice(oracle, x64):
    game = pt.games.make(CASES[oracle], n_agents=2)
    told = pt.oracles.make(oracle)
    profile = np.asarray(game.mask / game.mask.sum(axis=-1, keepdims=True))
    with jax.debug_key_reuse(True):
        q = jax.jit(lambda key: told.evaluate(game, profile, key).q)(jax.random.key(0))
    assert np.isfinite(q).all()
