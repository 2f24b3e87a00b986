"""Potentia: Markov potential games. Define a game, let agents learn independently, get a certificate."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PACKAGES = ("equilibria", "games", "io", "oracles", "potential", "rules", "theory", "welfare")
_NAMES = {                                # public name -> module that defines it
    "Exact": "potentia.oracles.exact",
    "InputError": "potentia.errors",
    "MarkovGame": "potentia.games.tabular.game",
    "CongestionGame": "potentia.games.congestion.game",
    "LoadGame": "potentia.games.load_driven.game",
    "AnonymousGame": "potentia.games.symmetric.game",
    "RoutingGame": "potentia.games.roads.game",
    "Result": "potentia.result",
    "Sampled": "potentia.oracles.sampled",
    "Status": "potentia.result",
    "cost": "potentia.games.estimate",
    "certify": "potentia.certificates.equilibrium",
    "compare": "potentia.welfare.comparison",
    "load": "potentia.io.runs",
    "save": "potentia.io.runs",
    "solve": "potentia.learning.solver",
}

_MODULES = {"link_costs": "potentia.games.roads.link_costs"}

__all__ = [*_PACKAGES, *_MODULES, *_NAMES]           # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    """Public names are loaded when first used: `import potentia` alone imports neither JAX nor Matplotlib."""
    if name in _PACKAGES:
        return importlib.import_module(f"potentia.{name}")
    if name in _MODULES:
        return importlib.import_module(_MODULES[name])
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'potentia' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(["__version__", *__all__])
