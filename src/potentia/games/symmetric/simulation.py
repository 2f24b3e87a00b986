"""Simulated play of a game of identical agents, as one of them sees it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import Episodes
from potentia.games.counts import rank
from potentia.games.sampling import cumulative, drawn
from potentia.games.symmetric.data import SymmetricData


def simulated(game: SymmetricData, profile: Array, key: Array, episodes: int,
              steps: int) -> Episodes:
    """`episodes` episodes of `steps` steps of a profile [1, H, A]; states, actions and rewards of
    one agent."""
    nodes = jnp.zeros((episodes, game.n_agents), int)
    cycle, cdf = game.layers + 2, cumulative(profile[0])

    def step(nodes: Array,
             step_and_key: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array, Array]]:
        time, key = step_and_key
        seen = _seen(game, nodes, time)
        actions = drawn(cdf[seen], jax.random.uniform(key, nodes.shape))
        alike = (nodes == nodes[:, :1]) & (actions == actions[:, :1])
        node = jnp.where(time == 0, 0, 1 + (time - 1) * game.width + nodes[:, 0])
        paid = jnp.where(time == cycle - 1, game.loop_reward,
                         jnp.asarray(game.pay)[jnp.minimum(node, len(game.pay) - 1), actions[:, 0],
                                               jnp.sum(alike, axis=1)])
        following = jnp.where(time < game.layers, actions, 0)
        return following, (seen[:, 0], actions[:, :1], paid[:, None])

    times = (jnp.arange(steps + 1) % cycle if game.loops
             else jnp.minimum(jnp.arange(steps + 1), cycle - 1))
    last, (states, actions, rewards) = jax.lax.scan(step, nodes,
                                                    (times[:-1], jax.random.split(key, steps)))
    states = jnp.concatenate([states, _seen(game, last, times[-1])[None, :, 0]])
    return Episodes(states=states.T, actions=actions.swapaxes(0, 1), rewards=rewards.swapaxes(0, 1))


def _seen(game: SymmetricData, nodes: Array, time: Array) -> Array:
    """[E, n] information states of agents on `nodes` [E, n] of their layer at a step of play."""
    held = jnp.sum(nodes[..., None] == jnp.arange(game.width), axis=1)[:, None]  # [E, 1, W]
    others = held - (jnp.arange(game.width)[:, None] == jnp.arange(game.width))
    position = rank(jnp.maximum(others, 0), game.n_agents - 1)  # [E, W]
    size = len(game.tables.others)
    seen = (1 + ((time - 1) * game.width + nodes) * size
            + jnp.take_along_axis(position, nodes, axis=1))
    return jnp.where(time == 0, 0, jnp.where(time > game.layers, game.n_states - 1, seen))
