"""Games of pygambit as ours and back; what of theirs does not fit; our equilibria by its regret."""

from __future__ import annotations

import io
import logging
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potentia as pt
from potentia.bridges import gambit
from potentia.games.tabular.payoffs import tables_of

pygambit = pytest.importorskip("pygambit")

SIMULTANEOUS = """EFG 2 R "tree" { "A" "B" }
p "" 1 1 "" { "L" "R" } 0
p "" 2 1 "" { "l" "m" "r" } 0
t "" 1 "1" { 1 2 }
t "" 2 "2" { 3 4 }
t "" 3 "3" { 5 6 }
p "" 2 1 "" { "l" "m" "r" } 0
t "" 4 "4" { 7 8 }
t "" 5 "5" { 9 10 }
t "" 6 "6" { 11 12 }
"""
SEEN = SIMULTANEOUS.replace('p "" 2 1 "" { "l" "m" "r" } 0\nt "" 4',
                            'p "" 2 2 "" { "l" "m" "r" } 0\nt "" 4')
ENTRY = """EFG 2 R "entry" { "A" "B" }
p "" 1 1 "" { "In" "Out" } 0
p "" 2 1 "" { "l" "r" } 0
t "" 1 "1" { 1 2 }
t "" 2 "2" { 3 4 }
t "" 3 "3" { 5 6 }
"""
CHANCE = """EFG 2 R "weather" { "A" }
c "" 1 "" { "sun" 1/3 "rain" 2/3 } 0
p "" 1 1 "" { "L" "R" } 0
t "" 1 "1" { 1 }
t "" 2 "2" { 3 }
p "" 1 1 "" { "L" "R" } 0
t "" 3 "3" { 5 }
t "" 4 "4" { 7 }
"""
FORGOTTEN = """EFG 2 R "driver" { "A" }
p "" 1 1 "" { "L" "R" } 0
p "" 1 1 "" { "L" "R" } 0
t "" 1 "1" { 1 }
t "" 2 "2" { 3 }
t "" 3 "3" { 5 }
"""
# One player of two types, who chooses between two nodes.
BAYESIAN = """#BAGG
1
2
0
2
1/2 1/2
2 2
0 1
0 1
0
0
0 1
0 2
"""
REAL = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)


def tree(text: str) -> Any:
    return pygambit.read_efg(io.BytesIO(text.encode()))


@settings(max_examples=25, derandomize=True, deadline=None)
@given(counts=st.lists(st.integers(1, 3), min_size=1, max_size=3), data=st.data())
def test_a_round_trip_keeps_every_bit(counts, data):
    size = int(np.prod(counts)) * len(counts)
    tables = np.array(data.draw(st.lists(REAL, min_size=size, max_size=size))).reshape(
        len(counts), *counts)
    game = pt.MarkovGame.from_payoffs(*tables, name="drawn")
    theirs = pt.bridges.gambit.to_pygambit(game)
    again = pt.bridges.gambit.from_pygambit(theirs)
    np.testing.assert_array_equal(np.asarray(again.rewards), np.asarray(game.rewards))
    assert (again.name, again.action_counts) == ("drawn", tuple(counts))


def test_fractions_become_the_nearest_numbers_and_that_is_noted(caplog):
    theirs = pygambit.StrategicGame.from_arrays([[Fraction(1, 3), 2], [Fraction(1, 10), 4]],
                                                [[0, 1], [2, Fraction(1, 7)]])
    with caplog.at_level(logging.INFO, "potentia"):
        first, second = tables_of(gambit.from_pygambit(theirs))
    assert first.tolist() == [[1 / 3, 2], [0.1, 4]]
    assert second.tolist() == [[0, 1], [2, 1 / 7]]
    assert caplog.messages == ["the game: float64 does not hold 2 numbers of it, such as 1/3: each "
                               "is the nearest that it holds"]


def test_a_tree_of_one_simultaneous_choice_is_its_table():
    game = gambit.from_pygambit(tree(SIMULTANEOUS))
    assert [table.tolist() for table in tables_of(game)] == [[[1, 3, 5], [7, 9, 11]],
                                                             [[2, 4, 6], [8, 10, 12]]]
    assert game.name == "tree"


def test_names_go_both_ways_and_come_from_a_trees_actions():
    names = gambit.from_pygambit(tree(SIMULTANEOUS)).names
    assert (names.agents, names.actions) == (("A", "B"), (("L", "R"), ("l", "m", "r")))
    game = pt.MarkovGame.from_payoffs([[1, 2], [3, 4]], [[1, 2], [3, 4]], agents=["2", "1"],
                                      actions=["2", "up"])
    assert gambit.from_pygambit(gambit.to_pygambit(game)).names == game.names
    assert not gambit.from_pygambit(pygambit.StrategicGame.from_arrays([[1]], [[2]])).names


def test_a_name_that_gambit_does_not_take_is_refused():
    game = pt.MarkovGame.from_payoffs([1, 2], actions=["two  blanks", "x"])
    with pytest.raises(pt.InputError, match="pygambit takes no such name: Invalid label"):
        gambit.to_pygambit(game)


def test_an_action_graph_game_is_its_table():
    text = "#AGG\n2\n2\n0\n2 2\n0 1\n0 1\n2 0 1\n2 1 0\n0 35.5 -3.25\n0 -10.25 95\n"
    game = gambit.from_pygambit(pygambit.read_agg(io.BytesIO(text.encode())))
    assert tables_of(game)[0].tolist() == [[-3.25, 35.5], [-10.25, 95]]


