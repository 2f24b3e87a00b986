"""Reading files that may be missing, damaged, foreign or newer: an `InputError` names the file."""

from __future__ import annotations

import json
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from potentia.errors import InputError, one_line, shown
from potentia.io.claims import Claim, check_archive, check_array

# What NumPy and zipfile raise on truncated, altered or foreign files.
DAMAGE = (OSError, ValueError, EOFError, KeyError, RuntimeError, RecursionError, OverflowError,
          MemoryError,
          SyntaxError, NotImplementedError, zipfile.BadZipFile, zlib.error)
# Opening a pipe without it waits for somebody to write there.
AT_ONCE = getattr(os, "O_NONBLOCK", 0)
Fits = Callable[[Mapping[str, Claim], Mapping[str, np.ndarray]], None]


def as_path(value: object, name: str = "path") -> Path:
    """`value` as a path; refuses what is none, and empty text, which would stand for the current
    directory."""
    if not isinstance(value, str | os.PathLike) or not os.fspath(value) or "\0" in os.fsdecode(
            value):
        raise InputError(f"{name} is {shown(value)}, but the path of a file or directory is needed")
    return Path(os.fsdecode(value))


def read_json(path: Path) -> Any:
    """The JSON document in `path`."""
    return json_in(read_bytes(path), path)


def read_bytes(path: Path) -> bytes:
    """What a file holds; refuses what is missing, cannot be read or is no file."""
    with opened_file(path) as file:
        try:
            return file.read()
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror or error}") from None


def opened_file(path: Path) -> BufferedReader:
    """The file, opened to read. Raises InputError for what is missing, or no file: a pipe would be
    waited for for ever."""
    try:
        return regular(open(path, "rb", opener=lambda name, flags: os.open(name, flags | AT_ONCE)),
                       path)
    except FileNotFoundError:
        raise InputError(f"{path} does not exist") from None
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"cannot read {path}: {why}") from None


def regular(file: BufferedReader, path: Path) -> BufferedReader:
    """The file that was opened as `path`, which must be no pipe or device."""
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise InputError(f"cannot read {path}: it is no file, but a pipe or a device")
    return file


def json_in(content: bytes, path: Path) -> Any:
    """The JSON document that `path` holds, by its content."""
    try:
        return parse_json(content)
    except RecursionError:
        raise InputError(f"{path} is nested too deeply to be read") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except ValueError as error:
        raise InputError(f"{path} is not valid JSON: {_line(error)}") from None


def parse_json(text: str | bytes) -> Any:
    """The JSON document in `text`; InputError if an object has a key twice, of which json keeps the
    last."""
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {}
    for key, value in pairs:
        if key in found:
            raise InputError(f"the key {shown(key)} is there twice in one object")
        found[key] = value
    return found


def read_npz(path: Path, fits: Fits | None = None) -> dict[str, np.ndarray]:
    """Every array in the archive `path`, read at once so that damage shows here; fits: as of
    `npz_in`."""
    # Opened here, since np.load leaves a file open that it cannot read.
    with opened_file(path) as file:
        return npz_in(file, path, fits)


def npz_in(file: BinaryIO, path: Path, fits: Fits | None = None) -> dict[str, np.ndarray]:
    """Every array in the archive that was opened as `path`. Raises InputError naming it, before it
    is unpacked where its sizes are wrong or too large.

    fits: is shown what the arrays claim before that, and the archive, of which it may read small
        ones; it raises InputError for what is not expected.
    """
    try:
        claims = check_archive(file, path)
        with np.load(file, allow_pickle=False) as archive:
            if fits is not None:
                fits(claims, archive)
            return {name: archive[name] for name in archive.files}
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(
            f"{path} is not an npz archive of numbers, or it is damaged: {_line(error)}") from None


def read_npy(path: Path) -> np.ndarray:
    """The one array in the file `path`."""
    with opened_file(path) as file:
        try:
            check_array(file, path)
            return np.load(file, allow_pickle=False)
        except InputError:
            raise
        except DAMAGE as error:
            raise InputError(
                f"{path} is not an npy file of numbers, or it is damaged: {_line(error)}") from None


def check_format(header: Any, path: Path, expected: str, version: int) -> dict[str, Any]:
    """`header` if it is that of an `expected` file which this Potentia can read."""
    if not isinstance(header, dict) or header.get("format") != expected:
        raise InputError(
            f"{path} is not a {expected} file: its header has no \"format\": \"{expected}\"")
    found = header.get("version")
    if isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise InputError(
            f"{path} has version {shown(found)}, but a whole number from 1 to {version} was "
            f"expected")
    if found > version:
        by = f" ({one_line(header['potentia'], 30)})" if "potentia" in header else ""
        raise InputError(f"{path} was written by a newer Potentia{by}: its version is "
                         f"{shown(found)}, and this Potentia reads up to {version}")
    return header


def field(header: dict[str, Any], name: str, kinds: type | tuple[type, ...], path: Path) -> Any:
    """`header[name]`, which must be there and of one of the `kinds`."""
    if name not in header:
        raise InputError(f"{path} has no {name!r}")
    if not isinstance(header[name], kinds):
        raise InputError(
            f"{path} has {name!r} = {shown(header[name])}, which is not of the expected kind")
    return header[name]


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Put the file's name before any InputError from inside."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _line(error: BaseException) -> str:
    return one_line(str(error) or type(error).__name__)
