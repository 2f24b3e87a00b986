"""Two directories that change names in one step, where the system can do that."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path
from typing import Any

HERE = {"linux": -100, "darwin": -2}            # AT_FDCWD: a path is taken as it stands
# Of renameat2 (Linux: RENAME_EXCHANGE) and renameatx_np (macOS: RENAME_SWAP).
EXCHANGE = 2
# What the call says where the kernel or the file system (NFS, FAT, ...) has no such thing.
CANNOT = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


def exchanged(one: Path, other: Path) -> bool:
    """Let `one` and `other`, which both exist, change names in one step.

    False where system or file system cannot, and nothing was done. Raises OSError, naming `other`,
    if they refuse.
    """
    call = _call()
    if call is None:
        return False
    here = HERE[sys.platform]
    if call(here, os.fsencode(one), here, os.fsencode(other), EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _call() -> Any:
    """The system's function, which takes the same arguments on both; None where there is none."""
    if sys.platform not in HERE:
        return None
    library = ctypes.CDLL(None, use_errno=True)
    try:
        found = library.renameat2 if sys.platform == "linux" else library.renameatx_np
    except AttributeError:                      # a C library older than the call
        return None
    found.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return found
