"""What commands are told of the files of a road network: weights of tolls and lengths."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from potentia import cli

LINKS = "from,to,free_flow_time,capacity,toll,length\n1,2,1,4,5,2\n1,2,2,4,0,1\n"
TRIPS = "from,to,trips\n1,2,40\n"
FILES = ("links.csv", "--trips", "trips.csv")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command in a directory that holds a small network; its status, output and error."""
    monkeypatch.chdir(tmp_path)
    Path("links.csv").write_text(LINKS)
    Path("trips.csv").write_text(TRIPS)

    def told(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["potentia", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return told


def test_weights_reach_the_game_that_is_solved(run) -> None:
    status, out, err = run("solve", *FILES, "--toll-weight", "0.2", "--length-weight", "0.5",
                           "--json")
    roads = json.loads(out)["roads"]
    assert status == 0
    assert roads["toll"] == [1, 0]
    assert [cost - time for cost, time in zip(roads["cost"], roads["time"], strict=True)
            ] == pytest.approx([2, 0.5])
    assert "toll_weight" not in err


def test_tolls_without_a_weight_are_told_of(run) -> None:
    for command in ("solve", "certify"):
        err = run(command, *FILES, *(("--part", "potential") if command == "certify" else ()))[2]
        assert "the tolls on 1 link count as they are, since no toll_weight" in err


def test_compare_and_certify_read_networks_too(run) -> None:
    status, out, _ = run("compare", *FILES, "--toll-weight", "0", "--toll", "1-2=1", "--json")
    assert status == 0
    assert json.loads(out)["first"]["toll_revenue"] == 0
    status, out, _ = run("certify", *FILES, "--toll-weight", "0", "--part", "potential")
    assert status == 0
    assert "PROVEN" in out


REFUSED = {
    "a negative weight": ((*FILES, "--toll-weight", "-1"), "toll_weight is -1, but it must not be"),
    "no number": ((*FILES, "--length-weight", "nan"), "length_weight is nan, not a finite number"),
    "text": ((*FILES, "--toll-weight", "much"), "Invalid value for '--toll-weight'"),
    "a weight of no file": (("braess", "--toll-weight", "1"),
                            "--toll-weight goes with a road network (.tntp or .csv), but braess"),
    "trips of no network": (("braess", "--trips", "trips.csv"), "--trips goes with a road network"),
    "no trips": (("links.csv", "--length-weight", "1"), "add --trips FILE"),
}


@pytest.mark.parametrize("command", ["solve", "certify", "compare"])
@pytest.mark.parametrize(("arguments", "message"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_go_with_a_network_is_one_line(run, command: str, arguments: tuple,
                                                     message: str) -> None:
    status, out, err = run(command, *arguments)
    assert (status, out) == (2, "")
    line, = err.splitlines()
    assert message in line
