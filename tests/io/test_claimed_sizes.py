"""Files that are none, or that claim other sizes than they have: refused before they are read."""

from __future__ import annotations

import gzip
import io
import json
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.io import claims, text_lines
from potentia.io.read import read_json, read_npy, read_npz
from potentia.io.seals import SEAL
from potentia.io.text_lines import read_lines
from potentia.sweeps.folder import read_swept
from potentia.sweeps.spec import read_spec

MEGABYTE = 10**6


def array(shape: tuple[int, ...], there: int, kind: str = "<f8") -> bytes:
    """An npy file that claims float64, or another kind, of that shape, and has so many bytes of
    zeros."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": kind, "fortran_order": False, "shape": shape})
    return head.getvalue() + bytes(there)


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def refused(read: Callable[[Path], object], path: Path) -> str:
    with pytest.raises(pt.InputError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "pickle" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(("shape", "there"), [((10**12,), 80), ((10,), 88), ((3, 0), 8)])
def test_an_array_of_another_size_than_it_claims_is_damaged(tmp_path: Path, shape: tuple,
                                                            there: int) -> None:
    content = array(shape, there)
    (tmp_path / "x.npy").write_bytes(content)
    found = [refused(read_npz, archive(tmp_path / "x.npz", rewards=content)),
             refused(read_npy, tmp_path / "x.npy")]
    for message in found:
        assert "damaged: " in message
        assert f"claims {8 * np.prod(shape):,} bytes, but holds {there:,}" in message
    assert "the array 'rewards'" in found[0]


def test_what_is_too_large_is_refused_before_it_is_unpacked(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive(tmp_path / "bomb.npz", rewards=array((2 * MEGABYTE,), 16 * MEGABYTE))
    assert bomb.stat().st_size < 0.05 * MEGABYTE
    assert read_npz(bomb)["rewards"].nbytes == 16 * MEGABYTE
    monkeypatch.setattr(claims, "ARRAY_GB", 0.01)
    tracemalloc.start()
    assert "would take 16 MB unpacked, but the limit is 10 MB" in refused(read_npz, bomb)
    assert tracemalloc.get_traced_memory()[1] < 2 * MEGABYTE
    tracemalloc.stop()
    many = archive(tmp_path / "many.npz", **{f"x{k}": array((MEGABYTE,), 8 * MEGABYTE)
                                             for k in range(3)})
    assert len(read_npz(many)) == 3
    monkeypatch.setattr(claims, "ARCHIVE_GB", 0.02)
    assert "its arrays together would take 24 MB" in refused(read_npz, many)


def test_text_that_is_too_large_is_not_unpacked(tmp_path: Path,
                                                monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * MEGABYTE))
    monkeypatch.setattr(text_lines, "MOST_BYTES", MEGABYTE)
    assert "more than 1 MB of text unpacked" in refused(read_lines, path)


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x80\x04K\x01.", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_called_damaged(tmp_path: Path, content: bytes) -> None:
    for read, name in ((read_npz, "x.npz"), (read_npy, "x.npy"), (pt.io.load_game, "game.npz")):
        path = tmp_path / name
        path.write_bytes(content)
        if not (read is read_npy and content.startswith(b"PK")):      # an archive, it seems
            assert "or it is damaged: " in refused(read, path)


def test_objects_are_never_read(tmp_path: Path) -> None:
    held = array((1,), 8, "|O")
    (tmp_path / "x.npy").write_bytes(held)
    assert "holds Python objects" in refused(read_npz, archive(tmp_path / "x.npz", x=held))
    assert "holds Python objects" in refused(read_npy, tmp_path / "x.npy")


def members(path: Path, **changed: bytes) -> Path:
    """The file of the stag hunt, with some arrays more or others; deflated."""
    pt.io.save_game(pt.games.make("stag-hunt"), path)
    with zipfile.ZipFile(path) as file:
        whole = {name.removesuffix(".npy"): file.read(name) for name in file.namelist()}
    return archive(path, **{**whole, **changed})


def unread(read: Callable[[Path], object], path: Path) -> str:
    """What refuses a file without unpacking 2 MB of it."""
    tracemalloc.start()
    try:
        message = refused(read, path)
        assert tracemalloc.get_traced_memory()[1] < 2 * MEGABYTE
    finally:
        tracemalloc.stop()
    return message


BOMB = array((2 * MEGABYTE,), 16 * MEGABYTE)


@pytest.mark.parametrize(("changed", "why"), [
    ({"mask": BOMB}, "the array 'mask' claims the shape (2000000,), but a game whose rewards have "
                     "the shape (2, 1, 2, 2) needs 4 entries"),
    ({"transitions.data": BOMB}, "'transitions.data' claims the shape (2000000,), but a game whose "
                                 "rewards have the shape (2, 1, 2, 2) needs 4 entries"),
    ({"rewards": array((2, 1, 1000, 1000), 16 * MEGABYTE)},
     "rewards have the shape (2, 1, 1000, 1000) needs"),
    ({"rewards": BOMB}, "rewards has shape (2000000,), but [N, S, A1, ..., AN] was expected"),
    ({"more": BOMB}, "unknown array 'more'"),
    ({"header": BOMB}, "the header claims 16,000,000 bytes and the shape (2000000,), but one text"),
])
def test_what_a_game_does_not_need_is_not_unpacked(tmp_path: Path, changed: dict[str, bytes],
                                                   why: str) -> None:
    path = members(tmp_path / "game.npz", **changed)
    assert path.stat().st_size < 0.05 * MEGABYTE
    assert why in unread(pt.io.load_game, path)


def test_what_is_no_game_is_said_before_it_is_unpacked(tmp_path: Path) -> None:
    path = archive(tmp_path / "game.npz", rewards=BOMB)
    assert 'its header has no "format": "potentia game"' in unread(pt.io.load_game, path)


@pytest.mark.parametrize("name", ["braess", "distancing"])
def test_other_kinds_of_games_have_no_arrays_more(tmp_path: Path, name: str) -> None:
    path = tmp_path / "game.npz"
    pt.io.save_game(pt.games.make(name), path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("more.npy", BOMB)
    assert "unknown array 'more'" in unread(pt.io.load_game, path)


def test_more_than_packed_bytes_can_hold_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "x.npz", x=array((1000,), 8000))
    content = path.read_bytes()
    size, claimed = ((8128).to_bytes(4, "little"), (10**8).to_bytes(4, "little"))
    assert content.count(size) == 2                   # before the data, and in the directory
    path.write_bytes(content.replace(size, claimed))
    assert "claims 100,000,000 bytes, which its " in unread(read_npz, path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as file:
        file.writestr("x.npy", BOMB)
    assert "is packed by another method than those of npz archives" in unread(read_npz, path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", array((1,), 8))
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("x.npy", array((1,), 8))
    assert "the array 'x' is there twice" in refused(read_npz, path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for read in (read_npz, read_npy, read_json, read_lines, read_spec, read_swept):
        assert "it is no file, but a pipe or a device" in refused(read, pipe)
    os.mkfifo(tmp_path / "run.json")
    with pytest.raises(pt.InputError, match=r"run\.json: it is no file, but a pipe or a device"):
        pt.load(tmp_path)


def test_a_profile_of_another_shape_is_not_unpacked(tmp_path: Path) -> None:
    """In a run of before there were seals, which say whose bytes these are."""
    game = pt.games.make("stag-hunt")
    pt.save(pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=1), tmp_path)
    header = json.loads((tmp_path / "run.json").read_text())
    (tmp_path / "run.json").write_text(json.dumps(
        {name: value for name, value in header.items() if name != SEAL} | {"version": 1}))
    count = io.BytesIO()
    np.save(count, np.int64(1))
    archive(tmp_path / "arrays.npz", iterations=count.getvalue(), profile=BOMB)
    tracemalloc.start()
    with pytest.raises(pt.InputError, match=r"arrays\.npz: profile is float64 \(2000000,\), but "
                                            r"shape \(2, 1, 2\) was expected"):
        pt.load(tmp_path)
    assert tracemalloc.get_traced_memory()[1] < 2 * MEGABYTE
    tracemalloc.stop()
