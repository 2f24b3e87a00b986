"""Exact evaluation of a symmetric profile, layer by layer.

Within a layer an agent's information state is (v, y): own node v in 0..W-1, and the index y of the
others' counts x in the ascending list of the count vectors of n-1 agents. All arrays of a layer are
[W, Y, ...].
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.symmetric.characteristic_functions import (
    characteristic,
    spectral_size,
    spectrum,
    total_distribution,
)
from potentia.games.symmetric.index_tables import IndexTables
from potentia.runtime.pytree import tree

Chosen = Callable[[Array, Array], Array]


@tree
class Step:
    """A crowd's move from one layer to the next, for one agent that stands in it.

    policy: [W, Y, A] what everybody plays. crowds: [W Y, 2K] distributions of the others' next
    counts. pay: [W, Y, A] mean pay.
    error: of the pay, by rounding.
    """

    policy: Array
    crowds: Array
    pay: Array
    error: Array


@tree
class Moves:
    """All moves: from the source (one node, W = Y = 1), between layers (stacked), and pay [W, Y] to
    the sink."""

    first: Step
    between: Step
    last: Array


def moves_of(source: Array, policy: Array, pay: Array, tables: IndexTables) -> Moves:
    """The moves of a crowd that plays `source` [A] and then `policy` [L, W, Y, A]; pay:
    [1 + L W, A, N+1] by load."""
    layers, width, _, n_actions = policy.shape
    by_layer = pay[1:].reshape(layers, width, n_actions, -1)
    together = jnp.asarray([[tables.n_agents - 1]])                      # all others at one node
    mean, error = _mean_pay(together[0], source[None], pay[0], tables)
    first = Step(policy=source[None, None],
                 crowds=characteristic(together, source[None, None], tables.wave),
                 pay=mean[None], error=error)
    between = jax.lax.map(lambda layer: _step(layer[0], layer[1], tables),
                          (policy[:-1], by_layer[:-1]))
    last = jnp.take_along_axis(by_layer[-1, :, 0], 1 + jnp.asarray(tables.others.T), axis=1)
    return Moves(first=first, between=between, last=last)


def _step(policy: Array, pay: Array, tables: IndexTables) -> Step:
    """policy: [W, Y, A]. pay: [W, A, N+1]."""
    others, nodes = jnp.asarray(tables.others.T), jnp.arange(len(policy))[:, None]
    crowds = jax.lax.map(
        lambda seen: characteristic(others, policy[nodes, seen], tables.wave),
        jnp.asarray(tables.seen))
    mean, error = jax.vmap(lambda number, probability,
                           pay: _mean_pay(number, probability, pay, tables))(others, policy, pay)
    return Step(policy=policy, crowds=crowds.reshape(-1, crowds.shape[-1]), pay=mean,
                error=jnp.max(error))


def _mean_pay(number: Array, probability: Array, pay: Array,
              tables: IndexTables) -> tuple[Array, Array]:
    """Mean pay [Y, A] of who surely takes an edge that each of `number` [Y] others takes with
    `probability` [Y, A], and its error. pay: [A, N+1] by load."""
    # the edge, or not
    two = jnp.stack([probability, probability @ (1.0 - jnp.eye(probability.shape[1]))], axis=-1)
    crowds = characteristic(jnp.repeat(number, probability.shape[1])[None], two.reshape(1, -1, 2),
                            tables.line)
    paid = spectrum(pay[:, 1:].T, np.arange(tables.n_agents), tables.line)
    return jnp.einsum("yak,ka->ya", crowds.reshape(*probability.shape, -1),
                      paid), tables.rounding * spectral_size(paid)


def swept(moves: Moves, discount: Array, chosen: Chosen,
          tables: IndexTables) -> tuple[Array, Array, Array]:
    """Action values [H, A] and values [H] of the rows of a profile, play worth nothing at the sink,
    and their error.

    chosen: from action values and policies [..., A] to values [...].
    """
    def back(later: tuple[Array, Array],
             step: Step) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        value, error = later
        ahead = spectrum(value.T, tables.flat, tables.wave)
        q = step.pay + discount * (step.crowds @ ahead).reshape(step.pay.shape)
        value = chosen(q, step.policy)
        return (value, step.error + discount * (tables.rounding * spectral_size(ahead) + error)), (
            q, value)

    later, (q, values) = jax.lax.scan(back, (moves.last, jnp.zeros(())), moves.between,
                                      reverse=True)
    (_, error), (q_first, first) = back(later, moves.first)
    n_actions = q_first.shape[-1]
    last = jnp.broadcast_to(moves.last[..., None], (*moves.last.shape, n_actions))
    q = jnp.concatenate([part.reshape(-1, n_actions)
                         for part in (q_first, q, last, jnp.zeros(n_actions))])
    return q, jnp.concatenate([part.ravel() for part in (first, values, moves.last,
                                                         jnp.zeros(1))]), error


def visits(moves: Moves, tables: IndexTables) -> Array:
    """Probability [H] of an agent being in each information state at the one time that it can
    be."""
    def forth(now: Array, step: Step) -> tuple[Array, Array]:
        weights = (now[..., None] * step.policy).reshape(step.crowds.shape[0], -1)
        following = total_distribution(step.crowds, weights, tables.flat, tables.wave).T
        return following, following

    start = jnp.ones((1, 1))
    first, _ = forth(start, moves.first)
    _, others = jax.lax.scan(forth, first, moves.between)
    return jnp.concatenate([part.ravel() for part in (start, first, others, start)])
