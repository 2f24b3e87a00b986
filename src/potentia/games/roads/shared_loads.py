"""Loads where all types of a destination share their rows: each type's own probabilities,
destination by destination.

Types of a destination play alike but begin elsewhere, so that the probability h_t(v) to pass node v
is each type's own. With p the policy, sums over agents of (h_t(v) p(v, a))^j are sums over types of
n_t h_t(v)^j, times p(v, a)^j.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.games.roads import cumulants
from potentia.games.roads.bushes import Bush
from potentia.games.roads.rows import Rows
from potentia.games.roads.shared_rows import Shared
from potentia.games.roads.trips import Trips


def power_sums(groups: Shared, rows: Rows, bush: Bush, trips: Trips, policy: Array,
               order: int) -> tuple[Array, ...]:
    """P_1, ..., P_order [E]: sums over agents of powers of their probabilities to take each
    link."""
    return tuple(rows.kinds_by_link(by_row(groups, bush, trips, policy, order)))


def by_row(groups: Shared, bush: Bush, trips: Trips, policy: Array, order: int) -> list[Array]:
    """[R, A] each, the same sums over the agents of each row."""
    n_rows, n_actions = policy.shape
    end = len(bush.row)                                  # the position after the last
    position = jnp.append(jnp.asarray(bush.position), end)
    weight = jnp.append(policy, jnp.zeros((1, n_actions)), axis=0)
    following = jnp.append(jnp.asarray(bush.following), jnp.full((1, n_actions), end), axis=0)
    begins, count = jnp.append(jnp.asarray(trips.row),
                               n_rows), jnp.append(jnp.asarray(trips.count, float), 0.0)

    def one(group: tuple[Array, Array]) -> tuple[Array, Array]:
        own, types = group
        # From the origins on: positions count from the destination.
        own = own[jnp.argsort(-position[own])]
        at, last = position[own], len(own)               # the last of `passed` has arrived
        found = jnp.full(end + 1, last).at[at].set(jnp.arange(last)).at[end].set(last)
        ahead = found[following[at]]
        first = jnp.where(types < len(trips.count), found[position[begins[types]]], last)
        starts = jnp.zeros((last + 1, len(types))).at[first, jnp.arange(len(types))].set(1.0)

        def step(k: Array, passed: Array) -> Array:
            return passed.at[ahead[k]].add(weight[own[k]][:, None] * passed[k])

        passed = jax.lax.fori_loop(0, last, step, starts)[:-1]
        return own, jnp.stack(cumulants.powers(passed, order)) @ count[types]

    own, sums = jax.lax.map(one, (jnp.asarray(groups.rows), jnp.asarray(groups.types)))
    passing = jnp.zeros((order, n_rows)).at[:, own.ravel()].set(
        jnp.moveaxis(sums, 1, 0).reshape(order, -1), mode="drop")
    return [passing[j][:, None] * power
            for j, power in enumerate(cumulants.powers(policy, order))]
