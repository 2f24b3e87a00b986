"""Gambit's .nfg files, both versions: against pygambit, bit for bit there and back, and damaged in
every way."""

from __future__ import annotations

import io
import logging
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import potentia as pt
from potentia.games.tabular.payoffs import tables_of

pygambit = pytest.importorskip("pygambit")

# The example of Gambit's documentation: Selten (IJGT, 1975), Figure 2.
SELTEN = """NFG 1 R "Selten (IJGT, 75), Figure 2, normal form"
{ "Player 1" "Player 2" } { 3 2 }

1 1 0 2 0 2 1 1 0 3 2 0
"""
OUTCOMES = """NFG 1 R "Selten (IJGT, 75), Figure 2, normal form" { "Player 1" "Player 2" }
{ { "1" "2" "3" } { "1" "2" } }
"the same"
{
{ "" 1, 1 }
{ "" 0, 2 }
{ "won" 0, 3 }
{ "" 2 0 }
}
1 2 2 1 3 4
"""
QUICK = settings(max_examples=40, derandomize=True, deadline=None,
                 suppress_health_check=[HealthCheck.function_scoped_fixture])
REAL = st.floats(allow_nan=False, allow_infinity=False)


def written(place: Path, text: str) -> Path:
    path = place / "game.nfg"
    path.write_text(text)
    return path


def paid(game: pt.MarkovGame) -> np.ndarray:
    """[N, A1, ..., AN]."""
    return np.stack(tables_of(game))


@pytest.mark.parametrize("text", [SELTEN, OUTCOMES, " ".join(SELTEN.split()),
                                  SELTEN.replace("1 R", "1 D").replace('"\n', '" ')])
def test_both_versions_are_seltens_game(tmp_path, text):
    game = pt.io.read_nfg(written(tmp_path, text))
    assert paid(game).tolist() == [[[1, 1], [0, 0], [0, 2]], [[1, 1], [2, 3], [2, 0]]]
    assert game.name == "Selten (IJGT, 75), Figure 2, normal form"
    assert (game.n_states, float(game.discount)) == (1, 0.0)


def test_numbers_are_pygambits(tmp_path, caplog):
    text = ('NFG 1 R "numbers" { "a" "b" "c" } { 2 1 2 } ""\n1/3 -2/7 .5 -.5 3. 1e-3 1E22 '
            '0.1 12345678901234567890 1e-7 2/4 0')
    with caplog.at_level(logging.INFO, "potentia"):
        ours = paid(pt.io.read_nfg(written(tmp_path, text)))
    theirs = pygambit.read_nfg(io.BytesIO(text.encode())).to_arrays()
    assert ours.tolist() == [np.vectorize(float)(table).tolist() for table in theirs]
    assert caplog.messages == [f"{tmp_path / 'game.nfg'}: float64 does not hold 3 numbers of it, "
                               f"such as 1/3: each is the nearest that it holds"]


@pytest.mark.parametrize("word", ["0.1", "1/10", "1e-7", "0.30000000000000004", "-0.0", "1e-320",
                                  "9007199254740992", "123456789012.345"])
def test_what_float64_writes_again_is_no_other_number(tmp_path, caplog, word):
    with caplog.at_level(logging.INFO, "potentia"):
        pt.io.read_nfg(written(tmp_path, f'NFG 1 R "" {{ "a" }} {{ 1 }} {word}'))
    assert not caplog.messages


@pytest.mark.parametrize("word", ["1/3", "9007199254740993", "0.1000000000000000055", "1e-400",
                                  "1e-99999999999", "0.30000000000000003"])
def test_what_float64_does_not_hold_is_noted(tmp_path, caplog, word):
    with caplog.at_level(logging.INFO, "potentia"):
        pt.io.read_nfg(written(tmp_path, f'NFG 1 R "" {{ "a" }} {{ 1 }} {word}'))
    assert f"does not hold 1 number of it, such as {word}" in caplog.text


@QUICK
@given(counts=st.lists(st.integers(1, 3), min_size=1, max_size=3), data=st.data(),
       version=st.sampled_from(["payoffs", "outcomes"]))
