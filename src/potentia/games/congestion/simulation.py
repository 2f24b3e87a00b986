"""Simulated play of a congestion game."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.game import Episodes
from potentia.games.congestion.data import CongestionData
from potentia.games.sampling import cumulative, drawn


def simulated(game: CongestionData, profile: Array, key: Array, episodes: int,
              steps: int) -> Episodes:
    """`episodes` episodes of `steps` steps of a profile [N, S, A] from the initial distribution."""
    start_key, play_key = jax.random.split(key)
    start = jax.random.choice(start_key, game.n_states, (episodes,),
                              p=game.initial).astype(jnp.int32)
    return continued(game, profile, play_key, start, steps)


def continued(game: CongestionData, profile: Array, key: Array, start: Array,
              steps: int) -> Episodes:
    """Episodes of `steps` steps of a profile [N, S, A], one from each of the states `start` [E]."""
    cdf = cumulative(profile)
    agents = jnp.arange(game.n_agents)
    digit = len(game.moves) ** np.arange(game.n_agents)[::-1]

    def step(states: Array, key: Array) -> tuple[Array, tuple[Array, Array, Array]]:
        nodes = jnp.asarray(game.configurations)[states]  # [E, N]
        actions = drawn(cdf[agents, states[:, None]], jax.random.uniform(key, nodes.shape))
        together = (nodes[:, :, None] == nodes[:, None]) & (actions[:, :, None] == actions[:, None])
        paid = jnp.asarray(game.pay)[nodes, actions, jnp.sum(together, axis=-1)]
        code = jnp.asarray(game.moves)[nodes, actions] @ digit
        following = jnp.asarray(game.position)[jnp.searchsorted(game.codes, code)]
        return following, (states, actions, paid)

    last, (states, actions, rewards) = jax.lax.scan(step, start.astype(jnp.int32),
                                                    jax.random.split(key, steps))
    states = jnp.concatenate([states, last[None]])
    return Episodes(states=states.T, actions=actions.swapaxes(0, 1), rewards=rewards.swapaxes(0, 1))
