"""Schedules: who moves when. One file each; `base.Schedule` says what a schedule is.

`schedule` declares one of a user's own. Two facts of a schedule are False unless its class says
otherwise: `needs_gains`, that its `facts` are to hold the exact best-response gains; `coordinator`,
that it compares agents. Either is refused with an oracle that estimates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import Registry

if TYPE_CHECKING:
    from potentia.runtime.declared import schedule as schedule
    from potentia.runtime.declared import static as static
    from potentia.runtime.declared import traced as traced
    from potentia.schedules.base import Facts as Facts
    from potentia.schedules.base import Schedule as Schedule
    from potentia.schedules.in_turns import InTurns as InTurns
    from potentia.schedules.largest_gain import CoordinatedLargestGain as CoordinatedLargestGain
    from potentia.schedules.largest_improvement import (
        CoordinatedLargestImprovement as CoordinatedLargestImprovement,
    )
    from potentia.schedules.random_order import RandomOrder as RandomOrder
    from potentia.schedules.simultaneous import Simultaneous as Simultaneous
    from potentia.schedules.until_best_response import UntilBestResponse as UntilBestResponse

    # So that a checker tells what a class lacks.
    _SCHEDULES: tuple[type[Schedule], ...] = (
        CoordinatedLargestGain, CoordinatedLargestImprovement, InTurns, RandomOrder, Simultaneous,
        UntilBestResponse)

REGISTRY = Registry("schedule", "potentia.schedules", {
    "simultaneous": "simultaneous:Simultaneous",
    "in-turns": "in_turns:InTurns",
    "random-order": "random_order:RandomOrder",
    "until-best-response": "until_best_response:UntilBestResponse",
    "coordinated-largest-gain": "largest_gain:CoordinatedLargestGain",
    "coordinated-largest-improvement": "largest_improvement:CoordinatedLargestImprovement",
})
_OTHERS = {"Facts": "potentia.schedules.base", "Schedule": "potentia.schedules.base",
           "schedule": "potentia.runtime.declared", "static": "potentia.runtime.declared",
           "traced": "potentia.runtime.declared"}


def names() -> list[str]:
    """The registered schedules."""
    return sorted(REGISTRY)


def load(name: str) -> type[Schedule]:
    """The class of a registered schedule."""
    return REGISTRY.load(name)


def make(name: str, /, **parameters: object) -> Schedule:
    """The schedule of that name, e.g. `make("until-best-response", tolerance=1e-3)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    return REGISTRY.make(name, parameters)


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        return REGISTRY.attribute(name, _OTHERS)


def __dir__() -> list[str]:
    return sorted(["load", "make", "names", *_OTHERS, *REGISTRY.classes])
