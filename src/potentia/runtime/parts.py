"""What things are made of, for the digests of `runtime.code`."""

from __future__ import annotations

import functools
import hashlib
import re
import types
from collections import deque
from typing import Any

import jax
import numpy as np

from potentia.runtime.origins import root_of
from potentia.runtime.own import attributes

PLAIN = (bool, int, float, complex, str, bytes, type(None), type(Ellipsis), type(NotImplemented))
ADDRESS = re.compile("0x[0-9a-fA-F]{4}")


def array_text(array: np.ndarray) -> str:
    """Type, shape and SHA-256 of an array."""
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    return f"{array.dtype} {array.shape}, SHA-256 {hashlib.sha256(content).hexdigest()}"


def is_here(array: jax.Array) -> bool:
    """Whether this process can read all of it."""
    return array.is_fully_addressable and not array.is_deleted()


def parts_of_callable(thing: Any) -> tuple[Any, ...] | None:
    """What something that is called, or stands in a class, is made of; None for anything else."""
    if isinstance(thing, functools.partial | functools.partialmethod):
        return thing.func, thing.args, thing.keywords
    if isinstance(thing, types.MethodType):
        return thing.__func__, thing.__self__
    if isinstance(thing, staticmethod | classmethod):
        return (thing.__func__,)
    if isinstance(thing, property):
        return thing.fget, thing.fset, thing.fdel
    if isinstance(thing, functools.cached_property):
        return (thing.func,)
    if isinstance(thing, types.BuiltinFunctionType):
        held = thing.__self__
        return (thing.__qualname__, None if isinstance(held, types.ModuleType) else held)
    if isinstance(thing, functools._lru_cache_wrapper) or (
            root_of(type(thing).__module__) == "jaxlib" and hasattr(thing, "__wrapped__")):
        return (thing.__wrapped__,)
    return None


def fields_of(thing: Any) -> dict[str, Any]:
    """Its attributes, without those that it worked out and keeps, and what JAX and Python note on
    wrappers."""
    return {name: value for name, value in attributes(thing).items()
            if not isinstance(getattr(type(thing), name, None), functools.cached_property)
            and (not is_special(name) or name == "__wrapped__")}


def is_container(thing: Any) -> bool:
    """Whether it holds things in an order, by key or as a set."""
    return isinstance(thing, tuple | list | dict | set | frozenset | deque | types.MappingProxyType)


def is_special(name: str) -> bool:
    """Whether Python gives the name a meaning."""
    return name.startswith("__") and name.endswith("__")


def plain(value: Any) -> str:
    """Type and value of a number or a text."""
    # A whole number of thousands of digits has no decimal text.
    return f"{type(value).__name__} {value:x}" if type(value) is int else (
        f"{type(value).__name__} {value!r}")


def shown(thing: Any) -> str:
    """What it says of itself, if that is no address."""
    try:
        text = repr(thing)
    except Exception:
        return ""
    return "" if ADDRESS.search(text) else text
