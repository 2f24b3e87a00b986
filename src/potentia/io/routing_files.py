"""Routing games as arrays: the arguments of `RoutingGame.from_links` that rebuild a game."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from potentia.errors import InputError, known_name, shown
from potentia.games.roads import charges, departures, elastic, further_links, node_places
from potentia.games.roads.classes import TrafficClass
from potentia.games.roads.cost_kinds import KINDS, Costs
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.node_places import NodePlaces
from potentia.games.roads.plan import Plan

OPTIONS = ("policies", "horizon", "detour", "reorient_every")
CHARGES = ("tolls", "distance_costs")      # included in the costs; files of before had none
PLACES = ("placed", "places")               # numbers of nodes, and where each lies
ARRAYS = {"links", "demand", "closed", "link_ids", "capacity", "length", "at_home", "departures",
          "class_of", *CHARGES, *PLACES}


def arrays_of(game: RoutingGame) -> dict[str, np.ndarray]:
    """links, demand, closed, tolls, distance_costs, what is known of links and nodes, the costs'
    own arrays, and the numbers of the classes of the demand if there are any. Raises InputError for
    costs that are a Python function."""
    roads = further_links.plan_of(game, game.costs)
    costs = {f"costs.{name}": array for name, array in roads.costs.arrays().items()}
    return {"links": roads.links, "closed": np.asarray(game.closed), **costs,
            **{name: np.asarray(getattr(roads, name)) for name in CHARGES},
            **_facts_of(roads, game.placed),
            **({"at_home": np.asarray(game.stay)} if game.homes else {}),
            **({"departures": np.asarray(game.wishes)} if game.timed else {}),
            "demand": np.column_stack([game.trips.origin, game.trips.destination,
                                       game.trips.count]),
            **({} if game.classes is None else {"class_of": np.asarray(game.classes.of_type)})}


def header_of(game: RoutingGame) -> dict[str, Any]:
    """What is no array."""
    named = further_links.plan_of(game, game.costs).node_names
    return {"kind": "routing", "costs": game.costs.kind, "weight": float(game.weight),
            "name": game.name, **({"node_names": named} if named else {}),
            **({"link_ids": game.link_ids[:game.n_roads]} if game.facts.names else {}),
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
        at_home=_at_home(arrays.get("at_home")),
        departures=_departures(arrays.get("departures")),
        **{**options, "reorient_every": options["reorient_every"] or 10})
    game = charges.included(game, *map(arrays.get, CHARGES))
    number, at = map(arrays.get, PLACES)
    if number is None or at is None:
        return game
    return dataclasses.replace(game, placed=node_places.checked(number, at))


def _at_home(stay: np.ndarray | None) -> list[float | None] | None:
    """What staying at home costs by a file, if it says so. Raises InputError for an array that
    holds no such costs."""
    if stay is not None and (stay.dtype.kind != "f" or stay.ndim != 1 or np.isnan(stay).all()):
        raise InputError("the array 'at_home' is not [types] costs of staying at home, NaN where "
                         "that is not possible")
    return None if stay is None else elastic.at_home(stay)


def _departures(wishes: np.ndarray | None) -> list[departures.Departures | None] | None:
    """The departures of a file, if it has any. Raises InputError for an array that holds none."""
    if wishes is None:
        return None
    whole = wishes[..., :2] if wishes.ndim == 2 else wishes
    if (wishes.dtype.kind != "f" or wishes.ndim != 2 or wishes.shape[1] != 5
            or np.isnan(whole).all() or np.isinf(whole).any()
            or (np.isfinite(whole) & (whole != np.round(whole))).any()):
        raise InputError("the array 'departures' is not [types, 5] earliest, latest, arrival, "
                         "early and late")
    return departures.told(wishes)


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


def _facts_of(roads: Plan, placed: NodePlaces) -> dict[str, np.ndarray]:
    """What is known of the links, as arrays by the names of what `from_links` takes, and of the
    nodes; ids that are text stand in the header."""
    facts = roads.facts
    known = {"link_ids": () if facts.names else facts.number, "capacity": facts.capacity,
             "length": facts.length,
             **dict(zip(PLACES, (placed.number, placed.at), strict=True))}
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
