"""What a value is, as text: two values with the same texts are the same to the last bit.

Numbers are written in full, arrays as their SHA-256. Games, oracles and rules are dataclasses,
whose fields are described one by one, so that a comparison can name the field that differs.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import types
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.runtime.code import whole_digest_of
from potentia.runtime.origins import origin_of
from potentia.runtime.own import attributes, is_function
from potentia.runtime.parts import array_text

LONGEST = 120           # characters of a text that is kept as it is; of a longer one the SHA-256


def described(value: Any, name: str) -> dict[str, str]:
    """The texts of `value`, called `name`, and of each of its fields, called `name.field`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        texts = {name: _type_name(type(value))}
        for field, held in attributes(value).items():
            texts |= described(held, f"{name}.{field}")
        return texts
    text = _text(value)
    return {name: text if len(text) <= LONGEST
            else f"SHA-256 {hashlib.sha256(text.encode()).hexdigest()}"}


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray | np.generic | jax.Array) and not _is_key(value):
        array = np.asarray(value)
        return array_text(array) if array.ndim else repr(array.item())
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_text, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_text(key)}: {_text(item)}' for key, item in value.items())}}}"
    if isinstance(value, enum.Enum):
        return f"{_type_name(type(value))}.{value.name} {_text(value.value)}"
    if _is_told_by_fields(value):
        return f"{_type_name(type(value))} {_text(attributes(value))}"
    name = getattr(value, "__qualname__", _type_name(type(value)))
    return f"{name} {whole_digest_of(value)[:32]}"


def _is_key(value: Any) -> bool:
    return jnp.issubdtype(value.dtype, jax.dtypes.prng_key)


def _is_told_by_fields(value: Any) -> bool:
    """Whether all of it but its code, which has a digest of its own, lies in its attributes."""
    if is_function(value) or isinstance(value, set | frozenset | types.ModuleType | jax.Array):
        return False
    origin = origin_of(type(value).__module__)
    return origin == "user" or (origin == "library" and bool(attributes(value)))


def _type_name(thing: Any) -> str:
    """Its own name, without the module: a class that moves to another file is the same class."""
    return thing.__qualname__
