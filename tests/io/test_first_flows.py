"""Flows in a file that a solve begins from: what is not in it is noted by the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest

import potentia as pt
from potentia.io.link_flows import read_first_flows

GAME = pt.games.make("braess", n_agents=6)


def test_links_without_a_flow_and_strangers_are_noted_with_the_file(
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "earlier.csv"
    path.write_text("id,flow\n1,4\n2,2\n4,4\n77,1\n")
    with caplog.at_level("INFO"):
        found = read_first_flows(path, GAME)
        GAME.profile_of_flows(found)
    assert found == {1: 4.0, 2: 2.0, 3: 0.0, 4: 4.0, 5: 0.0}
    assert [record.getMessage() for record in caplog.records if record.name == "potentia"] == [
        f"{path}: 2 links without a flow, which begin at 0, such as 3",
        f"{path}: 1 link that the network has not, such as '77'"]


def test_a_file_of_another_network_is_named(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("id,flow\n77,1\n")
    with pytest.raises(pt.InputError, match=r"other\.csv has flows of none of the links"):
        read_first_flows(path, GAME)