@pytest.mark.parametrize(("text", "why"), [
    (SEEN, "sequential: 'B' decides in 2 information sets"),
    (ENTRY, "sequential: 'B' decides 0 times in one of its plays"),
    (CHANCE, "chance moves in the game (1 of its events)"),
])
def test_a_tree_that_is_more_is_refused_and_its_strategic_form_serves(text, why):
    theirs = tree(text)
    with pytest.raises(pt.InputError) as told:
        gambit.from_pygambit(theirs)
    assert why in str(told.value)
    assert "; its reduced strategic form fits: from_pygambit(pygambit.StrategicGame.from_" in str(
        told.value)
    strategic = pygambit.StrategicGame.from_arrays(*theirs.to_arrays())
    for table, exact in zip(tables_of(gambit.from_pygambit(strategic)), theirs.to_arrays(),
                            strict=True):
        np.testing.assert_allclose(table, np.vectorize(float)(exact))


def test_players_who_forget_have_no_strategic_form_that_serves():
    with pytest.raises(pt.InputError, match=r"2 times in one .* players forget"):
        gambit.from_pygambit(tree(FORGOTTEN))


def test_private_types_are_refused():
    theirs = pygambit.read_bagg(io.BytesIO(BAYESIAN.encode()))
    with pytest.raises(pt.InputError, match="the game is Bayesian: its players have private types"):
        gambit.from_pygambit(theirs)


@pytest.mark.parametrize(("call", "why"), [
    (lambda: gambit.from_pygambit([[1, 2]]), r"game is \[\[1, 2\]\], but a pygambit game"),
    (lambda: gambit.to_pygambit(pt.games.make("braess")), "to_pygambit needs a tabular game: give"),
    (lambda: gambit.to_pygambit(pt.games.make("distancing", n_agents=2)), "has 2 states, but"),
    (lambda: gambit.from_pygambit(pygambit.StrategicGame.from_arrays([10**400], title="x")),
     "too large for float64"),
    (lambda: gambit.from_mixed_profile([[[1.0]]]), "but a pygambit.MixedStrategyProfile"),
    (lambda: gambit.to_mixed_profile(3, [[[1.0]]]), "game is 3, but a pygambit game"),
    (lambda: gambit.to_mixed_profile(tree(SIMULTANEOUS), [[[1.0, 0, 0]], [[1, 0, 1]]]),
     "information state=0] sums to 2"),
])
def test_what_does_not_fit_is_said(call, why):
    with pytest.raises(pt.InputError, match=why.replace("]", r"\]").replace(r"\\]", r"\]")):
        call()


@pytest.mark.parametrize("name", ["stag-hunt", "prisoners-dilemma", "chicken", "public-goods"])
def test_pure_equilibria_are_those_of_gambit(name):
    game = pt.games.make(name)
    if game.n_states > 1 or game.discount:
        game = pt.MarkovGame.from_payoffs(*np.moveaxis(
            np.asarray(game.rewards)[0].reshape(*game.action_counts, game.n_agents), -1, 0))
    theirs = gambit.to_pygambit(game)
    pure = pt.equilibria.pure(game)
    found = np.eye(pure.n_actions)[pure.actions]
    assert len(found) == len(pygambit.nash.enumpure_solve(theirs).equilibria) > 0
    for profile in found:
        assert gambit.to_mixed_profile(theirs, profile).max_regret() == 0


@pytest.mark.parametrize(("counts", "seed"), [((3, 2), 1), ((2, 3, 2), 2)])
def test_certified_gaps_are_gambits_regrets_and_profiles_go_both_ways(counts, seed):
    tables = np.random.default_rng(seed).normal(size=(len(counts), *counts))
    game = pt.MarkovGame.from_payoffs(*tables)
    theirs = gambit.to_pygambit(game)
    mixed = theirs.random_strategy_profile()
    profile = gambit.from_mixed_profile(mixed)
    assert profile.shape == (len(counts), 1, max(counts))
    certificate = pt.certify(game, profile)
    assert certificate.nash_gap == pytest.approx(float(mixed.max_regret()), abs=1e-12)
    again = gambit.to_mixed_profile(theirs, profile)
    np.testing.assert_allclose(gambit.from_mixed_profile(again), profile, atol=1e-15)


def test_a_mixed_equilibrium_that_is_found_is_one_by_gambits_regret():
    game = pt.games.make("rock-paper-scissors")
    result = pt.solve(game, pt.rules.RegretMatching(), initial="uniform", tolerance=1e-9)
    assert result.status is pt.Status.CONVERGED
    mixed = gambit.to_mixed_profile(gambit.to_pygambit(game), result.profile)
    assert mixed.max_regret() <= 1e-9


def test_a_mixed_profile_of_theirs_is_told_what_makes_one_of_ours():
    game = pt.games.make("stag-hunt")
    mixed = pt.bridges.gambit.to_pygambit(game).mixed_strategy_profile()
    with pytest.raises(pt.InputError, match=r"pt\.bridges\.gambit\.from_mixed_profile makes one"):
        pt.certify(game, mixed)
    assert pt.certify(game, pt.bridges.gambit.from_mixed_profile(mixed)).nash_gap > 0
