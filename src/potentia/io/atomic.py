"""Files that are whole or not there: written beside their place, then renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from potentia.errors import InputError


def write_bytes(path: Path, content: bytes) -> None:
    """Replace `path` by a file with this content, in one step; if killed, leave a draft,
    `.NAME.*.part`, at most.

    Raises InputError for a pipe or a device, whose place the file would take.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f"cannot write {path}: it is no file, but a pipe or a device")
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; a result is as readable as any other file.
        mask = os.umask(0)
        os.umask(mask)
        Path(draft).chmod(0o666 & ~mask)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def write_text(path: Path, content: str) -> None:
    """Replace `path` by a text file with this content, in one step."""
    write_bytes(path, content.encode())
