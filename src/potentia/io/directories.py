"""Directories that appear whole or not at all: written beside the target, then renamed."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from potentia.errors import InputError
from potentia.io.read import read_json


class Mark(NamedTuple):
    """What tells a directory of ours: a JSON file `name` whose object says "format": `format`."""

    name: str
    format: str


@contextmanager
def whole_directory(target: Path, own: Collection[str], mark: Mark) -> Iterator[Path]:
    """Yield a temporary directory beside `target`, which takes its name if the body succeeds.

    An existing directory is replaced only if `refuse_foreign` takes it for one of ours; it stays in
    its place until the new one is complete. Raises InputError for anything else that is in the way.
    """
    target = target.resolve()
    refuse_foreign(target, own, mark)
    temporary, old = _beside(target), _beside(target)
    try:
        with cannot_write(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.mkdir()
            yield temporary
            for file in temporary.iterdir():
                _flush(file)
            _put_in_place(temporary, target, old)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if target.exists():
            shutil.rmtree(old, ignore_errors=True)


def refuse_foreign(target: Path, own: Collection[str], mark: Mark) -> None:
    """Raise InputError unless `target` is missing, an empty directory, or one that may be deleted
    and replaced.

    It may be if it holds nothing but regular files named in `own`, and the JSON file `mark.name`
    among them says "format": `mark.format`: names alone do not tell whose files they are.
    """
    with cannot_write(target):
        if not target.exists():
            return
        if not target.is_dir():
            raise InputError(f"{target} is in the way: a directory was expected there, not a file")
        entries = sorted(target.iterdir())
        foreign = [entry.name for entry in entries
                   if entry.name not in own or entry.is_symlink() or not entry.is_file()]
        if not foreign and entries and not _is_marked(target, mark):
            foreign = [mark.name if (target / mark.name).exists() else entries[0].name]
    if foreign:
        raise InputError(f"{target} holds {foreign[0]!r} of other origin, so it is not a saved run "
                         f"and is not replaced; give another directory")


def _is_marked(target: Path, mark: Mark) -> bool:
    try:
        header = read_json(target / mark.name)
    except InputError:
        return False
    return isinstance(header, dict) and header.get("format") == mark.format


def refuse_unwritable(directory: Path) -> None:
    """Raise InputError unless files can be made in `directory`, or it can be made; makes nothing
    that stays."""
    directory = directory.resolve()
    with cannot_write(directory):
        existing = directory
        while not existing.exists():
            existing = existing.parent
        if not existing.is_dir():
            raise InputError(f"cannot write {directory}: {existing} is not a directory")
        probe = _beside(existing / "probe")
        probe.mkdir()
        probe.rmdir()


@contextmanager
def cannot_write(target: Path) -> Iterator[None]:
    """Turn what the system refuses into an InputError that names the target."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror or error}") from None


def _put_in_place(temporary: Path, target: Path, old: Path) -> None:
    if not target.exists():
        os.rename(temporary, target)
        return
    os.rename(target, old)
    try:
        os.rename(temporary, target)
    except BaseException:
        os.rename(old, target)
        raise


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")


def _flush(file: Path) -> None:
    """Have the contents on disk before the name: a crash must not leave a named, empty file."""
    with open(file, "rb") as handle:
        os.fsync(handle.fileno())
