"""Other people's packages, which may not be there."""

from __future__ import annotations

import importlib
from typing import Any

from potentia.errors import InputError, one_line


def package(name: str, extra: str, *needed: str) -> Any:
    """The package, or the module of a package, of that name; extra: what installs it. needed: what
    of it is used.

    Raises InputError where it is not installed, cannot be loaded, or lacks what is needed.
    """
    found = _loaded(name, extra)
    for part in needed:
        if not hasattr(found, part):
            raise InputError(f"{name} has no {part}, which pt.bridges.{extra} needs: it is of "
                             f"another version, or something else of that name")
    return found


def _loaded(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise _broken(name, error) from None
        raise InputError(f"pt.bridges.{extra} needs {name.partition('.')[0]}, which is not "
                         f"installed: pip install 'potentia[{extra}]'") from None
    except Exception as error:      # somebody else's code runs here
        raise _broken(name, error) from None


def _broken(name: str, error: Exception) -> InputError:
    return InputError(f"{name} cannot be loaded: {one_line(error)}")
