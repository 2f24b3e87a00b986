"""Policies on the way, phase portraits and heat maps: the numbers drawn, against NumPy."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any, cast

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.quiver import Quiver

import potentia as pt
from small_games import DILEMMA, PENNIES, static

RULE = pt.rules.INPG(step_size=0.02)
ROCK = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]])
THREE = static([ROCK, -ROCK])
NARROW = pt.MarkovGame.from_arrays(
    np.zeros((2, 2, 4, 2)), np.zeros((2, 4, 2), int), discount=0.5,
    mask=np.array([[[1, 1, 1, 1], [0, 1, 0, 1]], [[1, 1, 0, 0], [1, 0, 0, 0]]], bool))


@pytest.fixture(scope="module")
def several() -> pt.Result:
    """Three runs, the first of which ends early: it starts near the equilibrium."""
    start = np.stack([np.array([[[2e-8, 1 - 2e-8]]] * 2), np.full((2, 1, 2), 0.5),
                      np.array([[[0.6, 0.4]], [[0.9, 0.1]]])])
    return pt.solve(DILEMMA, RULE, initial=start, runs=3, max_iterations=20, tolerance=1e-7,
                    snapshots=4)


@pytest.fixture(scope="module")
def circling() -> pt.Result:
    return pt.solve(THREE, pt.rules.INPG(step_size=0.2), initial="random", max_iterations=20,
                    snapshots=2)


def lines(axis: Axes) -> list[np.ndarray]:
    """[2, K] of each run."""
    return [np.array(line.get_data(), float) for line in axis.get_lines()
            if line.get_linestyle() == "-"]


def marks(axis: Axes) -> list[tuple[float, float]]:
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in axis.get_lines()
            if line.get_linestyle() == "None"]


def test_three_actions_are_drawn_on_their_triangle(circling: pt.Result) -> None:
    assert circling.snapshots is not None
    axes = pt.plot.simplex(circling)
    names = ["action 0", "action 1", "action 2"]
    for agent, axis in enumerate(axes):
        (x, y), = lines(axis)
        policy = circling.snapshots.profile[:, agent, 0]
        # Barycentric: an action's probability is the height above the opposite side, over sqrt 3/2.
        np.testing.assert_allclose(y / (np.sqrt(3) / 2), policy[:, 2], atol=1e-14)
        np.testing.assert_allclose(x, policy[:, 1] + policy[:, 2] / 2, atol=1e-14)
        assert [text.get_text() for text in axis.texts] == names
        assert marks(axis)[1] == (x[-1], y[-1])
    np.testing.assert_array_equal(circling.snapshots.profile[-1], circling.profile)


def test_two_actions_are_drawn_over_iterations_to_where_runs_ended(several: pt.Result) -> None:
    axes = pt.plot.simplex(several, agents=1)
    found = lines(axes[0])
    assert several.iterations[0] < 20
    for run, (x, y) in enumerate(found):
        assert x[0] == 0
        assert x[-1] == several.iterations[run]
        assert (np.diff(x) > 0).all()
        assert y[-1] == several.profiles[run, 1, 0, 0]
        middle = [k for k in range(len(x) - 1) if x[k] == 4]
        assert [y[k] for k in middle] == [several.snapshots.profile[run, 1, 1, 0, 0]] * len(middle)
    assert [axis.get_title() for axis in axes] == ["game: agent 1"]


def test_a_2x2_game_is_a_phase_portrait(several: pt.Result) -> None:
    axis, = pt.plot.simplex(several)
    for run, (x, y) in enumerate(lines(axis)):
        np.testing.assert_array_equal([x[-1], y[-1]], several.profiles[run, :, 0, 0])
        np.testing.assert_array_equal([x[0], y[0]], several.snapshots.profile[run, 0, :, 0, 0])
    assert axis.get_xlabel() == "agent 0: probability of action 0"
    assert "filled: where it ended" in axis.figure.get_supxlabel()


def test_arrows_point_where_inpg_goes() -> None:
    axis = pt.plot.phase(DILEMMA)
    arrows, = (part for part in axis.collections if isinstance(part, Quiver))
    x, y = arrows.XY.T
    first, second = np.array([[3, 0], [5, 1]]), np.array([[3, 5], [0, 1]])
    one, two = np.stack([x, 1 - x]), np.stack([y, 1 - y])
    more = (first @ two)[0] - (first @ two)[1], (second.T @ one)[0] - (second.T @ one)[1]
    way = np.stack([x * (1 - x) * more[0], y * (1 - y) * more[1]])
    way /= np.linalg.norm(way, axis=0)
    np.testing.assert_allclose([arrows.U, arrows.V], way, atol=1e-12)


@pytest.mark.parametrize("told", [True, False])
def test_contours_are_of_the_potential(told: bool) -> None:
    """The game's own potential and the one that is found differ by a constant."""
    payoff = np.array([[2.0, 0.5], [-0.25, 1.0]])
    game = pt.MarkovGame.from_payoffs(payoff, payoff, stage_potential=payoff if told else None)
    axis = pt.plot.phase(game)
    assert axis.figure.axes[1].get_ylabel() == "potential"
    bands = cast("Any", axis.collections[0])
    step = bands.levels[1] - bands.levels[0]
    inner = np.concatenate([path.vertices for path in bands.get_paths()])
    x, y = inner[(inner > 0.02).all(axis=1) & (inner < 0.98).all(axis=1)].T
    assert x.size > 100
    value = 2 * x * y + 0.5 * x * (1 - y) - 0.25 * (1 - x) * y + (1 - x) * (1 - y)
    levels = (value - payoff.min() + bands.zmin - bands.levels[0]) / step
    np.testing.assert_allclose(levels, np.round(levels), atol=0.05)
    assert {*range(2, 9)} <= set(np.round(levels).astype(int).tolist())