def test_a_round_trip_keeps_every_bit(tmp_path, counts, data, version):
    size = int(np.prod(counts)) * len(counts)
    few = data.draw(st.lists(REAL, min_size=1, max_size=4))
    tables = np.array(data.draw(st.lists(st.sampled_from(few) | REAL, min_size=size,
                                         max_size=size))).reshape(len(counts), *counts)
    path = tmp_path / "game.nfg"
    game = pt.MarkovGame.from_payoffs(*tables, name='a "quoted" \\ name')
    pt.io.write_nfg(game, path, version=version)
    again = pt.io.load_game(path)
    assert isinstance(again, pt.MarkovGame)
    assert np.asarray(again.rewards).tobytes() == np.asarray(game.rewards).tobytes()
    assert (again.name, again.action_counts) == (game.name, tuple(counts))


@pytest.mark.parametrize("version", ["payoffs", "outcomes"])
def test_pygambit_reads_what_is_written(tmp_path, version):
    tables = np.random.default_rng(1).normal(size=(3, 2, 3, 2)) * 1e-6
    tables[:, 1] = 7
    pt.io.write_nfg(pt.MarkovGame.from_payoffs(*tables, name='q"q'), tmp_path / "g.nfg",
                    version=version)
    theirs = pygambit.read_nfg(str(tmp_path / "g.nfg"))
    assert [np.vectorize(float)(table).tolist() for table in theirs.to_arrays()] == tables.tolist()
    assert theirs.title == 'q"q'


HEAD = 'NFG 1 R "t" { "a" "b" }\n'


@pytest.mark.parametrize(("text", "why"), [
    ("", "is empty"),
    ("EFG 2 R", "line 1: 'EFG', but 'NFG' was expected"),
    ("NFG 2 R", "line 1: '2', but '1' was expected"),
    ("NFG 1 X", "line 1: after 'NFG 1' neither R nor D"),
    ("NFG 1 R t", "line 1: 't', but text in quotes was expected, the title"),
    ('NFG 1 R "t', "line 1: a quote that is not closed"),
    ('NFG 1 R "t" { }', "there is not a player"),
    ('NFG 1 R "t"\n{ "a"\n"a" }', "line 3: 'a' is the label of a player twice"),
    (HEAD + "{ 2 2", "line 2: the file ends, but '}' was expected"),
    (HEAD + "{ 2 }", "line 2: strategies of 1 player, but there are 2"),
    (HEAD + "{ 2 0 }", "line 2: 0, but a whole number of at least 1"),
    (HEAD + "{ 2 1.5 }", "line 2: '1.5', but a whole number"),
    (HEAD + '{ { "x" "y" } { "x"\n"x" } }', "line 3: 'x' is the label of a strategy twice"),
    (HEAD + "{ 100000 100000 }", "line 2: n_agents=2 needs a table of at least 1 states x "
                                 "10,000,000,000 joint actions, 320,000 MB"),
    (HEAD + "{ 2 1 }\n1 2 3", "line 3: the file ends after 3 of 4 payoffs of 2 players with 2 x 1"),
    (HEAD + "{ 2 1 }\n1 2 3 4\n5", "line 4: '5' follows a payoff, the last of the file"),
    (HEAD + "{ 2 1 }\n1 2\nnan 4", "line 4: 'nan', but a finite number was expected"),
    (HEAD + "{ 2 1 }\n1 2 inf 4", "'inf', but a finite number was expected"),
    (HEAD + "{ 2 1 }\n1 2 1e999 4", "'1e999' is too large a number"),
    (HEAD + "{ 2 1 }\n1 2 " + "9" * 9999 + "/7 4", "is too large a number"),
    (HEAD + "{ 2 1 }\n1 2 1/0 4", "'1/0' divides by zero"),
    (HEAD + "{ 2 1 }\n1 2 1_0 4", "'1_0', but a finite number"),
    (HEAD + "{ 2 1 }\n1,2,3,4", "',', but a finite number"),
    (HEAD + '{ 2 1 } { { "" 1 } } 1 1', "an outcome with 1 payoff, but there are 2 players"),
    (HEAD + '{ 2 1 } { { "" 1, 2, 3 } } 1 1', "an outcome with 3 payoffs"),
    (HEAD + '{ 2 1 } { { "" 1, 2 } }\n1 2', "line 3: 2, but a whole number from 0 to 1 was"),
    (HEAD + '{ 2 1 } { { "" 1, 2 } }\n1', "the number of an outcome: joint action 2 of 2"),
    (HEAD + '{ 2 1 } { { "" 1, 2 } }\n1 0 1', "'1' follows the number of an outcome"),
])
def test_damage_is_one_line_with_its_place(tmp_path, text, why):
    path = written(tmp_path, text)
    with pytest.raises(pt.InputError) as told:
        pt.io.read_nfg(path)
    assert str(told.value).startswith(f"{path}")
    assert why in str(told.value)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 400


