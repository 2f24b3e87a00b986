"""Runs as directories: `run.json` (what was done), `arrays.npz` (numbers), perhaps `game.npz` (the
game).

`run.json` carries one SHA-256 over itself and the two files of numbers (`io.seals`), so that a
status, or an array, that was edited is noticed, as are files of another run; runs of before version
2 had none, and load without. What else lies there is for people, and not read. Another save
replaces the whole directory in one step, and readers see one version of it (`io.versions`).

A named game is kept as its recipe, its name and parameters, if building it again gives the same
numbers; any other game as a game file. No pickle: a run from a stranger cannot run code.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from potentia import __version__, games
from potentia.errors import InputError, known_name, one_line, shown
from potentia.game import Game, HasLinks, HasRecipe, usable
from potentia.games.tabular.game import MarkovGame
from potentia.io import run_states
from potentia.io.claims import Claim
from potentia.io.directories import Mark, refuse_foreign, refuse_unwritable, whole_directory
from potentia.io.drafts import set_aside
from potentia.io.games import game_in, save_game
from potentia.io.plain import document, plain
from potentia.io.read import as_path, check_format, field, json_in, naming, npz_in
from potentia.io.seals import SEAL, digest, sealed
from potentia.io.versions import Version, opened
from potentia.profile import checked
from potentia.result import Result, Status

# Before 2 the header had no seal.
FORMAT, VERSION = "potentia run", 2
READ = ("run.json", "arrays.npz", "game.npz")
FILES = (*READ, "flows.csv", "departures.csv", "flows.geojson", "link_performance.csv",
         "network.png", "network.svg", "links.png")
MARK = Mark("run.json", FORMAT)


def save(result: Result, directory: str | Path, beside: Mapping[str, bytes] | None = None) -> None:
    """Write a result; the directory appears whole or not at all, and an older run there is
    replaced.

    beside: what else to write there, by name: of those in `FILES`.

    Raises InputError where the directory cannot be written or holds other files, for a game that is
    of no class of Potentia's, and for a result whose profile is none.
    """
    if not isinstance(result, Result):
        of_games = "; potentia.io.games.save_game writes a game"
        raise InputError(f"save needs a Result, which solve gives, but got {shown(result)}"
                         f"{of_games if isinstance(result, MarkovGame) else ''}")
    target = as_path(directory, "directory")
    recipe = _recipe(result.game)
    _refuse_no_profile(result)
    header = {"format": FORMAT, "version": VERSION, "potentia": __version__,
              "game": recipe, "status": result.status, "iterations": result.iterations,
              "settings": result.settings, "message": result.message, **_gaps(result),
              **run_states.named(result.final)}
    arrays = {"profile": result.profile, "iterations": np.asarray(result.iterations),
              **{f"history.{name}": values for name, values in result.history.items()},
              **run_states.arrays_of(result)}
    with whole_directory(target, FILES, MARK) as folder:
        np.savez_compressed(folder / "arrays.npz", allow_pickle=False, **arrays)
        if recipe is None:
            save_game(result.game, folder / "game.npz")
        for name, content in (beside or {}).items():
            (folder / known_name(name, FILES, "file")).write_bytes(content)
        whole = sealed(plain({**header, "files": _digests(folder)}))
        (folder / "run.json").write_text(document(whole) + "\n", encoding="utf-8")


def load(directory: str | Path) -> Result:
    """The result in a directory that `save` wrote, its game rebuilt.

    Raises InputError naming the file, and what was expected, if anything is missing, damaged or
    newer.
    """
    folder = as_path(directory, "directory")
    path = folder / "run.json"
    with opened(folder, READ) as version:
        header = check_format(json_in(version.file("run.json").read(), path), path, FORMAT, VERSION)
        _refuse_changed(header, version)
        game, statuses = _game(header, version), _statuses(header, path)
        arrays = npz_in(version.file("arrays.npz"), folder / "arrays.npz",
                        partial(_check_claims, game, statuses, folder / "arrays.npz"))
    with naming(folder / "arrays.npz"):
        _check_runs(game, arrays)
    history = {name.removeprefix("history."): array for name, array in arrays.items()
               if name.startswith("history.")}
    iterations = arrays["iterations"] if isinstance(statuses, tuple) else int(arrays["iterations"])
    return Result(game, arrays["profile"], statuses, iterations, history,
                  field(header, "settings", dict, path),
                  _messages(header, statuses, path), **run_states.read(header, arrays, path))


def refuse_unsavable(directory: str | Path) -> None:
    """Raise InputError if `save` to this directory would fail, before the work is done."""
    target = as_path(directory, "directory").resolve()
    refuse_foreign(target, FILES, MARK)
    refuse_unwritable(target.parent)


def is_run(directory: str | Path) -> bool:
    """Whether there is a saved run of some kind in the directory."""
    folder = Path(directory)
    return any((place / "run.json").is_file() for place in (folder, *set_aside(folder)))


def _digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of numbers, by name."""
    found = {}
    for name in READ[1:]:
        if (folder / name).exists():
            with (folder / name).open("rb") as file:
                found[name] = digest(file)
    return found


