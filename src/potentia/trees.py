"""Frozen dataclasses that JAX can carry: which fields are arrays, which are shape.

Games, oracles and rules are plain frozen dataclasses registered as pytrees. A field marked `static()`
is part of the compiled program; every other field is data. `__post_init__` also runs when JAX rebuilds
an instance around traced values, so constructors check concrete values only (`is_traced`).
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar, dataclass_transform

import jax

T = TypeVar("T")

Leaf = Any      # an array of a pytree: NumPy on the host, JAX (or a tracer) on the device


def static(**options: Any) -> Any:
    """A field whose value is compiled into the program (shapes, names, endings)."""
    return dataclasses.field(metadata={"static": True}, **options)


@dataclass_transform(frozen_default=True, field_specifiers=(static, dataclasses.field))
def tree(cls: type[T]) -> type[T]:
    """Class decorator: a frozen dataclass registered as a JAX pytree."""
    # A class with a __repr__ of its own keeps it.
    described = dataclasses.dataclass(frozen=True, eq=False, repr="__repr__" not in vars(cls))
    return jax.tree_util.register_dataclass(described(cls))


def is_concrete(value: object) -> bool:
    """True for numbers and arrays that a user gave; False for what JAX puts in a leaf's place."""
    return type(value).__module__ in ("builtins", "numpy") and type(value) is not object
