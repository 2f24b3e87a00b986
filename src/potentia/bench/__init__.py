"""Benchmarks: figures measured in one process, each a ratio with its limit beside it where there is
one.

A benchmark is one file with a function `measure(asked, ...)` that returns figures; its docstring's
first line says what it measures. What it is measured against belongs to it and is timed in turns
with it. Implementations by others (`peers`) are no part of the package: they live in
`benchmarks/peers` of a checkout.
"""

from __future__ import annotations

from types import ModuleType

from potentia.registry import Registry

# In the order in which they run: first what explains the rest, last what takes longest.
REGISTRY = Registry("benchmark", "potentia.bench", {name: name for name in (
    "machine", "product", "starts", "commands", "enumeration", "checks", "tabular", "published",
    "playing", "training", "growth", "large", "analysis", "roads", "opening", "homotopy",
    "device")})


def module(name: str) -> ModuleType:
    """The file of a benchmark."""
    return REGISTRY.module(name)
