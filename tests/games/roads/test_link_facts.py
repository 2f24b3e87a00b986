"""Ids, capacities and lengths of links: where they come from, and that they stay with their
links."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import potentia as pt

LINKS = [(1, 2), (2, 3), (1, 3), (1, 3)]
COSTS = pt.link_costs.polynomial([[1, 1], [2, 0], [0, 3], [9, 0]])
ADDED = pt.link_costs.polynomial([[1, 2]])
CSV = ("id,from,to,free_flow_time,capacity,length\nA7,1,2,10,5,\nB,2,2,1,1,1\nC,2,3,1.5,,7\n"
       "D,1,3,4,inf,0\n")
TRIPS = "from,to,trips\n1,3,40\n"
NET = """<NUMBER OF ZONES> 3
<NUMBER OF NODES> 3
<NUMBER OF LINKS> 4
<END OF METADATA>
1 2 10 4 1 0.15 4 0 0 1 ;
2 2 10 2 2 0.15 4 0 0 1 ;
2 3 0 0 2 0 4 0 0 1 ;
1 3 20 5 2 0.15 4 0 0 1 ;
"""
TABLE = "<NUMBER OF ZONES> 3\n<END OF METADATA>\nOrigin 1\n3 : 40.0;\n"


def game_of(**facts) -> pt.RoutingGame:
    return pt.RoutingGame.from_links(LINKS, COSTS, [(1, 3, 3)], **facts)


def told(game: pt.RoutingGame) -> list[tuple]:
    """Ends, id, capacity and length of each link, None for NaN."""
    known = [None if np.isnan(x) else float(x) for x in (*game.capacities, *game.lengths)]
    half = len(game.links)
    return [((int(a), int(b)), *rest) for (a, b), *rest in zip(
        game.links, game.link_ids, known[:half], known[half:], strict=True)]


def test_links_are_called_by_their_place_where_nothing_is_said() -> None:
    game = game_of()
    assert game.link_ids == (1, 2, 3, 4)
    assert np.isnan([*game.capacities, *game.lengths]).all()


@pytest.mark.parametrize(("ids", "added"), [((10, 7, 3, 12), 13), (("x", "y", "5", "w"), "6")])
def test_facts_stay_with_their_links(ids: tuple, added: int | str, tmp_path: Path) -> None:
    game = game_of(link_ids=ids, capacity=[1, 2, np.nan, np.inf], length=[5, 0, 6, np.nan])
    facts = [((1, 2), ids[0], 1, 5), ((2, 3), ids[1], 2, 0), ((1, 3), ids[2], None, 6),
             ((1, 3), ids[3], np.inf, None)]
    assert told(game) == facts
    for same in (game.tolled({(1, 2): 3.0}), game.untolled(), game.tolled([1] * 4).untolled(),
                 game.paying_marginal_costs()):
        assert told(same) == facts
    fewer = game.without((2, 3))
    assert told(fewer) == [facts[0], *facts[2:]]
    more = fewer.joined((2, 3), ADDED)
    assert told(more) == [facts[0], *facts[2:], ((2, 3), added, None, None)]
    for kept in (game, fewer, more):
        pt.io.save_game(kept, tmp_path / "g.npz")
        assert told(pt.io.load_game(tmp_path / "g.npz")) == told(kept)      # type: ignore[arg-type]


def test_files_tell_them_and_loops_shift_nothing(tmp_path: Path) -> None:
    places = {"a.csv": CSV, "t.csv": TRIPS, "a.tntp": NET, "t.tntp": TABLE,
              "b.csv": CSV.replace("id,", "link_no,")}
    for name, text in places.items():
        (tmp_path / name).write_text(text)
    csv, tntp, other = (tmp_path / name for name in ("a.csv", "a.tntp", "b.csv"))
    game = pt.io.read_csv(csv, tmp_path / "t.csv")
    found = [((1, 2), "A7", 5, None), ((2, 3), "C", None, 7), ((1, 3), "D", None, 0)]
    assert told(game) == found
    assert (game.distance_costs == 0).all()
    assert pt.io.read_csv(other, tmp_path / "t.csv").link_ids == (1, 3, 4)
    named = pt.io.read_csv(other, tmp_path / "t.csv", columns={"link_id": "link_no"},
                           length_weight=2.0)
    assert told(named) == found
    np.testing.assert_array_equal(named.distance_costs, [0, 14, 0])
    assert told(pt.io.read_tntp(tntp, tmp_path / "t.tntp")) == [
        ((1, 2), 1, 10, 4), ((2, 3), 3, None, 0), ((1, 3), 4, 20, 5)]


@pytest.mark.parametrize(("ids", "found"), [
    (("7", "5", "9"), (7, 5, 9)), (("7", "07", "9"), ("7", "07", "9")),
    (("a", "1", "9"), ("a", "1", "9"))])
def test_ids_in_a_file_are_whole_numbers_or_text(ids: tuple, found: tuple, tmp_path: Path) -> None:
    text = "link_id,from,to,free_flow_time\n" + "".join(
        f"{name},{ends},1\n" for name, ends in zip(ids, ("1,2", "2,3", "1,3"), strict=True))
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "t.csv").write_text(TRIPS)
    assert pt.io.read_csv(tmp_path / "a.csv", tmp_path / "t.csv").link_ids == found


@pytest.mark.parametrize(("twice", "why"), [
    ("A7", "id is 'A7', as in line 2"), ("", "id is ''")])
def test_ids_that_are_none(twice: str, why: str, tmp_path: Path,
                           caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "a.csv").write_text(CSV.replace("D,", f"{twice},"))
    (tmp_path / "t.csv").write_text(TRIPS)
    game = pt.io.read_csv(tmp_path / "a.csv", tmp_path / "t.csv")
    assert game.link_ids == (1, 3, 4)
    assert f"a.csv, line 5: {why}: links are called by where they stand" in caplog.text
    with pytest.raises(pt.InputError, match=f"line 5: {why}, but each link needs an id"):
        pt.io.read_csv(tmp_path / "a.csv", tmp_path / "t.csv", columns={"id": "ID"})


@pytest.mark.parametrize(("facts", "message"), [
    ({"link_ids": [1, 2, 3]}, "link_ids are 3, but there are 4 links"),
    ({"link_ids": [1, 2, 3, 1]}, "link_ids holds 1 twice"),
    ({"link_ids": ["a", "b", "c", 1]}, "link_ids holds 1, but ids are all whole numbers or all"),
    ({"link_ids": ["a", "b", "c", " "]}, "link_ids holds ' '"),
    ({"link_ids": "abcd"}, "link_ids is 'abcd', but an id for each link"),
    ({"link_ids": 4}, "link_ids is 4, but an id for each link"),
    ({"link_ids": [1, 2, 3, 2**70]}, "beyond 64 bits"),
    ({"capacity": [1, 2, 0, 1]}, r"capacity\[link=2\] is 0, but it must be positive"),
    ({"capacity": [1, 2]}, r"capacity has shape \(2,\), but it must be \(4,\)"),
    ({"length": [1, -2, 0, 1]}, r"length\[link=1\] is -2, but it must be finite and not negative"),
    ({"length": [1, np.inf, 0, 1]}, r"length\[link=1\] is inf"),
])
def test_facts_that_are_none(facts: dict, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        game_of(**facts)
