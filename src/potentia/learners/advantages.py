"""Advantages of what an agent did, from its own rewards and its own estimate of values."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.learners.base import OwnPlay

MISSING = -1e9            # logit of an action that does not exist


def generalised(play: OwnPlay, values: Array, discount: float,
                trace: float) -> tuple[Array, Array]:
    """Advantages [T, E] and returns [T, E] that values are to come near; values: [T + 1, E].

    An episode that was cut off is worth what its last observation is; one that ended is worth
    nothing more. (Schulman et al. 2016, generalised advantage estimation, equation 16.)
    """
    ahead = values[1:] * (1.0 - play.ended)
    error = (play.rewards + discount * ahead - values[:-1]) * play.alive

    def back(later: Array, now: tuple[Array, Array]) -> tuple[Array, Array]:
        here, ended = now
        found = here + discount * trace * (1.0 - ended) * later
        return found, found

    _, advantages = jax.lax.scan(back, jnp.zeros(error.shape[1]), (error, play.ended),
                                 reverse=True)
    advantages = advantages * play.alive
    return advantages, advantages + values[:-1]


def normalised(advantages: Array, alive: Array) -> Array:
    """With mean 0 and deviation 1 over what was played; those of a single size stay 0."""
    number = jnp.maximum(jnp.sum(alive), 1.0)
    mean = jnp.sum(advantages * alive) / number
    spread = jnp.sqrt(jnp.sum(alive * (advantages - mean) ** 2) / number)
    return alive * (advantages - mean) / (spread + 1e-8)


def log_policy(logits: Array, legal: Array) -> Array:
    """[..., A] log-probabilities over the actions that exist."""
    return jax.nn.log_softmax(jnp.where(legal, logits, MISSING), axis=-1)


def of_actions(log_probabilities: Array, actions: Array) -> Array:
    """[...] the log-probability of each action, from [..., A]."""
    return jnp.take_along_axis(log_probabilities, actions[..., None], axis=-1)[..., 0]
