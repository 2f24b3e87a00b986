"""Rules: how one agent learns from its own data. One file each.

A rule is a frozen dataclass with

    init(log_policy [H, A], mask [H, A], key) -> memory
    update(log_policy, memory, view, iteration, key) -> (log_policy, memory)

written for one agent and mapped over the agents by vmap, so that no rule can see another agent's data.
`View` is all that an agent sees. Memory is any pytree of arrays, dataclasses included. Each module has a constant
`SOURCE`, its citation. `rule` declares a rule of one's own, whose fields `static` and `traced` mark.
"""

from __future__ import annotations

import importlib
from typing import Any

from potentia.errors import known_name, known_parameters

REGISTRY = {                              # name -> (module, class)
    "inpg": ("inpg", "INPG"),
    "inpg-adaptive": ("adaptive_inpg", "AdaptiveINPG"),
    "mwu": ("mwu", "MWU"),
    "inpg-fisher": ("fisher", "FisherINPG"),
    "ipg": ("ipg", "IPG"),
    "q-ascent": ("q_ascent", "QAscent"),
    "softmax-pg": ("softmax_pg", "SoftmaxPG"),
}

DECLARING = ("rule", "static", "traced")      # what rules of one's own are declared by


def names() -> list[str]:
    """The registered rules."""
    return sorted(REGISTRY)


def load(name: str) -> type:
    """The class of a registered rule."""
    module, cls = REGISTRY[known_name(name, REGISTRY, "rule")]
    return getattr(importlib.import_module(f"potentia.rules.{module}"), cls)


def make(name: str, /, **parameters: object):
    """The rule of that name, e.g. `make("inpg", step_size=0.1)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    cls = load(name)
    known_parameters(cls, parameters, name)
    return cls(**parameters)


def __getattr__(name: str) -> Any:
    for key, (_, cls) in REGISTRY.items():
        if cls == name:
            return load(key)
    if name == "View":
        return importlib.import_module("potentia.rules.view").View
    if name in DECLARING:
        return getattr(importlib.import_module("potentia.runtime.declared"), name)
    raise AttributeError(f"module 'potentia.rules' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), "View", *DECLARING, *(cls for _, cls in REGISTRY.values())])
