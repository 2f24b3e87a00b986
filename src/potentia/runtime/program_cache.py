"""Compiled programs that outlive the process: the second command of a kind need not compile.

JAX keeps such a cache itself, but believes what it reads: an entry that was cut off warns in every
run and is never replaced, and another program under the right name is run. What is kept here is
sealed: the digest of a file is of its key, of the machine and of the program, and what does not
match is deleted and compiled again. A seal tells accidents; whoever may write to the folder may run
code as its owner, so that it must be the user's alone.

JAX has no public place for another cache (0.10), so that this one is put where JAX keeps its own;
where that place is not found, nothing is kept.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import os
import platform
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import platformdirs
from jaxlib.version import __version__ as jaxlib_version
from jaxlib.xla_client import DeviceList

from potentia.console.log import LOG

LIMIT = 500_000_000               # bytes; what was used least recently goes first
DIGEST = hashlib.sha256().digest_size
ENTRY, DRAFT = ".program", ".draft"
PLACE = "jax._src.compilation_cache"      # where JAX keeps its own
OLD = 3600.0                      # seconds after which a draft is that of a killed process


def keep_programs() -> Path | None:
    """From here on, keep this process's compiled programs in the user's cache folder, and take them
    from there. The folder; None where nothing is kept, because JAX was given a cache of its own, or
    with a note why."""
    if jax.config.values["jax_compilation_cache_dir"] is not None:
        return None
    folder = platformdirs.user_cache_path("potentia") / "programs"
    # Who has no home has it at "~", which would be made where the command runs.
    reason = _refused(folder) if folder.is_absolute() else "there is no home folder"
    if not reason and not _installed(SealedCache(folder)):
        reason = "this JAX has no place for it"
    if reason:
        LOG.info("compiled programs are not kept: %s", reason)
    return None if reason else folder


def installed() -> SealedCache | None:
    """The cache that JAX was given here; None where nothing is kept."""
    held = getattr(sys.modules.get(PLACE), "_cache", None)
    return held if isinstance(held, SealedCache) else None


def program(key: str) -> Callable[[list[jax.Array]], list[jax.Array]] | None:
    """The program that JAX keeps under its own key, loaded onto the first device; None where it is
    no longer there. Raises AttributeError or ImportError where JAX has no place for it."""
    # Who lowers a function makes ready what it may call.
    importlib.import_module("jax._src.lax.linalg").initialize_lapack()
    first = jax.devices()[:1]
    read = importlib.import_module(PLACE).get_executable_and_time
    held, _ = read(key, None, first[0].client, DeviceList(tuple(first)))
    made = importlib.import_module("jax._src.array").ArrayImpl
    return None if held is None else functools.partial(_run, held.execute_sharded, made)


def _run(execute: Callable[[list[jax.Array]], Any], made: Callable[..., jax.Array],
         data: list[jax.Array]) -> list[jax.Array]:
    """What a loaded program answers, as `jax.jit` returns it: free to go to any device."""
    return [made(array.aval, array.sharding, [array], committed=False)
            for array, in execute(data).disassemble_into_single_device_arrays()]


class SealedCache:
    """Programs by JAX's keys, a file each. It fails no command: what cannot be read is compiled,
    what cannot be written is not kept.

    folder: of the files.
    """

    def __init__(self, folder: Path):
        self._path = self.folder = folder
        self.swept = False
        self._watching = threading.local()      # programs are compiled in several threads at once

    @contextlib.contextmanager
    def watched(self) -> Iterator[list[str]]:
        """The keys that this thread asks for meanwhile."""
        self._watching.keys = keys = []
        try:
            yield keys
        finally:
            del self._watching.keys

    def get(self, key: str) -> bytes | None:
        """The program of that key, or None."""
        if (keys := getattr(self._watching, "keys", None)) is not None:
            keys.append(key)
        path = self.folder / _name(key)
        try:
            held = _read(path)
            if held[:DIGEST] == self._seal(key, held[DIGEST:]):
                with contextlib.suppress(OSError):      # a folder may be there to read from alone
                    os.utime(path)
                return held[DIGEST:]
        except FileNotFoundError:
            return None
        except (OSError, MemoryError) as error:
            LOG.debug("a compiled program was not read: %s", error)
            return None
        LOG.info("a compiled program was damaged, and is compiled again")
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        return None

    def put(self, key: str, value: bytes) -> None:
        """Keep a program, whole or not at all."""
        try:
            self._sweep()
            self._write(_name(key), self._seal(key, value) + value)
        except (OSError, MemoryError) as error:
            LOG.debug("a compiled program was not kept: %s", error)

    def _write(self, name: str, held: bytes) -> None:
        number, draft = tempfile.mkstemp(suffix=DRAFT, dir=self.folder)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(held)
            os.replace(draft, self.folder / name)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(draft).unlink(missing_ok=True)
            raise

    def _seal(self, key: str, value: bytes) -> bytes:
        return hashlib.sha256(f"{key}\0{self._made_on}\0".encode() + value).digest()

    @functools.cached_property
    def _made_on(self) -> str:
        return _machine()

    def _sweep(self) -> None:
        """Once a process: delete drafts of killed processes, and what is beyond the limit, down to
        half of it."""
        if self.swept:
            return
        self.swept = True
        held = sorted(_files(self.folder), reverse=True)
        total = sum(size for _, size, _ in held)
        kept = 0
        for used, size, path in held:
            kept += size
            draft = path.endswith(DRAFT) and used < time.time() - OLD
            if draft or (total > LIMIT and kept > LIMIT // 2):
                with contextlib.suppress(OSError):
                    Path(path).unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[tuple[float, int, str]]:
    """When each of our files was used last, its bytes and its path. What others put there is left
    alone, and another command may delete any meanwhile."""
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            if entry.name.endswith((ENTRY, DRAFT)) and entry.is_file(follow_symlinks=False):
                found = entry.stat()
                yield found.st_mtime, found.st_size, entry.path


def _read(path: Path) -> bytes:
    """A file whole. Raises OSError for one that is none, such as a pipe, which would never end, and
    for one that is larger than any program."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_size > LIMIT:
            raise OSError(f"{path} is no program")
        return file.read()