def test_no_potential_no_contours() -> None:
    axis = pt.plot.simplex(PENNIES)[0]
    assert "no potential" in axis.get_title()
    assert len(axis.figure.axes) == 1


def test_a_heat_map_has_the_numbers() -> None:
    profile = np.asarray(NARROW.initial_profile("random", 3))
    axis = pt.plot.profile(NARROW, profile)
    shown = axis.images[0].get_array()
    rows = [(0, 0), (0, 1), (1, 0)]                # agent 1 has no choice in state 1
    assert [text.get_text() for text in axis.get_yticklabels()] == [
        f"agent {agent}, state {state}" for agent, state in rows]
    np.testing.assert_array_equal(np.ma.getmaskarray(shown),
                                  [~np.asarray(NARROW.mask)[row] for row in rows])
    np.testing.assert_array_equal(shown.filled(0.0), [profile[row] for row in rows])
    assert [text.get_text() for text in axis.texts][:4] == [f"{p:.2g}" for p in profile[0, 0]]
    one = pt.plot.profile(NARROW, profile, agents=1, states=[0], ax=Figure().subplots())
    assert one.images[0].get_array().shape == (1, 4)


def test_of_many_rows_the_first_are_drawn_and_it_is_said() -> None:
    game = pt.MarkovGame.from_arrays(np.zeros((1, 70, 2)), np.zeros((70, 2), int), discount=0.5)
    axis = pt.plot.profile(game, game.initial_profile("uniform", 0))
    assert axis.get_title().endswith("(the first 60 of 70 rows)")
    assert axis.images[0].get_array().shape == (60, 2)


def test_bad_input_is_one_line(several: pt.Result) -> None:
    bare = dataclasses.replace(several, snapshots=None)
    wide = pt.solve(NARROW, RULE, max_iterations=0, snapshots=1)
    for given, options, message in (
            (bare, {}, r"result has no snapshots: solve with snapshots=1"),
            (wide, {}, "agent 0 has 4 actions in state 0, but a simplex shows 2 or 3"),
            (wide, {"state": 1}, "agent 1 has 1 action in state 1"),
            (wide, {"state": 2}, "state is 2, but it must be at most 1"),
            (several, {"agents": 2}, "agents is 2, but it must be at most 1"),
            (several, {"agents": []}, "agents is empty"),
            (several, {"agents": itertools.repeat(1)}, "agents has 1 twice, but each is drawn"),
            (several, {"state": 99}, "state is 99, but it must be at most 0"),
            (DILEMMA, {"state": 99}, "state is 99, but it must be at most 0"),
            (DILEMMA, {"agents": 7}, "agents goes with a result"),
            (THREE, {}, "is no 2x2 game: a phase portrait is of 2 agents with 2 actions"),
            (3, {}, "result is 3, but a Result or a game was expected")):
        with pytest.raises(pt.InputError, match=message):
            pt.plot.simplex(given, **options)
    for profile, options, message in (
            ("uniform", {}, "profile is 'uniform', but probabilities"),
            (None, {}, "profile is None, but probabilities"),
            (np.ones((2, 2, 3)), {}, r"profile has shape \(2, 2, 3\)"),
            (NARROW.initial_profile("uniform", 0), {"agents": 1, "states": 1}, "no choice")):
        with pytest.raises(pt.InputError, match=message):
            pt.plot.profile(NARROW, profile, **options)


@pytest.mark.parametrize("other", [None, "x", 3, pt.MarkovGame])
def test_what_is_no_game_is_named(other: Any, several: pt.Result) -> None:
    profile = several.profiles[0]
    for drawn in (pt.plot.phase, lambda game: pt.plot.profile(game, profile),
                  lambda game: pt.plot.loads(game, profile)):
        for given in (other, several):
            with pytest.raises(pt.InputError, match=r"^game is .*, but a game was expected$"):
                drawn(given)


def test_only_plain_axes_that_show_are_drawn_on(several: pt.Result) -> None:
    gone, one = Figure().subplots(), Figure().subplots()
    gone.remove()
    for given, message in (
            (gone, "ax was removed from its figure"), ([one, one], "ax holds the same axes twice"),
            (itertools.repeat(3), "ax is 3, but Matplotlib axes were expected"),
            (Figure().add_subplot(projection="polar"), "ax has the projection 'polar', but plain"),
            (Figure().add_subplot(projection="3d"), "ax has the projection '3d', but plain")):
        for drawn in (pt.plot.phase, pt.plot.simplex):
            with pytest.raises(pt.InputError, match=message):
                drawn(DILEMMA, ax=given)
    assert several.plot("nash_gap", ax=(axis for axis in [one]))[0] is one


def test_a_name_is_drawn_short_and_in_characters_that_there_are() -> None:
    game = dataclasses.replace(DILEMMA, name="a\ud800" + "b" * 10_000)
    title = pt.plot.profile(game, game.initial_profile("uniform", 0)).get_title()
    assert title.startswith("a\\ud800bbb")
    assert len(title) < 120


def test_that_lines_join_what_was_kept_is_said_where_not_all_was(circling: pt.Result) -> None:
    whole = pt.solve(THREE, pt.rules.INPG(step_size=0.2), initial="random", max_iterations=3,
                     snapshots=1)
    for result, sparse in ((circling, True), (whole, False)):
        notes = " ".join(text.get_text() for text in pt.plot.simplex(result).figure.texts)
        assert ("Straight lines join" in " ".join(notes.split())) is sparse
