"""Games that can only be played: simulators (`base`), some by name (`zoo`), and games with tables
as simulators (`of_game`).

`make(name, **parameters)` builds a named one.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from potentia.errors import known_parameters
from potentia.registry import Registry, loaded

if TYPE_CHECKING:
    from potentia.simulators.host import HostSimulator as HostSimulator
    from potentia.simulators.host import Stepped as Stepped
    from potentia.simulators.tables import of_game as of_game

REGISTRY = Registry("simulator", "potentia.simulators.zoo", {
    "crowded-grid": "crowded_grid",
    "queueing": "queueing",
    "road-traffic": "road_traffic",
})
_NAMES = {"HostSimulator": "host", "Stepped": "host", "of_game": "tables"}


def names() -> list[str]:
    """The registered simulators."""
    return sorted(REGISTRY)


def parameters(name: str) -> Mapping[str, inspect.Parameter]:
    """The parameters of a registered simulator."""
    return inspect.signature(REGISTRY.module(name).build).parameters


def make(name: str, /, **arguments: object) -> Any:
    """The simulator of that name, e.g. `make("crowded-grid", n_agents=20)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    build = REGISTRY.module(name).build
    known_parameters(build, arguments, name)
    return dataclasses.replace(build(**arguments), name=name)


if not TYPE_CHECKING:
    def __getattr__(name: str) -> Any:
        return loaded("potentia.simulators", _NAMES, name)


def __dir__() -> list[str]:
    return sorted(["make", "names", "parameters", *_NAMES])
