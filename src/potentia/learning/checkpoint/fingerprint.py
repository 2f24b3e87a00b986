"""What a value is, as text: two values with the same texts are the same to the last bit.

Numbers are written in full, arrays as their SHA-256. Games, oracles and rules are dataclasses,
whose fields are described one by one, so that a comparison can name the field that differs.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import jax
import numpy as np

from potentia.runtime.own import attributes

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
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return _array_text(np.asarray(value))
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_text, value))})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_text(key)}: {_text(item)}' for key, item in value.items())}}}"
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return _type_name(value)
    # A default repr holds an address, which differs from process to process.
    return (f"{_type_name(type(value))} "
            f"{_text(vars(value)) if hasattr(value, '__dict__') else repr(value)}")


def _array_text(array: np.ndarray) -> str:
    if array.ndim == 0:
        return repr(array.item())
    content = np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
    return f"{array.dtype} {array.shape}, SHA-256 {hashlib.sha256(content).hexdigest()}"


def _type_name(thing: Any) -> str:
    """Its own name, without the module: a class that moves to another file is the same class."""
    return thing.__qualname__
