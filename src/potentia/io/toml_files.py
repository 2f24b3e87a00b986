"""Files in TOML, whole."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from potentia.errors import InputError, one_line
from potentia.io.read import read_bytes


def read_toml(file: Path) -> dict[str, Any]:
    """What a TOML file says. Raises InputError naming the file, and the line where it is none."""
    try:
        return tomllib.loads(read_bytes(file).decode("utf-8-sig"))
    except InputError:
        raise
    except RecursionError:
        raise InputError(f"{file} is nested too deeply to be read") from None
    except ValueError as error:          # of numbers with thousands of digits, too
        raise InputError(f"{file} is no TOML file: {one_line(error, 120)}") from None
