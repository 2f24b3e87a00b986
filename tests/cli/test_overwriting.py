"""No command writes over what it reads, or writes two things to one file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROADS = "from,to,free_flow_time,capacity\n1,2,1,5\n2,3,1,5\n1,3,3,5\n"
TRIPS = "from,to,trips\n1,3,6\n"
SCENARIOS = '[[scenario]]\nname = "closed"\nchanges = [{close = "1-3"}]\n'
ASK = ("compare", "l.csv", "--trips", "t.csv")


@pytest.fixture(autouse=True)
def roads(tell: Callable[..., Any]) -> None:
    """The files of a small network, in the directory of the test."""
    for name, text in (("l.csv", ROADS), ("t.csv", TRIPS), ("s.toml", SCENARIOS),
                       ("n.csv", "node,x,y\n1,0,0\n2,1,0\n3,2,0\n")):
        Path(name).write_text(text)
    os.link("t.csv", "hard.csv")
    Path("soft.csv").symlink_to("l.csv")


def contents() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path.cwd().iterdir() if path.is_file()}


@pytest.mark.parametrize(("more", "said"), [
    (("--csv", "l.csv"), "--csv l.csv would replace l.csv, which the command reads"),
    (("--csv", "./l.csv"), "would replace l.csv"),
    (("--csv", "soft.csv"), "--csv soft.csv would replace l.csv"),
    (("--csv", "t.csv"), "would replace t.csv"),
    (("--csv", "hard.csv"), "--csv hard.csv would replace t.csv"),
    (("--csv", "s.toml"), "would replace s.toml"),
    (("--nodes", "n.csv", "--report", "n.csv"), "--report n.csv would replace n.csv"),
    (("--csv", "new.png", "--picture", "./new.png"), "--csv and --picture are both new.png"),
    (("--csv", "new.html", "--report", "new.html"), "--csv and --report are both new.html"),
    (("--picture", "new.svg", "--report", "new.svg"), "--picture and --report are both")])
def test_compare_keeps_what_it_reads(tell: Callable[..., Any], more: tuple[str, ...],
                                     said: str) -> None:
    before = contents()
    assert said in tell(*ASK, "--scenarios", "s.toml", *more).refusal()
    assert contents() == before


def test_a_picture_keeps_what_is_compared(tell: Callable[..., Any]) -> None:
    shutil.copy("t.csv", "t.png")
    assert "--picture t.png would replace t.png" in tell(
        "compare", "l.csv", "--trips", "t.png", "--without", "1-3", "--picture", "t.png").refusal()


def test_trips_of_classes_and_a_folder_are_kept(tell: Callable[..., Any]) -> None:
    by_class = ("compare", "l.csv", "--trips", "car=t.csv", "--scenarios", "s.toml")
    assert "would replace t.csv" in tell(*by_class, "--csv", "t.csv").refusal()
    Path("folder").mkdir()
    Path("folder/link.csv").write_text("link_id,from_node_id,to_node_id,vdf_fftt\n1,1,2,1\n")
    for name in ("link.csv", "node.csv"):
        assert f"would replace folder/{name}" in tell(
            "compare", "folder", "--scenarios", "s.toml", "--csv", f"folder/{name}").refusal()


def test_solve_keeps_what_it_reads(tell: Callable[..., Any]) -> None:
    before = contents()
    for more in (("--out", "l.csv"), ("--out", "t.csv"), ("--checkpoint", "l.csv")):
        tell("solve", *ASK[1:], *more).refusal()
    assert contents() == before


def test_a_leaderboard_keeps_the_table(tell: Callable[..., Any]) -> None:
    Path("swept/cells").mkdir(parents=True)
    for name in ("table.parquet", "swept/table.parquet", "swept/cells/a.parquet"):
        pd.DataFrame({"a": [1]}).to_parquet(name)
        assert f"--out {name} would replace" in tell(
            "leaderboard", name.split("/")[0], "--format", "csv", "--out", name).refusal()
    assert "--out and --picture are both a.svg" in tell(
        "leaderboard", "swept", "--format", "csv", "--out", "a.svg", "--picture",
        "a.svg").refusal()
