"""Compiled programs that commands keep for each other: whole, sealed, and never believed unseen."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import platformdirs
import pytest

from potentia.runtime import program_cache
from potentia.runtime.program_cache import DRAFT, ENTRY, SealedCache

ASKED = [sys.executable, "-m", "potentia", "solve"]


def test_what_is_kept_is_found_by_its_key_alone(tmp_path: Path) -> None:
    cache = SealedCache(tmp_path)
    assert cache.get("f-1") is None
    cache.put("f-1", b"program")
    cache.put("f-1", b"the same, compiled again")
    assert SealedCache(tmp_path).get("f-1") == b"the same, compiled again"
    assert cache.get("F-1") is None
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]


@pytest.mark.parametrize("fault", ["cut off", "another's", "one bit", "empty",
                                   "of another machine"])
def test_what_is_not_as_it_was_kept_is_deleted(fault: str, tmp_path: Path, monkeypatch,
                                               caplog: pytest.LogCaptureFixture) -> None:
    cache = SealedCache(tmp_path)
    cache.put("one", b"program of one")
    path, = tmp_path.iterdir()
    held = path.read_bytes()
    cache.put("two", b"program of two")
    other = next(each for each in tmp_path.iterdir() if each != path)
    path.write_bytes({"cut off": held[:-1], "another's": other.read_bytes(), "empty": b"",
                      "one bit": held[:-1] + bytes([held[-1] ^ 1])}.get(fault, held))
    if fault == "of another machine":
        monkeypatch.setattr(program_cache, "_processor", lambda: "flags: other")
    with caplog.at_level(logging.INFO, logger="potentia"):
        assert SealedCache(tmp_path).get("one") is None
    assert caplog.messages == ["a compiled program was damaged, and is compiled again"]
    assert not path.exists()


def test_what_was_used_least_recently_goes_first(tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    cache = SealedCache(tmp_path)
    for key in ("a", "b", "c", "d"):
        cache.put(key, bytes(1000))
    for path in tmp_path.iterdir():
        os.utime(path, (0, 0))
    assert cache.get("b")
    (tmp_path / f"killed{DRAFT}").touch()
    (tmp_path / f"living{DRAFT}").touch()
    os.utime(tmp_path / f"killed{DRAFT}", (0, time.time() - 2 * program_cache.OLD))
    monkeypatch.setattr(program_cache, "LIMIT", 3000)
    later = SealedCache(tmp_path)
    later.put("e", bytes(10))
    assert {key for key in "abcde" if later.get(key)} == {"b", "e"}
    assert [path.name for path in tmp_path.glob(f"*{DRAFT}")] == [f"living{DRAFT}"]


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    cache = SealedCache(tmp_path / "gone")
    cache.put("f", b"program")
    assert cache.get("f") is None


def test_what_is_no_program_is_neither_read_nor_swept_nor_a_fault(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would never end, and a large file would not fit."""
    monkeypatch.setattr(program_cache, "LIMIT", 3000)
    places = {key: tmp_path / program_cache._name(key) for key in ("folder", "pipe", "large")}
    places["folder"].mkdir()
    os.mkfifo(places["pipe"])
    places["large"].write_bytes(bytes(3001))
    (tmp_path / "mine.txt").write_bytes(bytes(5000))
    cache = SealedCache(tmp_path)
    assert [cache.get(key) for key in places] == [None] * 3
    cache.put("folder", b"program")
    cache.put("pipe", b"program")
    assert [cache.get(key) for key in places] == [None, b"program", None]
    assert (tmp_path / "mine.txt").exists()
    assert not list(tmp_path.glob(f"*{DRAFT}"))


@pytest.mark.parametrize("call", ["utime", "unlink"])
def test_a_folder_that_may_only_be_read_serves(call: str, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    cache = SealedCache(tmp_path)
    cache.put("f", b"program")
    cache.put("g", b"another")
    (tmp_path / program_cache._name("g")).write_bytes(b"damaged")

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, call, refused)
    assert [cache.get("f"), cache.get("g")] == [b"program", None]


def test_without_a_home_nothing_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                        caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.chdir(tmp_path)
    unset = SimpleNamespace(values={"jax_compilation_cache_dir": None})
    monkeypatch.setattr(program_cache, "jax", SimpleNamespace(config=unset))
    monkeypatch.setattr(platformdirs, "user_cache_path", lambda _: Path("~/.cache/potentia"))
    with caplog.at_level(logging.INFO, logger="potentia"):
        assert program_cache.keep_programs() is None
    assert caplog.messages == ["compiled programs are not kept: there is no home folder"]
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_the_users_alone_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    assert program_cache._refused(folder) == ""
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o770)
    assert "others may write" in program_cache._refused(folder)
    (tmp_path / "linked").symlink_to(folder)
    assert program_cache._refused(tmp_path / "linked").endswith("is a link")
    (tmp_path / "file").touch()
    assert "File exists" in program_cache._refused(tmp_path / "file")


def told(home: Path, game: str = "prisoners-dilemma",
         **others: str) -> subprocess.CompletedProcess[str]:
    """One command in a process that JAX gives no cache of its own."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("JAX_")}
    return subprocess.run([*ASKED, game], capture_output=True, text=True, check=True,
                          env={**environment, "XDG_CACHE_HOME": str(home), **others})


@pytest.mark.skipif(not sys.platform.startswith("linux"),
                    reason="elsewhere the cache folder is not where XDG_CACHE_HOME says")
def test_a_second_command_takes_the_programs_of_the_first_unless_they_are_damaged(
        tmp_path: Path) -> None:
    folder = tmp_path / "potentia" / "programs"
    first = told(tmp_path)
    kept = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert kept
    assert all(name.endswith(ENTRY) for name in kept)
    one, other, *_ = sorted(kept)
    shutil.copy(folder / other, folder / one)
    second = told(tmp_path)
    assert second.stdout == first.stdout
    assert second.stderr.count("a compiled program was damaged, and is compiled again") == 1
    assert {path.name for path in folder.iterdir()} == set(kept)
    assert (folder / one).read_bytes() != kept[other]
    third = told(tmp_path / "other", POTENTIA_NO_CACHE="1")
    assert third.stdout == first.stdout
    assert not (tmp_path / "other").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"),
                    reason="elsewhere the cache folder is not where XDG_CACHE_HOME says")
@pytest.mark.parametrize(("game", "checked_by"), [("prisoners-dilemma", "check"),
                                                  ("braess", "answered")])
def test_a_second_command_traces_none_of_the_loops_programs(game: str, checked_by: str,
                                                            tmp_path: Path) -> None:
    first, second = (told(tmp_path, game, JAX_LOG_COMPILES="1") for _ in range(2))
    assert second.stdout == first.stdout
    for program in ("start", "advance", checked_by):
        traced = f"Finished tracing {program} for jit"
        assert traced in first.stderr
        assert traced not in second.stderr
