"""The theory report: its lines on games of every kind."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import potentia as pt
from potentia.console.bounds import below
from potentia.errors import InputError
from potentia.potential import REFUTED, UNKNOWN, Classification, classify
from potentia.theory import report
from potentia.theory.guarantees import Hypothesis
from potentia.theory.mismatch import mismatch
from slow_markov import random_arrays

NAMES = ["Markov potential game", "full-support start", "isolated fixed points",
         "full-information policies",
         "discount below 1"]


def statuses(answer) -> list[str]:
    assert [each.name for each in answer.hypotheses] == NAMES
    assert all(isinstance(each, Hypothesis) and each.why for each in answer.hypotheses)
    return [each.status for each in answer.hypotheses]


def lines(answer) -> dict[str, str]:
    """The printed page by label; every text begins in column 40."""
    page = str(answer).splitlines()
    assert all(line[39] == " " and line[40] != " " for line in page)
    return {line[:40].strip().rstrip(":"): line[40:] for line in page}


def common_interest(discount: float = 0.9) -> pt.MarkovGame:
    arrays = random_arrays(1, (2, 3), 3, discount)
    arrays["rewards"] = np.stack([arrays["rewards"][0]] * 2)
    return pt.MarkovGame.from_arrays(**arrays)


KIND = classify(common_interest())
CONGESTION = pt.games.make("stochastic-congestion", n_agents=2)


def test_common_interest_is_covered():
    answer = report(common_interest())
    assert statuses(answer) == ["HOLDS"] * 5
    M = answer.mismatch_coefficient
    assert 1 < M == answer.mismatch.coefficient < math.inf
    assert answer.smoothness == pytest.approx(27 * 2**2 * 3**2 * M / 0.1**3)
    assert answer.step_size == pytest.approx(1 / (answer.smoothness * answer.reward_range))
    assert answer.measured_step_size == answer.measured.step_size > 1e3 * answer.step_size
    page = lines(answer)
    assert page["mismatch coefficient M"] == f"{M:.6g} ({answer.mismatch.reason})"
    assert page["step size of Theorem 3.1, raw units"] == f"below {answer.step_size:.4g}"
    loose = f"{answer.measured_step_size / answer.step_size:.2g} times the theorem's"
    assert loose in page["measured step size, raw units"]
    assert page[
        "hypothesis, full-support "
        "start"] == "HOLDS: play can begin in every reachable state where it goes on"
    assert "note" not in page


def test_own_positions_are_a_potential_game_beyond_the_theorem():
    answer = report(pt.games.make("stochastic-congestion", n_agents=2, observe="own"))
    assert statuses(answer) == ["HOLDS", "FAILS", "FAILS", "FAILS", "HOLDS"]
    assert answer.mismatch_coefficient == answer.smoothness == math.inf
    assert answer.step_size == 0
    assert answer.measured_step_size > 1e-3
    page = lines(answer)
    assert page[
        "step size of Theorem 3.1, raw units"] == "0, not covered: policies see less than the state"
    assert page[
        "hypothesis, full-support start"] == ("FAILS: play never begins in 8 reachable states (1, "
                                              "2, 3, 4, 5, ...)")
    assert page["note"] == (
        "M is over full-information joint play: an upper bound for policies that see less")


def called(game: pt.MarkovGame, verdict: str) -> Classification:
    """What `classify` says where there is no potential, or none was found."""
    return dataclasses.replace(KIND, game=game, verdict=verdict, stage_potential=None,
                               proof="for a test")


def test_no_potential_game_is_told_so():
    game = pt.games.make("distancing", n_agents=4)
    answer = report(game, called(game, REFUTED))
    assert statuses(answer) == ["FAILS", "HOLDS", "NOT APPLICABLE", "HOLDS", "HOLDS"]
    assert answer.mismatch_coefficient == pytest.approx(199)
    assert answer.step_size == pytest.approx(1 / (27 * 16 * 16 * 199e6 * answer.reward_range))
    assert answer.measured_step_size is None
    page = lines(answer)
    bound = below(answer.step_size, ".4g")
    assert page[
        "step size of Theorem 3.1, raw units"] == f"NOT APPLICABLE (below {bound} by the formula)"
    assert page["measured step size, raw units"] == "NOT APPLICABLE"


def test_congestion_from_the_source_says_where_the_mismatch_is_infinite():
    game = pt.games.make("stochastic-congestion", n_agents=4)
    answer = report(game, called(game, REFUTED))
    assert statuses(answer) == ["FAILS", "FAILS", "NOT APPLICABLE", "HOLDS", "HOLDS"]
    assert answer.step_size == 0
    page = lines(answer)
    assert page[
        "mismatch coefficient M"] == ("inf (state 1: some play never visits it, and other play "
                                      "does, as at 31 other states)")
    assert page["step size of Theorem 3.1, raw units"] == "0, not covered: M is infinite"


def test_unknown_stays_unknown():
    game = common_interest()
    answer = report(game, called(game, UNKNOWN))
    assert statuses(answer) == ["UNKNOWN", "HOLDS", "UNKNOWN", "HOLDS", "HOLDS"]
    assert answer.measured_step_size is None
    assert answer.step_size > 0
    page = lines(answer)
    assert page[
        "step size of Theorem 3.1, raw "
        "units"] == f"UNKNOWN (below {answer.step_size:.4g} by the formula)"
    assert page["measured step size, raw units"] == "UNKNOWN"


def test_at_discount_1_the_theorem_says_nothing():
    answer = report(pt.games.make("stochastic-congestion", n_agents=2, discount=1.0))
    assert statuses(answer)[4] == "FAILS"
    assert answer.step_size == 0
    assert answer.smoothness == math.inf
    assert answer.measured_step_size > 0
    assert lines(
        answer)["step size of Theorem 3.1, raw units"] == "0, not covered: the discount is 1"


def test_where_nothing_is_at_stake_any_step_serves():
    answer = report(dataclasses.replace(common_interest(), rewards=np.full((3, 6, 2), 0.3)))
    assert answer.reward_range == 0
    assert answer.step_size == answer.measured_step_size == math.inf
    assert statuses(answer)[2] == "FAILS"
    page = lines(answer)
    assert page["step size of Theorem 3.1, raw units"] == "any, nothing is at stake"
    assert page["measured step size, raw units"].startswith("any, nothing moves (4 random starts, ")


def test_one_agent_alone_bears_every_step():
    arrays, mask = random_arrays(5, (2, 3), 3, 0.9), np.zeros((2, 3, 3), bool)
    mask[0, :, 0] = mask[1] = True
    arrays["rewards"] = np.stack([arrays["rewards"][1]] * 2)
    answer = report(pt.MarkovGame.from_arrays(**arrays, mask=mask))
    assert lines(answer)["measured step size, raw units"].startswith("at least ")
    assert "; no fall was seen (4 random starts, 500 updates each)" in str(answer)


def test_a_potential_that_falls_at_every_step_gives_no_step():
    game = common_interest()
    answer = report(game, dataclasses.replace(KIND, stage_potential=-KIND.stage_potential))
    assert answer.measured_step_size is None
    assert lines(answer)["measured step size, raw units"].startswith("none: the potential fell at ")
    assert answer.hypotheses[2][1:] == ("UNKNOWN", "no step was found at which the potential rises")


def test_a_mismatch_without_a_bound_above_is_noted():
    transitions = [[[0.0, 1.0], [1.0, 1e-200]], [[0.0, 1.0], [0.0, 1.0]]]
    game = pt.MarkovGame.from_arrays([[[1.0, 0.5], [0.2, 0.1]]], transitions, discount=0.5,
                                     initial=[1.0, 0.0])
    answer = report(game)
    assert answer.mismatch_coefficient == pytest.approx(0.5e200)
    assert lines(answer)["note"].startswith("M is at least ")


def test_long_runs_are_cut_on_large_games(monkeypatch):
    monkeypatch.setattr("potentia.theory.guarantees.WORK", 1.0)
    answer = report(common_interest())
    assert answer.measured.updates == 1
    assert statuses(answer)[2] == "UNKNOWN"


def test_the_same_seed_gives_the_same_report():
    game = common_interest()
    assert str(report(game, seed=3)) == str(report(game, seed=3))


def changed(**fields) -> pt.MarkovGame:
    return dataclasses.replace(common_interest(), **fields)


@pytest.mark.parametrize(("game", "kind", "message"), [
    ("distancing", None, "game is a str, but theory.report needs a tabular game"),
    (common_interest(), "PROVEN",
     "kind is a str, but it must be what potential.classify(game) gives"),
    (common_interest(), common_interest(),
     "kind is a MarkovGame, but it must be what potential.classify(game) gives"),
    (common_interest(), dataclasses.replace(KIND, policies="local"),
     "kind is about local policies, but those of the game are joint"),
    (CONGESTION, classify(CONGESTION, "local"),
     "kind is about local policies, but those of the game are joint; report "
     "on kind.game, the same game with local ones"),
    (pt.games.make("distancing", n_agents=4), KIND,
     "kind is about another game, game: its actions are not those of distancing"),
    (changed(rewards=np.zeros((3, 6, 2))), KIND, "its rewards are not those of game"),
    (changed(transitions=pt.MarkovGame.from_arrays(**random_arrays(2, (2, 3), 3, 0.9)).transitions),
     KIND,
     "its transitions are not those of game"),
    (common_interest(discount=0.8), KIND, "its discounts are not those of game"),
    (changed(mask=np.ones((2, 3, 3), bool)), KIND, "its policies are not those of game"),
    (changed(initial=np.array([1.0, 0.0, 0.0])), KIND, "its starts are not those of game"),
])
def test_refuses_in_one_line(game, kind, message):
    with pytest.raises(InputError) as caught:
        report(game, kind)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_kind_of_another_game_is_not_said_to_be_of_this_one():
    with pytest.raises(InputError, match=r"but those of the game are joint$"):
        report(common_interest(), classify(CONGESTION, "local"))


def test_a_kind_for_every_start_serves_any_start():
    game = changed(initial=np.array([1.0, 0.0, 0.0]))
    assert report(game, classify(common_interest(), states="all")).hypotheses[0].status == "HOLDS"


@pytest.mark.parametrize("discount", [1 - 2**-53, 1 - 1e-15])
def test_a_discount_within_rounding_of_1_is_named(discount):
    with pytest.raises(InputError) as caught:
        report(common_interest(discount))
    assert str(caught.value).startswith(
        f"discount is {discount!r}, too near 1 for the mismatch of a game that may ")
    ending = pt.MarkovGame.from_arrays([[[1.0, 0.5], [0.0, 0.0]]], [[1, 1], [1, 1]],
                                       discount=discount,
                                       initial=[0.5, 0.5])
    assert mismatch(ending).coefficient == pytest.approx(1)


def test_rewards_further_apart_than_float64_holds_are_refused():
    rewards = np.array([[[1.7e308, -1.7e308]]])
    with pytest.raises(InputError,
                       match=r"rewards range from -1\.7e\+308 to 1\.7e\+308, further apart than "
                             r"float64"):
        report(pt.MarkovGame.from_arrays(rewards, [[0, 0]], discount=0.5))


@pytest.mark.parametrize(("seed", "message"), [(1.5, "seed is 1.5, not a whole number"),
                                               (2**63, f"seed is {2**63}, but it must be below "
                                                       f"2**63")])
def test_refuses_a_seed_that_is_none(seed, message):
    with pytest.raises(InputError) as caught:
        report(common_interest(), KIND, seed=seed)
    assert str(caught.value) == message
