"""`certify` for full information: lower <= truth <= upper, the truth in exact fractions or from
other people's code."""

from __future__ import annotations

from fractions import Fraction

import jax
import numpy as np
import pygambit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potentia as pt
from potentia.certificates.equilibrium import _collected, _Gain
from potentia.errors import InputError
from potentia.games.tabular import evaluation as tabular_evaluation
from potentia.games.tabular.data import TabularData
from slow_markov import SlowGame, random_arrays, random_profile

DISCOUNTS = (0.0, 0.5, 0.95)


@st.composite
def small_games(draw) -> tuple[dict, int, bool]:
    """Arrays of a small game, a seed for the profile, and whether the profile is pure."""
    play = draw(st.sampled_from(["cyclic", "forward", "ending"]))
    discount = draw(st.sampled_from(DISCOUNTS if play == "cyclic" else (*DISCOUNTS, 1.0)))
    counts = draw(st.sampled_from([(2,), (2, 3), (3, 2), (2, 1, 2)]))
    arrays = random_arrays(draw(st.integers(0, 10**6)), counts, 3, discount, play=play,
                           masked=draw(st.booleans()),
                           certain=draw(st.booleans()) and play != "ending")
    return arrays, draw(st.integers(0, 10**6)), draw(st.booleans())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(small_games())
def test_bounds_hold_without_any_tolerance_and_are_tight(drawn):
    arrays, seed, pure = drawn
    game = pt.MarkovGame.from_arrays(**arrays)
    profile = random_profile(seed, np.asarray(game.mask), pure)
    slow = SlowGame.of(arrays)
    policies = slow.policies(profile)
    current = slow.values(*slow.average(policies))
    # fractions
    gains = np.array([slow.best_values(policies, i) - current[i] for i in range(game.n_agents)])
    from_start = gains @ slow.initial
    certificate = pt.certify(game, profile)
    assert all(low <= truth <= high for low, truth, high in
               zip(certificate.per_agent_lower, from_start, certificate.per_agent, strict=True))
    assert 0 <= certificate.nash_gap_lower <= from_start.max() <= certificate.nash_gap
    assert 0 <= certificate.worst_state_gap_lower <= gains.max() <= certificate.worst_state_gap
    largest = 1 + float(abs(current).max()) + float(gains.max())
    tight = 1e-12 * largest * (1 if game.undiscounted else game.scale)
    assert (certificate.per_agent - certificate.per_agent_lower <= tight).all()
    assert certificate.worst_state_gap - certificate.worst_state_gap_lower <= tight
    np.testing.assert_allclose(certificate.values, np.asarray(current @ slow.initial, float),
                               rtol=1e-12, atol=1e-13)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(small_games())
def test_the_witness_gains_what_it_says(drawn):
    arrays, seed, pure = drawn
    game = pt.MarkovGame.from_arrays(**arrays)
    profile = random_profile(seed, np.asarray(game.mask), pure)
    certificate = pt.certify(game, profile)
    agent, slow = certificate.witness_agent, SlowGame.of(arrays)
    deviation = profile.copy()
    deviation[agent] = certificate.witness
    assert not deviation[~np.asarray(game.mask)].any()
    before, after = (slow.values(*slow.average(slow.policies(p)))[agent] @ slow.initial
                     for p in (profile, deviation))
    assert after - before >= certificate.nash_gap_lower - 1e-12 * (1 + abs(before)) * game.scale
    assert certificate.per_agent_lower[agent] == certificate.per_agent_lower.max()


def dilemma(discount: float) -> pt.MarkovGame:
    """One state; actions cooperate, defect; payoffs 3, 3 / 0, 5 / 1, 1."""
    table = np.array([[3.0, 0.0], [5.0, 1.0]])
    return pt.MarkovGame.from_arrays(np.stack([table, table.T])[:, None], np.zeros((1, 2, 2), int),
                                     discount=discount)


