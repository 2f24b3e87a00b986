"""Python that does a sweep again, from its table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from potentia import games, oracles, rules, schedules
from potentia.errors import InputError
from potentia.sweeps.columns import KINDS, WHOLE, is_missing
from potentia.sweeps.spec import spec
from potentia.sweeps.sweep import Sweep

NAMES: dict[str, Iterable[str]] = {"game": games.names(), "rule": rules.names(),
                                   "oracle": oracles.names(), "schedule": schedules.names()}
LINED = ",\n           "    # what a list goes on with


def sweep_again(sweep: Sweep, asked: Mapping[str, Any], folder: str | None) -> str:
    """The call that does the sweep again, or goes on with it in its folder.

    asked: what its table says of itself, seeds and settings. Raises InputError for own games,
    rules, oracles and schedules, and where not every combination is there.
    """
    table: Any = sweep.table.drop_duplicates("cell")
    found = _parts(table, asked)
    parts = "\n".join(f"    {kind}s=[{LINED.join(map(repr, things))}],"
                      for kind, things in found.items())
    settings = ", ".join(f"{name}={value!r}" for name, value in asked["settings"].items())
    out = "" if folder is None else f", out={folder!r}"
    return (f"import potentia as pt\n\nfound = pt.sweep(\n{parts}\n"
            f"    seeds={list(asked['seeds'])!r}, {settings}{out})\n")


def _parts(table: Any, asked: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Of each kind what there is, if all combinations of it are the cells of the table.

    A column that some cells lack holds whole numbers as floats, as which they would be other cells:
    so both are tried.
    """
    cells = set(table["cell"])
    for whole in (True, False):
        rows = [{name: _whole(value) if whole and _has_gaps(table[name]) else value
                 for name, value in row.items()} for row in table.to_dict("records")]
        found = {kind: _different(kind, rows) for kind in KINDS}
        _refuse_own(found)
        same = spec(*(found[kind] for kind in KINDS),  # pyright: ignore[reportCallIssue]
                    seeds=list(asked["seeds"]), **asked["settings"])
        if set(same.cells) == cells:
            return found
    raise InputError(f"its {len(cells):,} cells are not all combinations of named things")


def _has_gaps(column: Any) -> bool:
    return column.dtype.kind == "f" and bool(column.isna().any())


def _refuse_own(found: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
    for kind, things in found.items():
        for thing in things:
            if thing["name"] not in NAMES[kind]:
                raise InputError(f"its {kind} {thing['name']} is none of Potentia's, and a sweep "
                                 f"does not keep its code")


def _different(kind: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The games, rules, ... that there are, in their order."""
    found: list[dict[str, Any]] = []
    for row in rows:
        thing = {"name": row[kind], **{
            name.partition(".")[2]: value for name, value in row.items()
            if name.startswith(f"{kind}.") and not is_missing(value)}}
        if thing not in found:
            found.append(thing)
    return found


def _whole(value: Any) -> Any:
    """A whole number that a column of floats holds as one of them."""
    if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE:
        return int(value)
    return value
