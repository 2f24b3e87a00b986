"""Folders that are written beside their target, and what killed writers left of theirs.

    .NAME.*.part     a draft of NAME; once it has changed names with NAME, what was there before
    .NAME.*.old      what was there before, where names cannot be exchanged in one step

A writer holds a lock on its draft for as long as it writes; the system lets go of it when the
process ends, killed or not. So the next writer knows whose drafts are nobody's any more, and
deletes those. Where nothing can be locked it leaves them.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:             # where there is none, nothing can be locked
    fcntl = None

DRAFT, OLD = "part", "old"


@contextmanager
def draft_of(target: Path, own: Collection[str]) -> Iterator[Path]:
    """Yield a new folder beside `target`, held as ours; in the end what is then called so is
    deleted: a draft that came to nothing, or what it has replaced.

    own: the names of files that may be deleted.
    """
    with contextlib.ExitStack() as held:
        folder = _made(target, held)
        try:
            yield folder
        finally:
            discard(folder, own)


def set_aside(target: Path) -> list[Path]:
    """What a writer, living or killed, has taken from the place of `target`, the latest first."""
    found = []
    for path in _siblings(target, OLD):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(found, reverse=True)]


def is_known(target: Path) -> bool:
    """Whether `target` is there, or what was set aside for it: by one look at all names, between
    which nothing can go from one to the other."""
    try:
        names = os.listdir(target.parent)
    except OSError:
        return False
    return target.name in names or any(map(_named(target, OLD).fullmatch, names))


def beside(target: Path, kind: str = DRAFT) -> Path:
    """A name beside `target` that nobody has."""
    return target.with_name(f".{target.name}.{secrets.token_hex(6)}.{kind}")


def locked(folder: Path, held: contextlib.ExitStack) -> bool | None:
    """Lock the folder until `held` ends. False if another has it, or it is gone by then; None where
    nothing can be locked."""
    if fcntl is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
        held.callback(os.close, handle)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(handle), folder.stat())
    except (BlockingIOError, FileNotFoundError):
        return False
    except OSError:
        return None


def clean(target: Path, own: Collection[str]) -> None:
    """Delete what killed writers of `target` left beside it. Only when `target` is in its place:
    until then the latest of what was set aside is all there is."""
    for folder in _siblings(target, DRAFT, OLD):
        with contextlib.ExitStack() as held:
            if locked(folder, held):
                discard(folder, own)


def discard(folder: Path, own: Collection[str]) -> None:
    """Delete a folder of files named in `own`; nothing of it if there is anything else, or what
    cannot be deleted."""
    with contextlib.suppress(OSError):
        if all(_is_own(file.name, own) for file in folder.iterdir()):
            if folder.suffix == f".{OLD}":         # what is called so is whole, for readers
                os.rename(folder, folder := folder.with_suffix(f".{DRAFT}"))
            files = list(folder.iterdir())
            for file in files:
                file.unlink(missing_ok=True)
            folder.rmdir()


def _is_own(name: str, own: Collection[str]) -> bool:
    """Whether a file is one of ours, or a draft of one (`io.atomic`)."""
    draft = re.fullmatch(r"\.(.+)\.\w+\.part", name)
    return name in own or (draft is not None and draft[1] in own)


def _siblings(target: Path, *kinds: str) -> list[Path]:
    try:
        names = os.listdir(target.parent)
    except OSError:
        return []
    ours = _named(target, *kinds)
    return [target.with_name(name) for name in names if ours.fullmatch(name)]


def _named(target: Path, *kinds: str) -> re.Pattern[str]:
    return re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{12}}\.({'|'.join(kinds)})")


def _made(target: Path, held: contextlib.ExitStack) -> Path:
    """A new folder, locked. Another writer may take it for a dead one's before it is locked, and
    delete it: then another."""
    while True:
        folder = beside(target)
        folder.mkdir()
        if locked(folder, held) is not False:
            return folder
