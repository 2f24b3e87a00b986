"""Implementations to measure against, read from the folder `benchmarks/peers` of a checkout."""

from __future__ import annotations

import functools
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

NOT_HERE = "it needs the folder benchmarks/peers of a checkout; run at its root, or give --peers"


@functools.cache
def peer(folder: Path, name: str) -> ModuleType:
    """The module in the file `name` of the folder. Raises ImportError where it needs a package that
    is not there."""
    spec = importlib.util.spec_from_file_location(f"potentia_peers_{name}", folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = found        # numba looks up the module of what it compiles
    spec.loader.exec_module(found)
    return found
