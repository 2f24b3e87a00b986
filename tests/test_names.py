"""Names of agents, actions and states: checked once, kept in files, told in messages and tables."""

import json
import re

import numpy as np
import pandas as pd
import pytest

import potentia as pt
from potentia.io.games import read_game
from potentia.names import Names, names_of

AGENTS, ACTIONS = ["row", "column"], [["up", "down"], ["left", "middle", "right"]]
ROW = np.array([[1.0, 0, 2], [3, 1, 0]])


def named(**changed):
    given = {"agents": AGENTS, "actions": ACTIONS, **changed}
    return pt.MarkovGame.from_payoffs(ROW, -ROW, **given)


def test_names_are_in_the_game_and_in_its_files(tmp_path):
    game = named()
    assert names_of(game) == Names(("row", "column"), (("up", "down"), ("left", "middle", "right")))
    pt.io.save_game(game, tmp_path / "game.npz")
    assert pt.io.load_game(tmp_path / "game.npz").names == game.names
    (tmp_path / "game.json").write_text(json.dumps({
        "rewards": [[[1, 2]], [[3, 4]]], "transitions": [[0], [1]], "discount": 0.5,
        "states": ["dry", "wet"], "actions": [["wait", "go"]]} | {
        "rewards": [[[1, 2], [3, 4]]], "transitions": [[0, 1], [1, 0]]}))
    assert read_game(tmp_path / "game.json").names == Names((), (("wait", "go"),), ("dry", "wet"))


def test_one_list_of_actions_serves_all_agents_who_have_as_many():
    game = pt.MarkovGame.from_payoffs(np.eye(2), np.eye(2), actions=["left", "right"])
    assert game.names.actions == (("left", "right"),) * 2
    assert named(actions={"column": ACTIONS[1], "row": ACTIONS[0]}).names == named().names


def test_states_are_told_by_step_where_play_has_a_horizon():
    game = pt.MarkovGame.from_arrays(np.zeros((1, 2, 1)), [[0], [1]], discount=1.0, horizon=2,
                                     states=["dry", "wet"])
    assert game.names.states == ("dry at step 0", "wet at step 0", "dry at step 1", "wet at step 1",
                                 "end of play")


@pytest.mark.parametrize(("changed", "message"), [
    ({"agents": ["row"]}, "agents has 1 names, but 2 are needed"),
    ({"agents": ["row", "row"]}, "agents has the name 'row' twice"),
    ({"agents": ["the row", "the  row"]},
     "agents has the names 'the row' and 'the  row', which read alike"),
    ({"actions": {"row": ["up", "down"], "column": ["a", "b", " a"]}},
     r"actions\[1\] has the names 'a' and ' a', which read alike"),
    ({"agents": ["row", ""]}, "agents has '' among its names, but a name is text on one line"),
    ({"agents": ["row", "col\numn"]}, r"agents has 'col\\numn' among its names"),
    ({"agents": ["row", "\x1b[31m"]}, "among its names"),
    ({"agents": ["row", 3]}, "agents has 3 among its names"),
    ({"agents": "row"}, "agents is 'row', but a list of names was expected"),
    ({"actions": ["up", "down"]}, r"actions\[1\] has 2 names, but 3 are needed"),
    ({"actions": [["up", "down"]]}, "actions has 1 lists of names, but there are 2 agents"),
    ({"actions": {"row": ["up", "down"]}}, "column is missing"),
    ({"actions": {"rows": ["up", "down"]}}, "there is no agent 'rows': they are row, column"),
])
def test_bad_names_are_refused(changed, message):
    with pytest.raises(pt.InputError, match=message):
        named(**changed)


DOWN_RIGHT = np.array([[[0, 1, 0]], [[0, 0, 1]]], float)


