"""Oracles: what tells the agents their values. Rules cannot tell one oracle from another.

An oracle is a frozen dataclass with `evaluate(game, profile, key) -> Evaluation` and two facts about it:
`exact`, and `batched`: whether many runs go through it side by side (vmap) or one after another. Both are False
unless it says otherwise. One that serves some games only also has `check(game)`, which raises InputError for the
others. `oracle` declares an oracle of one's own, whose fields `static` and `traced` mark; `Evaluation` is what it
gives.
"""

from __future__ import annotations

import importlib
from typing import Any

from potentia.errors import known_name, known_parameters

REGISTRY = {                              # name -> (module, class)
    "exact": ("exact", "Exact"),
    "price-taking": ("price_taking", "PriceTaking"),
    "sampled": ("sampled", "Sampled"),
    "published-congestion": ("published_congestion", "PublishedCongestion"),
    "published-distancing": ("published_distancing", "PublishedDistancing"),
}

DECLARING = ("oracle", "static", "traced")    # what oracles of one's own are declared by


def names() -> list[str]:
    """The registered oracles."""
    return sorted(REGISTRY)


def load(name: str) -> type:
    """The class of a registered oracle."""
    module, cls = REGISTRY[known_name(name, REGISTRY, "oracle")]
    return getattr(importlib.import_module(f"potentia.oracles.{module}"), cls)


def __getattr__(name: str) -> Any:
    for key, (_, cls) in REGISTRY.items():
        if cls == name:
            return load(key)
    if name in DECLARING:
        return getattr(importlib.import_module("potentia.runtime.declared"), name)
    if name == "Evaluation":
        return importlib.import_module("potentia.game").Evaluation
    raise AttributeError(f"module 'potentia.oracles' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), "Evaluation", *DECLARING, *(cls for _, cls in REGISTRY.values())])


def make(name: str, /, **parameters: object):
    """The oracle of that name, e.g. `make("sampled", episodes=20, horizon=20)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    cls = load(name)
    known_parameters(cls, parameters, name)
    return cls(**parameters)
