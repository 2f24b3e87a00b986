"""What the files of arrays say of their sizes, checked before anything is unpacked: an archive of
some megabytes can claim more than a machine holds."""

from __future__ import annotations

import dataclasses
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
# What npz archives are packed by, and how many bytes one of it can hold: 258 in two bits.
PACKED = {zipfile.ZIP_STORED: 1, zipfile.ZIP_DEFLATED: 1032}


@dataclasses.dataclass(frozen=True)
class Claim:
    """What the header of an array says."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


def check_archive(file: BinaryIO, path: Path) -> dict[str, Claim]:
    """What the arrays of an npz archive claim. Refuses one that is none, is too large unpacked, or
    whose arrays do not have the sizes that they claim, or cannot have them, packed as they are;
    leaves the file at its beginning. Unpacks no more than their headers.

    Raises InputError for what is too large; for what is damaged, ValueError with the reason, or
    what zipfile and NumPy raise.
    """
    if not _begins(file, ARCHIVE):
        raise ValueError("it does not begin as one")
    total, found = 0, {}
    with zipfile.ZipFile(file) as archive:
        _check_packed(archive.infolist(), os.fstat(file.fileno()).st_size)
        for member in archive.infolist():
            name = member.filename.removesuffix(".npy")
            total += member.file_size
            what = _array(member)
            if name in found:
                raise ValueError(f"{what} is there twice")
            _refuse_large(member.file_size, ARRAY_GB, f"{path}: {what}")
            _refuse_large(total, ARCHIVE_GB, f"{path}: its arrays together")
            with archive.open(member) as content:
                found[name] = _check_array(content, member.file_size, what)
    file.seek(0)
    return found


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


def _array(member: zipfile.ZipInfo) -> str:
    return f"the array {shown(member.filename.removesuffix('.npy'))}"


def _check_packed(members: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse arrays that are larger than so many packed bytes can hold, or share these in a file of
    this size."""
    for member in members:
        if member.compress_type not in PACKED:
            raise ValueError(f"{_array(member)} is packed by another method than those of npz "
                             f"archives")
        if member.file_size > PACKED[member.compress_type] * member.compress_size:
            raise ValueError(f"{_array(member)} claims {member.file_size:,} bytes, which its "
                             f"{member.compress_size:,} packed ones cannot hold")
    if (packed := sum(member.compress_size for member in members)) > size:
        raise ValueError(f"its arrays claim {packed:,} packed bytes, but the file has {size:,}")


def _check_array(content: IO[bytes], size: int, what: str) -> Claim:
    """What an array's header claims; refuses another size than there is."""
    head = io.BytesIO(content.read(LONGEST_HEADER))
    version = np.lib.format.read_magic(head)
    read = (np.lib.format.read_array_header_1_0 if version == (1, 0)
            else np.lib.format.read_array_header_2_0)
    shape, _, dtype = read(head)
    if dtype.hasobject:
        raise ValueError(f"{what} holds Python objects, which are never read")
    if any(length < 0 for length in shape):
        raise ValueError(f"{what} has the shape {shown(shape)}")
    claim, there = Claim(shape, dtype), size - head.tell()
    if claim.size != there:
        raise ValueError(f"{what} claims {claim.size:,} bytes, but holds {there:,}")
    return claim


def _refuse_large(size: int, limit: float, what: str) -> None:
    limit = min(limit * 1e9, physical_memory() / 2)
    if size > limit:
        raise InputError(f"{what} would take {size / 1e6:,.0f} MB unpacked, but the limit is "
                         f"{limit / 1e6:,.0f} MB")
