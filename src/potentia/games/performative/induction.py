"""The game that a profile induces, and what its arithmetic may hide.

With p the deployed probability of agent i's own action in the joint state, x its place there and
A its number of actions, the reward and the probabilities of its next place y become

    r_i(s, a) + c_r (p - 1/A)
    max(moves(x, a_i, y) + c_p support(x, a_i, y) (p - 1/A), 0), divided by their sum over y

and agents move independently: the next joint state has the product of these probabilities.

Source: the congestion experiment of Sahitaj, Sasnauskas, Yalin, Mandal and Radanovic, arXiv
2504.20593, by its published scripts.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.performative.data import PerformativeData
from potentia.games.tabular.data import TabularData

UNIT = float(np.finfo(np.float64).eps) / 2         # relative error of one float64 operation


def induced(game: PerformativeData, profile: Array) -> TabularData:
    """The tabular game that `profile` [N, S, A] induces."""
    shares = jnp.asarray(profile) - 1.0 / game.mask.shape[2]
    rewards = jnp.asarray(game.rewards) + game.pay * _of_joint(shares)
    rows = _led(game, shares)                                                  # [N, S, A, K]
    rows = rows / jnp.sum(rows, axis=-1, keepdims=True)
    matrix = _arrivals(game, rows, 0)
    for agent in range(1, game.n_agents):
        own = _arrivals(game, rows, agent)
        matrix = (matrix[:, :, None] * own[:, None]).reshape(game.n_states, -1, game.n_states)
    return game.table(rewards, matrix)


def rounding(game: PerformativeData, profile: Array, values: Array) -> Array:
    """[N] how far each agent's values, about those of `values` [M, N, S], may be off by the
    arithmetic that induced the game.

    A response is a sum that may cancel: its error is relative to the sizes of its summands, of
    which the difference p - 1/A counts four times and 1/A once. Rows sum to 1 up to the rounding of
    their division, whatever their entries have lost, so that what these have lost counts by how
    much values differ, and the division by their size.
    """
    n_actions, n_places = game.mask.shape[2], game.moves.shape[2]
    shares = jnp.asarray(profile) - 1.0 / n_actions
    summed = 4 * jnp.abs(shares) + 1.0 / n_actions
    rewards = game.reward_bound + jnp.abs(game.pay) * jnp.max(summed)
    at = jnp.asarray(game.places)
    sizes = jnp.asarray(game.moves)[at] + summed[..., None] * game.lead * jnp.asarray(
        game.support)[at]
    led = _led(game, shares)
    lost = 2 * jnp.sum(jnp.max(jnp.sum(sizes, axis=-1) / jnp.sum(led, axis=-1), axis=(1, 2)))
    span = jnp.max(values, axis=(0, 2)) - jnp.min(values, axis=(0, 2))
    divided = game.n_agents * (n_places + 1) * jnp.max(jnp.abs(values), axis=(0, 2))
    return UNIT * game.scale * (rewards + game.discount * (lost * span / 2 + divided))


def _led(game: PerformativeData, shares: Array) -> Array:
    """[N, S, A, K] probabilities of each agent's next place, not yet divided by their sum."""
    at = jnp.asarray(game.places)
    led = game.lead * jnp.asarray(game.support)[at] * shares[..., None]
    return jnp.maximum(jnp.asarray(game.moves)[at] + led, 0.0)


def _arrivals(game: PerformativeData, rows: Array, agent: int) -> Array:
    """[S, A, S] probabilities that the agent comes to where it is in each next state."""
    return rows[agent][:, :, jnp.asarray(game.places)[agent]]


def _of_joint(shares: Array) -> Array:
    """[S, J, N] each agent's share [N, S, A] of the action that it plays in each joint action."""
    n_agents, _, n_actions = shares.shape
    played = np.indices((n_actions,) * n_agents).reshape(n_agents, -1)
    return jnp.stack([shares[agent][:, played[agent]] for agent in range(n_agents)], axis=-1)