@pytest.mark.parametrize("given", [
    {"row": "down", "column": "right"}, {1: 2, 0: 1}, ["down", "right"], [1, 2], (1, "right"),
    np.array([1, 2]), np.array([[1], [2]]), [[0, 1], [0, 0, 1]], [[[0, 1]], [[0, 0, 1.0]]],
    [np.array([[0, 1.0]]), np.array([0, 0, 1.0])], {"row": {"down": 1}, "column": {2: 1.0}},
    {"row": {"down": 1, "up": 0}, "column": [{"right": 1}]}, DOWN_RIGHT])
def test_a_profile_may_be_given_as_people_write_it(given):
    # The row player gains 2 by going up against right, in a game whose payoffs are ROW and -ROW.
    found, exact = pt.certify(named(), given), pt.certify(named(), DOWN_RIGHT)
    assert found.nash_gap == exact.nash_gap == pytest.approx(2)
    np.testing.assert_array_equal(found.witness, exact.witness)


def two_states():
    return pt.MarkovGame.from_arrays(
        np.arange(8.0).reshape(1, 2, 4) % 3, np.array([[0, 1, 0, 1], [1, 0, 0, 1]]), discount=0.5,
        states=["dry", "wet"], actions=["a", "b", "c", "d"], agents=["farmer"])


@pytest.mark.parametrize("given", [
    [[0, 3]], {"farmer": {"dry": "a", "wet": "d"}}, [["a", "d"]], {"farmer": [0, 3]},
    {"farmer": {"wet": [0, 0, 0, 1], "dry": {0: 1}}}, [np.eye(4)[[0, 3]]], np.array([[0, 3]])])
def test_a_policy_may_be_given_by_state(given):
    game = two_states()
    array = np.eye(4)[[0, 3]][None]
    np.testing.assert_array_equal(pt.certify(game, given).values, pt.certify(game, array).values)


def test_one_action_is_played_in_all_states():
    game = two_states()
    assert pt.certify(game, ["b"]).values == pt.certify(game, [[1, 1]]).values


def test_labels_of_pandas_are_read_and_not_dropped():
    game = two_states()
    array = np.array([[[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]]])
    frame = pd.DataFrame(array[0], index=["dry", "wet"], columns=list("abcd"))
    expected = pt.certify(game, array)
    for given in (frame, frame[list("dcba")], frame.loc[["wet", "dry"]]):
        assert pt.certify(game, [given]).values == expected.values
    series = pd.Series({"wet": 3, "dry": 0})
    assert pt.certify(game, [series]).values == pt.certify(game, [[0, 3]]).values
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=3, runs=2)
    table = result.policies()
    one = table[table.run == 1].sample(frac=1, random_state=0)
    np.testing.assert_array_equal(pt.certify(game, one).values,
                                  pt.certify(game, result.profiles[1]).values)
    with pytest.raises(pt.InputError, match=r"'farmer', 'dry', 'a'.* twice .*of several runs"):
        pt.certify(game, table)


@pytest.mark.parametrize(("policy", "as_array"), [
    ({0: 0, 1: 3}, [[1, 0, 0, 0], [0, 0, 0, 1]]),
    ({"dry": 0, "wet": 3}, [[1, 0, 0, 0], [0, 0, 0, 1]]),
    ({np.int64(0): 0, np.int64(1): 3}, [[1, 0, 0, 0], [0, 0, 0, 1]]),
    ({0: 0.25, 3: 0.75}, [[0.25, 0, 0, 0.75]] * 2), ({"a": 1}, [[1, 0, 0, 0]] * 2)])
def test_whole_numbers_are_actions_and_others_probabilities(policy, as_array):
    """Whatever is named: with names the same mapping means the same."""
    game = two_states()
    assert pt.certify(game, [policy]).values == pt.certify(game, [np.array(as_array, float)]).values


def test_what_may_be_by_state_or_by_action_is_refused():
    game = pt.MarkovGame.from_arrays(np.zeros((1, 2, 2)), np.zeros((2, 2), int), discount=0.5,
                                     states=["x", "y"], actions=["x", "y"])
    with pytest.raises(pt.InputError, match="agent 0 may be by state or by action"):
        pt.certify(game, [{"x": 0, "y": 1}])
    pt.certify(game, [{"x": 0.25, "y": 0.75}])


