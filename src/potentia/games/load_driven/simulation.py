"""Simulated play of a load-driven game."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import Episodes
from potentia.games.counts import rank
from potentia.games.load_driven.data import LoadData
from potentia.games.sampling import cumulative, drawn


def simulated(game: LoadData, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
    """`episodes` episodes of `steps` steps of a profile [N, S, A] from the initial distribution."""
    start_key, play_key = jax.random.split(key)
    start = drawn(cumulative(jnp.asarray(game.initial)), jax.random.uniform(start_key, (episodes,)))
    return continued(game, profile, play_key, start, steps)


def continued(game: LoadData, profile: Array, key: Array, start: Array, steps: int) -> Episodes:
    """Episodes of `steps` steps of a profile [N, S, A], one from each of the states `start` [E]."""
    episodes = start.shape[0]
    cdf = cumulative(profile)
    agents, pay = jnp.arange(game.n_agents), jnp.asarray(game.pay)

    def step(states: Array, key: Array) -> tuple[Array, tuple[Array, Array, Array]]:
        own_key, state_key = jax.random.split(key)
        actions = drawn(cdf[agents, states[:, None]],
                        jax.random.uniform(own_key, (episodes, game.n_agents)))
        held = jnp.sum(actions[..., None] == jnp.arange(game.mask.shape[2]), axis=1)  # [E, A]
        index = rank(held, game.n_agents)
        paid = pay[agents % len(pay), states[:, None], actions,
                   jnp.take_along_axis(held, actions, axis=1)]
        if game.common is not None:
            paid = paid + jnp.asarray(game.common)[states, index][:, None]
        cdf_next = cumulative(jnp.asarray(game.following)[states, index])
        return drawn(cdf_next, jax.random.uniform(state_key, (episodes,))), (states, actions, paid)

    last, (states, actions, rewards) = jax.lax.scan(step, start.astype(int),
                                                    jax.random.split(key, steps))
    states = jnp.concatenate([states, last[None]])
    return Episodes(states=states.T, actions=actions.swapaxes(0, 1), rewards=rewards.swapaxes(0, 1))
