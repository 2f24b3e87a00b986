"""Games: representations (one package each) and named games (`zoo`).

`make(name, **parameters)` builds a named game. Each lives in one file of `games/zoo` with a
function `build(...)`, whose docstring's first line says what it is, and a constant `SOURCE`, its
citation.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np

from potentia.errors import known_parameters
from potentia.registry import Registry

REGISTRY = Registry("game", "potentia.games.zoo", {
    "anonymous-congestion": "anonymous_congestion",
    "battle-of-the-sexes": "battle_of_the_sexes",
    "braess": "braess",
    "chicken": "chicken",
    "constrained-grid": "constrained_grid",
    "coordination": "coordination",
    "distancing": "distancing",
    "el-farol": "el_farol",
    "energy-demand-response": "energy_demand_response",
    "facility-congestion": "facility_congestion",
    "flat-region": "flat_region",
    "load-balancing": "load_balancing",
    "loop-congestion": "loop_congestion",
    "markov-routing": "markov_routing",
    "matching-pennies": "matching_pennies",
    "networked-traffic": "networked_traffic",
    "performative-loop": "performative_loop",
    "perturbed-team": "perturbed_team",
    "pigou": "pigou",
    "pollution-tax": "pollution_tax",
    "prisoners-dilemma": "prisoners_dilemma",
    "public-goods": "public_goods",
    "random-cooperative": "random_cooperative",
    "random-general-sum": "random_general_sum",
    "random-potential": "random_potential",
    "rock-paper-scissors": "rock_paper_scissors",
    "sioux-falls": "sioux_falls",
    "stag-hunt": "stag_hunt",
    "stochastic-congestion": "stochastic_congestion",
    "stochastic-congestion-published": "stochastic_congestion_published",
    "two-link-congestion": "two_link_congestion",
})


def names() -> list[str]:
    """The registered games."""
    return sorted(REGISTRY)


def module(name: str) -> ModuleType:
    """The zoo file of a registered game."""
    return REGISTRY.module(name)


def parameters(name: str) -> Mapping[str, inspect.Parameter]:
    """The parameters of a registered game."""
    return inspect.signature(module(name).build).parameters


def make(name: str, /, **arguments: object) -> Any:
    """The game of that name, e.g. `make("stochastic-congestion", n_agents=4)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    build = module(name).build
    known_parameters(build, arguments, name)
    recipe = (name, tuple(sorted((key, _frozen(value)) for key, value in arguments.items())))
    return dataclasses.replace(build(**arguments), name=name, recipe=recipe)


def _frozen(value: object) -> object:
    """Lists and arrays as tuples: a recipe is part of what JAX compiles, so it must hash."""
    if isinstance(value, np.ndarray | np.generic):
        return _frozen(value.tolist())
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value
