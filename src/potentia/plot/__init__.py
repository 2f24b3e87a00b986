"""Pictures of results: learning curves, policies on the simplex, loads, flows on a map, profiles.

Every function draws on `ax` where it is given one, and else on a new figure. It returns Matplotlib
axes, whose `figure` can be saved. Nothing is loaded before the first picture.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from potentia.errors import nearest

if TYPE_CHECKING:
    from potentia.plot.learning import curves as curves

_NAMES = {"curves": "learning"}


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        if name in _NAMES:
            return getattr(importlib.import_module(f"potentia.plot.{_NAMES[name]}"), name)
        raise AttributeError(
            f"module 'potentia.plot' has no attribute {name!r}{nearest(name, _NAMES)}")


def __dir__() -> list[str]:
    return sorted(_NAMES)
