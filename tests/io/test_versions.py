"""At any moment a directory that is saved again and again is one whole version: for readers, for
writers at once, and after a kill at any step."""

from __future__ import annotations

import errno
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from potentia.errors import InputError
from potentia.io import directories, drafts, versions
from potentia.io.directories import Mark, whole_directory
from potentia.io.versions import opened

NAMES, MARK = ("run.json", "arrays.npz", "flows.csv"), Mark("run.json", "test")
WAYS = pytest.mark.parametrize("exchanges", [True, False])


@pytest.fixture
def way(exchanges: bool, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the file system can exchange names, or must set the old version aside."""
    if not exchanges:
        monkeypatch.setattr(versions, "exchanged", lambda one, other: False)
    return exchanges


def write(target: Path, token: object) -> None:
    """A version, every file of which tells which one it is."""
    with whole_directory(target, NAMES, MARK) as folder:
        for name in NAMES:
            (folder / name).write_text(json.dumps({"format": "test", "token": token}))


def read(target: Path) -> object:
    """The version that is there, which must be one and whole."""
    with opened(target, NAMES) as version:
        tokens = [json.loads(version.file(name).read())["token"] for name in NAMES]
    assert len(set(tokens)) == 1
    return tokens[0]


@WAYS
def test_a_version_follows_another_and_nothing_is_left(tmp_path: Path, way: bool) -> None:
    for token in range(3):
        write(tmp_path / "run", token)
        assert read(tmp_path / "run") == token
        assert os.listdir(tmp_path) == ["run"]
        assert sorted(os.listdir(tmp_path / "run")) == sorted(NAMES)


@WAYS
def test_a_reader_that_has_begun_finishes_with_what_it_began(tmp_path: Path, way: bool) -> None:
    write(tmp_path / "run", "old")
    with opened(tmp_path / "run", NAMES) as version:
        for token in range(3):
            write(tmp_path / "run", token)
        assert [json.loads(version.file(name).read())["token"] for name in NAMES] == ["old"] * 3


class Killed(BaseException):
    """What a killed process sees of what comes after: nothing."""


STEPS = ((Path, "mkdir"), (Path, "write_text"), (Path, "unlink"), (Path, "rmdir"), (os, "fsync"),
         (os, "rename"), (versions, "exchanged"))


def kill_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the given step on nothing is made, written, flushed, renamed or deleted any more."""
    steps = itertools.count(1)
    def counted(function: Callable[..., Any]) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(steps) >= step:
                raise Killed
            return function(*arguments, **options)
        return call
    for place, name in STEPS:
        monkeypatch.setattr(place, name, counted(getattr(place, name)))


@WAYS
def test_killed_at_every_step_a_whole_version_is_there(tmp_path: Path, way: bool,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for step in range(1, 100):
        target = tmp_path / str(step) / "run"
        write(target, "old")
        try:
            with monkeypatch.context() as patch:
                kill_at(step, patch)
                write(target, "new")
            break
        except Killed:
            found.append(read(target))
            write(target, "next")
            assert os.listdir(target.parent) == ["run"], "what was left is cleaned"
            assert read(target) == "next"
    # Once the new version is there, it stays.
    assert found == sorted(found, reverse=True)
    assert 8 < found.count("old") < step
    assert found.count("new") > 3
    assert read(target) == "new"


@WAYS
def test_writers_and_a_reader_at_once(tmp_path: Path, way: bool) -> None:
    target, ends, failures, counts = tmp_path / "run", time.monotonic() + 0.7, [], [0, 0, 0]
    write(target, -1)

    def repeat(who: int, act: Callable[[int], object]) -> None:
        try:
            while time.monotonic() < ends:
                act(counts[who])
                counts[who] += 1
        except BaseException as error:
            failures.append(error)

    workers = [threading.Thread(target=repeat, args=task) for task in (
        (0, lambda count: write(target, f"a{count}")),
        (1, lambda count: write(target, f"b{count}")),
        (2, lambda count: read(target)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failures
    assert min(counts) > 5
    assert os.listdir(tmp_path) == ["run"]


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_versions import write
for token in range(10**6):
    write(Path({target!r}), token)
"""


def test_killed_by_the_system(tmp_path: Path) -> None:
    target = tmp_path / "run"
    program = WRITER.format(tests=str(Path(__file__).parent), target=str(target))
    for pause in (0.0, 0.013, 0.029):
        before = read(target) if target.exists() else -1
        process = subprocess.Popen([sys.executable, "-c", program])
        while process.poll() is None and (not target.exists() or read(target) == before):
            time.sleep(0.001)
        time.sleep(pause)
        process.kill()
        assert process.wait() == -9
        assert isinstance(read(target), int)
    write(target, "next")
    assert os.listdir(tmp_path) == ["run"]


def test_leftovers_of_the_dead_are_cleaned_but_not_of_the_living_or_of_strangers(
        tmp_path: Path) -> None:
    dead, strange = (drafts.beside(tmp_path / "run") for _ in range(2))
    for folder in (dead, strange):
        folder.mkdir()
        (folder / "arrays.npz").write_text("")
        (folder / ".run.json.k2_x.part").write_text("")
    (strange / "thesis.txt").write_text("thesis")
    with drafts.draft_of(tmp_path / "run", NAMES) as living:
        write(tmp_path / "run", "new")
        assert sorted(os.listdir(tmp_path)) == sorted(["run", living.name, strange.name])
    assert len(os.listdir(strange)) == 3
    assert not living.exists()


def test_a_draft_that_is_taken_for_dead_before_it_is_locked_is_made_again(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, mkdir = [], Path.mkdir

    def taken(folder: Path, *arguments: Any, **options: Any) -> None:
        mkdir(folder, *arguments, **options)
        made.append(folder)
        if len(made) == 1:
            drafts.clean(tmp_path / "run", NAMES)

    monkeypatch.setattr(Path, "mkdir", taken)
    with drafts.draft_of(tmp_path / "run", NAMES) as folder:
        assert len(made) == 2
        assert folder == made[1]
        assert os.listdir(tmp_path) == [folder.name]


@pytest.mark.parametrize("place", ["exchanged", "rename"])
def test_a_strangers_file_that_comes_at_the_last_moment_stays_where_it_was_put(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    target = tmp_path / "run"
    write(target, "old")
    module, real = (versions, versions.exchanged) if place == "exchanged" else (os, os.rename)
    if place == "rename":
        monkeypatch.setattr(versions, "exchanged", lambda one, other: False)

    def late(one: Path, other: Path) -> Any:
        if target in (one, other) and not (one / "thesis.txt").exists():
            (target / "thesis.txt").write_text("thesis")
        return real(one, other)

    with monkeypatch.context() as patch:
        patch.setattr(module, place, late)
        with pytest.raises(InputError, match=r"run holds 'thesis\.txt' of other origin"):
            write(target, "new")
    assert (target / "thesis.txt").read_text() == "thesis"
    assert read(target) == "old"
    assert os.listdir(tmp_path) == ["run"]


def test_what_the_system_refuses_is_said_and_the_old_version_stays(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "run", "old")

    def refused(one: Path, other: Path) -> bool:
        raise OSError(errno.EIO, "Input/output error")

    for broken, step in (("exchanged", 1), ("rename", 3)):
        with monkeypatch.context() as patch:
            if broken == "exchanged":
                patch.setattr(versions, "exchanged", refused)
            else:             # tried in vain, the old one aside, the new one in, the old one back
                patch.setattr(versions, "exchanged", lambda one, other: False)
                calls, rename = itertools.count(1), os.rename
                patch.setattr(os, "rename", lambda one, other, left=calls, rename=rename, at=step: (
                    refused if next(left) == at else rename)(one, other))
            with pytest.raises(InputError, match=r"cannot write .*run: Input/output error"):
                write(tmp_path / "run", "new")
        assert read(tmp_path / "run") == "old"
        assert os.listdir(tmp_path) == ["run"]


def test_what_is_not_there_or_no_directory_has_no_files(tmp_path: Path) -> None:
    with opened(tmp_path / "run", NAMES) as version, pytest.raises(InputError,
                                                                   match="json does not exist"):
        version.file("run.json")
    (tmp_path / "run").write_text("")
    with pytest.raises(InputError, match=r"cannot read .*run\.json: Not a directory"), opened(
            tmp_path / "run", NAMES):
        pass
    assert directories.refuse_foreign(tmp_path / "other", NAMES, MARK) is None
