"""Directories that appear whole or not at all, and are never taken from others."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from potentia.errors import InputError, NotWrittenError
from potentia.io import drafts
from potentia.io.read import read_json
from potentia.io.versions import placed, steady


class Mark(NamedTuple):
    """What tells a directory of ours: a JSON file `name` whose object says "format": `format`."""

    name: str
    format: str


@contextmanager
def whole_directory(target: Path, own: Collection[str], mark: Mark) -> Iterator[Path]:
    """Yield a temporary directory beside `target`, which takes its name if the body succeeds.

    An existing directory is replaced only if `refuse_foreign` takes it for one of ours, and in one
    step (see `io.versions`). What killed writers left is deleted. Raises InputError for anything
    else that is in the way.
    """
    target = target.resolve()
    refuse_foreign(target, own, mark)
    with cannot_write(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with drafts.draft_of(target, own) as folder:
            yield folder
            for file in folder.iterdir():
                _flush(file)
            placed(folder, target, lambda place: _refuse_others(place, target, own, mark))
            _flush_names(target.parent)
        drafts.clean(target, own)


def refuse_foreign(target: Path, own: Collection[str], mark: Mark) -> None:
    """Raise InputError unless `target` is missing, an empty directory, or one that may be deleted
    and replaced.

    It may be if it holds nothing but regular files named in `own`, and the JSON file `mark.name`
    among them says "format": `mark.format`: names alone do not tell whose files they are.
    """
    with cannot_write(target):
        _refuse_others(target, target, own, mark)


def _refuse_others(place: Path, target: Path, own: Collection[str], mark: Mark) -> None:
    """Raise InputError unless what lies at `place`, and is called `target`, may be replaced."""
    try:
        mode = place.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if not stat.S_ISDIR(mode):
        raise InputError(f"{target} is in the way: a directory was expected there, not a file")
    if foreign := steady(place, lambda folder: _first_foreign(folder, own, mark)):
        raise InputError(f"{target} holds {foreign!r} of other origin, so it is not a saved run "
                         f"and is not replaced; give another directory")


def _first_foreign(folder: Path, own: Collection[str], mark: Mark) -> str:
    """The name of a file that is not ours; "" if there is none."""
    entries = sorted(folder.iterdir())
    foreign = [entry.name for entry in entries
               if entry.name not in own or entry.is_symlink() or not entry.is_file()]
    if not foreign and entries and not _is_marked(folder, mark):
        foreign = [mark.name if (folder / mark.name).exists() else entries[0].name]
    return foreign[0] if foreign else ""


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
        probe = drafts.beside(existing / "probe")
        probe.mkdir()
        probe.rmdir()


@contextmanager
def cannot_write(target: Path) -> Iterator[None]:
    """Turn what the system refuses into an InputError that names the target."""
    try:
        yield
    except OSError as error:
        # Not by `Path`, which raises where the name is too long to be looked at.
        if os.path.islink(target) and not os.path.exists(target):
            raise InputError(f"cannot write {target}: it is a link to {target.readlink()}, which "
                             f"is not there") from None
        raise InputError(f"cannot write {target}: {error.strerror or error}") from None


@contextmanager
def keeping(found: object, target: Path) -> Iterator[None]:
    """Turn what cannot be written into a NotWrittenError that has what was found."""
    try:
        with cannot_write(target):
            yield
    except InputError as error:
        raise NotWrittenError(str(error), found) from None


def refuse_no_file(path: Path) -> None:
    """Raise InputError unless a file can be written there, in a directory that exists."""
    with cannot_write(path):
        if path.is_dir():
            raise InputError(f"{path} is a directory, but a file is to be written")
        if path.exists() and not path.is_file():
            raise InputError(f"cannot write {path}: it is no file, but a pipe or a device")
        if not path.parent.is_dir():
            raise InputError(f"cannot write {path}: there is no directory {path.parent}")
    refuse_unwritable(path.parent)


def _flush(file: Path) -> None:
    """Have the contents on disk before the name: a crash must not leave a named, empty file."""
    with open(file, "rb") as handle:
        os.fsync(handle.fileno())


def _flush_names(directory: Path) -> None:
    """Have the new name on disk before the old files are deleted, where a directory can be
    flushed."""
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
