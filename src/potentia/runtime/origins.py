"""Whose a module is: a user's own, a library's, or Python's."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path
from typing import Literal

Origin = Literal["user", "library", "python"]
INSTALLED = {"site-packages", "dist-packages"}
STANDARD = Path(sysconfig.get_path("stdlib"))


def origin_of(module: object) -> Origin:
    """Whose the module of this name is. One that nothing is known of is a user's: a notebook's, or
    made by `exec`."""
    root = root_of(module)
    if root == "potentia":
        return "library"
    loaded = sys.modules.get(root)
    if root == "__main__" or loaded is None:
        return "user"
    places = [loaded.__file__] if getattr(loaded, "__file__", None) else [
        *getattr(loaded, "__path__", ())]                       # a package of many directories
    paths = [Path(place) for place in places if isinstance(place, str)]
    if any(INSTALLED & set(path.parts) for path in paths):
        return "library"
    standard = (root in sys.stdlib_module_names if not paths
                else any(path.is_relative_to(STANDARD) for path in paths))
    return "python" if standard else "user"


def root_of(module: object) -> str:
    """The name of the outermost package."""
    return module.partition(".")[0] if isinstance(module, str) else ""
