"""How many agents stand for the trips of a file, and what is said of what rounding loses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads.apportionment import misplaced
from potentia.welfare import traffic

PUBLISHED = Path(__file__).resolve().parents[3] / "shared/data/tntp"
LINKS = "from,to,free_flow_time,capacity,b,power\n1,2,1,1,1,1\n1,3,1,1,1,1\n1,2,2,0,0,1\n"


def game_of(place: Path, trips: dict[int, float], links: str = LINKS,
            **options: Any) -> pt.RoutingGame:
    """Trips from node 1 to the nodes 2 and 3, so many each."""
    (place / "town.csv").write_text(links.replace(",0,0,1", ",,0,1"))
    (place / "trips.csv").write_text("from,to,trips\n" + "".join(
        f"1,{end},{number!r}\n" for end, number in trips.items()))
    return pt.io.read_csv(place / "town.csv", place / "trips.csv", **options)


def test_no_pair_is_lost(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    game = game_of(tmp_path, {2: 2.6, 3: 0.4})
    assert game.trips.count.tolist() == [1300, 200]
    assert float(game.weight) == pytest.approx(3 / 1500, rel=1e-15)
    assert "WARNING" not in caplog.text


def test_a_demand_of_one_is_no_lone_vehicle(tmp_path: Path) -> None:
    """Pigou's price of anarchy is 4/3 (1920); a single agent would pay 1."""
    (tmp_path / "pigou_net.tntp").write_text(
        "<NUMBER OF ZONES> 2\n<NUMBER OF NODES> 2\n<NUMBER OF LINKS> 2\n<END OF METADATA>\n"
        "1 2 1e-9 0 1e-9 1 1 0 0 1;\n1 2 1 0 1 0 1 0 0 1;\n")
    (tmp_path / "trips.tntp").write_text(
        "<NUMBER OF ZONES> 2\n<END OF METADATA>\nOrigin 1\n2 : 1.0;\n")
    game = pt.io.read_tntp(tmp_path / "pigou_net.tntp", tmp_path / "trips.tntp")
    result = pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", max_iterations=500,
                      tolerance=1e-6, progress=False)
    assert traffic.report(game, result.profile).price == pytest.approx(4 / 3, rel=2e-3)


