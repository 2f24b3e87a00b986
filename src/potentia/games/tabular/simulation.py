"""Simulated play of a tabular game."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import Episodes
from potentia.games.sampling import cumulative, drawn, drawn_from_one
from potentia.games.tabular.data import TabularData


def simulated(game: TabularData, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
    """`episodes` episodes of `steps` steps of a profile [N, H, A] from the initial distribution."""
    start_key, play_key = jax.random.split(key)
    start = drawn_from_one(jnp.asarray(game.initial), jax.random.uniform(start_key, (episodes,)))
    return continued(game, profile, play_key, start, steps)


def continued(game: TabularData, profile: Array, key: Array, start: Array, steps: int) -> Episodes:
    """Episodes of `steps` steps of a profile [N, H, A], one from each of the states `start` [E]."""
    episodes = start.shape[0]
    tables = [cumulative(policy) for policy in game.policies(profile)]

    def step(states: Array, step_key: Array) -> tuple[Array, tuple[Array, Array, Array]]:
        uniform = jax.random.uniform(step_key, (game.n_agents + 1, episodes))
        actions = [drawn(table[states], u) for table, u in zip(tables, uniform, strict=False)]
        index = jnp.ravel_multi_index(tuple(actions), game.action_counts, mode="clip")
        following = game.transitions.step(states, index, uniform[-1]).astype(jnp.int32)
        return following, (states, jnp.stack(actions, axis=-1),
                           jnp.asarray(game.rewards)[states, index])

    last, (states, actions, rewards) = jax.lax.scan(step, start.astype(jnp.int32),
                                                    jax.random.split(key, steps))
    states = jnp.concatenate([states, last[None]])
    return Episodes(states=states.T, actions=actions.swapaxes(0, 1), rewards=rewards.swapaxes(0, 1))
