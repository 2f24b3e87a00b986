"""A user's own schedule: its memory as arrays by name, and what it returns checked as it is traced;
and whether any schedule lets everybody move."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError
from potentia.game import Game
from potentia.learning.contract import called, what
from potentia.learning.own_memory import KeepsPlain
from potentia.learning.turns import movers, n_movers
from potentia.profile import uniform
from potentia.rules.base import at
from potentia.runtime.own import Token
from potentia.schedules.base import Facts, Schedule, is_coordinator, needs_gains

TRIED = 10_000            # iterations for each mover
WORTHWHILE = 1e150        # what somebody is said to gain: more than any schedule asks for
LARGEST = 1 << 16         # numbers in a profile of a game whose schedule is tried


class PlainSchedule(KeepsPlain):
    """A user's schedule whose memory is arrays by name."""

    def __init__(self, schedule: Schedule, token: Token | None = None):
        super().__init__(schedule, token)
        self.needs_gains, self.coordinator = needs_gains(schedule), is_coordinator(schedule)

    def init(self, n_movers: int, key: Array) -> dict[str, Array]:
        """The first memory."""
        schedule = at(self.own, jnp.zeros((), jnp.int64))
        return self.first(called(schedule, "init", n_movers, key))

    def move(self, memory: dict[str, Array], iteration: Array, facts: Facts,
             key: Array) -> tuple[Array, dict[str, Array]]:
        """Who moves now, and the memory."""
        schedule = at(self.own, iteration)
        moves, after = self.pair(
            called(schedule, "move", self.as_kept(memory), iteration, facts, key), "move", "moves")
        shape = (facts.n_movers,)
        by_state = shape + facts.profile.shape[1:2]
        if getattr(moves, "shape", None) not in (shape, by_state) or moves.dtype != jnp.bool_:
            raise InputError(f"{self.name}.move returned moves as {what(moves)}, but bool {shape} "
                             f"was expected, or {by_state}")
        return jnp.asarray(moves), self.after(memory, after, "move")


def refuse_bad_schedule(schedule: Schedule, game: Game) -> None:
    """Raise InputError unless a schedule keeps its contract on `game`, on shapes and dtypes alone;
    to be traced. Sets the token of a user's."""
    keys = jax.random.split(jax.random.key(0))
    memory = schedule.init(n_movers(game), keys[0])
    schedule.move(memory, jnp.zeros((), jnp.int64), _facts(schedule, game), keys[1])


def waits_for_ever(schedule: Schedule, game: Game, seed: Array) -> tuple[Array, Array]:
    """[M] who is never let to move, though only those who have not moved yet have anything to gain;
    and the iterations that were tried; to be traced."""
    init_key, key = jax.random.split(jax.random.key(seed))
    count = n_movers(game)

    def goes_on(carry: tuple) -> Array:
        iteration, moved, _ = carry
        return ~jnp.all(moved) & (iteration < TRIED * count)

    def body(carry: tuple) -> tuple:
        iteration, moved, memory = carry
        facts = _facts(schedule, game, ~moved)
        moves, memory = schedule.move(memory, iteration, facts, jax.random.fold_in(key, iteration))
        moves = moves if moves.ndim == 1 else jnp.any(moves, axis=1)
        return iteration + 1, moved | moves, memory

    memory = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=leaf.dtype),
                          schedule.init(count, init_key))
    iteration, moved, _ = jax.lax.while_loop(
        goes_on, body, (jnp.zeros((), jnp.int64), jnp.zeros(count, bool), memory))
    return ~moved, iteration


def refuse_waiting(name: str, tried: Callable[[], tuple[Array, Array]], game: Game) -> None:
    """Raise InputError if a schedule of that name never lets somebody move; `tried` is
    `waits_for_ever`, compiled. Of a large game it is not tried."""
    if int(np.size(game.mask)) > LARGEST:
        return
    waiting, iterations = tried()
    if np.asarray(waiting).any():
        raise InputError(
            f"{name} never lets mover {int(np.argmax(waiting))} move: not in {int(iterations):,} "
            f"iterations in which only those who had not moved had anything to gain")


def _facts(schedule: Schedule, game: Game, gaining: Array | None = None) -> Facts:
    """Facts of a uniform profile whose movers gain much if they are `gaining` [M], and else
    nothing; all gain if that is omitted."""
    mask, owner, count = jnp.asarray(game.mask), movers(game), n_movers(game)
    gain = WORTHWHILE * (jnp.ones(count) if gaining is None else gaining)
    return Facts(advantages=jnp.where(mask, gain[owner][:, None, None], 0.0),
                 profile=uniform(mask), mask=mask, movers=owner,
                 counts=jnp.zeros(count, jnp.int64),
                 gains=gain if needs_gains(schedule) else None)
