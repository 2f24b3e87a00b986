"""Files: runs, games and profiles, as JSON and npz; road networks, as TNTP and CSV. Nothing is ever pickled."""

from __future__ import annotations

import importlib
from typing import Any

_NAMES = {"read_tntp": "road_games", "read_csv": "road_games", "from_networkx": "road_games", "load_game": "games",
          "save_game": "games"}


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(importlib.import_module(f"potentia.io.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'potentia.io' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_NAMES])
