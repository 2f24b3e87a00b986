"""Frozen dataclasses that JAX can carry: which fields are arrays, which are shape.

Games, oracles and rules are plain frozen dataclasses registered as pytrees. A field marked
`static()` is part of the compiled program; every other field is data. `__post_init__` also runs
when JAX rebuilds an instance around traced values, so constructors check concrete values only
(`is_concrete`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

import numpy as np
from jax import Array
from jax.tree_util import GetAttrKey, register_pytree_with_keys

T = TypeVar("T")

Leaf = Any      # an array of a pytree: NumPy on the host, JAX (or a tracer) on the device
if TYPE_CHECKING:
    class Number:
        """A parameter, as a checker sees it: given as a number or as a function of the iteration,
        read as the number of this iteration. A default is given by `traced(default=...)`."""

        def __get__(self, instance: object, owner: Any = None) -> float | Array: ...
        def __set__(self, instance: object,
                    value: float | Array | Callable[[Array], Any]) -> None: ...
else:
    # What stands in the field: what a user gave, or what JAX puts in its place.
    Number = float | Array


def static(**options: Any) -> Any:
    """A field whose value is compiled into the program (shapes, names, endings)."""
    return dataclasses.field(metadata={"static": True}, **options)


def traced(**options: Any) -> Any:
    """A field whose value is data of the program, also where it holds whole numbers or truth
    values."""
    return dataclasses.field(metadata={"static": False}, **options)


@dataclass_transform(frozen_default=True, field_specifiers=(static, traced, dataclasses.field))
def tree(cls: type[T]) -> type[T]:
    """Class decorator: a frozen dataclass registered as a JAX pytree."""
    described: Any = dataclasses.dataclass(frozen=True, eq=False, repr=False)(cls)
    if "__repr__" not in vars(cls):         # a class with its own keeps it
        described.__repr__ = _as_written
    fields = dataclasses.fields(described)
    fixed = [field.name for field in fields if field.metadata.get("static")]
    leaves = [field.name for field in fields if field.name not in fixed]

    def flatten(node: T) -> tuple[list, tuple]:
        return [getattr(node, name) for name in leaves], tuple(getattr(node, name)
                                                               for name in fixed)

    def flatten_with_keys(node: T) -> tuple[list, tuple]:
        return [(GetAttrKey(name), getattr(node, name)) for name in leaves], flatten(node)[1]

    def unflatten(statics: tuple, children: Iterable) -> T:
        return described(**dict(zip(leaves, children, strict=True)),
                         **dict(zip(fixed, statics, strict=True)))

    # Not `jax.tree_util.register_dataclass`: in JAX 0.10.2 two classes registered so, with fields
    # of the same names, have *equal* tree definitions, and a compiled function may answer for one
    # rule with the program of another.
    register_pytree_with_keys(described, flatten_with_keys, unflatten, flatten)
    return described


def _as_written(node: Any) -> str:
    """As a user would write it: a number that was coerced to float64 is a number still."""
    held = {field.name: getattr(node, field.name) for field in dataclasses.fields(node)
            if field.repr}
    told = ", ".join(f"{name}={value.item() if isinstance(value, np.generic) else value!r}"
                     for name, value in held.items())
    return f"{type(node).__qualname__}({told})"


def is_concrete(value: object) -> bool:
    """True for numbers and arrays that a user gave; False for what JAX puts in a leaf's place, and
    for a function of the iteration, whose values are checked as numbers are."""
    return (type(value).__module__ in ("builtins", "numpy", "fractions", "decimal")
            and type(value) is not object and not callable(value))
