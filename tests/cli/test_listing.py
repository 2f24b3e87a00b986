"""`potentia games`, `rules` and their like: what there is, in words."""

from __future__ import annotations

from pathlib import Path

import pytest

import potentia as pt


def test_a_parameter_without_a_default_is_said_to_be_asked_for(tell) -> None:
    lines = tell("rules", "ipg").out.splitlines()
    assert ("  step_size: number or function of the iteration; must be given "
            "(potentia solve takes 0.1)") in lines
    assert "must be given" not in tell("rules", "frank-wolfe").out


@pytest.mark.parametrize(("command", "registry"),
                         [("games", "games"), ("rules", "rules"), ("oracles", "oracles"),
                          ("schedules", "schedules")])
def test_lists_name_everything_with_a_line(tell, command: str, registry: str) -> None:
    rows = tell(command, "--json").document()
    assert [row["name"] for row in rows] == getattr(pt, registry).names()
    assert all(row["line"].endswith((".", ":")) for row in rows)
    if command != "oracles":  # an oracle of our own has no source
        assert all(row["source"] for row in rows)
    assert rows[0]["name"] in tell(command).out


@pytest.mark.parametrize(("command", "lines"), [
    (("rules", "inpg"), ["inpg", "  step_size: number or function of the iteration; must be given "
                                 "(potentia solve takes 0.1)", ""]),
    (("rules", "inpg-adaptive"),
     ["  growth: number or function of the iteration; 1.02 if omitted"]),
    (("oracles", "sampled"), ["  horizon: whole number; 20 if omitted"]),
    (("games", "distancing"), ["  weights: numbers; (1, 2, 4, 6) if omitted",
                               "  safe_threshold: number; may be omitted",
                               "gives a MarkovGame or LoadGame"])])
def test_one_of_them_shows_its_parameters_in_words(tell, command: tuple[str, ...],
                                                   lines: list[str]) -> None:
    told = tell(*command).out
    assert set(lines) <= set(told.splitlines())
    assert told.splitlines()[0] == command[1]


def test_all_rules_are_written_as_a_page(tell) -> None:
    assert tell("rules", "--page", "new/rules.md").out == "The page is new/rules.md\n"
    headings = [line for line in Path("new/rules.md").read_text().splitlines() if "## " in line]
    assert headings == [f"## {name}" for name in (*pt.rules.names(), *pt.schedules.names())]
    assert "leave out 'pigou'" in tell("games", "pigou", "--page", "games.md").refusal()
    assert not Path("games.md").exists()


def test_a_game_says_whether_it_is_a_potential_game(tell) -> None:
    shown = "  as it stands: PROVEN: by structure: a potential of the stage game of each state"
    assert shown in tell("games", "two-link-congestion").out
    (row,) = tell("games", "two-link-congestion", "--json").document()
    assert [kind["verdict"] for kind in row["potential_game"]] == ["PROVEN"]
