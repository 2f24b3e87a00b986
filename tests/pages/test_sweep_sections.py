"""What a page says of a sweep, counted again from its table."""

from __future__ import annotations

from typing import Any

import pytest

import potentia as pt
from potentia.pages.subjects import Swept
from potentia.pages.sweep_sections import of_sweep, soonest
from potentia.ranking.leaderboard import leaderboard
from potentia.sweeps.sweep import Sweep

STEPS = [0.2, 1e-4]       # of which the second never comes near


@pytest.fixture(scope="module")
def swept() -> Sweep:
    """One game at two parameters, one rule at two settings."""
    return pt.sweep([{"name": "stag-hunt", "stag": [3.0, 4.0]}],
                    [{"name": "inpg", "step_size": STEPS}], seeds=3, max_iterations=200,
                    check_every=5, progress=False)


def sections(sweep: Sweep) -> list[Any]:
    return of_sweep(Swept(sweep, {"seeds": range(3), "settings": {}}, None))


def test_a_rule_alone_is_not_ranked_and_its_runs_are_those_of_its_best_setting(
        swept: Sweep) -> None:
    table: Any = swept.table
    best = table[table["rule.step_size"] == STEPS[0]]
    near = int(best["iterations_to_0.0001"].notna().sum())
    assert near > 0
    first = sections(swept)[0]
    assert first.blocks[0].text == (
        f"Over 2 games inpg came to an exact Nash gap of 0.0001 in {near} of its 6 runs with its "
        f"best setting on each game.")
    assert "Which rule" not in first.title
    tables = [block for block in first.blocks if block.kind == "columns"]
    assert len(tables) == 2
    for each in tables:
        assert each.columns[0] == "rule"
        assert all(row[0] == "inpg" for row in each.rows)
    (lines,) = (block for block in first.blocks if block.kind == "lines")
    assert "all of its runs" in lines.caption
    counted = dict(lines.lines)["runs ended as"].replace(",", "").split()
    assert sum(map(int, counted[::2])) == len(table) == 12


def test_curves_are_called_by_game_and_quantity(swept: Sweep) -> None:
    captions = [block.caption for block in sections(swept)[1].blocks if block.kind == "picture"]
    assert captions == ["stag-hunt, stag=3: exact Nash gap",
                        "stag-hunt, stag=4: exact Nash gap"]
    alone = pt.sweep(["stag-hunt"], [{"name": "inpg", "step_size": 0.2}], seeds=3,
                     max_iterations=200, check_every=5, progress=False)
    (caption,) = (block.caption for block in sections(alone)[1].blocks if block.kind == "picture")
    assert caption == "stag-hunt: exact Nash gap"
    assert "best setting" not in sections(alone)[0].blocks[0].text


def test_of_several_rules_the_first_is_told() -> None:
    found = pt.sweep(["stag-hunt"], ["best-response", "regret-matching"], seeds=2,
                     max_iterations=10, check_every=5, progress=False)
    board = leaderboard(found.table)
    first: Any = board.overall().iloc[0]
    said = soonest(board)
    assert f"{first['rule']} is first of 2 rules" in said
    assert f"{first['never']} of its 2 runs never got there" in said
    assert sections(found)[0].title.startswith("Which rule")