@QUICK
@given(cut=st.integers(0, len(OUTCOMES) - 1), put=st.sampled_from(["", "{", '"', "x", "-1", "}"]))
def test_whatever_is_cut_is_read_or_refused(tmp_path, cut, put):
    try:
        pt.io.read_nfg(written(tmp_path, OUTCOMES[:cut] + put + OUTCOMES[cut + 1:]))
    except pt.InputError as error:
        assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize(("game", "why"), [
    (pt.MarkovGame.from_arrays([[[1.0, 2.0]]], [[0, 0]], discount=0.5), "at discount 0.5"),
    (pt.MarkovGame.from_arrays(np.zeros((1, 2, 2)), [[0, 0], [0, 0]], discount=0),
     "has 2 states"),
    (pt.MarkovGame.from_arrays([[[1.0, 2.0]]], [[0, 0]], discount=0, mask=[[[1, 0]]]),
     "agent 0 has no action 1"),
    (pt.games.make("pigou"), "a .nfg file holds a tabular game: give its tabular() or normal_form"),
])
def test_what_is_not_played_once_is_not_written(tmp_path, game, why):
    with pytest.raises(pt.InputError, match=why.replace("(", r"\(").replace(")", r"\)")):
        pt.io.save_game(game, tmp_path / "game.nfg")
    assert list(tmp_path.iterdir()) == []


NAMED = pt.MarkovGame.from_payoffs(
    [[1, 2, 3], [4, 5, 6]], [[0, 1, 0], [1, 0, 1]], name="named", agents=["row", 'the "other"'],
    actions=[["up", "down"], ["left", "in the middle", "right"]])


@pytest.mark.parametrize("version", ["payoffs", "outcomes"])
def test_names_go_both_ways_and_to_pygambit(tmp_path, version):
    pt.io.write_nfg(NAMED, tmp_path / "g.nfg", version=version)
    assert pt.io.read_nfg(tmp_path / "g.nfg").names == NAMED.names
    theirs = pygambit.read_nfg(str(tmp_path / "g.nfg"))
    players = [str(player) for player in theirs.players]
    assert (*players,) == NAMED.names.agents
    assert [(*theirs.get_strategies(player),) for player in players] == [*NAMED.names.actions]


@pytest.mark.parametrize(("text", "agents", "actions"), [
    (SELTEN, ("Player 1", "Player 2"), ()),
    (OUTCOMES, ("Player 1", "Player 2"), ()),
    (OUTCOMES.replace('"Player 2"', '""').replace('{ "1" "2" }', '{ "x" "2" }'), (),
     (("1", "2", "3"), ("x", "2"))),
    (SELTEN.replace('"Player 1" "Player 2"', '"1" "2"'), (), ()),
])
def test_labels_that_only_count_are_no_names(tmp_path, text, agents, actions):
    names = pt.io.read_nfg(written(tmp_path, text)).names
    assert (names.agents, names.actions) == (agents, actions)


def test_labels_that_read_alike_are_both_named(tmp_path):
    path = written(tmp_path, SELTEN.replace('"Player 1" "Player 2"', '"the  row" "the\nrow"'))
    with pytest.raises(pt.InputError) as told:
        pt.io.read_nfg(path)
    assert str(told.value) == (
        rf"{path}: there are the labels 'the  row' and 'the\nrow', which read alike")


@pytest.mark.parametrize("kind", [".agg", ".json"])
def test_no_file_is_written_that_would_be_read_as_another_kind(tmp_path, kind):
    with pytest.raises(pt.InputError, match=f"would be read as {kind}, but games are written as"):
        pt.io.save_game(NAMED, tmp_path / f"game{kind}")
    assert list(tmp_path.iterdir()) == []


def test_versions_have_names(tmp_path):
    with pytest.raises(pt.InputError, match="unknown version 'outcome'; did you mean 'outcomes'"):
        pt.io.write_nfg(pt.games.make("stag-hunt"), tmp_path / "g.nfg", version="outcome")
