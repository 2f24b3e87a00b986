"""Congestion, load-driven, performative and symmetric games as arrays: the arguments that rebuild
a game.

Each game gives them itself (`arguments`). Reading goes through the class's own builder, so that an
edited file gets the same checks as arrays in a program; distributions that would be normalised a
second time, and might move in their last bit, are kept as they were written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from potentia.errors import InputError, shown
from potentia.games.congestion.game import CongestionGame
from potentia.games.load_driven.game import LoadGame
from potentia.games.performative.game import PerformativeGame
from potentia.games.symmetric.game import SymmetricCongestionGame

Structured = CongestionGame | LoadGame | PerformativeGame | SymmetricCongestionGame
# Kind -> the class, its builder, and what of its data a builder normalises.
KINDS: Mapping[str, tuple[type, Callable[..., Any], tuple[str, ...]]] = {
    "congestion": (CongestionGame, CongestionGame.from_network, ("initial",)),
    "load-driven": (LoadGame, LoadGame.from_loads, ("initial", "following")),
    "performative": (PerformativeGame, PerformativeGame.from_moves, ("initial", "moves")),
    "symmetric": (SymmetricCongestionGame, SymmetricCongestionGame.from_layers, ()),
}
KEPT = "kept."            # arrays of the data beside those of the arguments


def written(game: Structured) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of a game."""
    kind = next(name for name, (cls, _, _) in KINDS.items() if isinstance(game, cls))
    arguments = game.arguments()
    arrays = {name: value for name, value in arguments.items() if isinstance(value, np.ndarray)}
    kept = {KEPT + name: np.asarray(getattr(game, name)) for name in KINDS[kind][2]}
    numbers = {name: value for name, value in arguments.items() if name not in arrays}
    return {"kind": kind, "arguments": numbers}, {**arrays, **kept}


def game_of(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Structured:
    """The game again. Raises InputError naming what is missing or wrong."""
    _, build, normalised = KINDS[header["kind"]]
    arguments = header.get("arguments")
    if not isinstance(arguments, dict):
        raise InputError(f"arguments is {shown(arguments)}, but an object was expected")
    own = {name: array for name, array in arrays.items() if not name.startswith(KEPT)}
    try:
        game = build(**arguments, **own)
    except TypeError as error:           # an argument that there is not, or one too few
        raise InputError(f"the arguments do not fit: {error}") from None
    kept = {name: arrays.get(KEPT + name) for name in normalised}
    same = {name: array for name, array in kept.items() if array is not None
            and array.shape == np.shape(getattr(game, name))
            and np.allclose(getattr(game, name), array, rtol=1e-15, atol=0)}
    return dataclasses.replace(game, **same)
