"""Who moves in an iteration: where a run's schedule stands, what it is told, and who has waited."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import Evaluation, Game, HasMovers
from potentia.rules.base import View
from potentia.runtime.pytree import tree
from potentia.schedules.base import Facts, Schedule, needs_gains


@tree
class Turns:
    """Where the schedule of a run stands.

    memory: the schedule's. counts: [M] updates that each mover has made. still: [M] who has moved
    since anything changed last: once that is everybody, a whole round has changed nothing.
    """

    memory: Any
    counts: Array
    still: Array


def n_movers(game: Game) -> int:
    """M, how many move by themselves."""
    return game.n_movers if isinstance(game, HasMovers) else game.mask.shape[0]


def movers(game: Game) -> Array:
    """[N] whose row each is."""
    return (jnp.asarray(game.movers) if isinstance(game, HasMovers)
            else jnp.arange(game.mask.shape[0]))


def begin(schedule: Schedule, game: Game, key: Array) -> Turns:
    """Before the first iteration."""
    count = n_movers(game)
    memory = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=leaf.dtype),
                          schedule.init(count, key))
    return Turns(memory=memory, counts=jnp.zeros(count, jnp.int64), still=jnp.zeros(count, bool))


def taken(schedule: Schedule, game: Game, turns: Turns, iteration: Array, evaluation: Evaluation,
          profile: Array, key: Array) -> tuple[Array, Turns]:
    """Which information states move of each row, [N, H], and the turns with that counted."""
    owner, gains = movers(game), None
    if needs_gains(schedule):
        response = game.best_response(profile)
        gains = game.mover_gains(response) if isinstance(game, HasMovers) else response.gain
    facts = Facts(advantages=_clear_advantages(game, evaluation), profile=profile,
                  mask=jnp.asarray(game.mask), movers=owner, counts=turns.counts, gains=gains)
    moves, memory = schedule.move(turns.memory, iteration, facts, key)
    by_mover = moves if moves.ndim == 1 else jnp.any(moves, axis=1)
    rows = moves[owner] if moves.ndim > 1 else moves[owner][:, None]
    return (jnp.broadcast_to(rows, profile.shape[:2]),
            Turns(memory=memory, counts=turns.counts + by_mover, still=turns.still | by_mover))


def kept_by_those_who_wait(rows: Array, old: tuple[Array, Any],
                           new: tuple[Array, Any]) -> tuple[Array, Any]:
    """Log-profile and memory: new where `rows` [N, H] move, old elsewhere. A row's memory is its
    mover's, and is new if it moves at any information state."""
    anywhere = jnp.any(rows, axis=1)

    def of_memory(before: Array, after: Array) -> Array:
        return jnp.where(anywhere.reshape(-1, *[1] * (before.ndim - 1)), after, before)

    return (jnp.where(rows[..., None], new[0], old[0]),
            jax.tree.map(of_memory, old[1], new[1]))


def settled(turns: Turns, quiet: Array) -> tuple[Turns, Array]:
    """The turns after an update, and whether everybody has moved and nothing changed; quiet:
    whether this update changed nothing."""
    still = turns.still & quiet
    return Turns(memory=turns.memory, counts=turns.counts, still=still), jnp.all(still)


def _clear_advantages(game: Game, evaluation: Evaluation) -> Array:
    """[N, H, A] as each row sees them."""
    scale = jnp.asarray(game.scale)

    def one(q: Array, v: Array, visitation: Array, mask: Array) -> Array:
        return View(q=q, v=v, visitation=visitation, mask=mask, scale=scale).clear_advantage

    return jax.vmap(one)(evaluation.q, evaluation.v, evaluation.visitation, jnp.asarray(game.mask))
