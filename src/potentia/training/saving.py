"""What was saved: results of solves, and what was trained, by one pair of functions."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia import __version__, learners, simulators
from potentia.errors import InputError, known_name, one_line, shown
from potentia.io import runs
from potentia.io.directories import Mark, refuse_foreign, refuse_unwritable, whole_directory
from potentia.io.games import game_in, save_game
from potentia.io.plain import document, plain
from potentia.io.read import as_path, check_format, field, json_in, naming, npz_in, read_json
from potentia.io.seals import digest, sealed
from potentia.io.versions import Version, opened
from potentia.learners.base import Learner
from potentia.learners.contract import checked_instance, is_known
from potentia.result import Result
from potentia.runtime.code import whole_digest_of
from potentia.runtime.float64 import float32_as_usual
from potentia.simulators.contract import Facts, checked
from potentia.simulators.tables import TableSimulator, of_game
from potentia.training import programs
from potentia.training.programs import TrainState
from potentia.training.subject import held_learner
from potentia.training.trained import Trained, TrainingStatus

FORMAT, VERSION = "potentia training", 1
HEADER, ARRAYS, GAME = "training.json", "arrays.npz", "game.npz"
BESIDE = ("returns.png", "gap.json")      # what a command adds
FILES = (HEADER, ARRAYS, GAME, *BESIDE)
MARK = Mark(HEADER, FORMAT)


def save(result: Result | Trained, directory: str | Path,
         beside: Mapping[str, bytes] | None = None) -> None:
    """Write what `pt.solve` or `pt.train` returned; the directory appears whole or not at all, and
    an older one of its kind is replaced.

    beside: what else to write there, by name: of results as `io.runs.save` says, of what was
        trained those in `BESIDE`.

    Raises InputError where the directory cannot be written or holds other files.
    """
    if not isinstance(result, Trained):
        runs.save(result, directory, beside)
        return
    target = as_path(directory, "directory")
    simulator = result.simulator
    with whole_directory(target, FILES, MARK) as folder:
        np.savez_compressed(folder / ARRAYS, allow_pickle=False, **_arrays(result))
        if isinstance(simulator, TableSimulator):
            save_game(simulator.game, folder / GAME)
        for name, content in (beside or {}).items():
            (folder / known_name(name, BESIDE, "file")).write_bytes(content)
        header = sealed(plain({**_header(result), "files": _digests(folder)}))
        (folder / HEADER).write_text(document(header) + "\n", encoding="utf-8")


def load(directory: str | Path, simulator: object = None,
         learner: Learner | None = None) -> Any:
    """What is in a directory that `save` wrote: a `Result`, or what was `Trained`.

    simulator, learner: of what was trained, where they are a user's own; without the simulator
        policies can still be called, but not trained on.

    Raises InputError naming the file, and what was expected, if anything is missing, damaged or
    newer.
    """
    folder = as_path(directory, "directory")
    if not is_training(folder):
        return runs.load(folder)
    path = folder / HEADER
    with opened(folder, FILES) as version:
        header = check_format(json_in(version.file(HEADER).read(), path), path, FORMAT, VERSION)
        _refuse_changed(header, version, path)
        arrays = npz_in(version.file(ARRAYS), folder / ARRAYS)
        found = simulator if simulator is not None else _simulator(header, version)
    with naming(path):
        facts = _facts(field(header, "facts", dict, path))
        own = (_learner(field(header, "learner", dict, path), path) if learner is None else
               checked_instance(learner))
        return _trained(header, arrays, facts, own, found, folder / ARRAYS)


def is_training(directory: str | Path) -> bool:
    """Whether `save` wrote what was trained there."""
    # Not by `Path`, which raises where a name is too long, or a directory may not be read.
    return os.path.isfile(as_path(directory, "directory") / HEADER)


def refuse_unsavable_training(directory: str | Path) -> None:
    """Raise InputError if `save` of what was trained would fail, before the work is done."""
    target = as_path(directory, "directory").resolve()
    refuse_foreign(target, FILES, MARK)
    refuse_unwritable(target.parent)


def kept_in(directory: str | Path, simulator: object, learner: Learner) -> Trained | None:
    """What a checkpoint there holds, of this simulator and learner; None where there is none.

    A user's own simulator may be another: it was mended, perhaps.
    """
    folder = as_path(directory, "directory")
    if not is_training(folder):
        return None
    path = folder / HEADER
    header = check_format(read_json(path), path, FORMAT, VERSION)
    for part, key, asked in (("learner", "class", _told(learner)),
                             ("simulator", "name", _recipe(simulator))):
        wanted = json.loads(document(plain(asked)))
        if header.get(part) != wanted:
            raise InputError(f"{folder} holds a training of another {part}: "
                             f"{_difference(header.get(part), wanted, key)}")
    kept = load(folder, simulator, learner)
    if isinstance(simulator, TableSimulator) and kept.facts == checked(simulator):
        _refuse_another_table(load(folder, None, learner).simulator, simulator, folder)
    return kept


def _difference(kept: Any, asked: Any, key: str) -> str:
    """The first way in which what is kept differs from what is asked for, both told by `key` and
    parameters, or by a table's horizon."""
    own, wanted = (told if isinstance(told, dict) else {} for told in (kept, asked))
    if own.get(key) != wanted.get(key):
        return f"{_called(own, key)}, not {_called(wanted, key)}"
    before: Any = own.get("parameters", own)
    for name, value in wanted.get("parameters", wanted).items():
        found = before.get(name) if isinstance(before, dict) else None
        if found != value:
            return f"its {name} is {shown(found)}, not {shown(value)}"
    return shown(kept)


