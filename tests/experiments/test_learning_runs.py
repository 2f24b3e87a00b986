"""Gaps on the way of a rule, against a loop in NumPy; and which run counts."""

from types import SimpleNamespace

import numpy as np
import pytest

from potentia.experiments import learning_runs
from potentia.experiments.learning_runs import Learning
from potentia.experiments.papers import paper

PAYOFFS = np.array([[2.0, 0.0], [3.0, 1.0]])          # of the row player, by both choices
STEP = 0.5
STATEMENTS = {one.id: one for name in ("guo2023", "maheshwari2022", "zhou2023")
              for one in paper(name).statements}


def learning(**more):
    return Learning("prisoners-dilemma", {}, "inpg", {"step_size": STEP}, (0, 2, 4), **more)


def times(statement):
    """Updates after which the gap is read."""
    measure, = statement.measures.values()
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
                             profile=np.stack([defect, cooperate]))
    monkeypatch.setattr(learning_runs, "solve", lambda *given, **more: result)
    found = learning(runs=2).measured(0)
    assert found.numbers == {"gap after 0 updates": 4, "gap after 2 updates": 2,
                             "gap after 4 updates": 1}
    assert found.nash_gap == pytest.approx({"at the end": 1.0})


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
