"""A sweep as it is asked for: its cells, its seeds, and the settings of every run."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from potentia.errors import InputError, known_name, one_line, whole_number
from potentia.io.read import as_path
from potentia.learning.settings import checked_settings
from potentia.sweeps.choices import Choice, choices

SETTINGS = {"max_iterations": 10_000, "tolerance": 1e-8, "step_tolerance": None,
            "check_every": 100, "initial": "random"}
MOST = 2**20                     # seeds of a cell


@dataclasses.dataclass(frozen=True)
class Cell:
    """One game by one rule, oracle and schedule; its runs are the seeds."""

    game: Choice
    rule: Choice
    oracle: Choice
    schedule: Choice

    @property
    def parts(self) -> tuple[Choice, ...]:
        return self.game, self.rule, self.oracle, self.schedule

    @property
    def label(self) -> str:
        """For messages: names with their parameters."""
        return " ".join(f"{each.name}({', '.join(f'{k}={v}' for k, v in each.parameters)})"
                        if each.parameters else each.name for each in self.parts)

    def columns(self) -> dict[str, Any]:
        """What tells the cell in a table."""
        return {key: value for part in self.parts for key, value in part.columns().items()}


@dataclasses.dataclass(frozen=True)
class Spec:
    """All cells, by their digests in the order asked for; seeds: of each cell; settings: of
    `solve`."""

    cells: dict[str, Cell]
    seeds: tuple[int, ...]
    settings: dict[str, Any]

    @property
    def asked(self) -> dict[str, Any]:
        """What a folder must have been made for, as JSON holds it."""
        return {"seeds": list(self.seeds), "settings": self.settings, "cells": list(self.cells)}


def spec(games: object, rules: object, oracles: object = "exact",
         schedules: object = "simultaneous", seeds: object = 10, **settings: Any) -> Spec:
    """A sweep over all combinations; see `potentia.sweeps.sweep.sweep`.

    Raises InputError naming what is unknown, empty, given twice, or wrong as a setting.
    """
    asked = SETTINGS | {known_name(name, SETTINGS, "setting of a sweep"): value
                        for name, value in settings.items()}
    known_name(asked["initial"], ("random", "uniform"), "initial of a sweep")
    checked_settings(asked["initial"], 0, asked["max_iterations"], asked["tolerance"], None,
                     asked["step_tolerance"], asked["check_every"], 1, 1, None)
    found: dict[str, Cell] = {}
    kinds = [choices("game", games), choices("rule", rules), choices("oracle", oracles),
             choices("schedule", schedules)]
    for each in itertools.chain(*kinds):
        each.make()              # what cannot be made is refused before anything is learnt
    for parts in itertools.product(*kinds):
        cell = Cell(*parts)
        digest = hashlib.sha256("".join(each.digest for each in parts).encode()).hexdigest()[:20]
        if digest in found:
            raise InputError(f"two cells of the sweep are alike: {cell.label}")
        found[digest] = cell
    return Spec(found, _seeds(seeds), asked)


def read_spec(path: object) -> Spec:
    """The sweep that a TOML file asks for: tables `games`, `rules`, perhaps `oracles` and
    `schedules`, each a list, and `sweep` with `seeds` and settings of `solve`.

    Raises InputError naming the file and what is wrong in it.
    """
    file = as_path(path, "spec")
    try:
        asked = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is no TOML file: {one_line(error, 120)}") from None
    try:
        return _from_tables(asked)
    except InputError as error:
        raise InputError(f"{file}: {error}") from None


def _from_tables(asked: Mapping[str, Any]) -> Spec:
    for name in asked:
        known_name(name, ("sweep", "games", "rules", "oracles", "schedules"), "table")
    for name in ("games", "rules"):
        if name not in asked:
            raise InputError(f"[[{name}]] is missing: a sweep needs at least one")
    of_all = asked.get("sweep", {})
    if not isinstance(of_all, dict):
        raise InputError("[sweep] is no table of settings")
    lists = {name: asked[name] for name in ("games", "rules", "oracles", "schedules")
             if name in asked}
    return spec(**lists, **of_all)


def _seeds(given: object) -> tuple[int, ...]:
    if isinstance(given, Iterable) and not isinstance(given, str):
        seeds = tuple(whole_number(seed, "seeds", 0, 2**63 - 1) for seed in given)
        if not seeds:
            raise InputError("seeds is empty: a sweep needs at least one")
        if len(set(seeds)) < len(seeds):
            raise InputError("seeds has one seed twice")
        return seeds
    return tuple(range(whole_number(given, "seeds", 1, MOST)))


def text_of(asked: Mapping[str, Any]) -> str:
    """What a folder must have been made for, as it is kept."""
    return json.dumps(asked, indent=1, sort_keys=True) + "\n"
