"""Files that are none, or that claim other sizes than they have: refused before they are read."""

from __future__ import annotations

import gzip
import io
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
from potentia.io.text_lines import read_lines
from potentia.sweeps.folder import read_swept
from potentia.sweeps.spec import read_spec

MEGABYTE = 10**6


def array(shape: tuple[int, ...], there: int) -> bytes:
    """An npy file that claims float64 of that shape, and has so many bytes of zeros."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": shape})
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
    held = np.array([{}], dtype=object)
    np.save(tmp_path / "x.npy", held, allow_pickle=True)
    np.savez(tmp_path / "x.npz", allow_pickle=True, x=held)
    assert "holds Python objects" in refused(read_npz, tmp_path / "x.npz")
    assert "holds Python objects" in refused(read_npy, tmp_path / "x.npy")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for read in (read_npz, read_npy, read_json, read_lines, read_spec, read_swept):
        assert "it is no file, but a pipe or a device" in refused(read, pipe)
    os.mkfifo(tmp_path / "run.json")
    with pytest.raises(pt.InputError, match=r"run\.json: it is no file, but a pipe or a device"):
        pt.load(tmp_path)
