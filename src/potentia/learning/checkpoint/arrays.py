"""The runs as NumPy arrays by name, and back.

Where the states are split over several processes, each process reads and writes its own part of
every array: the part that its devices hold, in one piece. How an array is split is the axis that it
is cut along, or None where every device holds it whole.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding

from potentia.errors import InputError
from potentia.learning.device import RunState
from potentia.runtime.sharding import WHOLE, by_state, own_part, own_shape, split_axis


def arrays_of(state: RunState) -> dict[str, np.ndarray]:
    """This process's part of the runs as NumPy arrays by name; `state_of` is the way back."""
    return {name: own_part(jax.random.key_data(leaf) if is_key(leaf) else leaf)
            for name, leaf in leaves_of(state).items()}


def axes_of(state: RunState) -> dict[str, int]:
    """The axes that arrays are split along, by name; without those that are whole."""
    axes = {name: split_axis(leaf) for name, leaf in leaves_of(state).items()}
    return {name: axis for name, axis in axes.items() if axis is not None}


def state_of(arrays: dict[str, np.ndarray], axes: dict[str, int], like: RunState) -> RunState:
    """The runs in `arrays`, of the structure and shapes of `like`, on the same devices, split along
    `axes`.

    Raises InputError naming an array that does not fit.
    """

    def leaf(path: Any, old: Any) -> Any:
        name = jax.tree_util.keystr(path)
        if is_key(old):
            return jax.random.wrap_key_data(_placed(arrays, axes, name, jax.random.key_data(old)),
                                            impl=jax.random.key_impl(old))
        return _placed(arrays, axes, name, old)
    return jax.tree_util.tree_map_with_path(leaf, like)


def leaves_of(state: RunState) -> dict[str, Any]:
    """The arrays of the runs as JAX has them, by name."""
    return {jax.tree_util.keystr(path): leaf
            for path, leaf in jax.tree_util.tree_leaves_with_path(state)}


def is_key(leaf: Any) -> bool:
    """Whether it holds random keys."""
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _placed(arrays: dict[str, np.ndarray], axes: dict[str, int], name: str, old: Any) -> Any:
    """The array of that name on the devices of `old`."""
    if not old.committed:
        # An array that is put where JAX would have put it anyway counts as another kind, and all is
        # compiled again.
        return jnp.asarray(fitting(arrays, name, old.dtype, old.shape))
    axis, sharding = axes.get(name), old.sharding
    # A solve that starts from a given profile holds it whole, and split from its first iteration
    # on.
    if axis != split_axis(old):
        sharding = NamedSharding(sharding.mesh, WHOLE if axis is None else by_state(axis))
    part = fitting(arrays, name, old.dtype, own_shape(old.shape, sharding))
    return jax.make_array_from_process_local_data(sharding, part, old.shape)


def fitting(arrays: dict[str, np.ndarray], name: str, dtype: Any,
            shape: tuple[int, ...]) -> np.ndarray:
    """The array of that name, which must have this type and shape."""
    if name not in arrays:
        raise InputError(f"the array {name!r} is missing")
    # NumPy's files know JAX's small floats by their size only.
    array = arrays[name].view(dtype) if arrays[name].dtype.kind == "V" else arrays[name]
    if (array.dtype, array.shape) != (dtype, shape):
        raise InputError(f"{name} is {array.dtype} {array.shape}, but {dtype} {shape} was expected")
    return array
