"""Gaps on the way of a rule, against a loop in NumPy; and which run counts."""

from types import SimpleNamespace

import numpy as np
import pytest

import potentia as pt
from potentia.experiments import learning_runs
from potentia.experiments.learning_runs import Learning
from potentia.experiments.papers import paper

PAYOFFS = np.array([[2.0, 0.0], [3.0, 1.0]])          # of the row player, by both choices
STEP = 0.5
STATEMENTS = {one.id: one for name in ("guo2023", "maheshwari2022", "zhou2023", "sahitaj2025")
              for one in paper(name).statements}


def learning(**more):
    return Learning("prisoners-dilemma", {}, "inpg", {"step_size": STEP}, (0, 2, 4), **more)


def times(statement):
    """Updates after which the gap is read."""
    measure = next(iter(statement.measures.values()))
    assert isinstance(measure, Learning)
    return measure.at


def gaps_by_hand():
    """The largest gain before every update, both players alike from the uniform start."""
    policy, gaps = np.full(2, 0.5), []
    for _ in range(5):
        value = PAYOFFS @ policy
        gaps.append(value.max() - policy @ value)
        policy = policy * np.exp(STEP * value)
        policy /= policy.sum()
    return gaps


def test_gaps_are_those_of_a_loop_in_numpy():
    found = learning().measured(0)
    by_hand = gaps_by_hand()
    assert found.numbers == pytest.approx(
        {f"gap after {at} updates": by_hand[at] for at in (0, 2, 4)}, rel=1e-12)
    assert found.nash_gap == pytest.approx({"at the end": by_hand[4]}, rel=1e-9)


def test_of_several_runs_the_worst_counts(monkeypatch):
    defect, cooperate = np.eye(2)[[1, 1]][:, None], np.eye(2)[[0, 0]][:, None]
    result = SimpleNamespace(history={"nash_gap": np.array([[4.0, 1.0, 0.0], [3.0, 2.0, 1.0]])},
                             profile=np.stack([defect, cooperate]), iterations=np.full(2, 4))
    monkeypatch.setattr(learning_runs, "solved", lambda *given, **more: result)
    found = learning(runs=2).measured(0)
    assert found.numbers == {"gap after 0 updates": 4, "gap after 2 updates": 2,
                             "gap after 4 updates": 1}
    assert found.nash_gap == pytest.approx({"at the end": 1.0})


def test_a_level_tells_until_when_some_run_is_above_it():
    by_hand = gaps_by_hand()
    assert by_hand[2] > 0.13 > by_hand[4]
    assert learning(level=0.13).measured(0).numbers["gap last above 0.13 after"] == 2
    assert learning(level=9.0).measured(0).numbers["gap last above 9 after"] == -1


def test_runs_from_random_starts_differ_and_the_worst_counts():
    starts = pt.games.make("prisoners-dilemma")
    result = pt.solve(starts, pt.rules.INPG(step_size=STEP), seed=3, runs=3, max_iterations=0,
                      tolerance=None)
    worst = max(pt.certify(starts, profile).nash_gap for profile in result.profile)
    found = learning(runs=3, initial="random").measured(3)
    assert found.numbers["gap after 0 updates"] == pytest.approx(worst, rel=1e-12)
    assert found.numbers["gap after 0 updates"] != pytest.approx(0.5, rel=1e-3)


def test_of_runs_that_are_not_finite_no_gap_is_read_after_the_first_of_them(monkeypatch):
    even = np.full((2, 1, 2), 0.5)
    result = SimpleNamespace(history={"nash_gap": np.array([[4.0, 1.0, 9.0], [3.0, 2.0, 2.0]])},
                             profile=np.stack([even, even]), iterations=np.array([4, 3]),
                             status=(pt.Status.MAX_ITERATIONS, pt.Status.NONFINITE))
    monkeypatch.setattr(learning_runs, "solved", lambda *given, **more: result)
    assert learning(runs=2, level=0.1).measured(0).numbers == {
        "gap after 0 updates": 4, "gap after 2 updates": 2, "runs that are not finite": 1}


@pytest.mark.parametrize(("step_size", "settles"), [(1.9, True), (2.5, False)])
def test_a_barrier_overshoots_where_the_step_times_the_loss_is_above_2(step_size, settles):
    # to cooperate loses 1 whatever the other does
    found = Learning("prisoners-dilemma", {}, "inpg-log-barrier",
                     {"step_size": step_size, "barrier": 0.003}, (0, 200, 400)).measured(0)
    assert (found.nash_gap["at the end"] < 0.01) == settles


@pytest.mark.parametrize("claim", ["guo-improvement", "maheshwari-common-nash",
                                   "maheshwari-own-nash"])
def test_a_claim_of_a_nash_policy_goes_by_the_gap_of_all_papers(claim):
    statement, last = STATEMENTS[claim], max(times(STATEMENTS[claim]))
    assert statement.holds({f"gap after {last:,} updates": 1e-3})
    assert not statement.holds({f"gap after {last:,} updates": 1.01e-3})


@pytest.mark.parametrize("claim", ["zhou-regret", "maheshwari-common-falls",
                                   "maheshwari-own-falls"])
def test_a_gap_that_is_to_fall_must_fall_all_the_way(claim):
    statement = STATEMENTS[claim]
    names = [f"gap after {at:,} updates" for at in times(statement)]
    falling = np.arange(len(names), 0, -1.0)
    assert statement.holds(dict(zip(names, falling, strict=True)))
    for at in range(1, len(names)):
        stays = np.where(np.arange(len(names)) == at, falling[at - 1], falling)
        assert not statement.holds(dict(zip(names, stays, strict=True)))


@pytest.mark.parametrize("word", ["distancing", "loop"])
def test_claims_of_performative_games_can_fail(word):
    nash, sooner, barrier = [STATEMENTS[f"sahitaj-{word}-{what}"]
                             for what in ("nash", "sooner", "barrier")]
    last = f"gap after {max(times(nash)):,} updates"
    assert nash.holds({f"INPG {last}": 1e-3})
    assert not nash.holds({f"INPG {last}": 1.01e-3})
    settled = {"INPG gap last above 0.001 after": 200.0,
               "Q-ascent gap last above 0.001 after": 300.0}
    assert sooner.holds(settled)
    assert not sooner.holds(settled | {"INPG gap last above 0.001 after": 300.0})
    start = {"barrier gap after 0 updates": 1000.0}
    assert barrier.holds(start | {f"barrier {last}": 1.0})
    assert not barrier.holds(start | {f"barrier {last}": 1.01})
    assert not barrier.holds(start | {"barrier runs that are not finite": 1.0})


@pytest.mark.parametrize("word", ["response", "response-of-two"])
def test_claims_of_games_that_respond_can_fail(word):
    stable = STATEMENTS[f"sahitaj-{word}-stable"]
    last = f"INPG gap after {max(times(stable)):,} updates"
    assert stable.holds({last: 1e-3})
    assert not stable.holds({last: 1.01e-3})
