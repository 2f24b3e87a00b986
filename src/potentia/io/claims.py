"""What the files of arrays say of their sizes, checked before anything is unpacked: an archive of
some megabytes can claim more than a machine holds."""

from __future__ import annotations

import io
import math
import os
import zipfile
from pathlib import Path
from typing import IO, BinaryIO

import numpy as np

from potentia.errors import InputError, shown
from potentia.games.limits import LIMIT_GB
from potentia.runtime.memory import physical_memory

ARRAY_GB, ARCHIVE_GB = LIMIT_GB, 2 * LIMIT_GB
ARCHIVE, ARRAY = b"PK", b"\x93NUMPY"      # what files begin with
LONGEST_HEADER = 20_000                   # characters of an array's; NumPy reads 10,000 of them


def check_archive(file: BinaryIO, path: Path) -> None:
    """Refuse an npz archive that is none, is too large unpacked, or whose arrays do not have the
    sizes that they claim; leaves the file at its beginning. Unpacks no more than their headers.

    Raises InputError for what is too large; for what is damaged, ValueError with the reason, or
    what zipfile and NumPy raise.
    """
    if not _begins(file, ARCHIVE):
        raise ValueError("it does not begin as one")
    total = 0
    with zipfile.ZipFile(file) as archive:
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            total += member.file_size
            what = f"the array {shown(name)}"
            _refuse_large(member.file_size, ARRAY_GB, f"{path}: {what}")
            _refuse_large(total, ARCHIVE_GB, f"{path}: its arrays together")
            with archive.open(member) as content:
                _check_array(content, member.file_size, what)
    file.seek(0)


def check_array(file: BinaryIO, path: Path) -> None:
    """The same of an npy file."""
    if _begins(file, ARCHIVE):
        raise InputError(f"{path} is an archive of arrays, but one array was expected")
    if not _begins(file, ARRAY):
        raise ValueError("it does not begin as one")
    size = os.fstat(file.fileno()).st_size
    _refuse_large(size, ARRAY_GB, str(path))
    _check_array(file, size, "it")
    file.seek(0)


def _begins(file: BinaryIO, sign: bytes) -> bool:
    found = file.read(len(sign))
    file.seek(0)
    return found == sign


def _check_array(content: IO[bytes], size: int, what: str) -> None:
    """Refuse an array whose header claims another size than there is."""
    head = io.BytesIO(content.read(LONGEST_HEADER))
    version = np.lib.format.read_magic(head)
    read = (np.lib.format.read_array_header_1_0 if version == (1, 0)
            else np.lib.format.read_array_header_2_0)
    shape, _, dtype = read(head)
    if dtype.hasobject:
        raise ValueError(f"{what} holds Python objects, which are never read")
    if any(length < 0 for length in shape):
        raise ValueError(f"{what} has the shape {shown(shape)}")
    claimed, there = math.prod(shape) * dtype.itemsize, size - head.tell()
    if claimed != there:
        raise ValueError(f"{what} claims {claimed:,} bytes, but holds {there:,}")


def _refuse_large(size: int, limit: float, what: str) -> None:
    limit = min(limit * 1e9, physical_memory() / 2)
    if size > limit:
        raise InputError(f"{what} would take {size / 1e6:,.0f} MB unpacked, but the limit is "
                         f"{limit / 1e6:,.0f} MB")
