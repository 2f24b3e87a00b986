"""What is wrong around a command when something unforeseen was raised, in one line."""

from __future__ import annotations

import contextlib
import errno
import os
import sys

from potentia.errors import one_line, shown

# What the system answers where a stream cannot take any more.
FULL = (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT)


def unwritable(error: Exception) -> str:
    """That the standard output cannot be written, which then leads nowhere; "" if it is not that.

    What a file refuses is told of where it is written (`io.directories`), and names the file.
    """
    if not isinstance(error, OSError) or error.filename is not None or error.errno not in FULL:
        return ""
    with contextlib.suppress(OSError, ValueError):      # ValueError: a stream without a number
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return f"the standard output cannot be written: {error.strerror}"


def broken(error: Exception) -> str:
    """Which part of the surroundings does not work; "" if all do."""
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return f"{shown(error.filename)} is too long for the name of a file"
    if isinstance(error, MemoryError):
        return f"it does not fit in memory: {one_line(error)}"
    try:
        os.getcwd()
    except OSError:
        return "the working directory is not there any more: change to another one"
    return _lacking_device()


def _lacking_device() -> str:
    """That JAX finds nothing to compute on."""
    if "jax" not in sys.modules:
        return ""
    import jax
    try:
        jax.devices()
    except Exception as error:
        asked = os.environ.get("JAX_PLATFORMS", "")
        reason = one_line(error) or "none that is installed"
        return f"JAX finds no device for JAX_PLATFORMS={shown(asked)}: {reason}"
    return ""