class Unreadable:
    def __array__(self, *_, **__):
        raise RuntimeError("cannot be read now")


@pytest.mark.parametrize("given", [Unreadable(), [Unreadable(), 1],
                                   [np.array([0.5, 0.5]), Unreadable()]])
def test_arrays_of_others_that_cannot_be_read_are_named(given):
    with pytest.raises(pt.InputError, match="a Unreadable that NumPy cannot read: cannot be"):
        pt.certify(named(), given)


@pytest.mark.parametrize(("given", "message"), [
    ({"row": "down"}, "column is missing"),
    ({"row": "down", "col": "left"}, "there is no agent 'col': they are row, column"),
    ({"row": "down", "column": "light"},
     "there is no action of column 'light': they are left, middle, right"),
    ({"row": "down", 0: "down", "column": "left"}, "row is given twice, by name and by number"),
    ({"row": "down", "column": {"left": 0.7, "right": 0.7}},
     r"profile\[agent=column, information state=0\] sums to 1.4, not 1"),
    ({"row": {"down": -1, "up": 2}, "column": 0},
     r"profile\[agent=row, information state=0, action=down\] = -1 is negative"),
    ([1, 3], "the policy of column has the action 3, but they are numbered from 0 to 2"),
    ([0], "profile has 1 entries, but the game needs 2"),
    ([0.5, 0.5], "the policy of row is 0.5, but an action or probabilities"),
    ([2, 0], r"profile\[agent=row, information state=0, action=2\] = 1 is positive, but the"),
    ([None, 0], "the policy of row is None"),
    ([[0.5, 0.5], [0.5, 0.5]], r"the policy of column has shape \(2,\), but it must be \(1, 3\)"),
    (True, "profile is not an array|has shape"),
])
def test_a_bad_profile_names_the_culprit(given, message):
    with pytest.raises(pt.InputError, match=message):
        pt.certify(named(), given)


def test_names_are_in_what_people_read():
    game = named()
    certificate = str(pt.certify(game, {"row": "down", "column": "right"}))
    assert re.search(r"row 2(\.00001)?, column ", certificate)
    assert "by row, to up" in certificate
    witness = pt.potential.classify(game).lines()
    assert any("row and column deviate in turn" in text for _, text in witness)
    hunt = pt.games.make("stag-hunt")
    assert "actions stag, stag" in str(pt.equilibria.pure(hunt))
    table = pt.solve(hunt, pt.rules.INPG(step_size=0.1), max_iterations=2, check_every=2,
                     runs=2).policies()
    assert list(table.columns) == ["run", "agent", "state", "action", "probability"]
    assert list(table.action) == ["stag", "hare"] * 4
    assert table.groupby(["run", "agent"]).probability.sum().to_numpy() == pytest.approx(np.ones(4))
    axes = pt.plot.profile(game, {"row": "down", "column": "right"})
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["row", "column"]


def test_states_that_agents_do_not_tell_apart_name_no_row():
    game = pt.MarkovGame.from_arrays(np.zeros((1, 3, 2)), np.zeros((3, 2), int), discount=0.5,
                                     states=["dry", "wet", "icy"], information=[[0, 1, 1]])
    assert game.names.states == ("dry", "wet", "icy")
    assert names_of(game).states == ()
    with pytest.raises(pt.InputError, match=r"profile\[agent=0, information state=1\] sums to 0.5"):
        pt.certify(game, [[[0.5, 0.5], [0.5, 0.0]]])
    ticks = pt.plot.profile(game, [[[0.5, 0.5], [0.5, 0.5]]]).get_yticklabels()
    assert [tick.get_text() for tick in ticks] == ["agent 0, state 0", "agent 0, state 1"]
