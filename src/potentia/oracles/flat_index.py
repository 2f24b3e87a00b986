"""Reading and adding at computed places of a table, by one flat index: several are slower to gather and scatter.

Every place must exist; none is checked.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array


def flat(shape: tuple[int, ...], *place: Array | int) -> Array:
    """The index (int32) of a place, one coordinate for each axis, in a table of that shape in C order."""
    index = jnp.zeros((), jnp.int32)
    for size, coordinate in zip(shape, place, strict=True):
        index = index * size + jnp.asarray(coordinate, jnp.int32)
    return index


def entry(table: Array, *place: Array | int) -> Array:
    """`table[place]`; the coordinates broadcast."""
    table = jnp.asarray(table)
    return table.reshape(-1).at[flat(table.shape, *place)].get(mode="promise_in_bounds")


def totals(shape: tuple[int, ...], amount: Array, *place: Array | int) -> Array:
    """A table of that shape that holds the sum of the amounts at each place."""
    index = flat(shape, *place)
    added = jnp.zeros(math.prod(shape)).at[index].add(jnp.broadcast_to(amount, index.shape), mode="promise_in_bounds")
    return added.reshape(shape)
