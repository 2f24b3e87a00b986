"""What is wanted of a report, checked once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from potentia.errors import (
    InputError,
    finite_number,
    known_name,
    positive_number,
    shown,
    truth_value,
    whole_number,
)
from potentia.plot import groups
from potentia.report.road_flows import Coordinates
from potentia.result import Result

PARTS = ("potential", "theory", "welfare", "lemmas")


@dataclasses.dataclass(frozen=True)
class Wanted:
    """run: which is drawn. parts: of PARTS, what is said of the game; None for all that there are.
    seconds: that the certificates, and the parts of each game, may take; None for no limit. seed,
    starts, price: see `analysis.Asked`. places: where the nodes of roads lie."""

    run: int = 0
    parts: Sequence[str] | None = None
    seconds: float | None = 60.0
    seed: int = 0
    starts: int = 20
    price: bool = False
    places: Coordinates | None = None


def checked(run: object, parts: object, seconds: object, seed: object, starts: object,
            price: object, places: object) -> Wanted:
    """What is wanted. Raises InputError naming the first that is wrong."""
    named = groups.asked(parts, "parts")
    for name in named or ():
        known_name(name, PARTS, "part")
    return Wanted(run=whole_number(run, "run"), parts=named or None,
                  seconds=None if seconds is None else float(positive_number(seconds, "seconds")),
                  seed=whole_number(seed, "seed", 0, 2**63 - 1),
                  starts=whole_number(starts, "starts"), price=truth_value(price, "price"),
                  places=None if places is None else _places(places))


def of_scenarios(wanted: Wanted) -> Wanted:
    """The same of scenarios, whose totals alone are told if it is not said."""
    return wanted if wanted.parts else dataclasses.replace(wanted, parts=("welfare",))


def check_run(result: Result, run: int) -> None:
    """Raise InputError unless the result has that run."""
    if run >= len(result.statuses):
        raise InputError(f"run is {run}, but the runs are numbered 0 to "
                         f"{len(result.statuses) - 1}")


def _places(given: object) -> Coordinates:
    if not isinstance(given, Mapping):
        raise InputError(f"places is {shown(given)}, but {{node: (x, y), ...}} was expected")
    found = {}
    for node, place in given.items():
        if not isinstance(place, Sequence) or isinstance(place, str) or len(place) != 2:
            raise InputError(f"places[{shown(node)}] is {shown(place)}, but (x, y) was expected")
        x, y = (float(finite_number(each, f"places[{shown(node)}]")) for each in place)
        found[whole_number(node, "places: a node")] = (x, y)
    return found