@pytest.mark.parametrize("discount", [0.0, 0.5, 0.99])
def test_defection_is_nash_and_cooperation_misses_it_by_a_known_gap(discount):
    """Cooperating with probability p while the other defects loses p / (1 - discount): 1 against 0
    in each step."""
    game = dilemma(discount)
    defect = np.array([[[0.0, 1.0]], [[0.0, 1.0]]])
    assert pt.certify(game, defect).nash_gap <= 1e-10
    assert pt.certify(game, defect).nash_gap_lower == 0
    for probability in (1e-9, 0.25):
        astray = np.array([[[probability, 1 - probability]], [[0.0, 1.0]]])
        certificate = pt.certify(game, astray)
        assert certificate.per_agent[0] == pytest.approx(probability / (1 - discount), rel=1e-3,
                                                         abs=0)
        assert certificate.nash_gap_lower > 0
        assert certificate.witness_agent == 0
        np.testing.assert_array_equal(certificate.witness, [[0.0, 1.0]])


def gambit_game(seed: int, counts: tuple[int, ...]) -> tuple[np.ndarray, pygambit.StrategicGame]:
    payoffs = np.random.default_rng(seed).integers(-9, 10,
                                                   size=(len(counts), *counts)).astype(float)
    return payoffs, pygambit.StrategicGame.from_arrays(*[table.astype(int) for table in payoffs])


def gambit_rows(profile: pygambit.MixedStrategyProfile, width: int) -> np.ndarray:
    """A Gambit mixed profile as [N, 1, A]."""
    rows = [[float(probability) for _, probability in strategy] for strategy in profile]
    return np.array([[row + [0.0] * (width - len(row))] for row in rows])


