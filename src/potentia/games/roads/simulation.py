"""Trips as they are played, agent by agent: for small numbers of agents, and to check what is
computed exactly."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.game import Episodes
from potentia.games.roads.classes import Classes
from potentia.games.roads.cost_kinds import Polynomial, PowerLaw
from potentia.games.roads.data import RoadData
from potentia.games.sampling import cumulative, drawn


def simulated(game: RoadData, policy: Array, key: Array, episodes: int, steps: int) -> Episodes:
    """So many trips of every agent, of at most so many steps; policy: [R, A]."""
    n_links, end = len(game.link_of), len(policy)
    begins = jnp.repeat(jnp.asarray(game.trips.row), jnp.asarray(game.trips.count),
                        total_repeat_length=game.n_agents)
    up_to = cumulative(jnp.append(policy, jnp.eye(1, policy.shape[1]), axis=0))
    following = jnp.append(jnp.asarray(game.rows.following), jnp.full((1, policy.shape[1]), end),
                           axis=0)
    links = jnp.append(jnp.repeat(jnp.asarray(game.rows.links), game.rows.size, axis=0),
                       jnp.full((1, policy.shape[1]), n_links), axis=0)

    def step(rows: Array, key: Array) -> tuple[Array, tuple[Array, Array, Array]]:
        actions = drawn(up_to[rows], jax.random.uniform(key, rows.shape))
        return following[rows, actions].astype(rows.dtype), (rows, actions, links[rows, actions])

    start = jnp.broadcast_to(begins, (episodes, game.n_agents))
    last, (rows, actions, taken) = jax.lax.scan(step, start, jax.random.split(key, steps))
    episode = jnp.arange(episodes)[:, None]
    if game.classes is None or game.classes.alike:
        load = jnp.zeros((episodes, n_links + 1), int).at[episode, taken].add(1)
    else:
        weight = jnp.asarray(game.classes.weight)[_class_of_agents(game, game.classes)]
        load = jnp.zeros((episodes, n_links + 1)).at[episode, taken].add(weight)
    paid = jnp.append(_at(game, load[:, :-1].T).T, jnp.zeros((episodes, 1)), axis=1)[episode, taken]
    if game.classes is not None:
        value = jnp.asarray(game.classes.value)[_class_of_agents(game, game.classes)]
        besides = (jnp.asarray(game.tolls) + game.distance_costs)[jnp.asarray(game.link_of)]
        besides = jnp.append(besides, 0.0)[taken]
        paid = value * paid + (1.0 - value) * besides
    states = jnp.concatenate([rows, last[None]])
    return Episodes(states=states.swapaxes(0, 1), actions=actions.swapaxes(0, 1),
                    rewards=-paid.swapaxes(0, 1))


def _class_of_agents(game: RoadData, classes: Classes) -> Array:
    """[N]."""
    return jnp.repeat(jnp.asarray(classes.of_type), jnp.asarray(game.trips.count),
                      total_repeat_length=game.n_agents)


def _at(game: RoadData, number: Array) -> Array:
    """[E, episodes] costs at these loads, in agents of weight 1."""
    coefficients, link_of = game.costs.coefficients, jnp.asarray(game.link_of)
    if isinstance(game.costs, PowerLaw) and game.table is None:
        load = game.weight * number.astype(np.float64).reshape(-1, len(game.links), number.shape[1])
        return jax.vmap(game.costs.at)(load).reshape(number.shape)
    if coefficients is None:
        return jnp.take_along_axis(jnp.asarray(game.table)[link_of], number, axis=1)
    loads = game.weight * number.astype(np.float64)
    return Polynomial(jnp.asarray(coefficients)[link_of]).at(loads)
