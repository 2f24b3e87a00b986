"""Routing games as arrays: the arguments of `RoutingGame.from_links` that rebuild a game."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from potentia.errors import InputError, known_name, shown
from potentia.games.roads import charges
from potentia.games.roads.classes import TrafficClass
from potentia.games.roads.cost_kinds import KINDS, Costs
from potentia.games.roads.game import RoutingGame

OPTIONS = ("policies", "horizon", "detour", "reorient_every")
CHARGES = ("tolls", "distance_costs")      # included in the costs; files of before had none
ARRAYS = {"links", "demand", "closed", "link_ids", "capacity", "length", "class_of", *CHARGES}


def arrays_of(game: RoutingGame) -> dict[str, np.ndarray]:
    """links, demand, closed, tolls, distance_costs, the costs' own arrays, and the numbers of the
    classes of the demand if there are any. Raises InputError for
    costs that are a Python function."""
    costs = {f"costs.{name}": array for name, array in game.costs.arrays().items()}
    return {"links": np.asarray(game.links), "closed": np.asarray(game.closed), **costs,
            **{name: np.asarray(getattr(game, name)) for name in CHARGES}, **_facts_of(game),
            "demand": np.column_stack([game.trips.origin, game.trips.destination,
                                       game.trips.count]),
            **({} if game.classes is None else {"class_of": np.asarray(game.classes.of_type)})}


def header_of(game: RoutingGame) -> dict[str, Any]:
    """What is no array."""
    return {"kind": "routing", "costs": game.costs.kind, "weight": float(game.weight),
            "name": game.name, **({"node_names": game.node_names} if game.node_names else {}),
            **({"link_ids": game.link_ids} if game.facts.names else {}),
            **_classes_of(game), **{name: getattr(game, name) for name in OPTIONS}}


def game_of(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> RoutingGame:
    """The game again. Raises InputError naming what is missing or wrong."""
    costs: Any = header.get("costs")
    cls = KINDS[known_name(costs, KINDS, "kind of costs")]
    needed = ("links", "demand", "closed",
              *(f"costs.{field.name}" for field in dataclasses.fields(cls)))
    for name in needed:
        if name not in arrays:
            raise InputError(f"the array {name!r} is missing")
    costs = _checked(cls, {name.removeprefix("costs."): arrays[name] for name in needed
                           if name.startswith("costs.")})
    options = {name: header.get(name) for name in OPTIONS}
    demand, classes = _demand(header, arrays)
    game = RoutingGame.from_links(
        arrays["links"], costs, demand, classes=classes, weight=header.get("weight", 1.0),
        closed=arrays["closed"],
        name=str(header.get("name")), node_names=_names(header, "node_names") or [],
        link_ids=_names(header, "link_ids") or arrays.get("link_ids"),
        capacity=arrays.get("capacity"), length=arrays.get("length"),
        **{**options, "reorient_every": options["reorient_every"] or 10})
    return charges.included(game, *map(arrays.get, CHARGES))


def _classes_of(game: RoutingGame) -> dict[str, Any]:
    """What the classes are, by name, if there are any."""
    if game.traffic_classes is None:
        return {}
    return {"classes": {name: vars(each) for name, each in game.traffic_classes.items()}}


def _demand(header: dict[str, Any],
            arrays: dict[str, np.ndarray]) -> tuple[Any, dict[str, TrafficClass] | None]:
    """The demand and the classes that `from_links` takes."""
    given, kinds = header.get("classes"), arrays.get("class_of")
    if given is None:
        return arrays["demand"], None
    try:
        classes = {name: TrafficClass(**each) for name, each in given.items()}
        names = [list(classes)[k] for k in np.asarray(kinds).tolist()]
        return [(*row, name) for row, name in zip(
            arrays["demand"].tolist(), names, strict=True)], classes
    except (AttributeError, TypeError, ValueError, IndexError):
        raise InputError("classes and class_of do not fit the demand") from None


def _facts_of(game: RoutingGame) -> dict[str, np.ndarray]:
    """What is known of the links, as arrays by the names of what `from_links` takes; ids that are
    text stand in the header."""
    facts = game.facts
    known = {"link_ids": () if facts.names else facts.number, "capacity": facts.capacity,
             "length": facts.length}
    return {name: np.asarray(column) for name, column in known.items() if np.size(column)}


def _names(header: dict[str, Any], name: str) -> list[str] | None:
    """A list of names in the header, if it is there."""
    names = header.get(name)
    if names is not None and not isinstance(names, list):
        raise InputError(f"{name} is {shown(names)}, but a list of names was expected")
    return names


def _checked(cls: type, columns: dict[str, np.ndarray]) -> Costs:
    for name, column in columns.items():
        if column.dtype.kind not in "iuf" or not np.isfinite(column).all():
            raise InputError(f"costs.{name} holds what is no finite number")
    try:
        costs = cls(**{name: column.astype(np.float64) for name, column in columns.items()})
        costs.at(np.ones(costs.n_links))
    except (TypeError, ValueError, IndexError):
        raise InputError("the arrays of the costs do not fit together") from None
    return costs
