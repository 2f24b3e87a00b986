"""Expected costs backward and flows forward along a bush, block by block, so that no row is met
before it is due."""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

from potentia.games.roads.bushes import Bush


def values(bush: Bush, policy: Array, cost: Array) -> Array:
    """[R + 1] expected cost to the end of the trip, from each row (0 at the end); policy, cost:
    [R, A]."""
    return values_of(bush, policy, (cost,))[0]


def values_of(bush: Bush, policy: Array, costs: tuple[Array, ...]) -> tuple[Array, ...]:
    """What `values` says of several kinds of cost, in one sweep."""
    probability = bush.in_order(policy)
    paid = [bush.in_order((policy * cost).sum(axis=1)) for cost in costs]

    def block(count: Array, found: tuple[Array, ...]) -> tuple[Array, ...]:
        at = count * bush.size
        ahead = lax.dynamic_slice_in_dim(jnp.asarray(bush.following), at, bush.size)
        weight = lax.dynamic_slice_in_dim(probability, at, bush.size)

        def here(known: Array, due: Array) -> Array:
            further = lax.dynamic_slice_in_dim(due, at, bush.size)
            return lax.dynamic_update_slice_in_dim(
                known, further + jnp.sum(weight * known[ahead], axis=1), at, 0)

        return tuple(map(here, found, paid))

    nothing = tuple(jnp.zeros(len(bush.row) + 1) for _ in costs)
    found = lax.fori_loop(0, bush.blocks, block, nothing)
    return tuple(jnp.append(kind[bush.position], 0.0) for kind in found)


def cheapest(bush: Bush, costs: Array) -> Array:
    """[R + 1, K] cost to the end of the trip by the cheapest actions, from each row (0 at the end),
    for K kinds of cost; costs: [R, A, K], infinite for what may not be used."""
    paid = bush.in_order(costs)

    def block(count: Array, found: Array) -> Array:
        at = count * bush.size
        ahead = found[lax.dynamic_slice_in_dim(jnp.asarray(bush.following), at, bush.size)]
        here = jnp.min(lax.dynamic_slice_in_dim(paid, at, bush.size) + ahead, axis=1)
        return lax.dynamic_update_slice_in_dim(found, here, at, 0)

    found = lax.fori_loop(0, bush.blocks, block, jnp.zeros((len(bush.row) + 1, costs.shape[2])))
    return jnp.pad(found[bush.position], ((0, 1), (0, 0)))


def flows(bush: Bush, policy: Array, start: Array) -> Array:
    """[R, A] what takes each action if `start` [R] begins at each row; policy: [R, A]."""
    probability = bush.in_order(policy)

    def block(count: Array, found: Array) -> Array:
        at = (bush.blocks - 1 - count) * bush.size
        here, weight, ahead = (lax.dynamic_slice_in_dim(kind, at, bush.size) for kind in (
            found, probability, jnp.asarray(bush.following)))
        return found.at[ahead].add(here[:, None] * weight)

    # What passes each row; the last is what has arrived.
    found = lax.fori_loop(0, bush.blocks, block, jnp.append(bush.in_order(start), 0.0))
    return policy * found[bush.position][:, None]
