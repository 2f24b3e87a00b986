"""What one agent expects in a crowd that plays one policy, layer by layer: the arithmetic of `anonymous`.

Within a layer an agent's information state is (v, y): own node v in 0..W-1, and the place y of the others' counts x in
the ascending list of the count vectors of n-1 agents. All arrays of a layer are [W, Y, ...].
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games.counts import count_vectors, rank
from potentia.games.symmetric.characteristic_functions import (
    Waves,
    characteristic,
    spectral_size,
    spectrum,
    spread,
    waves,
)
from potentia.runtime.pytree import tree

UNITS = 8                 # roundings behind one agent's factor
Chosen = Callable[[Array, Array], Array]


@dataclasses.dataclass(frozen=True)
class Places:
    """Index tables for n agents on layers of W nodes.

    others: [Y, W] the others' counts. seen: [W, W, Y] place of what another agent at u sees, others + e_v - e_u, when
    the own node is v; 0 where there is nobody at u. flat: [Y] place of the others' counts on the axes of `wave`.
    line: frequencies of one number.
    """

    n_agents: int
    others: np.ndarray
    seen: np.ndarray
    flat: np.ndarray
    wave: Waves
    line: Waves

    @property
    def rounding(self) -> float:
        """Error of a mean relative to the `spectral_size` of the function."""
        return (UNITS * self.n_agents + 2 * len(self.wave.weights) + 32) * float(np.finfo(np.float64).eps)


@lru_cache(maxsize=8)
def places(n_agents: int, width: int) -> Places:
    """The tables, computed once."""
    others, step = count_vectors(n_agents - 1, width), np.eye(width, dtype=int)
    seen = others + step[:, None, None] - step[:, None]                                            # [W, W, Y, W]
    nobody = (seen < 0).any(axis=-1)
    return Places(
        n_agents=n_agents, others=others, seen=np.where(nobody, 0, rank(np.maximum(seen, 0), n_agents - 1)),
        flat=others[:, :-1] @ n_agents ** np.arange(width - 1)[::-1], wave=waves(n_agents, width - 1),
        line=waves(n_agents, 1))


@tree
class Step:
    """A crowd's move from one layer to the next, for one agent that stands in it.

    policy: [W, Y, A] what everybody plays. crowds: [W Y, 2K] how the others spread. pay: [W, Y, A] mean pay.
    error: of the pay, by rounding.
    """

    policy: Array
    crowds: Array
    pay: Array
    error: Array


@tree
class Play:
    """All moves: from the source (one node, W = Y = 1), between layers (stacked), and pay [W, Y] to the sink."""

    first: Step
    between: Step
    last: Array


def play(source: Array, policy: Array, pay: Array, at: Places) -> Play:
    """The moves of a crowd that plays `source` [A] and then `policy` [L, W, Y, A]; pay: [1 + L W, A, N+1] by load."""
    layers, width, _, n_actions = policy.shape
    by_layer = pay[1:].reshape(layers, width, n_actions, -1)
    together = jnp.asarray([[at.n_agents - 1]])                      # all others at one node
    mean, error = _mean_pay(together[0], source[None], pay[0], at)
    first = Step(policy=source[None, None], crowds=characteristic(together, source[None, None], at.wave),
                 pay=mean[None], error=error)
    between = jax.lax.map(lambda layer: _step(layer[0], layer[1], at), (policy[:-1], by_layer[:-1]))
    last = jnp.take_along_axis(by_layer[-1, :, 0], 1 + jnp.asarray(at.others.T), axis=1)
    return Play(first=first, between=between, last=last)


def _step(policy: Array, pay: Array, at: Places) -> Step:
    """policy: [W, Y, A]. pay: [W, A, N+1]."""
    others, nodes = jnp.asarray(at.others.T), jnp.arange(len(policy))[:, None]
    crowds = jax.lax.map(lambda seen: characteristic(others, policy[nodes, seen], at.wave), jnp.asarray(at.seen))
    mean, error = jax.vmap(lambda number, chance, pay: _mean_pay(number, chance, pay, at))(others, policy, pay)
    return Step(policy=policy, crowds=crowds.reshape(-1, crowds.shape[-1]), pay=mean, error=jnp.max(error))


def _mean_pay(number: Array, chance: Array, pay: Array, at: Places) -> tuple[Array, Array]:
    """Mean pay [Y, A] of who surely takes an edge that each of `number` [Y] others takes with `chance` [Y, A], and its
    error. pay: [A, N+1] by load."""
    two = jnp.stack([chance, chance @ (1.0 - jnp.eye(chance.shape[1]))], axis=-1)                   # the edge, or not
    crowds = characteristic(jnp.repeat(number, chance.shape[1])[None], two.reshape(1, -1, 2), at.line)
    paid = spectrum(pay[:, 1:].T, np.arange(at.n_agents), at.line)
    return jnp.einsum("yak,ka->ya", crowds.reshape(*chance.shape, -1), paid), at.rounding * spectral_size(paid)


def swept(moves: Play, discount: Array, chosen: Chosen, at: Places) -> tuple[Array, Array, Array]:
    """Action values [H, A] and values [H] of the rows of a profile, play worth nothing at the sink, and their error.

    chosen: from action values and policies [..., A] to values [...].
    """
    def back(later: tuple[Array, Array], step: Step) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        value, error = later
        ahead = spectrum(value.T, at.flat, at.wave)
        q = step.pay + discount * (step.crowds @ ahead).reshape(step.pay.shape)
        value = chosen(q, step.policy)
        return (value, step.error + discount * (at.rounding * spectral_size(ahead) + error)), (q, value)

    later, (q, values) = jax.lax.scan(back, (moves.last, jnp.zeros(())), moves.between, reverse=True)
    (_, error), (q_first, first) = back(later, moves.first)
    n_actions = q_first.shape[-1]
    last = jnp.broadcast_to(moves.last[..., None], (*moves.last.shape, n_actions))
    q = jnp.concatenate([part.reshape(-1, n_actions) for part in (q_first, q, last, jnp.zeros(n_actions))])
    return q, jnp.concatenate([part.ravel() for part in (first, values, moves.last, jnp.zeros(1))]), error


def visits(moves: Play, at: Places) -> Array:
    """Chance [H] of an agent being in each information state at the one time that it can be."""
    def forth(now: Array, step: Step) -> tuple[Array, Array]:
        weights = (now[..., None] * step.policy).reshape(step.crowds.shape[0], -1)
        following = spread(step.crowds, weights, at.flat, at.wave).T
        return following, following

    start = jnp.ones((1, 1))
    first, _ = forth(start, moves.first)
    _, others = jax.lax.scan(forth, first, moves.between)
    return jnp.concatenate([part.ravel() for part in (start, first, others, start)])
