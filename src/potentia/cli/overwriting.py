"""No output of a command takes the place of what it reads, or of another output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path


def refuse_overwriting(read: Iterable[Path | None], written: Mapping[str, Path | None]) -> None:
    """Raise InputError naming an output of `written`, by its option, that is a file of `read`, or
    another output, by whatever path; None stands for nothing."""
    from potentia.errors import InputError
    inputs = [path for path in read if path is not None]
    before: dict[str, Path] = {}
    for option, path in written.items():
        if path is None:
            continue
        for each in inputs:
            if _is_same(path, each):
                raise InputError(f"{option} {path} would replace {each}, which the command reads: "
                                 f"give another path")
        for other, taken in before.items():
            if _is_same(path, taken):
                raise InputError(f"{other} and {option} are both {path}: give each a path of its "
                                 f"own")
        before[option] = path


def _is_same(one: Path, other: Path) -> bool:
    """Whether they are one file, by whatever names."""
    if one.resolve() == other.resolve():
        return True
    return one.exists() and other.exists() and one.samefile(other)

