"""Directories of which every reader sees one version, whole: the old one or the new one.

A directory is written beside its target, as a draft, and both then change names in one step
(`exchange`). So at any moment there is a whole version under the name, also if the writer is killed
at the next. What was there before is then deleted; but a reader may have begun with it. A reader
therefore opens the directory first, and all its files through that one handle: they are of one
version, since a version never changes, and opened files can be read after they are deleted. If
the old one was being deleted just then, the name leads to another directory, and it opens that.

Why so: a directory stays what a user can look into, copy, move and pack, with plain files in it. A
pointer to versions, a link or a file, would not be followed by a copy, or would leave versions
within; files named by their content would take `flows.csv` its name.

Where names cannot be exchanged (NFS, FAT, Windows), what was there is set aside first. In between,
and for ever after a kill there, it is what is set aside that readers take, and the next writer
deletes it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple, TypeVar

from potentia.errors import InputError
from potentia.io import drafts
from potentia.io.exchange import exchanged
from potentia.io.read import AT_ONCE, regular

Found = TypeVar("Found")
WAIT, PATIENCE = 0.001, 60.0       # seconds: for a writer that is putting its own version there
OCCUPIED = {errno.ENOTEMPTY, errno.EEXIST}


class Version(NamedTuple):
    """Files of one version of a directory, opened, by name."""

    directory: Path
    files: dict[str, BufferedReader]

    def file(self, name: str) -> BufferedReader:
        """The file of that name. Raises InputError if there is none."""
        if name not in self.files:
            raise InputError(f"{self.directory / name} does not exist")
        return self.files[name]


@contextmanager
def opened(directory: Path, names: Collection[str]) -> Iterator[Version]:
    """Yield those of the named files that are there, all of one version.

    Raises InputError for a file that cannot be opened.
    """
    with contextlib.ExitStack() as held:
        files = None
        while files is None:
            files = _opened(directory, names, held)
        yield Version(directory, files)


def steady(directory: Path, look: Callable[[Path], Found]) -> Found | None:
    """What `look` finds in a directory; it looks again if another version came meanwhile. None
    where there is nothing."""
    while True:
        with contextlib.ExitStack() as held:
            try:
                handle = os.open(directory, os.O_RDONLY)
            except FileNotFoundError:
                return None
            held.callback(os.close, handle)
            try:
                found = look(directory)
            except FileNotFoundError:
                if _is_there(handle, directory):
                    raise
                continue
            if _is_there(handle, directory):
                return found


def placed(folder: Path, target: Path, check: Callable[[Path], None]) -> None:
    """Put `folder`, a draft of `target`, in its place; what was there then has the draft's name, or
    one that `drafts.clean` deletes.

    check: raises for a directory that must not be replaced; then it is put back.
    """
    ends = time.monotonic() + PATIENCE
    while not _moved_in(folder, target):
        with contextlib.ExitStack() as held, contextlib.suppress(FileNotFoundError):
            # Lest another writer takes what was there for a dead one's, and deletes what we check.
            if drafts.locked(target, held) is not False:
                check(target)
                if exchanged(folder, target):
                    return _put_back_unless_checked(folder, target, check)
                if _set_aside(folder, target, check):
                    return None
        if time.monotonic() > ends:
            raise InputError(f"{target} is locked by another process, so it is not replaced")
        time.sleep(WAIT)
    return None


def _moved_in(folder: Path, target: Path) -> bool:
    """Rename the folder, if nothing is there, or an empty directory."""
    try:
        os.rename(folder, target)
    except OSError as error:
        if error.errno not in OCCUPIED:
            raise
        return False
    return True


def _set_aside(folder: Path, target: Path, check: Callable[[Path], None]) -> bool:
    """Set aside what is there, and move in; False if another writer was faster with that."""
    old = drafts.beside(target, drafts.OLD)
    os.rename(target, old)
    try:
        check(old)
        return _moved_in(folder, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.rename(old, target)
        raise


def _put_back_unless_checked(folder: Path, target: Path, check: Callable[[Path], None]) -> None:
    """Somebody may have put a file there between the check and the exchange."""
    try:
        check(folder)
    except BaseException:
        exchanged(folder, target)
        raise


def _opened(directory: Path, names: Collection[str],
            held: contextlib.ExitStack) -> dict[str, BufferedReader] | None:
    """The files; None if they were replaced just now."""
    if os.open not in os.supports_dir_fd:
        return _files(names, held, lambda name, flags: os.open(directory / name, flags), directory)
    for place in _places(directory):
        try:
            handle = os.open(place, os.O_RDONLY)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise InputError(f"cannot read {directory}: {error.strerror or error}") from None
        held.callback(os.close, handle)
        files = _files(names, held,
                       lambda name, flags, at=handle: os.open(name, flags, dir_fd=at), directory)
        return files if _is_there(handle, place) else None
    return None if drafts.is_known(directory.resolve()) else {}


def _places(directory: Path) -> Iterator[Path]:
    yield directory
    yield from drafts.set_aside(directory.resolve())


def _files(names: Collection[str], held: contextlib.ExitStack,
           opener: Callable[[str, int], int], directory: Path) -> dict[str, BufferedReader]:
    files = {}
    for name in names:
        try:
            files[name] = regular(held.enter_context(_file(name, opener)),
                                  directory / name)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise InputError(
                f"cannot read {directory / name}: {error.strerror or error}") from None
    return files


def _file(name: str, opener: Callable[[str, int], int]) -> BufferedReader:
    return open(name, "rb", opener=lambda path, flags: opener(path, flags | AT_ONCE))


def _is_there(handle: int, place: Path) -> bool:
    """Whether the opened directory still has that name; it cannot be another one of the same
    number, since an open one keeps its number."""
    try:
        return os.path.samestat(os.fstat(handle), place.stat())
    except FileNotFoundError:
        return False
