"""A sweep as it is asked for: its cells, its seeds, and the settings of every run."""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from potentia.errors import InputError, known_name, whole_number
from potentia.io.read import as_path
from potentia.io.toml_files import read_toml
from potentia.learning.settings import checked_settings
from potentia.sweeps.choices import MOST, Choice, choices
from potentia.sweeps.columns import words

SETTINGS = {"max_iterations": 10_000, "tolerance": 1e-8, "step_tolerance": None,
            "check_every": 100, "initial": "random"}
SEEDS = 2**20                    # of a cell, at most


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
    checked = checked_settings(
        asked["initial"], 0, asked["max_iterations"], asked["tolerance"], None,
        asked["step_tolerance"], asked["check_every"], 1, 1, None)
    kinds = [choices("game", games), choices("rule", rules), choices("oracle", oracles),
             choices("schedule", schedules)]
    if (number := math.prod(map(len, kinds))) > MOST:
        sizes = " x ".join(str(len(kind)) for kind in kinds)
        raise InputError(f"the sweep has {number:,} cells ({sizes}), but at most {MOST:,} are "
                         f"learnt")
    for each in itertools.chain(*kinds):
        each.make()              # what cannot be made is refused before anything is learnt
    return Spec(_cells(kinds), _seeds(seeds), {name: getattr(checked, name) for name in SETTINGS})


def _cells(kinds: Sequence[Sequence[Choice]]) -> dict[str, Cell]:
    """All combinations, by digest. Raises InputError for two that a table cannot tell apart."""
    found: dict[str, Cell] = {}
    told: set[tuple[str, ...]] = set()
    for parts in itertools.product(*kinds):
        cell = Cell(*parts)
        if (own := words(cell.columns())) in told:
            raise InputError(f"two cells of the sweep are alike: {cell.label}")
        told.add(own)
        digest = hashlib.sha256("".join(each.digest for each in parts).encode()).hexdigest()[:20]
        found[digest] = cell
    return found


def read_spec(path: object) -> Spec:
    """The sweep that a TOML file asks for: tables `games`, `rules`, perhaps `oracles` and
    `schedules`, each a list, and `sweep` with `seeds` and settings of `solve`.

    Raises InputError naming the file and what is wrong in it.
    """
    file = as_path(path, "spec")
    asked = read_toml(file)
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
    for name in of_all:
        known_name(name, (*SETTINGS, "seeds"), "setting of a sweep")
    lists = {name: asked[name] for name in ("games", "rules", "oracles", "schedules")
             if name in asked}
    return spec(**lists, **of_all)


def _seeds(given: Any) -> tuple[int, ...]:
    if isinstance(given, np.ndarray) and not given.ndim:
        given = given[()]
    if isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        seeds = tuple(whole_number(seed, "seeds", 0, 2**63 - 1)
                      for seed in itertools.islice(given, SEEDS + 1))
        if not seeds:
            raise InputError("seeds is empty: a sweep needs at least one")
        if len(seeds) > SEEDS:
            raise InputError(f"seeds has more than {SEEDS:,}: give fewer")
        if len(set(seeds)) < len(seeds):
            raise InputError("seeds has one seed twice")
        return seeds
    return tuple(range(whole_number(given, "seeds", 1, SEEDS)))


def text_of(asked: Mapping[str, Any]) -> str:
    """What a folder must have been made for, as it is kept."""
    return json.dumps(asked, indent=1, sort_keys=True) + "\n"
