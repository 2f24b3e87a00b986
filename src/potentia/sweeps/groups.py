"""Cells that one compiled program serves, learnt together: what each gives, as tables.

A cell that fails is learnt by itself once more, so that it takes no other with it, and is a row
with the reason.
"""

from __future__ import annotations

import dataclasses
import operator
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from potentia.errors import one_line
from potentia.learning.batch import one_program, solve_each
from potentia.names import NONE
from potentia.result import Result
from potentia.sweeps.cells import asked_of, parquet, sealed_rows
from potentia.sweeps.columns import FAILED, LEVELS, PACE, arrival
from potentia.sweeps.spec import Cell, Spec

AT_ONCE = 512                  # runs of one call; a cell is never cut
CHECKS = ("nash_gap", "nash_gap_error", "welfare", "potential")
CURVES = (*CHECKS, "agent_steps")
UNNAMED = {"name": "game", "recipe": None, "names": NONE}


@dataclasses.dataclass(frozen=True)
class Group:
    """Cells of one game, oracle and schedule whose rules one program serves; by digest."""

    cells: dict[str, Cell]
    seeds: tuple[int, ...]
    settings: dict[str, Any]

    @property
    def runs(self) -> int:
        return len(self.cells) * len(self.seeds)


@dataclasses.dataclass(frozen=True)
class Learnt:
    """What a cell gave: its part of the table, and its curves, as files (`sweeps.cells`)."""

    digest: str
    rows: bytes
    curves: bytes


def groups(spec: Spec, done: set[str]) -> list[Group]:
    """The cells that are not done, those together that go in one program, up to AT_ONCE runs."""
    found: list[tuple[Any, dict[str, Cell]]] = []
    for digest, cell in spec.cells.items():
        if digest in done:
            continue
        rule = cell.rule.make()
        for first, cells in found:
            other = next(iter(cells.values()))
            shared = cell.game, cell.oracle, cell.schedule
            if (all(map(operator.is_, shared, (other.game, other.oracle, other.schedule)))
                    and (len(cells) + 1) * len(spec.seeds) <= AT_ONCE
                    and one_program(rule, first, *(part.made for part in shared))):
                cells[digest] = cell
                break
        else:
            found.append((rule, {digest: cell}))
    return [Group(cells, spec.seeds, spec.settings) for _, cells in found]


def learnt(group: Group) -> list[Learnt]:
    """What each cell of a group gives. A cell that cannot be learnt has its reason in the table."""
    try:
        return list(_together(group))
    except (Exception, SystemExit) as error:         # an own rule may end programs
        if len(group.cells) == 1:
            return failed(group, _reason(error))
        return [each for digest, cell in group.cells.items()
                for each in learnt(dataclasses.replace(group, cells={digest: cell}))]


def failed(group: Group, reason: str) -> list[Learnt]:
    """What a group gives that cannot be learnt: rows that say why, and no curves."""
    none = pd.DataFrame({"cell": [], "seed": [], "iteration": []})
    return [_files(digest, group, _failed(digest, cell, group, reason), none)
            for digest, cell in group.cells.items()]


def _files(digest: str, group: Group, rows: pd.DataFrame, curves: pd.DataFrame) -> Learnt:
    drawn = parquet(curves)
    asked = asked_of(group.seeds, group.settings)
    return Learnt(digest, sealed_rows(rows, drawn, digest, asked), drawn)


def _together(group: Group) -> Iterator[Learnt]:
    cells = list(group.cells.items())
    game, _, oracle, schedule = things_of(cells[0][1])
    rules = [rule for _, cell in cells for rule in [cell.rule.make()] * len(group.seeds)]

    def solved(most: int) -> list[Result]:
        settings: dict[str, Any] = group.settings | {"max_iterations": most}
        return solve_each(game, rules, group.seeds * len(cells), oracle, schedule, progress=False,
                          record_every=max(most, 1), **settings)

    most, every = group.settings["max_iterations"], group.settings["check_every"]
    solved(min(most, 1))             # compiled here, so that the time below is of iterations alone
    began = time.perf_counter()
    results = solved(most)
    seconds = (time.perf_counter() - began) / max(sum(int(r.iterations) for r in results), 1)
    for place, (digest, cell) in enumerate(cells):
        own = results[place * len(group.seeds):][:len(group.seeds)]
        rows = pd.DataFrame([_row(digest, cell, seed, result, seconds, every)
                             for seed, result in zip(group.seeds, own, strict=True)])
        yield _files(digest, group, rows, _curves(digest, group.seeds, own))


def things_of(cell: Cell) -> tuple[Any, ...]:
    """What a cell is learnt with: game, rule, oracle and schedule."""
    return _unnamed(cell.game.make()), *(part.make() for part in cell.parts[1:])


def _unnamed(game: Any) -> Any:
    """The game without its names, which are part of what is compiled: games of the same shapes then
    share a program."""
    if not dataclasses.is_dataclass(game) or not type(game).__module__.startswith("potentia."):
        return game
    has = {field.name for field in dataclasses.fields(game)}
    bare = {name: value for name, value in UNNAMED.items() if name in has}
    return dataclasses.replace(game, **bare) if bare else game   # pyright: ignore


def _row(digest: str, cell: Cell, seed: int, result: Result, seconds: float,
         every: int) -> dict[str, Any]:
    history = result.history
    last = {name: float(history[name][-1]) if name in history else np.nan for name in CHECKS}
    return {"cell": digest, **cell.columns(), "seed": seed, "status": str(result.status),
            "iterations": int(result.iterations), **last, **_arrivals(result, every),
            PACE: seconds, "message": str(result.message)}


def _arrivals(result: Result, every: int) -> dict[str, float]:
    """How many iterations it took to come within each level, rounding included, told to the next
    multiple of those between checks; NaN if no check found it there.

    A run that stops moving, or that sees no advantage, asks for a check in between. If that were
    told to the iteration, rules that often ask would seem the sooner.
    """
    at = result.history["check_iteration"]
    gap = result.history["nash_gap"] + result.history["nash_gap_error"]
    return {arrival(level): float(-(-at[gap <= level][0] // every) * every)
            if (gap <= level).any() else np.nan for level in LEVELS}


def _curves(digest: str, seeds: tuple[int, ...], results: list[Result]) -> pd.DataFrame:
    """A row of each check of each run."""
    return pd.concat([pd.DataFrame(
        {"cell": digest, "seed": seed, "iteration": result.history["check_iteration"]}
        | {name: result.history[name] for name in CURVES if name in result.history})
        for seed, result in zip(seeds, results, strict=True)], ignore_index=True)


def _reason(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return f"it would have ended the program, by SystemExit({one_line(error, 100)})"
    return one_line(error, 300) or type(error).__name__


def _failed(digest: str, cell: Cell, group: Group, reason: str) -> pd.DataFrame:
    unknown = dict.fromkeys((*CHECKS, *map(arrival, LEVELS), PACE), np.nan)
    return pd.DataFrame([{"cell": digest, **cell.columns(), "seed": seed, "status": FAILED,
                          "iterations": 0, **unknown, "message": reason} for seed in group.seeds])
