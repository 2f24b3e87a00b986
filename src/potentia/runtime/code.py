"""What a user's class says: a digest of its code and of what that code reads from outside.

A compiled program has read globals, closures and class attributes once, when it was traced. Whether
it may answer again is told by this digest: of the code of every method, of the functions that a
method calls from its own package, and of the numbers, texts and arrays that any of them reads.
Nothing in it depends on the process, so that a checkpoint can hold it too. What it cannot see is
what code finds by other ways: attributes of modules and of objects that it reads.
"""

from __future__ import annotations

import dataclasses
import hashlib
import types
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

DEEPEST = 6               # functions that call functions, objects that hold objects
PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)


def digest_of(thing: Any) -> str:
    """SHA-256 of the code of `thing`, an object of a user's class, and of what that code reads."""
    found = hashlib.sha256()
    for text in _of_object(thing, set(), DEEPEST):
        found.update(text.encode() + b"\0")
    return found.hexdigest()


def _of_object(thing: Any, seen: set[int], depth: int) -> Iterator[str]:
    if depth == 0 or id(thing) in seen or isinstance(thing, PLAIN):
        return
    seen.add(id(thing))
    if isinstance(thing, types.FunctionType):
        yield from _of_function(thing, seen, depth)
    elif isinstance(thing, type):
        yield from _of_class(thing, seen, depth)
    elif isinstance(thing, tuple | list):
        for item in thing:
            yield from _of_object(item, seen, depth - 1)
    elif not isinstance(thing, np.ndarray | jax.Array | types.ModuleType):
        yield from _of_class(type(thing), seen, depth)
        held = vars(thing) if hasattr(thing, "__dict__") else {}
        for value in held.values():
            yield from _of_object(value, seen, depth - 1)


def _of_class(cls: type, seen: set[int], depth: int) -> Iterator[str]:
    """Methods and attributes of a class and of its bases, as far as they are a user's."""
    for base in cls.__mro__:
        if not _is_users(base.__module__):
            continue
        yield base.__qualname__
        for name, value in sorted(vars(base).items()):
            inner = value.__func__ if isinstance(value, classmethod | staticmethod) else value
            inner = inner.fget if isinstance(inner, property) else inner
            if isinstance(inner, types.FunctionType):
                yield from _of_function(inner, seen, depth)
            elif not name.startswith("__"):
                yield f"{name} {_value(inner)}"


def _of_function(function: types.FunctionType, seen: set[int], depth: int) -> Iterator[str]:
    """Its code, defaults, closure, and what it reads of its module's globals."""
    yield function.__qualname__
    yield from _of_code(function.__code__)
    read = [*(function.__defaults__ or ()), *(cell.cell_contents for cell in _filled(function))]
    names = sorted(set(_names(function.__code__)))
    read += [function.__globals__[name] for name in names if name in function.__globals__]
    for value in read:
        yield _value(value)
        kind = value if isinstance(value, types.FunctionType | type) else type(value)
        follows = kind is value or dataclasses.is_dataclass(value)
        if follows and _is_users(kind.__module__):
            yield from _of_object(value, seen, depth - 1)


def _filled(function: types.FunctionType) -> Iterator[types.CellType]:
    for cell in function.__closure__ or ():
        try:
            _ = cell.cell_contents
        except ValueError:               # not yet set
            continue
        yield cell


def _of_code(code: types.CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _of_code(constant)
        else:
            yield repr(constant)


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _value(value: Any) -> str:
    """A value that code reads: numbers, texts and arrays in full, others by their class."""
    if isinstance(value, PLAIN):
        return f"{type(value).__name__} {value!r}"
    if isinstance(value, np.ndarray | jax.Array) and not isinstance(value, Tracer):
        array = np.asarray(value)
        return f"{array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_value, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {_value(item)}' for key, item in value.items())}}}"
    return type(value).__qualname__


def _is_users(module: str | None) -> bool:
    """Whether a module is neither Potentia's, nor Python's, nor a library's that rules stand on."""
    root = (module or "").partition(".")[0]
    return root not in ("potentia", "builtins", "typing", "dataclasses", "functools", "abc", "enum",
                        "jax", "jaxlib", "numpy", "scipy", "optax", "equinox", "collections")
