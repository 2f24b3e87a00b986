"""Game files: games of every class as npz (exact); a tabular game as JSON too (to write by hand).
Games that are played once also come as Gambit's files (`nfg`, `agg`).

Both of ours hold the arguments of `MarkovGame.from_arrays`, and reading goes through it, so that an
edited file gets the same checks, and the same errors, as arrays in a program. An npz file rebuilds
the same game bit for bit. A file stands for itself: the recipe of a named game is not kept in it.
"""

from __future__ import annotations

import dataclasses
import io
import json
import math
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp

from potentia import __version__
from potentia.errors import InputError, known_name
from potentia.game import Game
from potentia.games.roads.game import RoutingGame
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.transitions import SparseTransitions
from potentia.io import routing_files, structured_files
from potentia.io.agg import read_agg
from potentia.io.atomic import write_bytes
from potentia.io.claims import Claim
from potentia.io.directories import cannot_write
from potentia.io.game_claims import ARRAYS, SPARSE, refuse_long_header, refuse_misfits
from potentia.io.nfg import read_nfg, write_nfg
from potentia.io.read import (
    as_path,
    check_format,
    field,
    naming,
    npz_in,
    parse_json,
    read_json,
    read_npz,
)
from potentia.io.text_lines import suffix
from potentia.runtime.own import is_ours

Readable = MarkovGame | RoutingGame | structured_files.Structured
FORMAT, VERSION = "potentia game", 1
NAMES = "agents", "actions", "states"
JSON_FIELDS = {*ARRAYS, *NAMES, "discount", "horizon", "accuracy", "name"}


def save_game(game: Game, path: str | Path) -> None:
    """Write a game of any of Potentia's classes as npz; the file appears whole or not at all.

    One whose name ends in .nfg is Gambit's, as `write_nfg` writes it. Raises InputError for a game
    of another kind, and where `path` cannot be written.
    """
    kind = as_path(path).suffix.lower()
    if kind == ".nfg":
        write_nfg(game, path)
        return
    if kind in READERS and kind != ".npz":
        raise InputError(f"{path} would be read as {kind}, but games are written as .npz or .nfg")
    header = {"format": FORMAT, "version": VERSION, "potentia": __version__}
    written = next((WRITTEN[kind] for kind in type(game).__mro__ if kind in WRITTEN), None)
    if written is None:
        raise InputError(f"a {type(game).__name__} cannot be written as a game file: "
                         + ("its class has no line in KINDS of potentia.io.structured_files"
                            if is_ours(game) else "only games of Potentia's classes can")
                         + "; save the game that its tabular() gives, or the profile alone with "
                           "np.save")
    own, arrays = written(game)
    header |= own
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, header=np.array(json.dumps(header)), **arrays)
    path = as_path(path)
    with cannot_write(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content.getvalue())


def load_game(path: str | Path) -> Readable:
    """The game in a file: .json, .nfg and .agg by their names, npz otherwise. Raises InputError
    naming the file, and the entry or the line at fault."""
    path = as_path(path)
    return READERS.get(path.suffix.lower(), read_npz_game)(path)


def read_npz_game(path: Path) -> Readable:
    """The game in an npz file."""
    return _game_of(read_npz(path, partial(_fits, path)), path)


def game_in(file: BinaryIO, path: Path) -> Readable:
    """The game in the npz file that was opened as `path`."""
    return _game_of(npz_in(file, path, partial(_fits, path)), path)


def _fits(path: Path, claims: Mapping[str, Claim], archive: Mapping[str, np.ndarray]) -> None:
    """Raise InputError for an archive whose arrays, by what they claim, are of no game."""
    with naming(path):
        refuse_long_header(claims)
    header = _header(archive["header"] if "header" in claims else None, path)
    with naming(path):
        refuse_misfits(claims, header)


def _game_of(arrays: dict[str, np.ndarray], path: Path) -> Readable:
    """The game of a file's arrays."""
    header = _header(arrays.pop("header", None), path)
    if header.get("kind") == "routing":
        with naming(path):
            return routing_files.game_of(header, arrays)
    if header.get("kind") in structured_files.KINDS:
        with naming(path):
            return structured_files.game_of(header, arrays)
    numbers = {"discount": field(header, "discount", (int, float), path),
               "name": field(header, "name", str, path)}
    with naming(path):
        game = MarkovGame.from_arrays(**numbers, accuracy=header.get("accuracy"),
                                      **{kind: header.get(kind) for kind in NAMES},
                                      **_arguments(arrays))
    # A distribution that is normalised a second time may move in its last bit.
    same = np.allclose(game.initial, arrays["initial"], rtol=1e-15, atol=0)
    return dataclasses.replace(game, initial=arrays["initial"].astype(np.float64)) if same else game


