"""Profile files: one array [N, H, A] as npy, or as nested lists in JSON."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from potentia.errors import InputError
from potentia.game import Game, usable
from potentia.io.read import as_path, naming, read_json, read_npy
from potentia.names import names_of
from potentia.profile import checked


def read_profile(path: str | Path, game: Game) -> np.ndarray:
    """The profile in a file, checked against `game`. Raises InputError naming the file and the
    entry."""
    path = as_path(path)
    if path.suffix.lower() not in (".npy", ".json"):
        raise InputError(f"{path} is no kind of profile file that can be read: .npy, .json can")
    values = read_npy(path) if path.suffix.lower() == ".npy" else read_json(path)
    with naming(path):
        return checked(values, usable(game), names_of(game))
