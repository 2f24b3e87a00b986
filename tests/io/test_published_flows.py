"""Published flows on the links of a game, and flows of another network."""

from __future__ import annotations

from pathlib import Path

import pytest

import potentia as pt

LINKS = [(1, 2), (2, 3), (1, 3), (1, 3)]
COSTS = pt.link_costs.polynomial([[1, 1], [2, 0], [0, 3], [9, 0]])
GAME = pt.RoutingGame.from_links(LINKS, COSTS, [(1, 3, 3)], name="town")
HEAD = "From \tTo \tVolume \tCost \n"
ROWS = ("1 \t3 \t7 \t4.5 \n", "1 2 5.5 1 ;\n", "2 2 9 9\n", "2 3 6 2\n", "1 3 8 9\n")


def written(place: Path, *rows: str) -> Path:
    (place / "flow.tntp").write_text(HEAD + "".join(rows))
    return place / "flow.tntp"


def test_flows_stand_in_the_order_of_the_links(tmp_path: Path) -> None:
    found = pt.io.read_tntp_flows(written(tmp_path, *ROWS), GAME)
    assert found.flow.tolist() == [5.5, 6, 7, 8]
    assert found.cost.tolist() == [1, 2, 4.5, 9]
    named = pt.RoutingGame.from_links(LINKS, COSTS, [(1, 3, 3)], node_names=("A", "B", "C"))
    letters = [row.replace("1 ", "A ", 1).replace("2 ", "B ", 1) for row in ROWS[1:2]]
    letters += ["B C 6 2\n", "A C 7 4.5\n", "A C 8 9\n"]
    assert pt.io.read_tntp_flows(written(tmp_path, *letters), named).flow.tolist() == [5.5, 6, 7, 8]


@pytest.mark.parametrize(("rows", "message"), [
    ((*ROWS, "3 1 4 4\n"), "line 7: town has no link 3 -> 1: these are another network's flows"),
    ((*ROWS, ROWS[0]), "line 7: the link 1 -> 3 is there more often than in town"),
    (ROWS[:2], "line 3: the file ends without the link 2 -> 3 of town"),
    ((*ROWS[:4], "1 3 -1 3\n"), "line 6: volume is -1, but it must not be negative"),
    ((*ROWS[:4], "1 3 1\n"), "line 6: there are 3 columns, but 4 were expected"),
    ((), "line 1: the file ends without the link 1 -> 2 of town")])
def test_flows_of_another_network_are_refused(rows: tuple, message: str, tmp_path: Path) -> None:
    with pytest.raises(pt.InputError, match=rf"flow\.tntp, {message}"):
        pt.io.read_tntp_flows(written(tmp_path, *rows), GAME)


PUBLISHED = Path(__file__).resolve().parents[3] / "shared/data/tntp"


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published networks are not beside the "
                                                   "project")
def test_the_published_flows_of_sioux_falls() -> None:
    game = pt.games.make("sioux-falls", n_agents=528)
    found = pt.io.read_tntp_flows(PUBLISHED / "SiouxFalls_flow.tntp", game)
    assert found.flow[0] == pytest.approx(4494.6576464564205)
    assert (found.flow @ found.cost) == pytest.approx(7_480_225.34, rel=1e-6)
    with pytest.raises(pt.InputError, match=r"SiouxFalls_flow\.tntp, line 2: braess has no link 1"):
        pt.io.read_tntp_flows(PUBLISHED / "SiouxFalls_flow.tntp", pt.games.make("braess"))
