"""Links that are no roads: ways through a network that agents have besides, such as to stay at home
or to leave later. They stand after the roads, and what is told of roads leaves them out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from potentia.console.text import counted
from potentia.errors import InputError, shown
from potentia.games.roads import charges, link_facts, node_names
from potentia.games.roads.cost_kinds import Polynomial, PowerLaw, Tabulated
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_costs import Costs
from potentia.games.roads.plan import Plan

Kind = TypeVar("Kind")


def shaped(table: np.ndarray, width: int) -> bool:
    """Whether it is a table of rows of that many entries, and of one at least."""
    return table.ndim == 2 and table.shape[1] == width and len(table) > 0


def by_row(given: object, rows: np.ndarray, names: Sequence[str], name: str,
           read: Callable[[object, str], Kind], alone: str, none: str) -> list[Kind | None]:
    """What `given` says of each row (origin, destination, agents) of the demand: one thing for all,
    one for each row, or a mapping from pairs; None where it says nothing.

    names: of the nodes, if they have any. name: of what is given. read: checks one of them, by its
    name. alone, none: what one of them is, and who has none, for a message.
    Raises InputError for a pair without trips, and for what is none of these.
    """
    if isinstance(given, Mapping):
        found: list[Kind | None] = [None] * len(rows)
        for pair, value in given.items():
            of_pair = _rows_of(pair, rows, names, name)
            one = read(value, f"{name}[{shown(pair)}]")
            for at in of_pair:
                found[at] = one
        return found
    if np.ndim(np.asarray(given, dtype=object)) == 0 and not isinstance(given, str):
        return [read(given, name)] * len(rows)
    if isinstance(given, str) or len(given) != len(rows):  # pyright: ignore[reportArgumentType]
        raise InputError(f"{name} is {shown(given)}, but it must be {alone}, one for each of the "
                         f"{counted(len(rows), 'row')} of the demand (None where {none}), or a "
                         f"mapping")
    entries: Iterable[object] = given  # pyright: ignore[reportAssignmentType]
    return [None if one is None else read(one, f"{name}[{at}]") for at, one in enumerate(entries)]


def _rows_of(pair: object, rows: np.ndarray, names: Sequence[str], name: str) -> np.ndarray:
    """Which rows of the demand are of a pair (origin, destination)."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise InputError(f"{name} has {shown(pair)}, but pairs (origin, destination) were expected")
    ends = [node_names.number(tuple(names), node) for node in pair]
    found = np.flatnonzero([row[:2].tolist() == ends and row[2] > 0 for row in rows])
    if not found.size:
        raise InputError(f"{name}[{shown(pair)}]: there are no trips from {pair[0]} to {pair[1]}")
    return found


def refuse_strangers(pairs: np.ndarray, rows: np.ndarray) -> None:
    """Refuse trips from or to where no road leads, which further links would hide."""
    for column, what in ((0, "origin"), (1, "destination")):
        strange = np.flatnonzero(~np.isin(rows[:, column], pairs))
        if strange.size:
            raise InputError(f"demand[{strange[0]}] has the {what} {rows[strange[0], column]}, "
                             f"which no link touches")


def costs_with(costs: Costs, further: np.ndarray, n_roads: int, name: str) -> Costs:
    """The costs of the roads, and of further links whatever their load, [further]; name: of what
    needs them."""
    if costs.n_links != n_roads:
        raise InputError(f"costs are of {costs.n_links} links, but there are {n_roads}")
    if isinstance(costs, Polynomial):
        return costs.joined(Polynomial(np.column_stack([further, np.zeros_like(further)])))
    if isinstance(costs, PowerLaw):
        one = np.ones_like(further)
        return costs.joined(PowerLaw(base=further, rise=0.0 * further, scale=one, power=one))
    if isinstance(costs, Tabulated):
        return costs.joined(dataclasses.replace(
            costs, table=np.repeat(further[:, None], costs.table.shape[1], axis=1)))
    raise InputError(f"{name} goes with costs that are polynomials, power laws or tables: a "
                     f"function of all links has none of more")


def padded(pairs: np.ndarray, more: int, options: Mapping[str, Any], names: tuple[str, ...],
           called: str) -> dict[str, Any]:
    """What `options` say of roads, with as much of `more` links: nothing. called: what their ids
    begin with, where ids are text."""
    facts = link_facts.checked(len(pairs), options["link_ids"], options["capacity"],
                               options["length"])
    ids = link_facts.ids(facts, len(pairs))
    whole = [one for one in ids if isinstance(one, int)]
    further = [max(whole) + 1 + k for k in range(more)] if whole else [
        f"{called} {k + 1} beside {ids[0]}" for k in range(more)]
    found: dict[str, Any] = {"link_ids": [*ids, *further]}
    for name in ("tolls", "distance_costs"):
        found[name] = np.append(charges.by_link(pairs, options[name], name, names, facts),
                                np.zeros(more))
    for name in ("capacity", "length"):
        if options[name] is not None:
            found[name] = np.append(np.asarray(options[name], dtype=float), np.full(more, np.nan))
    return found


def plan_of(game: RoadData, costs: Costs) -> Plan:
    """The roads without the further links; costs: of all links."""
    real, named, facts = np.arange(game.n_roads), game.node_names, game.facts
    if game.n_roads < len(game.links):
        costs, facts = costs.kept(real), link_facts.kept(facts, len(game.links), real)
        named = named[:int(game.links[game.n_roads, 0]) - 1]        # the first node besides
    return Plan(game.road_links, costs, np.asarray(game.tolls)[real],
                np.asarray(game.distance_costs)[real], named, facts)
