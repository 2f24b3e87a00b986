"""Games: representations (`tabular`) and named games (`zoo`).

`make(name, **parameters)` builds a named game. Each lives in one file of `games/zoo` with a function
`build(...)`, whose docstring's first line says what it is, and a constant `SOURCE`, its citation.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from types import ModuleType

from potentia.errors import InputError, known_name

REGISTRY = {                              # name -> module in games/zoo
    "distancing": "distancing",
    "stochastic-congestion": "stochastic_congestion",
    "stochastic-congestion-published": "stochastic_congestion_published",
}


def names() -> list[str]:
    """The registered games."""
    return sorted(REGISTRY)


def module(name: str) -> ModuleType:
    """The zoo file of a registered game."""
    return importlib.import_module(f"potentia.games.zoo.{REGISTRY[known_name(name, REGISTRY, 'game')]}")


def make(name: str, **parameters: object):
    """The game of that name, e.g. `make("stochastic-congestion", n_agents=4)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    build = module(name).build
    known = inspect.signature(build).parameters
    for parameter in parameters:
        known_name(parameter, known, f"parameter of {name}")
    missing = [key for key, value in known.items() if value.default is value.empty and key not in parameters]
    if missing:
        raise InputError(f"{name} needs {', '.join(missing)}")
    game = build(**parameters)
    return dataclasses.replace(game, name=name, recipe=(name, tuple(sorted(parameters.items()))))
