"""Reading and adding at computed entries of a table, by one flat index: several are slower to
gather and scatter.

Every entry must exist; none is checked.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array


def flat(shape: tuple[int, ...], *coordinates: Array | int) -> Array:
    """The index (int32) of an entry, one coordinate for each axis, in a table of that shape in C
    order."""
    index = jnp.zeros((), jnp.int32)
    for size, coordinate in zip(shape, coordinates, strict=True):
        index = index * size + jnp.asarray(coordinate, jnp.int32)
    return index


def entry(table: Array, *coordinates: Array | int) -> Array:
    """`table[coordinates]`; the coordinates broadcast."""
    table = jnp.asarray(table)
    return table.reshape(-1).at[flat(table.shape, *coordinates)].get(mode="promise_in_bounds")


def totals(shape: tuple[int, ...], amount: Array, *coordinates: Array | int) -> Array:
    """A table of that shape that holds the sum of the amounts at each entry; amounts and
    coordinates have one shape."""
    index = flat(shape, *coordinates)
    added = jnp.zeros(math.prod(shape)).at[index].add(jnp.broadcast_to(amount, index.shape),
                                                      mode="promise_in_bounds")
    return added.reshape(shape)
