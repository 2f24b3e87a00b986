"""The mismatch coefficient against brute force in fractions and other people's solver; infinity is
exact."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import quantecon
from hypothesis import given, settings
from hypothesis import strategies as st

import potentia as pt
from potentia.errors import InputError
from potentia.theory import mismatch as module
from potentia.theory.mismatch import mismatch
from slow_markov import SlowGame, exact, random_arrays


def visits(slow: SlowGame, step: np.ndarray) -> np.ndarray:
    """[S] visitation of eq. (3) under a step matrix: all that comes after the arrival counts where
    play has ended."""
    # row t: expected visits of t by starting state
    total = slow.values(exact(np.eye(slow.initial.size)), step)
    found = total @ slow.initial
    return (found if slow.discount == 1 else np.where(slow.absorbing, found,
                                                      (1 - slow.discount) * found))


def step_of(slow: SlowGame, flat: np.ndarray) -> np.ndarray:
    """[S, S] step matrix of the joint actions [S], agent 1 slowest."""
    counts = slow.rewards.shape[2:]
    return np.array([slow.transitions[(s, *np.unravel_index(int(j), counts))]
                     for s, j in enumerate(flat)])


def all_visits(slow: SlowGame) -> np.ndarray:
    """[policies, S] visitation of every deterministic joint policy."""
    counts = slow.rewards.shape[2:]
    choices = [[int(np.ravel_multi_index(a, counts)) for a in slow.joint_actions(s)]
               for s in range(slow.initial.size)]
    return np.array([visits(slow, step_of(slow, np.array(flat)))
                     for flat in itertools.product(*choices)])


def ratio(found: np.ndarray) -> Fraction | float:
    """M by brute force."""
    most, least = found.max(axis=0), found.min(axis=0)
    reached = most > 0
    return float("inf") if (least[reached] == 0).any() else max(most[reached] / least[reached])


@st.composite
def small_games(draw) -> dict:
    play = draw(st.sampled_from(["cyclic", "forward", "ending"]))
    discount = draw(st.sampled_from([0.0, 0.5, 0.95] if play == "cyclic"
                                    else [0.0, 0.5, 0.95, 1.0]))
    arrays = random_arrays(draw(st.integers(0, 10**6)), draw(st.sampled_from([(3,), (2, 2)])), 3,
                           discount, play=play,
                           masked=draw(st.booleans()), certain=draw(
                               st.booleans()) and play != "ending")
    if draw(st.booleans()):
        arrays["initial"] = np.eye(3)[draw(st.integers(0, 2))]
    return arrays


@settings(max_examples=40, deadline=None, derandomize=True)
@given(small_games())
def test_agrees_with_all_deterministic_joint_policies_in_fractions(arrays):
    slow = SlowGame.of(arrays)
    found = all_visits(slow)
    truth = ratio(found)
    answer = mismatch(pt.MarkovGame.from_arrays(**arrays))
    assert answer.lower <= truth <= answer.upper
    assert np.isinf(answer.coefficient) == (truth == float("inf"))
    at = answer.state
    assert answer.visits_most == pytest.approx(float(found[:, at].max()), rel=1e-11)
    assert answer.visits_least == pytest.approx(float(found[:, at].min()), rel=1e-11)
    for policy, extreme in ((answer.policy_most, found[:, at].max()),
                            (answer.policy_least, found[:, at].min())):
        assert float(visits(slow, step_of(slow, policy))[at]) == pytest.approx(float(extreme),
                                                                               rel=1e-11)
    if np.isfinite(answer.coefficient):
        assert answer.upper - answer.lower <= 1e-10 * answer.coefficient**2


@pytest.mark.parametrize("seed", range(12))
def test_infinite_exactly_where_some_play_never_comes(seed):
    arrays = random_arrays(seed, (2,), 5, 0.9, certain=True)
    arrays["initial"] = np.eye(5)[seed % 5]
    slow, answer = SlowGame.of(arrays), mismatch(pt.MarkovGame.from_arrays(**arrays))
    found = all_visits(slow)
    assert answer.coefficient == float(ratio(found))
    if np.isinf(answer.coefficient):
        assert visits(slow, step_of(slow, answer.policy_least))[answer.state] == 0
        assert visits(slow, step_of(slow, answer.policy_most))[answer.state] > 0
        avoided = int(((found.min(axis=0) == 0) & (found.max(axis=0) > 0)).sum())
        others = f", as at {avoided - 1} other state{'s' * (avoided > 2)}" if avoided > 1 else ""
        assert (answer.reason
                == f"state {answer.state}: some play never visits it, and other play does{others}")


def test_hardly_ever_is_not_never():
    """A probability of 1e-200 is below every rounding, and still no zero."""
    transitions = [[[0.0, 1.0], [1.0, 1e-200]], [[0.0, 1.0], [0.0, 1.0]]]
    game = pt.MarkovGame.from_arrays(np.ones((1, 2, 2)), transitions, discount=0.5,
                                     initial=[1.0, 0.0])
    answer = mismatch(game)
    assert answer.coefficient == pytest.approx(0.5e200)
    never = pt.MarkovGame.from_arrays(np.ones((1, 2, 2)), [[1, 0], [1, 1]], discount=0.5,
                                      initial=[1.0, 0.0])
    assert mismatch(never).coefficient == np.inf


# Measured independently of this library: 17.82 and 842.5, to the digits given. Closed form:
# 0.995/0.005 where some play keeps to a state and other play leaves it at once, for a start of 1/2;
# 1 at discount 0, where d is the start.
KNOWN = [
    ("stochastic-congestion", {"n_agents": 4, "start": "uniform"}, 17.82, 5e-3),
    ("stochastic-congestion", {"n_agents": 4, "start": "uniform", "ending": "loop"}, 842.5, 5e-2),
    ("stochastic-congestion", {"n_agents": 4}, np.inf, 0),
    ("stochastic-congestion", {"n_agents": 4, "observe": "own"}, np.inf, 0),
    ("distancing", {}, 199.0, 1e-9),
    ("distancing", {"n_agents": 4, "discount": 0.0}, 1.0, 1e-15),
    ("stochastic-congestion", {"n_agents": 3, "start": "uniform", "discount": 0.0}, 1.0, 1e-15),
]


@pytest.mark.parametrize(("name", "parameters", "known", "to"), KNOWN)
def test_known_numbers(name, parameters, known, to):
    answer = mismatch(pt.games.make(name, **parameters))
    assert answer.coefficient == pytest.approx(known, rel=0, abs=to)
    assert answer.lower <= answer.coefficient <= answer.upper


def test_agrees_with_quantecons_solver():
    arrays = random_arrays(7, (2, 3), 6, 0.8)
    answer = mismatch(pt.MarkovGame.from_arrays(**arrays))
    table, initial = arrays["transitions"].reshape(6, 6, 6), arrays["initial"]
    rewards = np.repeat(0.2 * np.eye(6)[answer.state][:, None], 6, axis=1)
    for sign, ours in ((1, answer.visits_most), (-1, answer.visits_least)):
        solved = quantecon.markov.DiscreteDP(sign * rewards, table,
                                             0.8).solve(method="policy_iteration")
        assert ours == pytest.approx(sign * float(initial @ solved.v), rel=1e-12)


def test_small_chunks_give_the_same(monkeypatch):
    games = [pt.games.make("stochastic-congestion", n_agents=3, start=start, ending="loop")
             for start in ("uniform", "source")]
    whole = [mismatch(game) for game in games]
    monkeypatch.setattr("potentia.theory.avoidance.CHUNK_NUMBERS", 1)
    for game, before in zip(games, whole, strict=True):
        pieces = mismatch(game)
        assert pieces.coefficient == pytest.approx(before.coefficient, rel=1e-12)
        assert (pieces.state, pieces.reason) == (before.state, before.reason)
        np.testing.assert_array_equal(pieces.policy_least, before.policy_least)


def test_does_not_depend_on_the_order_of_agents_and_actions():
    arrays = random_arrays(11, (2, 3), 4, 0.9)
    turned = {**arrays, "rewards": arrays["rewards"][::-1].swapaxes(2, 3)[..., ::-1],
              "transitions": arrays["transitions"].swapaxes(1, 2)[:, :, ::-1]}
    first, second = (mismatch(pt.MarkovGame.from_arrays(**game)) for game in (arrays, turned))
    assert first.coefficient == pytest.approx(second.coefficient, rel=1e-13)
    assert first.state == second.state


def test_refuses_what_would_take_too_long(monkeypatch):
    game = pt.games.make("distancing", n_agents=4)
    monkeypatch.setattr(module, "LIMIT_SECONDS", 0.0)
    with pytest.raises(InputError,
                       match=r"^the mismatch of 2 states x 256 joint actions takes 4 control "
                             r"problems, "
                                         r"about 0\.0 hours; the limit is 0 hours$"):
        mismatch(game)


def test_refuses_what_is_not_a_tabular_game():
    with pytest.raises(InputError, match="game is a str, but the mismatch needs a tabular game"):
        mismatch("distancing")  # pyright: ignore[reportArgumentType]