@pytest.mark.parametrize(("seed", "counts"), [(1, (3, 3)), (2, (2, 4)), (3, (2, 3, 2))])
@pytest.mark.parametrize("discount", [0.0, 0.9])
def test_one_state_gaps_are_gambits_regrets(seed, counts, discount):
    """Repeating one stage for ever with stationary policies multiplies its regrets by 1/(1 -
    discount)."""
    payoffs, theirs = gambit_game(seed, counts)
    ours = pt.MarkovGame.from_arrays(payoffs[:, None], np.zeros((1, *counts), int),
                                     discount=discount)
    rows = random_profile(seed, np.asarray(ours.mask))
    mixed = theirs.mixed_strategy_profile([rows[i, 0, :count].tolist()
                                           for i, count in enumerate(counts)])
    regrets = [float(mixed.player_regrets[player]) for player in theirs.players]
    certificate = pt.certify(ours, gambit_rows(mixed, max(counts)))
    np.testing.assert_allclose(certificate.per_agent, np.array(regrets) / (1 - discount),
                               rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(("seed", "counts"), [(4, (3, 3)), (5, (4, 2))])
def test_gambits_equilibria_have_no_gap(seed, counts):
    payoffs, theirs = gambit_game(seed, counts)
    ours = pt.MarkovGame.from_arrays(payoffs[:, None], np.zeros((1, *counts), int), discount=0.0)
    equilibria = pygambit.nash.enummixed_solve(theirs, rational=True).equilibria
    assert equilibria
    for equilibrium in equilibria:
        assert pt.certify(ours, gambit_rows(equilibrium, max(counts))).nash_gap <= 1e-13


@pytest.mark.parametrize(("name", "parameters"), [
    ("stochastic-congestion", {"n_agents": 4}), ("distancing", {"n_agents": 4}),
    ("distancing", {"n_agents": 8})])
def test_agrees_with_the_games_own_answer(x64, name, parameters):
    game = pt.games.make(name, **parameters)
    profile = np.asarray(game.initial_profile("random", jax.random.key(0)))
    own, certificate = game.best_response(profile), pt.certify(game, profile)
    np.testing.assert_allclose((certificate.per_agent + certificate.per_agent_lower) / 2, own.gain,
                               rtol=1e-11)
    middle = (certificate.worst_state_gap + certificate.worst_state_gap_lower) / 2
    np.testing.assert_allclose(middle, np.max(own.worst_gain), rtol=1e-11)


def test_calls_nothing_that_the_game_computes(monkeypatch):
    for method in ("evaluate", "best_response", "potential", "start_values"):
        monkeypatch.delattr(pt.MarkovGame, method)
    monkeypatch.delattr(TabularData, "policies")
    for name in ("ProfileChain", "visitation"):
        monkeypatch.delattr(tabular_evaluation, name)
    assert pt.certify(dilemma(0.5), np.full((2, 1, 2), 0.5)).nash_gap > 0


def test_play_that_hardly_ends_is_still_bracketed():
    """Left with probability 1e-9 at reward 1: a value of 1e9, and the width stays in proportion."""
    transitions = np.array([[[1 - 1e-9, 1e-9], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])
    game = pt.MarkovGame.from_arrays([[[1.0, 1.0], [0.0, 0.0]]], transitions, discount=1.0,
                                     initial=[1.0, 0.0])
    truth = 1 / (1 - float(transitions[0, 0, 0])) - 1
    certificate = pt.certify(game, np.array([[[0.0, 1.0], [1.0, 0.0]]]))
    assert certificate.nash_gap_lower <= truth <= certificate.nash_gap
    assert certificate.nash_gap - certificate.nash_gap_lower <= 1e-4 * truth


@pytest.mark.parametrize("masked", [False, True])
def test_a_reward_that_never_happens_does_not_widen_the_bounds(masked):
    """1e13 where the other never plays, or for an action that does not exist: the gain of 1e-3 is
    exact as ever."""
    stage = np.array([[0.0, 1e-3, -1.0], [0.0, 1e-3, -1.0]])
    stage[(slice(None), 2) if masked else (1, slice(None))] = 1e13
    rewards = np.stack([stage.T, np.zeros((3, 2))])
    mask = np.array([[[True, True, not masked]], [[True, True, False]]])
    game = pt.MarkovGame.from_arrays(rewards[:, None], np.zeros((1, 3, 2), int), discount=0.9,
                                     mask=mask)
    certificate = pt.certify(game, np.array([[[1.0, 0.0, 0.0]], [[1.0, 0.0, 0.0]]]))
    assert certificate.nash_gap_lower <= Fraction(1e-3) / (1
                                                           - Fraction(0.9)) <= certificate.nash_gap
    assert certificate.nash_gap - certificate.nash_gap_lower <= 1e-12


def test_prints_aligned_lines():
    text = str(pt.certify(dilemma(0.0), np.full((2, 1, 2), 0.5))).splitlines()
    assert text[0].startswith("Nash gap from the initial distribution:")
    assert "between 0.749999 and 0.750001" in text[0]
    assert text[1].startswith("Nash gap, worst over the states:")
    assert {len(line) - len(line.split(":", 1)[1].lstrip()) for line in text} == {40}
    assert text[-1].endswith("exact")


REFUSED = {
    "several runs": (np.full((3, 2, 1, 2), 0.5), r"certify one run at a time"),
    "wrong shape": (np.full((2, 2, 2), 0.5),
                    r"profile has shape \(2, 2, 2\), but the game needs \(2, 1, 2\)"),
    "bad row": ([[[0.5, 0.5]], [[0.5, 0.6]]],
                r"profile\[agent=1, information state=0\] sums to 1\.1, not 1"),
    "not finite": ([[[np.nan, 0.5]], [[0.5, 0.5]]],
                   r"profile\[agent=0, information state=0, action=0\] = nan"),
    "not numbers": ([[["a", "b"]], [["a", "b"]]], r"profile is not an array of numbers"),
    "a result": (object(), r"profile is not an array of numbers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_in_one_line(name):
    profile, message = REFUSED[name]
    with pytest.raises(InputError, match=message) as caught:
        pt.certify(dilemma(0.5), profile)
    assert "\n" not in str(caught.value)


def test_refuses_what_is_not_a_game():
    with pytest.raises(InputError,
                       match="game is a str, but certify needs a game of one of Potentia"):
        pt.certify("distancing", np.ones((1, 1, 1)))  # pyright: ignore[reportArgumentType]


# the row sums to 1 in float64: play ends on paper only
ENDLESS = [[[1, 1e-17], [1, 1e-17]], [[0, 1], [0, 1]]]
HALVING = [[[0.5, 0.5], [0.5, 0.5]], [[0, 1], [0, 1]]]


@pytest.mark.parametrize(("rewards", "transitions", "discount", "message"), [
    ([1.0, 1.0], ENDLESS, 1.0, r"agent 0: play lasts too long to be certified"),
    ([1e308, 1e308], HALVING, 0.9,
     r"agent 0: its values overflow float64: rewards of up to 1e\+308"),
    ([-1.7e308, 1.7e308], HALVING, 0.0,
     r"agent 0: the game is too ill-conditioned for float64: .* and inf$"),
])
@pytest.mark.filterwarnings("error")
def test_refuses_what_float64_cannot_hold_without_a_warning(rewards, transitions, discount,
                                                            message):
    game = pt.MarkovGame.from_arrays([[rewards, [0.0, 0.0]]], transitions, discount=discount,
                                     initial=[1.0, 0.0])
    with pytest.raises(InputError, match=message) as caught:
        pt.certify(game, np.array([[[1.0, 0.0], [1.0, 0.0]]]))
    assert "\n" not in str(caught.value)


def _gain(lower: float, upper: float, worst: tuple[float, float] | None = None) -> _Gain:
    return _Gain(lower, upper, worst, np.ones((1, 1)), 0.0, "exact")


@pytest.mark.parametrize(("gain", "numbers"), [
    (_gain(2.0, 1.0), "between 2 and 1"), (_gain(-2.0, -1.0), "between -2 and -1"),
    (_gain(np.nan, 1.0), "between nan and 1"), (_gain(0.0, np.nan), "between 0 and nan"),
    (_gain(-np.inf, 1.0), "between -inf and 1"), (_gain(0.0, np.inf), "between 0 and inf"),
    (_gain(0.0, 1.0, (3.0, 2.0)), "between 3 and 2")])
def test_refuses_bounds_that_bound_nothing(gain, numbers):
    with pytest.raises(InputError,
                       match=f"agent 1: the game is too ill-conditioned for float64: .* "
                             f"{numbers}$"):
        _collected([_gain(0.0, 1.0), gain])


def test_names_a_deviating_agent_only_where_one_was_found():
    text = str(pt.certify(dilemma(0.0), np.full((2, 1, 2), 0.5)))
    assert "best deviation found:                   by agent 0" in text.splitlines()
    nash = pt.certify(dilemma(0.0), np.array([[[0.0, 1.0]], [[0.0, 1.0]]]))
    assert nash.nash_gap_lower == 0
    assert "best deviation" not in str(nash)


def test_a_result_of_one_run_stands_for_its_profile():
    for name, parameters in (("stochastic-congestion", {"n_agents": 2}), ("pigou", {})):
        game = pt.games.make(name, **parameters)
        result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=3, progress=False)
        assert pt.certify(game, result).nash_gap == pt.certify(game, result.profile).nash_gap > 0
    several = pt.solve(game, pt.rules.INPG(step_size=0.1), initial="random", max_iterations=3,
                       runs=2, progress=False)
    with pytest.raises(InputError,
                       match=r"^result holds 2 runs; certify one of them at a time, e.g. "
                             r"result.profiles"):
        pt.certify(game, several)
    assert pt.certify(game, several.profiles[1]).nash_gap > 0
