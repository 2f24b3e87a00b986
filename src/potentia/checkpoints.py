"""Checkpoints: a directory that a solve goes on from, to the same bits.

    checkpoint.json                what the solve was asked for, how its runs stand, and which files belong to it
    state-*.npz                    the runs themselves
    updates-*.npz, checks-*.npz    blocks of what was recorded (see `records`)

A file is named by the SHA-256 of its content and never changes. The JSON file is the checkpoint: it is replaced in one
step, after all that it names is on disk, and only then is deleted what it does not name. So there is a whole
checkpoint at any moment after the first, and a process that is killed leaves a draft, `.*.part`, at most.
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
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia import __version__
from potentia.errors import InputError, one_line
from potentia.io.atomic import write_bytes, write_text
from potentia.io.directories import cannot_write, refuse_unwritable
from potentia.io.read import check_format, field, given_path, naming, read_json, read_npz
from potentia.notes import LOG
from potentia.records import Block, Log
from potentia.result import Status
from potentia.settings import not_negative
from potentia.stepper import RunState
from potentia.watch import Standing

try:
    import fcntl
except ImportError:             # where there is none, nobody is kept from using a directory twice
    fcntl = None

FORMAT, VERSION = "potentia checkpoint", 1
HEADER = "checkpoint.json"
FILE = r"(state|updates|checks)-[0-9a-f]{32}\.npz"
OURS = re.compile(rf"{FILE}|\.({FILE}|checkpoint\.json)\.\w+\.part")
NUMBERS = ("checked", "close")      # arrays of a `Standing` beside its state


@contextlib.contextmanager
def opened(checkpoint: object, every: object, resume: bool,
           asked: Callable[[], dict[str, str]]) -> Iterator[Keeper | None]:
    """A keeper of checkpoints in the directory `checkpoint`, which is made if it is missing; None for None.

    every, resume: see `potentia.loop.solve`. asked: gives what the solve was asked for, as texts by name.
    Raises InputError on bad settings, if the directory cannot be written, or if another process uses it.
    """
    seconds = not_negative(every, "checkpoint_every")
    if checkpoint is None:
        if resume:
            raise InputError("resume needs checkpoint, the directory to go on from")
        yield None
        return
    directory = given_path(checkpoint, "checkpoint")
    refuse_unwritable(directory)
    with cannot_write(directory):
        directory.mkdir(parents=True, exist_ok=True)
    with _alone(directory):
        yield Keeper(directory, seconds, resume, asked())


class Keeper:
    """Reads and writes the checkpoint of one solve."""

    def __init__(self, directory: Path, every: float, resume: bool, asked: dict[str, str]):
        self.directory, self.every, self.resume, self.asked = directory, every, resume, asked
        self.names: dict[Block, str] = {}      # of the blocks that are on disk
        self.written = time.monotonic()

    def first(self, start: Standing, max_iterations: int) -> Standing:
        """The standing to go on from: that of the checkpoint, or `start` if there is none yet.

        Raises InputError naming the file that is missing or damaged, or how this solve differs from the one that the
        checkpoint is of; and for a checkpoint that is there although nobody asked to resume it.
        """
        if not (self.directory / HEADER).exists():
            if self.resume:
                LOG.info("no checkpoint in %s yet: starting from the beginning", self.directory)
            return start
        if not self.resume:
            raise InputError(f"{self.directory} holds the checkpoint of an earlier solve: resume it, or give another "
                             "directory")
        standing = self._read(start)
        if standing.iteration.max() > max_iterations:
            raise InputError(f"the checkpoint in {self.directory} is at iteration {standing.iteration.max()}, past "
                             f"max_iterations = {max_iterations}")
        LOG.info("going on from the checkpoint in %s, at iteration %s", self.directory, f"{standing.done:,}")
        return standing

    def keep(self, standing: Standing) -> None:
        """Write a checkpoint if the last one is old enough."""
        if time.monotonic() - self.written >= self.every:
            self.write(standing)

    def write(self, standing: Standing) -> bool:
        """Write a checkpoint. Should that fail, note it and leave the last one: a full disk may have room later."""
        try:
            with cannot_write(self.directory):
                self._write(standing)
        except InputError as error:
            LOG.warning("no checkpoint at iteration %s: %s", f"{standing.done:,}", error)
            return False
        finally:
            self.written = time.monotonic()
        return True

    def _read(self, start: Standing) -> Standing:
        path = self.directory / HEADER
        header = check_format(read_json(path), path, FORMAT, VERSION)
        self._refuse_another(field(header, "asked", dict, path))
        try:
            return self._standing(header, start)
        except InputError:
            raise
        except (KeyError, TypeError, ValueError, IndexError):
            raise InputError(f"{path} is damaged: it does not say how this solve stands") from None

    def _write(self, standing: Standing) -> None:
        files = {"state": self._put("state", {**arrays_of(standing.state),
                                              **{name: getattr(standing, name) for name in NUMBERS}}),
                 "updates": self._put_blocks("updates", standing.updates),
                 "checks": self._put_blocks("checks", standing.checks)}
        header = {"format": FORMAT, "version": VERSION, "potentia": __version__,
                  "iterations": standing.iteration.tolist(), "statuses": standing.statuses, "files": files,
                  "asked": self.asked}
        write_text(self.directory / HEADER, json.dumps(header, indent=1) + "\n")
        self._delete_all_but({files["state"], *files["updates"], *files["checks"]})

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

    def _refuse_another(self, found: dict[str, Any]) -> None:
        for name in [*self.asked, *found]:
            there, here = found.get(name, "absent"), self.asked.get(name, "absent")
            if there != here:
                raise InputError(f"the checkpoint in {self.directory} is of another solve: {name} is "
                                 f"{one_line(there, 60)} there, but {one_line(here, 60)} here")

    def _standing(self, header: dict[str, Any], start: Standing) -> Standing:
        files, statuses = header["files"], header["statuses"]
        arrays, runs = self._get("state", files["state"]), len(start.statuses)
        with naming(self.directory / files["state"]):
            state = state_of(arrays, start.state)
            numbers = {name: _like(arrays, name, getattr(start, name)) for name in NUMBERS}
        standing = Standing(state, tuple(None if status is None else Status(status) for status in statuses), **numbers,
                            updates=self._get_blocks("updates", files["updates"]),
                            checks=self._get_blocks("checks", files["checks"]))
        if len(statuses) != runs or (standing.updates.counts(runs) != standing.iteration).any():
            raise ValueError
        return standing

    def _get_blocks(self, kind: str, names: Sequence[str]) -> Log:
        blocks = []
        for name in names:
            arrays = self._get(kind, name)
            blocks.append(Block(arrays["run"], arrays["values"]))
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
                raise InputError(f"{path} is damaged: it is not the file that was written under this name")
        return arrays


def arrays_of(state: RunState) -> dict[str, np.ndarray]:
    """The runs as NumPy arrays by name; `state_of` is the way back."""
    leaves = jax.tree_util.tree_leaves_with_path(state)
    return {jax.tree_util.keystr(path): np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)
            for path, leaf in leaves}


def state_of(arrays: dict[str, np.ndarray], like: RunState) -> RunState:
    """The runs in `arrays`, of the structure and shapes of `like`, and on the same devices. Raises InputError naming
    an array that does not fit."""

    def leaf(path: Any, old: Any) -> Any:
        name = jax.tree_util.keystr(path)
        if _is_key(old):
            numbers = jnp.asarray(_like(arrays, name, jax.random.key_data(old)))
            new = jax.random.wrap_key_data(numbers, impl=jax.random.key_impl(old))
        else:
            new = jnp.asarray(_like(arrays, name, old))
        # An array that is put where JAX would have put it anyway counts as another kind, and all is compiled again.
        return jax.device_put(new, old.sharding) if old.committed else new
    return jax.tree_util.tree_map_with_path(leaf, like)


def _is_key(leaf: Any) -> bool:
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _like(arrays: dict[str, np.ndarray], name: str, old: Any) -> np.ndarray:
    """The array of that name, which must have the shape and type of `old`."""
    if name not in arrays:
        raise InputError(f"the array {name!r} is missing")
    # NumPy's files know JAX's small floats by their size only.
    array = arrays[name].view(old.dtype) if arrays[name].dtype.kind == "V" else arrays[name]
    if (array.dtype, array.shape) != (old.dtype, old.shape):
        raise InputError(f"{name} is {array.dtype} {array.shape}, but {old.dtype} {old.shape} was expected")
    return array


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Refuse a directory in which another process keeps checkpoints; the system lets go of it when that one ends."""
    if fcntl is None:
        yield
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"another process keeps checkpoints in {directory}: wait for it, or give another "
                             "directory") from None
        except OSError:
            LOG.info("%s lies where nothing can be locked: see that no other solve uses it", directory)
        yield
    finally:
        os.close(handle)
