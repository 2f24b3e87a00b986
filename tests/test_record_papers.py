"""Papers are put on record one by one, and the files are as `record_papers.py` writes them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import potentia as pt
import record_papers
from potentia.experiments import runner
from record_papers import DOCS, RECORD, ROOT

AGAIN = "write it again: python tests/record_papers.py PAPER (never by hand)"
FILES = (RECORD, DOCS / "claims.json", DOCS / "claims.md", DOCS / "lemmas.json")


def entries(name: str, root: Path = ROOT) -> list[dict]:
    return json.loads((root / DOCS / f"{name}.json").read_text())


@pytest.mark.parametrize("path", FILES, ids=str)
def test_the_files_are_as_they_are_written(path: Path) -> None:
    written = record_papers.texts(entries("claims"), entries("lemmas"))
    assert (ROOT / path).read_text() == written[path], AGAIN


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files alone, in a folder of their own."""
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tmp_path / path)
    return tmp_path


def found(monkeypatch: pytest.MonkeyPatch, claims: list[dict]) -> None:
    """Let runs end in these entries."""
    def reproduce(names, out, runs, seed):
        assert (runs, seed) == (10, 0)
        (out / "claims.json").write_text(json.dumps(claims))
    monkeypatch.setattr(runner, "reproduce", reproduce)


def test_a_paper_run_alone_leaves_the_others_as_they_are(copy, monkeypatch) -> None:
    own = [one for one in entries("claims") if one["paper_name"] == "song2021"]
    new = [own[0] | {"id": "song-new"}, own[1] | {"verdict": "NOT REPRODUCED", "holds": "no"}]
    found(monkeypatch, new)
    told = list(map(str, record_papers.put_on_record(["song2021"], copy)))
    assert told[0] == "song-new: on record none, now REPRODUCED"
    assert f"{own[1]['id']}: on record REPRODUCED, now NOT REPRODUCED" in told
    after = entries("claims", copy)
    assert [one for one in after if one["paper_name"] == "song2021"] == new
    assert [one for one in after if one["paper_name"] != "song2021"] == [
        one for one in entries("claims") if one["paper_name"] != "song2021"]
    assert list(dict.fromkeys(one["paper_name"] for one in after)) == list(
        dict.fromkeys(one["paper_name"] for one in entries("claims")))      # in the same order
    known, before = (json.loads((root / RECORD).read_text()) for root in (copy, ROOT))
    ids = {one["id"] for one in own}
    assert known.keys() == (before.keys() - ids) | {"song-new", own[1]["id"]}
    assert {name: known[name] for name in before.keys() - ids} == {
        name: before[name] for name in before.keys() - ids}
    assert "song-new" in (copy / DOCS / "claims.md").read_text()


def test_the_same_findings_change_no_file(copy, monkeypatch) -> None:
    found(monkeypatch, [one for one in entries("claims") if one["paper_name"] == "sun2023"])
    assert record_papers.put_on_record(["sun2023"], copy) == []
    for path in FILES:
        assert (copy / path).read_text() == (ROOT / path).read_text()


def test_an_unknown_paper_is_named_and_nothing_is_run() -> None:
    with pytest.raises(pt.InputError, match="unknown paper 'sun2024'; did you mean 'sun2023'"):
        record_papers.put_on_record(["sun2024"])