def _refuse_changed(header: dict[str, Any], version: Version) -> None:
    """Raise InputError naming what is missing, or was changed since it was saved."""
    path = version.directory / "run.json"
    if header["version"] < 2 and SEAL not in header:
        return
    if header != sealed(header):
        raise InputError(f"{path} was changed since it was saved")
    for name, saved in field(header, "files", dict, path).items():
        if digest(version.file(name)) != saved:
            raise InputError(f"{path.with_name(name)} is damaged, or is not the one that was saved "
                             f"with {path.name}")


def rebuilds(game: Game) -> bool:
    """Whether the game's recipe, its registered name and parameters, builds the same again: fields
    may have been replaced since."""
    return _recipe(game) is not None


def _recipe(game: Game) -> dict[str, Any] | None:
    """The name and parameters that rebuild the game, as JSON holds them, and numbers to know it by;
    else None."""
    recipe = game.recipe if isinstance(game, HasRecipe) else None
    if recipe is None:
        return None
    name, parameters = recipe[0], dict(recipe[1])
    try:
        kept = json.loads(json.dumps(parameters, allow_nan=False))
        rebuilt = games.make(name, **_tuples(kept))
    except (TypeError, ValueError):
        return None
    # Fields may have been replaced since the game was built.
    if not _equal(rebuilt, game):
        return None
    return {"name": name, "parameters": kept, "numbers": _numbers(game)}


def _gaps(result: Result) -> dict[str, Any]:
    """Of roads, both relative gaps of each run: by each agent's own expected costs, as far as the
    loop bounds it, and the traffic literature's, at mean flows."""
    if not isinstance(result.game, HasLinks):
        return {}
    gaps = {"wardrop_gap": [float(result.game.wardrop_gap(each)) for each in result.profiles]}
    if "relative_gap" not in result.history:
        return gaps
    bounds = np.atleast_2d(result.history["relative_gap"] + result.history["relative_gap_error"])
    return gaps | {"relative_gap_at_most": [float(row[~np.isnan(row)][-1]) for row in bounds]}


def _equal(game: Game, other: Game) -> bool:
    leaves, structure = jax.tree.flatten(game)
    others, other_structure = jax.tree.flatten(other)
    return structure == other_structure and all(
        np.array_equal(leaf, twin, equal_nan=True)
        for leaf, twin in zip(leaves, others, strict=True))


def _game(header: dict[str, Any], version: Version) -> Any:
    path = version.directory / "run.json"
    recipe = field(header, "game", (dict, type(None)), path)
    if recipe is None:
        return game_in(version.file("game.npz"), path.with_name("game.npz"))
    name, parameters = field(recipe, "name", str, path), field(recipe, "parameters", dict, path)
    with naming(path):
        game = games.make(name, **_tuples(parameters))
        saved, found = field(recipe, "numbers", list, path), _numbers(game)
        # Of roads less was known once: their latest arrays come last.
        if not 0 < len(saved) <= len(found) or not all(map(_close, saved, found)):
            raise InputError(f"the game {name!r} built now differs from the one that was solved "
                             f"(by Potentia {one_line(header.get('potentia'), 30)}), so the run "
                             f"does not belong to it")
    return game