def test_whole_trips_are_agents(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    game = game_of(tmp_path, {2: 1500.0, 3: 1.0})
    assert (game.trips.count.tolist(), float(game.weight)) == ([1500, 1], 1.0)
    assert caplog.text == ""


def test_losses_are_silent_up_to_half_a_percent(tmp_path: Path,
                                                caplog: pytest.LogCaptureFixture) -> None:
    game_of(tmp_path, {2: 100.0, 3: 100.0}, n_agents=201)           # 0.25 % are moved
    assert caplog.text == ""
    game_of(tmp_path, {2: 10.0, 3: 10.0}, n_agents=21)
    assert ("the demand is rounded to 21 agents: 2.4 % of all trips are moved (0.476 of 20), and "
            "4.76 % of those from 1 to 2, the most of any pair; an agent is 0.9524 vehicles; "
            "n_agents=22 would move none") in caplog.text
    caplog.clear()
    game_of(tmp_path, {2: 10.5, 3: 9.5}, n_agents=20)
    assert caplog.text.rstrip().endswith("an agent is 1 vehicle; n_agents=40 would move none")


def test_the_agents_that_are_told_would_do(tmp_path: Path,
                                           caplog: pytest.LogCaptureFixture) -> None:
    trips = {2: 777.7, 3: 0.33}
    game_of(tmp_path, trips, n_agents=3)
    would = re.search(r"1 of 2 pairs lose all; .*; n_agents=(\d+) would move about ([\d.e-]+) %",
                      caplog.text)
    assert would is not None
    counts = game_of(tmp_path, trips, n_agents=int(would[1])).trips.count
    moved = 100 * misplaced(list(trips.values()), counts)
    assert moved < 0.5
    assert f"{moved:.1g}" == would[2]
    assert len(counts) == 2


def test_no_number_is_told_where_none_would_do(tmp_path: Path,
                                               caplog: pytest.LogCaptureFixture) -> None:
    game_of(tmp_path, {2: 1000.0, 3: 1e-9}, n_agents=3)
    assert "1 of 2 pairs lose all; an agent is 333.3 vehicles\n" in caplog.text


def test_a_named_network_tells_what_rounding_moves(caplog: pytest.LogCaptureFixture) -> None:
    pt.games.make("sioux-falls", n_agents=7212)
    assert caplog.text == ""
    pt.games.make("sioux-falls", n_agents=50)
    assert "the demand is rounded to 50 agents" in caplog.text
    assert caplog.text.endswith("n_agents=3606 would move none\n")


def test_what_is_moved_is_told_wherever_anything_is(tmp_path: Path,
                                                    caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "potentia"):
        game_of(tmp_path, {2: 1500.0, 3: 1.0})
        assert "rounded" not in caplog.text
        game_of(tmp_path, {2: 100.0, 3: 100.0}, n_agents=201)
    assert "0.25 % of all trips are moved" in caplog.text
    with pytest.raises(pt.InputError, match=r"the trips sum to 1e\+30, more than"):
        game_of(tmp_path, {2: 1e30})


def test_a_pair_that_is_lost_is_told_however_small(tmp_path: Path,
                                                   caplog: pytest.LogCaptureFixture) -> None:
    game = game_of(tmp_path, {2: 1000.0, 3: 0.1}, n_agents=1000)
    assert len(game.trips.count) == 1
    assert "100 % of those from 1 to 3, the most of any pair; 1 of 2 pairs lose all" in caplog.text


def test_agents_are_fewer_where_each_costs_memory(tmp_path: Path) -> None:
    """A policy for each agent, or a table of costs by their number."""
    trips = {2: 1000.0, 3: 1e-5}
    assert game_of(tmp_path, trips).n_agents == 50_000_001
    for options, links in (({"policies": "agent"}, LINKS),
                           ({}, LINKS.replace("1,2,1,1,1,1", "1,2,1,1,1,9.5"))):
        game = game_of(tmp_path, trips, links, **options)
        assert game.n_agents == 1000
        assert sorted(set(game.trips.count)) == [1, *([999] if not options else [])]
        assert 3 in game.trips.destination


@pytest.mark.skipif(not PUBLISHED.exists(),
                    reason="the published networks are not beside the project")
def test_the_published_trips_are_as_many_agents(caplog: pytest.LogCaptureFixture) -> None:
    game = pt.io.read_tntp(PUBLISHED / "SiouxFalls_net.tntp", PUBLISHED / "SiouxFalls_trips.tntp")
    assert (game.n_agents, float(game.weight), len(game.trips.count)) == (360_600, 1.0, 528)
    np.testing.assert_array_equal(game.trips.count % 100, 0)
    assert "rounded" not in caplog.text


def test_it_is_said_that_agents_are_counted_and_how_many_need_not_be(
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    steep = "from,to,free_flow_time,capacity,b,power\n1,2,1,9,1,7.5\n1,3,1,9,1,4\n"
    told = r"up to 7; the powers of 1 link are higher, up to 7\.5; ([0-9,]+) agents \(n_agents\)"
    caplog.set_level("INFO", "potentia")
    game_of(tmp_path, {2: 5.0, 3: 5.0}, steep, n_agents=500)
    assert not re.search(told, caplog.text)
    game_of(tmp_path, {2: 5.0, 3: 5.0}, steep, n_agents=2000)
    found = re.search(told, caplog.text)
    assert found
    caplog.clear()
    enough = int(found[1].replace(",", ""))
    assert game_of(tmp_path, {2: 5.0, 3: 5.0}, steep, n_agents=enough).large
    assert not re.search(told, caplog.text)