def _name(key: str) -> str:
    """Keys may be longer than a file's name, and differ in capitals alone."""
    return hashlib.sha256(key.encode()).hexdigest() + ENTRY


def _machine() -> str:
    """What a program was compiled for: a home folder may be shared by machines of several kinds."""
    return f"{platform.machine()} {jaxlib_version} {_processor()}"


def _processor() -> str:
    """What the processor can do, as Linux lists it; elsewhere its name."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    return next((line for line in lines if line.startswith(("flags", "Features"))),
                platform.processor())


def _refused(folder: Path) -> str:
    """Why that folder will not do, or "": it is made, or it is the user's alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        return f"{folder}: {error.strerror}"
    if not stat.S_ISDIR(found.st_mode):
        return f"{folder} is a link"
    if sys.platform != "win32" and (found.st_uid != os.getuid() or found.st_mode & 0o077):
        return f"others may write to {folder} or read it: chmod 700, if it is yours"
    return ""


def _installed(cache: SealedCache) -> bool:
    """Whether JAX uses that cache from now on. Its keys must not hold the folder's path, and it
    must keep what compiles quickly too: a command has a hundred small programs."""
    try:
        place: Any = importlib.import_module(PLACE)
    except ImportError:
        return False
    if not (hasattr(place, "_cache") and hasattr(place, "_cache_initialized")):
        return False
    jax.config.update("jax_persistent_cache_enable_xla_caches", "none")
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_compilation_cache_dir", str(cache.folder))
    place.reset_cache()
    place._cache, place._cache_initialized = cache, True
    return True
