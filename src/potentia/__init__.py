"""Potentia: Markov potential games. Define a game, let agents learn independently, get a certificate."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PACKAGES = ("equilibria", "games", "io", "oracles", "potential", "rules", "theory", "welfare")
_NAMES = {                                # public name -> module that defines it
    "Exact": "potentia.oracles.exact",
    "InputError": "potentia.errors",
    "MarkovGame": "potentia.games.tabular",
    "CongestionGame": "potentia.games.congestion",
    "LoadGame": "potentia.games.load_driven",
    "AnonymousGame": "potentia.games.anonymous",
    "RoutingGame": "potentia.games.routing",
    "Result": "potentia.result",
    "Sampled": "potentia.oracles.sampled",
    "Status": "potentia.result",
    "cost": "potentia.games.effort",
    "certify": "potentia.certificates.equilibrium",
    "compare": "potentia.comparison",
    "load": "potentia.io.runs",
    "save": "potentia.io.runs",
    "solve": "potentia.loop",
}

_MODULES = {"link_costs": "potentia.games.link_costs"}

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
