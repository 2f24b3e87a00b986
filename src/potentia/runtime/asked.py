"""What tells one question to a program of ours from any other: our code, what is installed, the
settings, and the arguments' shapes and whatever of them is part of the program.

Numbers are not part of it. Where an argument holds anything that this cannot tell whole, such as a
function or an object of a user's class, there is no such text.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib
import json
import os
import platform
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import NoneType
from typing import Any

import jax
import numpy as np

from potentia.runtime.origins import root_of

NUMBERS = "biufc"                 # kinds of arrays, as NumPy has them
KEYS = {"key<fry>": "threefry2x32"}        # how JAX's keys of our draws are written, and made
HOLDERS = (tuple, list, dict, NoneType)
INSTALLED = (".dist-info", ".egg-info")
SETTINGS = ("XLA_", "JAX_", "LIBTPU_")     # how the names of environment variables begin
# Threads that ask at the same time would each read all of our code, and wait for each other.
ONE_READER = threading.Lock()


class UntoldError(Exception):
    """What cannot be told from all others by a text."""


def written(structure: Any) -> Any:
    """The tree of `jax.tree.structure`, as JSON can hold it.

    Raises UntoldError for other classes than Potentia's and for parts of the program that are no
    plain values.
    """
    node = structure.node_data()
    if node is None:
        return "leaf"
    kind, fixed = node
    return [_name(kind), _plain(fixed), [written(child) for child in structure.children()]]


def read(text: Any) -> Any:
    """The tree that `written` wrote, if its fixed parts are texts, numbers and tuples of them."""
    if text == "leaf":
        return jax.tree.structure(0)
    name, fixed, children = text
    kind = _kind(name)
    return jax.tree_util.PyTreeDef.from_node_data_and_children(
        jax.tree_util.default_registry, (kind, fixed if kind is dict else _tuples(fixed)),
        map(read, children))


def shapes(leaves: Iterable[Any]) -> list[str]:
    """The type and shape of each leaf.

    Raises UntoldError for what is no number and no array, and for what does not lie on the one
    usual device.
    """
    return [_shape(leaf) for leaf in leaves]


def key_of(dtype: Any) -> str | None:
    """What makes keys of JAX's of this type; None where it is a type of numbers. Raises
    UntoldError for any other."""
    if isinstance(dtype, np.dtype) and dtype.kind in NUMBERS:
        return None
    if str(dtype) not in KEYS:
        raise UntoldError(dtype)
    return KEYS[str(dtype)]


def _shape(leaf: Any) -> str:
    if type(leaf) in (bool, int, float):
        return type(leaf).__name__
    if not isinstance(leaf, jax.Array | jax.ShapeDtypeStruct | np.ndarray | np.generic):
        raise UntoldError(leaf)
    if isinstance(leaf, jax.Array) and leaf.devices() != _usual():
        raise UntoldError(leaf)
    key_of(leaf.dtype)
    return f"{leaf.dtype}{leaf.shape}{'~' if getattr(leaf, 'weak_type', False) else ''}"


@functools.cache
def _usual() -> set[Any]:
    return set(jax.devices()[:1])


def surroundings() -> str:
    """All that programs depend on and that no argument tells, as a digest; "" where our code cannot
    be read, and on accelerators, where loading a program was not tried."""
    with ONE_READER:
        code = _code()
    device = jax.devices()[0]
    # What this thread has of its own counts.
    settings = {name: str(getattr(jax.config, name, value))
                for name, value in jax.config.values.items()}
    told = json.dumps([code, _installed(), sys.version, settings, _environment(), device.platform,
                       device.device_kind, device.client.platform_version, platform.machine()])
    usual = code and device.platform == "cpu"
    return hashlib.sha256(told.encode()).hexdigest() if usual else ""


@functools.cache
def _code() -> str:
    """A digest of every line of ours."""
    package = str(Path(__file__).parent.parent)
    digest, found = hashlib.sha256(), sorted(
        os.path.join(folder, name) for folder, _, names in os.walk(package)
        for name in names if name.endswith(".py"))
    for path in found:
        with open(path, "rb", buffering=0) as file:
            held = file.read()
        digest.update(f"{path.removeprefix(package)}\0{len(held)}\0".encode() + held)
    return digest.hexdigest() if found else ""


@functools.cache
def _installed() -> list[str]:
    """Names and versions of what is installed, which is told by folders without reading them."""
    return sorted(entry.name for place in {*sys.path} if os.path.isdir(place)
                  for entry in os.scandir(place) if entry.name.endswith(INSTALLED))


def _environment() -> dict[str, str]:
    return {name: value for name, value in sorted(os.environ.items()) if name.startswith(SETTINGS)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {_name(type(value)): [_plain(getattr(value, field.name))
                                     for field in dataclasses.fields(value)]}
    if type(value) not in (bool, int, float, str, NoneType):
        raise UntoldError(value)
    return value


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """Values by name, as JSON can hold them. Raises UntoldError for those that it cannot."""
    return {name: _plain(value) for name, value in sorted(values.items())}


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _name(kind: type) -> str:
    name = f"{kind.__module__}:{kind.__qualname__}"
    if kind not in HOLDERS and (root_of(kind.__module__) != "potentia" or _kind(name) is not kind):
        raise UntoldError(kind)
    return name


def _kind(name: str) -> Any:
    module, _, kind = name.partition(":")
    if name == "builtins:NoneType":
        return NoneType
    return getattr(importlib.import_module(module), kind, None)
