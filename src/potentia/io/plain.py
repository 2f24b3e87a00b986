"""Any value as JSON can hold it."""

from __future__ import annotations

import dataclasses
import json
import math
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np


def plain(value: Any) -> Any:
    """Arrays and tuples as lists, dataclasses as objects, without the functions that they hold;
    numbers that are not finite, and the rest, as text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: plain(item) for name, item in vars(value).items()
                if not isinstance(item, FunctionType | partial)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and np.isfinite(value).all():
        return value.tolist()                      # at once, as there may be millions
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Path | Fraction):
        return str(value)
    return value if isinstance(value, int | float | str | None) else repr(value)


def document(value: Any) -> str:
    """`value` as one JSON document that any reader accepts."""
    return json.dumps(plain(value), indent=1, allow_nan=False)