def read_json_game(path: str | Path) -> MarkovGame:
    """The game in a JSON file: an object with the arguments of `MarkovGame.from_arrays`."""
    path = as_path(path)
    fields = read_json(path)
    with naming(path):
        if not isinstance(fields, dict):
            raise InputError(
                "a game is a JSON object {\"rewards\": ..., \"transitions\": ..., \"discount\": "
                "...}")
        for name in fields:
            known_name(name, JSON_FIELDS, "field")
        for name in ("rewards", "transitions", "discount"):
            if name not in fields:
                raise InputError(f"the field {name!r} is missing")
        if not isinstance(fields.get("name", ""), str):
            raise InputError(f"the field 'name' is {fields['name']!r}, not text")
        return MarkovGame.from_arrays(**{"name": path.stem, **fields})


READERS: dict[str, Callable[[Path], Readable]] = {
    ".npz": read_npz_game, ".json": read_json_game, ".nfg": read_nfg, ".agg": read_agg}
# Gambit's files of games that are not played once, or in which agents have private types.
OTHERS = {".efg": "efg", ".gbt": "gbt", ".bagg": "bagg"}


def read_game(path: str | Path) -> Readable:
    """The game in a file, by its suffix: .npz, .json, .nfg or .agg."""
    path = as_path(path)
    if suffix(path) in (".tntp", ".csv"):
        raise InputError(
            f"{path} is a road network, which takes its trips from a second file (--trips)")
    if path.suffix.lower() not in READERS:
        missing = not path.exists()
        if missing and not path.suffix:
            raise InputError(f"{path} does not exist")
        raise InputError(f"{path} is no kind of game file that can be read: {', '.join(READERS)} "
                         f"can{_by_gambit(path)}{'; nor does it exist' if missing else ''}")
    return READERS[path.suffix.lower()](path)


def _by_gambit(path: Path) -> str:
    """What serves for Gambit's other files."""
    kind = OTHERS.get(path.suffix.lower())
    return "" if kind is None else (f"; pt.bridges.gambit.from_pygambit(pygambit.read_{kind}"
                                    f"({path.name!r})) takes what fits of Gambit's other games")


def _written_table(game: MarkovGame) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    accuracy = {"accuracy": game.accuracy} if game.accuracy else {}
    names = {kind: known for kind in NAMES if (known := getattr(game.names, kind))}
    return {"name": game.name, "discount": float(game.discount), **accuracy, **names}, _arrays(game)


def _written_roads(game: RoutingGame) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    return routing_files.header_of(game), routing_files.arrays_of(game)


# What a file holds, by the game's class: its part of the header, and its arrays.
WRITTEN: dict[type, Callable[[Any], tuple[dict[str, Any], dict[str, np.ndarray]]]] = {
    MarkovGame: _written_table, RoutingGame: _written_roads,
    **{cls: structured_files.written for cls, _, _ in structured_files.KINDS.values()}}


def _arrays(game: MarkovGame) -> dict[str, np.ndarray]:
    """The arguments of `from_arrays` that rebuild `game`."""
    counts = game.action_counts
    by_state = (game.n_states, *counts)
    arrays = {"rewards": np.moveaxis(np.asarray(game.rewards), -1,
                                     0).reshape(game.n_agents, *by_state),
              "initial": np.asarray(game.initial),
              "mask": np.stack([game.mask[i, game.information[i]] for i in range(game.n_agents)])}
    transitions = game.transitions
    if isinstance(transitions, SparseTransitions) and transitions.probabilities is None:
        arrays["transitions"] = np.asarray(transitions.targets).reshape(by_state)
    else:
        table = transitions.csr()
        arrays.update(zip(SPARSE, (table.data, table.indices, table.indptr), strict=True))
    if not game.full_information:
        arrays["information"] = np.asarray(game.information)
    if game.stage_potential is not None:
        arrays["stage_potential"] = np.asarray(game.stage_potential).reshape(by_state)
    return arrays


def _arguments(arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """What the arrays of a file say to `from_arrays`."""
    needed = ("rewards", "initial", *(() if "transitions" in arrays else SPARSE))
    for name in needed:
        if name not in arrays:
            raise InputError(f"the array {name!r} is missing")
    arguments: dict[str, Any] = {name: array for name, array in arrays.items()
                                 if name not in SPARSE}
    return arguments if "transitions" in arrays else {**arguments, "transitions": _table(arrays)}


def _table(arrays: dict[str, np.ndarray]) -> sp.csr_array:
    shape = arrays["rewards"].shape
    try:
        table = sp.csr_array(tuple(arrays[name] for name in SPARSE),
                             shape=(math.prod(shape[1:]), shape[1] if len(shape) > 1 else 0))
        table.check_format(full_check=True)
    except (ValueError, TypeError, IndexError) as error:
        raise InputError(
            f"{', '.join(SPARSE)} are no sparse matrix [S*J, S]: {error}".splitlines()[0]) from None
    return table


def _header(header: np.ndarray | None, path: Path) -> dict[str, Any]:
    try:
        return check_format(parse_json(str(header)), path, FORMAT, VERSION)
    except InputError:
        raise
    except (ValueError, RecursionError):
        return check_format(None, path, FORMAT, VERSION)
