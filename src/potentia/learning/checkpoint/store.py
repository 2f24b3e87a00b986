"""Checkpoints: a directory that a solve goes on from, to the same bits.

    checkpoint.json   what the solve was asked for, how its runs stand, and which files belong to it
    state-*.npz      the runs themselves; of each process that shares the solve, its own part
    updates-*.npz, checks-*.npz, snapshots-*.npz    blocks of what was recorded (see
                     `learning.history`)

A file is named by the SHA-256 of its content and never changes. The JSON file is the checkpoint: it
is replaced in one step, after all that it names is on disk, and only then is deleted what it does
not name. So there is a whole checkpoint at any moment after the first, and a process that is killed
leaves a draft, `.*.part`, at most.

Processes that share a solve write to one directory, at the same state. Each first writes its own
part; when all are on disk, the first process writes the records and then the JSON file, and the
others wait until that is done. So the parts that the file names are of one state, whoever is killed
and when.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import jax
import numpy as np

from potentia import __version__
from potentia.console.log import LOG
from potentia.errors import InputError, not_negative_number, one_line
from potentia.io.atomic import write_bytes, write_text
from potentia.io.directories import cannot_write, refuse_unwritable
from potentia.io.read import as_path, check_format, field, naming, read_json, read_npz
from potentia.io.seals import sealed
from potentia.learning.checkpoint.arrays import arrays_of, axes_of, fitting, state_of
from potentia.learning.history import Block, Log
from potentia.learning.host import SolveState
from potentia.result import Status
from potentia.runtime.collectives import agreed, all_or_none, is_first, texts_of_all

try:
    import fcntl
except ImportError:             # where there is none, nobody is kept from using a directory twice
    fcntl = None

# In 1 the fingerprint told where classes lived; before 3 the header had no seal; before 5 rows had
# no iteration.
FORMAT, VERSION = "potentia checkpoint", 5
HEADER = "checkpoint.json"
FILE = r"(state|updates|checks|snapshots)-[0-9a-f]{32}\.npz"
OURS = re.compile(rf"{FILE}|\.({FILE}|checkpoint\.json)\.\w+\.part")
NUMBERS = ("checked", "close", "snapped")      # arrays of a `SolveState` beside its state


@contextlib.contextmanager
def opened(checkpoint: object, every: object, resume: bool,
           asked: Callable[[], dict[str, str]]) -> Iterator[CheckpointStore | None]:
    """A store of checkpoints in the directory `checkpoint`, which is made if it is missing; None
    for None.

    Processes that share a solve open it together. every, resume: see `learning.solver.solve`.
    asked: gives what the solve was asked for, as texts by name.
    Raises InputError on bad settings, if the directory cannot be written, if another process keeps
    checkpoints of another solve there, or if the processes do not share it.
    """
    seconds = not_negative_number(every, "checkpoint_every")
    if checkpoint is None:
        if resume:
            raise InputError("resume needs checkpoint, the directory to go on from")
        yield None
        return
    directory = as_path(checkpoint, "checkpoint")
    with contextlib.ExitStack() as held:
        with all_or_none():
            refuse_unwritable(directory)
            with cannot_write(directory):
                directory.mkdir(parents=True, exist_ok=True)
            if is_first():
                held.enter_context(_alone(directory))
        _refuse_unshared(directory)
        yield CheckpointStore(directory, seconds, resume, asked())


class CheckpointStore:
    """Reads and writes the checkpoint of one solve; in each process that shares the solve there is
    one."""

    def __init__(self, directory: Path, every: float, resume: bool, asked: dict[str, str]):
        self.directory, self.every, self.resume, self.asked = directory, every, resume, asked
        self.names: dict[Block, str] = {}      # of the blocks that are on disk
        self.written = time.monotonic()

    def first(self, start: SolveState, limit: np.ndarray) -> SolveState:
        """The state to go on from: that of the checkpoint, or `start` if there is none yet; limit:
        [runs] the last iteration of each.

        Raises InputError naming the file that is missing or damaged, or how this solve differs from
        the one that the checkpoint is of; and for a checkpoint that is there although nobody asked
        to resume it.
        """
        seen = texts_of_all(self._digest())
        with all_or_none():
            if len(set(seen)) > 1:
                raise InputError(f"the processes see different checkpoints in {self.directory}")
            return self._first(start, limit)

    def _first(self, start: SolveState, limit: np.ndarray) -> SolveState:
        if not (self.directory / HEADER).exists():
            if self.resume:
                LOG.warning("no checkpoint in %s yet: starting from the beginning", self.directory)
            return start
        if not self.resume:
            raise InputError(f"{self.directory} holds the checkpoint of an earlier solve: resume "
                             f"it, or give another directory")
        solve_state = self._read(start)
        if (solve_state.iteration > limit).any():
            raise InputError(f"the checkpoint in {self.directory} is at iteration "
                             f"{solve_state.iteration.max()}, past max_iterations = "
                             f"{limit.max()}")
        LOG.info("going on from the checkpoint in %s, at iteration %s", self.directory,
                 f"{solve_state.done:,}")
        return solve_state

    def keep(self, solve_state: SolveState) -> None:
        """Write a checkpoint if the last one is old enough."""
        if agreed(time.monotonic() - self.written >= self.every):
            self.write(solve_state)

    def write(self, solve_state: SolveState) -> bool:
        """Write a checkpoint. Should that fail, note it and leave the last one: a full disk may
        have room later."""
        try:
            self._write(solve_state)
        except InputError as error:
            LOG.warning("no checkpoint at iteration %s: %s", f"{solve_state.done:,}", error)
            return False
        finally:
            self.written = time.monotonic()
        return True

    def _read(self, start: SolveState) -> SolveState:
        path = self.directory / HEADER
        header = check_format(read_json(path), path, FORMAT, VERSION)
        if header["version"] < VERSION:
            raise InputError(f"{path} is of an earlier Potentia (its version is "
                             f"{header['version']}, not {VERSION}), which this one cannot go on "
                             f"from: start anew in another directory")
        self._refuse_another(field(header, "asked", dict, path))
        if header != sealed(header):
            raise InputError(f"{path} was changed since it was written")
        try:
            return self._solve_state(header, start)
        except InputError:
            raise
        except (KeyError, TypeError, ValueError, IndexError):
            raise InputError(f"{path} is damaged: it does not say how this solve stands") from None

    def _write(self, solve_state: SolveState) -> None:
        with all_or_none(), cannot_write(self.directory):
            own = self._put("state", {**arrays_of(solve_state.state),
                                      **{name: getattr(solve_state, name) for name in NUMBERS}})
        parts = texts_of_all(own)
        with all_or_none(), cannot_write(self.directory):
            if is_first():
                self._commit(parts, solve_state)

    def _commit(self, parts: list[str], solve_state: SolveState) -> None:
        """Make these parts, which are on disk, and the records the checkpoint; delete what was
        before."""
        files = {"state": parts if len(parts) > 1 else parts[0],
                 "updates": self._put_blocks("updates", solve_state.updates),
                 "checks": self._put_blocks("checks", solve_state.checks),
                 "snapshots": self._put_blocks("snapshots", solve_state.snapshots)}
        header = {"format": FORMAT, "version": VERSION, "potentia": __version__,
                  "iterations": solve_state.iteration.tolist(), "statuses": solve_state.statuses,
                  "files": files, "rows": _rows(solve_state),
                  "axes": axes_of(solve_state.state), "asked": self.asked}
        write_text(self.directory / HEADER, json.dumps(sealed(header), indent=1) + "\n")
        self._delete_all_but({*parts, *files["updates"], *files["checks"], *files["snapshots"]})

    def _put_blocks(self, kind: str, log: Log) -> list[str]:
        for block in log.blocks:
            if block not in self.names:
                self.names[block] = self._put(kind, {"run": block.run, "values": block.values})
        return [self.names[block] for block in log.blocks]

    def _put(self, kind: str, arrays: dict[str, np.ndarray]) -> str:
        """Write a file; its name."""
        content = io.BytesIO()
        np.savez(content, allow_pickle=False, **arrays)
        name = f"{kind}-{hashlib.sha256(content.getbuffer()).hexdigest()[:32]}.npz"
        write_bytes(self.directory / name, content.getvalue())
        return name

    def _delete_all_but(self, named: set[str]) -> None:
        self.names = {block: name for block, name in self.names.items() if name in named}
        for file in self.directory.iterdir():
            if OURS.fullmatch(file.name) and file.name not in named:
                file.unlink(missing_ok=True)

    def _digest(self) -> str:
        """What tells one checkpoint from another; nothing if there is none."""
        try:
            return hashlib.sha256((self.directory / HEADER).read_bytes()).hexdigest()
        except OSError:
            return ""

    def _refuse_another(self, found: dict[str, Any]) -> None:
        for name in [*self.asked, *found]:
            there, here = found.get(name, "absent"), self.asked.get(name, "absent")
            if there != here:
                raise InputError(f"the checkpoint in {self.directory} is of another solve: {name} "
                                 f"is {one_line(there, 60)} there, but {one_line(here, 60)} here")

    def _solve_state(self, header: dict[str, Any], start: SolveState) -> SolveState:
        files, statuses = header["files"], header["statuses"]
        own, runs = _own(files["state"]), len(start.statuses)
        arrays = self._get("state", own)
        with naming(self.directory / own):
            state = state_of(arrays, dict(header.get("axes", axes_of(start.state))), start.state)
            numbers = {name: fitting(arrays, name, old.dtype, old.shape)
                       for name, old in ((name, getattr(start, name)) for name in NUMBERS)}
        solve_state = SolveState(state, tuple(None if status is None else Status(status)
                                              for status in statuses),
                                 **numbers,
                                 updates=self._get_blocks("updates", files["updates"]),
                                 checks=self._get_blocks("checks", files["checks"]),
                                 snapshots=self._get_blocks("snapshots", files["snapshots"]))
        if len(statuses) != runs or header["rows"] != _rows(solve_state):
            raise ValueError
        return solve_state

    def _get_blocks(self, kind: str, names: Sequence[str]) -> Log:
        blocks = []
        for name in names:
            arrays = self._get(kind, name)
            blocks.append(Block(arrays["run"], arrays["values"]))
            if is_first():            # the others write no blocks, and would keep these for ever
                self.names[blocks[-1]] = name
        return Log(tuple(blocks))

    def _get(self, kind: str, name: str) -> dict[str, np.ndarray]:
        """The arrays of a file."""
        if not re.fullmatch(FILE, name) or not name.startswith(kind):
            raise ValueError
        path = self.directory / name
        arrays = read_npz(path)
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest()[:32] not in name:
                raise InputError(
                    f"{path} is damaged: it is not the file that was written under this name")
        return arrays


def _rows(solve_state: SolveState) -> list[list[int]]:
    """How many rows of updates, checks and snapshots each run has."""
    runs = len(solve_state.statuses)
    return [log.counts(runs).tolist() for log in (solve_state.updates, solve_state.checks,
                                                  solve_state.snapshots)]


def _own(parts: str | list[str]) -> str:
    """This process's part of the runs."""
    if isinstance(parts, str):
        parts = [parts]
    if len(parts) != jax.process_count():
        raise ValueError
    return parts[jax.process_index()]


def _refuse_unshared(directory: Path) -> None:
    """Raise InputError unless all processes see what the first one writes to the directory."""
    if jax.process_count() == 1:
        return
    with contextlib.ExitStack() as held:
        with all_or_none(), cannot_write(directory):
            probe = held.enter_context(NamedTemporaryFile(dir=directory, prefix=f".{HEADER}.",
                                                          suffix=".part")).name \
                if is_first() else ""
        name = Path(texts_of_all(Path(probe).name)[0])
        with all_or_none():
            if not (directory / name).exists():
                raise InputError(f"{directory} is not the directory of that name that process 0 "
                                 f"writes to: all processes need the same one")


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Refuse a directory in which another process keeps checkpoints; the system lets go of it when
    that one ends."""
    if fcntl is None:
        yield
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another process keeps checkpoints in {directory}: wait for it, or "
                             f"give another directory") from None
        except OSError:
            LOG.warning("%s lies where nothing can be locked: see that no other solve uses it",
                        directory)
        yield
    finally:
        os.close(handle)
