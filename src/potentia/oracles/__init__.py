"""Oracles: what tells the agents their values. Rules cannot tell one oracle from another.

An oracle is a frozen dataclass with `evaluate(game, profile, key) -> Evaluation` and two facts about it:
`exact`, and `batched`: whether many runs go through it side by side (vmap) or one after another. One that
serves some games only also has `check(game)`, which raises InputError for the others.
"""

from __future__ import annotations

import importlib

from potentia.errors import known_name, known_parameters

REGISTRY = {                              # name -> (module, class)
    "exact": ("exact", "Exact"),
    "price-taking": ("price_taking", "PriceTaking"),
    "sampled": ("sampled", "Sampled"),
    "published-congestion": ("published_congestion", "PublishedCongestion"),
    "published-distancing": ("published_distancing", "PublishedDistancing"),
}


def names() -> list[str]:
    """The registered oracles."""
    return sorted(REGISTRY)


def load(name: str) -> type:
    """The class of a registered oracle."""
    module, cls = REGISTRY[known_name(name, REGISTRY, "oracle")]
    return getattr(importlib.import_module(f"potentia.oracles.{module}"), cls)


def __getattr__(name: str) -> type:
    for key, (_, cls) in REGISTRY.items():
        if cls == name:
            return load(key)
    raise AttributeError(f"module 'potentia.oracles' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *(cls for _, cls in REGISTRY.values())])


def make(name: str, /, **parameters: object):
    """The oracle of that name, e.g. `make("sampled", episodes=20, horizon=20)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    cls = load(name)
    known_parameters(cls, parameters, name)
    return cls(**parameters)
