"""A game's states over several devices, of one process or of many.

A game that can be split names, in `partition()`, which axis of each of its arrays is the states'.
They are cut into as many equal parts as there are devices in use, and JAX's own partitioner does
the rest: the same code runs on one device and on many. Each device, and with it each process, holds
its own part only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jax
import numpy as np
from jax import Array
from jax.experimental import multihost_utils
from jax.sharding import AxisType, NamedSharding, PartitionSpec, Sharding, get_abstract_mesh

STATES = "states"         # the mesh's only axis
WHOLE = PartitionSpec()


def by_state(axis: int) -> PartitionSpec:
    """An array whose `axis` runs over states, or over parts of them."""
    return PartitionSpec(*[None] * axis, STATES)


@contextmanager
def over_devices(game: Any, shards: int) -> Iterator[Any]:
    """The game with its states over the devices, if it is in more than one part; as it is
    otherwise."""
    count = in_use(shards)
    if count == 1:
        yield game
        return
    mesh = jax.make_mesh((count,), (STATES,), axis_types=(AxisType.Auto,),
                         devices=jax.devices()[:count])
    with jax.set_mesh(mesh):
        yield jax.tree.map(lambda leaf, spec: _placed(leaf, NamedSharding(mesh, spec)), game,
                           game.partition())


def in_use(shards: int) -> int:
    """How many devices a game in so many parts is spread over: all that there are, or as many as
    divide it evenly."""
    return max(count for count in range(1, min(shards, jax.device_count()) + 1)
               if shards % count == 0)


def whole(array: Array) -> Array:
    """`array` on every device; to be read at any state by each."""
    return array if get_abstract_mesh().empty else jax.lax.with_sharding_constraint(array, WHOLE)


def gathered(array: Any) -> np.ndarray:
    """`array` on the host, from all processes."""
    if isinstance(array,
                  Array) and not array.is_fully_addressable and not array.is_fully_replicated:
        return np.asarray(multihost_utils.process_allgather(array, tiled=True))
    return np.asarray(array)


def split_axis(array: Any) -> int | None:
    """The axis along which `array` is split over the devices; None if each of them holds it
    whole."""
    spec = getattr(getattr(array, "sharding", None), "spec", WHOLE)
    return next((axis for axis, name in enumerate(spec) if name is not None), None)


def own_part(array: Any) -> np.ndarray:
    """What this process's devices hold of `array`, in one piece on the host."""
    axis = split_axis(array)
    if axis is None or array.is_fully_addressable:
        return np.asarray(array)
    pieces = sorted(array.addressable_shards, key=lambda piece: piece.index[axis].start)
    return np.concatenate([np.asarray(piece.data) for piece in pieces], axis=axis)


def own_shape(shape: tuple[int, ...], sharding: Sharding) -> tuple[int, ...]:
    """The shape of this process's part of an array of that shape, split so."""
    pieces = len(sharding.addressable_devices)
    return tuple(size if piece == size else pieces * piece
                 for size, piece in zip(shape, sharding.shard_shape(shape), strict=True))


def _placed(leaf: Any, sharding: NamedSharding) -> Array:
    array = np.asarray(leaf)
    return jax.make_array_from_callback(array.shape, sharding, lambda part: array[part])
