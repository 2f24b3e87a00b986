"""Classes of agents that share roads, such as cars and lorries.

An agent of class k counts as w_k others on each link that it takes, and pays v_k for a unit of
time:

    v_k E t_e(w (w_k + load of all others)) + toll_e + distance_cost_e,

with loads sums of the weights, and w vehicles to an agent of weight 1. With the costs that the game
holds, c = t + charges, that is v_k E c + (1 - v_k) charges.

Costs whose means take whole numbers of agents need equal weights: where all are equal, they are
counted in w, and are 1 here. Then values of time are only tolls by class.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from potentia.errors import InputError, not_negative_number, positive_number, shown
from potentia.games.roads.cost_kinds import Costs
from potentia.policies import pandas_kind
from potentia.runtime.pytree import Leaf, static, tree

EXACT, WEIGHTED, NONE = "exact", "weighted", "none"
WHOLE = re.compile(r"-?[0-9]{1,18}")


@dataclasses.dataclass(frozen=True)
class TrafficClass:
    """What agents of one class are.

    weight: how many others each counts as on a link (passenger-car units), positive.
    value_of_time: what a unit of time costs each, in the unit of tolls and distance costs; not
        negative.
    """

    weight: float = 1.0
    value_of_time: float = 1.0


@tree
class Classes:
    """C classes of the agents of T types.

    weight, value: [C] w_k and v_k. of_type: [T] which class each type is of; of_row: [R] likewise,
        0 where a row stands for nothing.
    names: of the classes. alike: whether all weights are 1. potential: "exact", "weighted" or
        "none", what is known of the game's (`potential_of`).
    """

    weight: Leaf
    value: Leaf
    of_type: Leaf
    of_row: Leaf
    names: tuple[str, ...] = static()
    alike: bool = static()
    potential: str = static()


def checked(classes: object) -> dict[str, TrafficClass]:
    """Classes by name as a user gives them. Raises InputError naming the class at fault."""
    if not isinstance(classes, Mapping) or not classes:
        raise InputError(f"classes is {shown(classes)}, but a mapping from names to TrafficClass "
                         f"was expected")
    found = {}
    for name, each in classes.items():
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise InputError(f"classes has the name {shown(name)}, but a text was expected, of "
                             f"characters that can be seen")
        if not isinstance(each, TrafficClass):
            raise InputError(f"classes[{name!r}] is a {type(each).__name__}, but it must be a "
                             f"TrafficClass")
        found[name] = TrafficClass(
            float(positive_number(each.weight, f"classes[{name!r}].weight")),
            float(not_negative_number(each.value_of_time, f"classes[{name!r}].value_of_time")))
    return found


def split(demand: Any, classes: Mapping[str, TrafficClass]) -> tuple[list, np.ndarray]:
    """The rows (origin, destination, agents) of a demand, and [T] the number of each one's class,
    which is its fourth entry; where there is one class only it may be left out.

    Raises InputError naming the row at fault, and a class without demand.
    """
    demand = demand.to_numpy() if pandas_kind(demand) == "DataFrame" else demand
    names, rows, kinds = list(classes), [], []
    if not isinstance(demand, Sequence | np.ndarray) or isinstance(demand, str):
        raise InputError(f"demand is {shown(demand)}, but rows (origin, destination, agents, "
                         f"class) were expected")
    for at, row in enumerate(demand):
        entry = tuple(row) if isinstance(row, Sequence | np.ndarray) else ()
        if len(entry) == 3 and len(names) == 1:
            entry = (*entry, names[0])
        if len(entry) != 4:
            raise InputError(f"demand[{at}] is {shown(row)}, but (origin, destination, agents, "
                             f"class) was expected")
        if str(entry[3]) not in names:
            raise InputError(f"demand[{at}] has the class {shown(entry[3])}, which is none of "
                             f"classes: {', '.join(names)}")
        rows.append(_whole(at, entry[:3]))
        kinds.append(names.index(str(entry[3])))
    return rows, np.array(kinds, int)


def refuse_undeclared(demand: Any) -> None:
    """Raise InputError for a demand whose first row has a class, where there are no classes."""
    first = demand[0] if isinstance(demand, Sequence | np.ndarray) and len(demand) else ()
    if isinstance(first, Sequence | np.ndarray) and len(first) == 4:
        raise InputError(f"demand[0] has the class {shown(first[3])}, but no classes are given: "
                         f"classes={{name: TrafficClass(weight, value_of_time)}} declares them")


def _whole(at: int, ends: tuple) -> list:
    """The numbers of the row `at`; NumPy makes text of them where the class is."""
    for what, each in zip(("origin", "destination", "number of agents"), ends, strict=True):
        if isinstance(each, str) and not WHOLE.fullmatch(each):
            raise InputError(f"demand[{at}] has the {what} {shown(each)}, not a whole number of at "
                             f"most 18 digits")
    return [int(each) if isinstance(each, str) else each for each in ends]


def refuse_unused(classes: Mapping[str, TrafficClass], kinds: np.ndarray) -> None:
    """Raise InputError naming a class of which the demand, types of these classes [T], has no
    agents."""
    for number, name in enumerate(classes):
        if number not in kinds:
            raise InputError(f"classes has {name!r}, of which demand has no agents")


def common_weight(classes: Mapping[str, TrafficClass] | None) -> float | None:
    """The weight of all classes; None if they differ."""
    weights = {1.0} if classes is None else {each.weight for each in classes.values()}
    return weights.pop() if len(weights) == 1 else None


def vehicles(weight: object, classes: Mapping[str, TrafficClass] | None) -> np.float64:
    """Vehicles to an agent of weight 1, in which a weight that all classes have is counted.

    Raises InputError where those of an agent of some class are no positive number.
    """
    w = positive_number(weight, "weight")
    for name, each in (classes or {}).items():
        with np.errstate(over="ignore", under="ignore"):
            positive_number(w * each.weight, f"weight times classes[{name!r}].weight")
    return w * np.float64(common_weight(classes) or 1.0)


def built(classes: Mapping[str, TrafficClass], of_type: np.ndarray, of_row: np.ndarray,
          straight: bool) -> Classes:
    """The classes of these types [T] and rows [R]; straight: whether costs are affine."""
    each = list(classes.values())
    weight = np.array([one.weight for one in each])
    weight = np.ones_like(weight) if common_weight(classes) is not None else weight
    value = np.array([one.value_of_time for one in each])
    return Classes(weight=weight, value=value, of_type=of_type, of_row=of_row, names=tuple(classes),
                   alike=bool((weight == 1).all()), potential=potential_of(weight, value, straight))


def affine(costs: Costs) -> bool:
    """Whether costs are affine in the load."""
    table = costs.coefficients
    return table is not None and not np.asarray(table)[:, 2:].any()


def potential_of(weight: np.ndarray, value: np.ndarray, straight: bool) -> str:
    """What is known of the game's potential, weights and values of time being [C]; straight:
    whether costs are affine.

    With equal weights, or affine costs, sum over links of the potential of their time and of
    w_k / v_k times the charges of each agent there changes w_k / v_k times as much as the own cost
    of whoever deviates (Rosenthal 1973; Fotakis, Kontogiannis and Spirakis 2005, "Selfish
    unsplittable flows"): it is exact where v_k / w_k is the same for all.
    """
    if not (straight or (weight == weight[0]).all()):
        return NONE
    if (value / weight == value[0] / weight[0]).all():
        return EXACT
    return WEIGHTED if (value > 0).all() else NONE


def told(classes: Classes) -> dict[str, TrafficClass]:
    """Them again as a user gives them; weights that are all equal are in the game's `weight`."""
    return {name: TrafficClass(float(weight), float(value)) for name, weight, value in zip(
        classes.names, np.asarray(classes.weight), np.asarray(classes.value), strict=True)}


def of_time(classes: Classes | None) -> Classes | None:
    """The same agents if time alone counts, all of it alike; None if nothing tells them apart."""
    if classes is None or classes.alike:
        return None
    return dataclasses.replace(classes, value=0.0 * classes.value + 1.0, potential=NONE)


def refuse_unequal(classes: Classes | None) -> None:
    """Raise InputError where agents weigh differently, for what is known of equal weights only."""
    if classes is not None and not classes.alike:
        raise InputError("classes have different weights, of which no system optimum is known: "
                         "leave it out (optimum=False)")
