"""Other people's packages, which may not be there."""

from __future__ import annotations

import importlib
from typing import Any

from potentia.errors import InputError, one_line


def package(name: str, extra: str) -> Any:
    """The package, or the module of a package, of that name; extra: what installs it.

    Raises InputError where it is not installed, or cannot be loaded.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not name.startswith(error.name):
            raise _broken(name, error) from None
        raise InputError(f"pt.bridges.{extra} needs {name.partition('.')[0]}, which is not "
                         f"installed: pip install 'potentia[{extra}]'") from None
    except ImportError as error:
        raise _broken(name, error) from None


def _broken(name: str, error: ImportError) -> InputError:
    return InputError(f"{name} cannot be loaded: {one_line(error)}")