def _called(told: dict[str, Any], key: str) -> str:
    return one_line(told.get(key) or ("a game's table" if told.get("table") else "one of your own"))


def _refuse_another_table(kept: TableSimulator, asked: TableSimulator, folder: Path) -> None:
    """Raise InputError for another game's table, although its name and its numbers of everything
    are the same."""
    for name in ("rewards", "transitions", "initial", "seen", "exists"):
        before, now = (jax.tree.leaves(getattr(one, name)) for one in (kept, asked))
        if len(before) != len(now) or not all(map(np.array_equal, before, now)):
            raise InputError(f"{folder} holds a training of another game {asked.name}: its {name} "
                             f"are others")


def _header(result: Trained) -> dict[str, Any]:
    facts = result.facts
    return {"format": FORMAT, "version": VERSION, "potentia": __version__,
            "facts": {**dataclasses.asdict(dataclasses.replace(facts, observation=None)),
                      "observation": [list(facts.observation.shape),
                                      str(facts.observation.dtype)]},
            "learner": _told(result.learner), "simulator": _recipe(result.simulator),
            "status": result.status, "updates": result.updates, "message": result.message,
            "seed": result.seed, "runs": result.runs}


def _told(learner: Learner) -> dict[str, Any]:
    name = type(learner).__name__
    held = {one.name: getattr(learner, one.name)
            for one in dataclasses.fields(learner)} if is_known(learner) else {}  # pyright: ignore
    parameters = {name: _of_function(value) if callable(value) else value
                  for name, value in held.items()}
    return {"class": name, "known": is_known(learner) and parameters == held,
            "parameters": parameters}


def _of_function(function: Any) -> str:
    """A function's name and a digest of its code: no file holds it, but it can be compared."""
    name = getattr(function, "__name__", type(function).__name__)
    return f"{name} {whole_digest_of(function)[:32]}"


def _recipe(simulator: Any) -> dict[str, Any] | None:
    """How to make it anew: by name, or from the table beside; None for a user's own."""
    if isinstance(simulator, TableSimulator):
        return {"table": True, "horizon": simulator.horizon}
    name = getattr(simulator, "name", None)
    ours = type(simulator).__module__.startswith("potentia.")
    if ours and isinstance(name, str) and name in simulators.REGISTRY:
        return {"name": name, "parameters": {each: getattr(simulator, each)
                                             for each in simulators.parameters(name)}}
    return None


def _arrays(result: Trained) -> dict[str, np.ndarray]:
    leaves = jax.tree.leaves(result.final.memory)
    return {"returns": np.asarray(result.returns), "agent_steps": np.asarray(result.agent_steps),
            "key": np.asarray(jax.random.key_data(result.final.key)),
            "update": np.asarray(result.final.update),
            **{f"memory.{number}": np.asarray(leaf) for number, leaf in enumerate(leaves)}}


def _facts(told: dict[str, Any]) -> Facts:
    shape, kind = told["observation"]
    return Facts(**{**told, "action_counts": tuple(told["action_counts"]),
                    "observation": jax.ShapeDtypeStruct(tuple(shape), jnp.dtype(kind))})


def _learner(told: dict[str, Any], path: Path) -> Learner:
    if not told.get("known"):
        raise InputError(f"{path} is of a learner {shown(told.get('class'))} that is, or has a "
                         f"function of, a user's own: give it as learner=")
    name = learners.REGISTRY.classes[told["class"]]
    return learners.REGISTRY.make(name, told["parameters"])


def _simulator(header: dict[str, Any], version: Version) -> Any:
    recipe = header.get("simulator")
    if recipe is None:
        return None
    if recipe.get("table"):
        return of_game(game_in(version.file(GAME), version.directory / GAME), recipe["horizon"])
    return simulators.make(recipe["name"], **recipe["parameters"])


def _trained(header: dict[str, Any], arrays: dict[str, np.ndarray], facts: Facts,
             learner: Learner, simulator: Any, path: Path) -> Trained:
    count = int(header["runs"])
    with float32_as_usual():
        like = jax.eval_shape(partial(programs.start, held_learner(learner), facts, runs=count),
                              jnp.uint32(0))
        leaves, shape = jax.tree.flatten(like.memory)
        found = [arrays.get(f"memory.{number}") for number in range(len(leaves))]
        for number, (leaf, array) in enumerate(zip(leaves, found, strict=True)):
            if array is None or array.shape != leaf.shape or array.dtype != leaf.dtype:
                raise InputError(f"{path}: memory.{number} does not fit {learner!r}")
        memory = jax.tree.unflatten(shape, [jnp.asarray(each) for each in found])
        state = TrainState(memory, jax.random.wrap_key_data(jnp.asarray(arrays["key"])),
                           jnp.asarray(arrays["update"]), jnp.tile(programs.no_fault(), (count, 1)))
    return Trained(simulator, learner, facts, arrays["returns"], arrays["agent_steps"],
                   TrainingStatus(header["status"]), int(header["updates"]),
                   str(header["message"]), int(header["seed"]), count, state)


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for name in FILES[1:]:
        if (folder / name).exists():
            with (folder / name).open("rb") as file:
                found[name] = digest(file)
    return found


def _refuse_changed(header: dict[str, Any], version: Version, path: Path) -> None:
    if sealed(header) != header:
        raise InputError(f"{path} was changed since it was saved")
    for name, told in field(header, "files", dict, path).items():
        if name not in FILES or digest(version.file(name)) != told:
            raise InputError(f"{path.with_name(str(name))} was changed since it was saved")
