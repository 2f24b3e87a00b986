"""What code names: the globals and the modules that it may read."""

from __future__ import annotations

import dis
import sys
import types
from collections.abc import Iterator
from typing import Any

IMPORT = dis.opmap["IMPORT_NAME"]


def names_in(code: types.CodeType) -> tuple[str, ...]:
    """All names of globals, attributes and modules in the code, and in functions inside it."""
    return tuple(sorted(set(_names(code))))


def _names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def globals_read(names: tuple[str, ...], space: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Globals of these names; not what the module says of itself, such as `__name__`."""
    return ((name, space[name]) for name in names
            if name in space and not (name.startswith("__") and name.endswith("__")))


def modules_imported(code: types.CodeType, space: dict[str, Any]) -> Iterator[types.ModuleType]:
    """Loaded modules that the code imports, by their own names or from a package around."""
    around, package = [""], str(space.get("__package__") or "")
    while package:
        around.append(f"{package}.")
        package = package.rpartition(".")[0]
    for name in sorted(set(_imports(code))):
        for prefix in around:
            module = sys.modules.get((prefix + name).rstrip("."))
            if module is not None:
                yield module


def _imports(code: types.CodeType) -> Iterator[str]:
    if IMPORT in code.co_code[::2]:
        yield from (each.argval for each in dis.get_instructions(code) if each.opcode == IMPORT)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _imports(constant)


def held_code(code: types.CodeType) -> str:
    """All of the code but its constants, and where in a file it stands."""
    table = getattr(code, "co_exceptiontable", b"")
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    return f"{code.co_code.hex()} {table.hex()} {counts} {code.co_names} {code.co_freevars}"
