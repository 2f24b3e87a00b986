"""Scenarios in a TOML file: `[[scenario]]` with a name and changes, one after another."""

from __future__ import annotations

from typing import Any

from potentia.errors import InputError, known_name, shown
from potentia.games.roads.scenarios import Scenario, scenario
from potentia.io.read import as_path
from potentia.io.toml_files import read_toml


def read_scenarios(path: object) -> dict[str, Scenario]:
    """The scenarios of a TOML file by name, in its order, for `pt.compare`:

        [[scenario]]
        name = "the bridge is closed"
        changes = [{close = "10-16"}, {close = "16-10"}]

        [[scenario]]
        name = "a toll, and a third lane"
        changes = [{link = "10-16", toll = 2.0, capacity_factor = 1.5}, {demand_factor = 1.1}]

    A change is close = LINK; link = LINK with capacity, capacity_factor, free_flow_time,
    free_flow_time_factor (as `RoutingGame.altered`) or a further toll; build = "FROM-TO" with
    free_flow_time, and capacity, b, power, toll and length if need be; or demand_factor, with
    pair = "ORIGIN-DESTINATION" of these trips alone. A LINK is "FROM-TO", [FROM, TO] or an id.

    Raises InputError naming the file, the scenario and the key at fault, and the line of what is no
    TOML. Whether links are there is seen when a game is given (`Scenario.of`).
    """
    file = as_path(path)
    return _named(read_toml(file), str(file))


def _named(asked: dict[str, Any], source: str) -> dict[str, Scenario]:
    try:
        for name in asked:
            known_name(name, ("scenario",), "table")
    except InputError as error:
        raise InputError(f"{source}: {error}") from None
    tables = asked.get("scenario")
    if not isinstance(tables, list) or not tables:
        raise InputError(f"{source} has no [[scenario]], each with a name and changes")
    found: dict[str, Scenario] = {}
    for number, table in enumerate(tables, 1):
        each = _scenario(table, f"{source}: scenario {number}", source)
        if each.name in found:
            raise InputError(f"{source}: the scenario {shown(each.name)} is there twice")
        found[each.name] = each
    return found


def _scenario(table: Any, place: str, source: str) -> Scenario:
    if not isinstance(table, dict):
        raise InputError(f"{place} is {shown(table)}, but a table with name and changes was "
                         f"expected")
    for needed in ("name", "changes"):
        if needed not in table:
            raise InputError(f"{place} has no {needed}")
    try:
        for key in table:
            known_name(key, ("name", "changes"), "key")
    except InputError as error:
        raise InputError(f"{place}: {error}") from None
    return scenario(table["name"], table["changes"], source)
