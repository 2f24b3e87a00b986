"""Values, best responses and visits of a congestion game: swept backwards where play ends, solved
for where not.

`policy` is [N, A, D, L] (D shards of L states); pays, action values and masks are of that shape,
values [N, S].
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.games import linear_solve
from potentia.games.congestion import sweeps
from potentia.games.congestion.data import CongestionData
from potentia.games.congestion.layout import Group
from potentia.games.policy_iteration import improved

ROUNDING = 16 * np.finfo(np.float64).eps       # of one step of values, relative


def pays(game: CongestionData, policy: Array) -> list[Array]:
    """What each agent expects to be paid, [N, A, D, size] by group."""
    return [sweeps.pays(group, policy, game.pay) for group in game.groups]


def of_profile(game: CongestionData, policy: Array,
               paid: list[Array]) -> tuple[Array, Array, Array]:
    """Values and marginal action values of a profile, and the residual [N] of the values."""
    if game.depth is None:
        return _solved(game, policy, _joined(paid, policy), policy)
    return _swept(game, policy,
                  paid, lambda group, q: jnp.sum(sweeps.own(group, policy) * q, axis=1))


def of_best_responses(game: CongestionData, policy: Array, paid: list[Array], mask: Array,
                      current: Array) -> tuple[Array, Array]:
    """Values of best responses to a profile of values `current`, and how far [N] one step may still
    improve on them."""
    if game.depth is None:
        return _improved(game, policy, _joined(paid, policy), mask, current)
    value, _, short = _swept(
        game, policy,
        paid, lambda group, q: jnp.max(jnp.where(sweeps.own(group, mask), q, -jnp.inf), axis=1))
    return value, short


def visits(game: CongestionData, policy: Array) -> Array:
    """[S] expected discounted visits from the initial distribution."""
    start = jnp.asarray(game.initial)
    if game.depth is None:
        return linear_solve.solve(lambda d: _sent(game, policy, d) - d, start)[0]
    swept = _sent(game, policy, start)
    if game.back is None:
        return swept
    # What comes back to `home` starts there anew.
    returned = swept[game.home] - start[game.home]
    round_trip = _sent(game, policy, jnp.zeros_like(start).at[game.home].set(1.0))
    round_trip = round_trip.at[game.home].set(1.0) / (1.0 - game.back[game.home])
    return swept.at[game.home].add(-returned) + returned * round_trip


def _swept(game: CongestionData, policy: Array, paid: list[Array],
           chosen: Callable[[Group, Array], Array]) -> tuple[Array, Array, Array]:
    """Values and action values from the end of play backwards; `chosen` is a state's value by its
    action values."""
    n, n_actions, shards, length = policy.shape
    values = jnp.zeros((n, shards, length))
    last = game.groups[-1].first + game.groups[-1].size
    parts = [jnp.zeros((n, n_actions, shards, length - last))]
    for group, pay in zip(reversed(game.groups), reversed(paid), strict=True):
        q = pay + game.discount * sweeps.ahead(group, policy, values.reshape(n, -1))
        values = values.at[..., group.first:group.first + group.size].set(chosen(group, q))
        parts.append(q)
    values, q = values.reshape(n, -1), jnp.concatenate(parts[::-1], axis=-1)
    if game.back is not None:
        # The steps until play is back are the same whatever anyone does: a best response does not
        # change them.
        worth = values[:, game.home] / (1.0 - game.back[game.home])
        later = worth[:, None] * game.back
        values, q = values + later, q + later.reshape(n, 1, shards, length)
    return values, q, jnp.zeros(n)


def _solved(game: CongestionData, policy: Array, pay: Array,
            own: Array) -> tuple[Array, Array, Array]:
    """Values and action values where each agent plays `own` against the others' `policy`, and the
    residual [N]."""
    def expected(q: Array) -> Array:
        return jnp.sum(own * q, axis=1).reshape(len(q), -1)

    values, rest = linear_solve.solve(lambda v: expected(_ahead(game, policy, v)), expected(pay))
    return values, pay + _ahead(game, policy, values), jnp.max(jnp.abs(rest), axis=1)


def _improved(game: CongestionData, policy: Array, pay: Array, mask: Array,
              current: Array) -> tuple[Array, Array]:
    """Howard's policy iteration for all agents at once; what one step of it could still gain is
    returned, so that it may stop at rounding."""
    def greedy(q: Array, values: Array) -> tuple[Array, Array]:
        q = jnp.where(mask, q, -jnp.inf)
        best = jnp.max(q, axis=1).reshape(len(q), -1)
        return jax.nn.one_hot(jnp.argmax(q, axis=1), q.shape[1],
                              axis=1), jnp.max(best - values, axis=1)

    def step(own: Array) -> tuple[Array, Array, Array, Array]:
        values, q, _ = _solved(game, policy, pay, own)
        following, better = greedy(q, values)
        return values, following, better, jnp.any(better > ROUNDING
                                                  * jnp.max(jnp.abs(values), axis=1))

    first, better = greedy(pay + _ahead(game, policy, current), current)
    values, better = improved(step, first, current, better)
    return values, jnp.maximum(better, 0.0)


def _ahead(game: CongestionData, policy: Array, values: Array) -> Array:
    """Discounted values one step ahead, from all states at once."""
    return (game.discount * _joined([sweeps.ahead(group, policy, values) for group in game.groups],
                                    policy))


def _joined(parts: list[Array], policy: Array) -> Array:
    """By group to by state, 0 where play has ended."""
    ended = policy.shape[-1] - sum(part.shape[-1] for part in parts)
    return jnp.concatenate([*parts, jnp.zeros((*policy.shape[:3], ended))], axis=-1)


def _sent(game: CongestionData, policy: Array, start: Array) -> Array:
    """`start` [S] and what it sends on, group after group; where play need not end, one step
    only."""
    found = start
    for group in game.groups:
        source = start if game.depth is None else found
        weight = game.discount * sweeps.own(group, source.reshape(game.shards, -1))
        found = sweeps.pushed(group, policy, weight, found)
    return found
