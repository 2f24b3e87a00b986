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
    return tuple(map(rows.by_link, by_row(groups, bush, trips, policy, order)))


def by_row(groups: Shared, bush: Bush, trips: Trips, policy: Array, order: int) -> list[Array]:
    """[R, A] each, the same sums over the agents of each row."""
    n_rows = len(policy)
    position = jnp.append(jnp.asarray(bush.position), len(bush.row))
    local = jnp.zeros(len(bush.row) + 1, jnp.int32)
    probability = jnp.append(bush.in_order(policy).ravel(), 0.0)
    begins, count = jnp.append(jnp.asarray(trips.row),
                               n_rows), jnp.append(jnp.asarray(trips.count, float), 0.0)

    def one(group: tuple[Array, Array]) -> tuple[Array, Array]:
        own, types = group
        # From the origins on: positions count from the destination.
        own = own[jnp.argsort(-position[own])]
        at = position[own]
        found = local.at[at].set(jnp.arange(len(own), dtype=jnp.int32))
        led = jnp.asarray(bush.into)[jnp.minimum(at, len(bush.row) - 1)]
        led = jnp.where((at < len(bush.row))[:, None], led, probability.size - 1)
        weight, source = probability[led], found[jnp.minimum(led // policy.shape[1], len(bush.row))]
        first = found[position[begins[types]]]
        starts = jnp.arange(len(own))[:, None] == jnp.where(types < len(trips.count), first, -1)

        def step(k: Array, passed: Array) -> Array:
            here = starts[k] + weight[k] @ passed[source[k]]
            return passed.at[k].set(here)

        passed = jax.lax.fori_loop(0, len(own), step, jnp.zeros(starts.shape))
        return own, jnp.stack([power @ count[types] for power in cumulants.powers(passed, order)])

    own, sums = jax.lax.map(one, (jnp.asarray(groups.rows), jnp.asarray(groups.types)))
    passing = jnp.zeros((order, n_rows + 1)).at[:, own.ravel()].set(
        jnp.moveaxis(sums, 1, 0).reshape(order, -1))
    return [passing[j, :-1, None] * power
            for j, power in enumerate(cumulants.powers(policy, order))]