def _numbers(game: Game) -> list[float]:
    """A few numbers that hardly any other game shares: each leaf's size, sum, and start seen from
    an angle.

    Compared with a tolerance, since another machine's arithmetic may differ in the last bits.
    """
    numbers = []
    for leaf in map(np.ravel, jax.tree.leaves(game)):
        start = np.nan_to_num(leaf[:1_000_000].astype(np.float64))
        angle = start @ np.cos(np.arange(start.size)) / max(np.abs(start).sum(), 1e-300)
        numbers += [float(leaf.size), float(np.nan_to_num(leaf.sum(dtype=np.float64))),
                    float(angle)]
    return numbers


def _close(saved: object, found: float) -> bool:
    try:
        return isinstance(saved, int | float) and math.isclose(saved, found, rel_tol=1e-9,
                                                               abs_tol=1e-9)
    except OverflowError:         # JSON's whole numbers know no bound
        return False


def _statuses(header: dict[str, Any], path: Path) -> Status | tuple[Status, ...]:
    status = field(header, "status", (str, list), path)
    try:
        return Status(status) if isinstance(status, str) else tuple(Status(each) for each in status)
    except ValueError as error:
        raise InputError(f"{path} has an unknown status: {one_line(error, 80)}") from None


def _messages(header: dict[str, Any], statuses: Status | tuple[Status, ...],
              path: Path) -> str | tuple[str, ...]:
    """As many messages as there are statuses; none where an older Potentia wrote none."""
    if not isinstance(statuses, tuple):
        return field({"message": "", **header}, "message", str, path)
    messages = field({"message": [""] * len(statuses), **header}, "message", list, path)
    if len(messages) != len(statuses) or not all(isinstance(each, str) for each in messages):
        raise InputError(f"{path} has 'message' = {shown(messages)}, but a text for each of "
                         f"{len(statuses)} statuses was expected")
    return tuple(messages)


def _refuse_no_profile(result: Result) -> None:
    """Raise InputError unless each run's profile is one of the game's; a game without actions is
    refused elsewhere."""
    mask = usable(result.game) if isinstance(result.game, Game) else None
    if mask is None:
        return
    shape = np.shape(mask)
    if np.ndim(result.profile) < len(shape) or np.shape(result.profile)[-len(shape):] != shape:
        raise InputError(
            f"the result's profile has shape {np.shape(result.profile)}, but the game needs "
            f"{shape}")
    for profile in result.profiles:
        checked(profile, np.asarray(mask))


def _check_claims(game: Game, statuses: Any, path: Path, claims: Mapping[str, Claim],
                  archive: object) -> None:
    """Raise InputError unless there is a profile of the game's shape, and a count, for every
    status; before any is unpacked."""
    expected = (len(statuses),) if isinstance(statuses, tuple) else ()
    for name, wanted, kinds in (("iterations", expected, "iu"),
                                ("profile", (*expected, *usable(game).shape), "f")):
        if name not in claims:
            raise InputError(f"{path}: the array {name!r} is missing")
        found = claims[name]
        if found.shape != wanted or found.dtype.kind not in kinds:
            raise InputError(f"{path}: {name} is {found.dtype} {found.shape}, but shape {wanted} "
                             f"was expected")


def _check_runs(game: Game, arrays: dict[str, np.ndarray]) -> None:
    """Raise InputError unless the profiles are the game's, and counts and numbers are some."""
    mask = usable(game)
    if (arrays["iterations"] < 0).any():
        raise InputError(f"iterations is {arrays['iterations'].min()}, but a count of updates was "
                         f"expected")
    for name, found in arrays.items():
        if name.startswith(("history.", run_states.KEPT)) and found.dtype.kind not in "iuf":
            raise InputError(f"{name} is {found.dtype}, but numbers were expected")
        if name.endswith("iteration") and found.dtype.kind in "if" and (found < 0).any():
            raise InputError(f"{name} has {found.min()}, but counts of updates were expected")
    for profile in arrays["profile"].reshape(-1, *mask.shape):
        checked(profile, mask)


def _tuples(value: Any) -> Any:
    """JSON's lists as the tuples that parameters are."""
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
