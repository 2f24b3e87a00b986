"""Visits of simulated play: which of them count, what followed them, means over them and standard
errors.

The errors are those of ratio estimators whose clusters are the episodes (visits within one episode
depend on each other): with z_e the sum over the visits of episode e of (G - q), M all visits and K
the number of episodes that visited, se^2 = K/(K-1) sum over e of z_e^2 / M^2 (Cochran, Sampling
Techniques, Section 6).
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.game import Episodes, HasJointStates
from potentia.oracles import flat_index

Visits = tuple[Array, ...]          # coordinates of entries, by visit [N, E, visited]


def lengths(game: HasJointStates, horizon: int) -> tuple[int, int, bool]:
    """Steps in which visits count, steps played, and whether play has surely ended by then."""
    longest = game.sweeps  # states on the longest play, the end included
    if longest is not None and longest - 1 <= horizon:
        return longest, longest, True
    steps = 2 * horizon - 1
    return horizon, steps if longest is None else min(steps, longest), False


def returns_of(rewards: Array, discount: Array, visited: int, horizon: int) -> Array:
    """Discounted sums of the `horizon` rewards from each visited step on: [E, T, N] ->
    [N, E, visited]."""
    lag = jnp.arange(rewards.shape[1]) - jnp.arange(visited)[:, None]
    window = jnp.where((lag >= 0) & (lag < horizon), discount ** jnp.maximum(lag, 0), 0.0)
    return jnp.einsum("tu,eun->net", window, rewards)


def occupancy(game: HasJointStates, states: Array, ends: bool) -> Array:
    """What each visited step adds to scale * visitation, [E, visited].

    At discount 1 an absorbing state counts once, on arrival; below, play stays there for ever.
    """
    if game.undiscounted:
        absorbed = jnp.asarray(game.absorbing)[states]
        return jnp.ones(states.shape).at[:, 1:].set(jnp.where(absorbed[:, :-1], 0.0, 1.0))
    weight = game.discount ** jnp.arange(states.shape[1])
    if ends:
        weight = weight.at[-1].multiply(game.scale)
    return jnp.broadcast_to(weight, states.shape)


def coordinates(game: HasJointStates, play: Episodes, visited: int) -> tuple[Visits, Visits]:
    """Coordinates (agent, h) and (agent, h, action) of every visit, each broadcasting to
    [N, E, visited]."""
    agent = jnp.arange(len(game.action_counts))[:, None, None]
    seen = jnp.asarray(game.information)[:, play.states[:, :visited]]
    return (agent, seen), (agent, seen, jnp.moveaxis(play.actions[:, :visited], -1, 0))


def ratio(total: Array, count: Array, otherwise: Array | float) -> Array:
    """total / count; `otherwise` where nothing was counted."""
    return jnp.where(count > 0, total / jnp.where(count > 0, count, 1.0), otherwise)


def errors_over_visits(mean: Array, weight: Array, returns: Array, visits: Visits) -> Array:
    """Standard errors of `mean`, whose entries the visits fall on; inf below two episodes.

    returns: [N, E, visited]; weight broadcasts to it.
    """
    episode = jnp.arange(returns.shape[1])[:, None]
    shape = (returns.shape[1], *mean.shape)
    count = flat_index.totals(shape, weight, episode, *visits)
    deviation = flat_index.totals(shape, weight * (returns - flat_index.entry(mean, *visits)),
                                  episode, *visits)
    return errors_over_episodes(deviation, count)


def errors_over_episodes(deviation: Array, count: Array) -> Array:
    """Standard errors of ratios, from what each episode deviates and how much it counts, [E, ...];
    inf below two episodes."""
    clusters = jnp.sum(count > 0, axis=0)
    variance = clusters / jnp.maximum(clusters - 1, 1) * jnp.sum(deviation**2, axis=0)
    return jnp.where(clusters >= 2, jnp.sqrt(variance)
                     / jnp.where(clusters >= 2, jnp.sum(count, axis=0), 1.0), jnp.inf)


def bias_of_cut(game: HasJointStates, horizon: int, ends: bool) -> Array:
    """Bound on |E[estimate] - truth| from the cut after `horizon` rewards, a number; inf if there
    is none."""
    if ends:
        return jnp.zeros(())
    if game.undiscounted:
        return jnp.asarray(jnp.inf)
    largest = game.reward_bound * game.scale
    whole = 0.0 if game.separable else 2.0
    return (game.discount ** np.float64(horizon) + whole) * largest
