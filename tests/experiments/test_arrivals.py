"""How much play learning needs: arrivals, slopes and their intervals, against numbers by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats

import potentia as pt
from potentia.experiments import arrivals, statements
from potentia.experiments.arrivals import NEVER, Arrivals, Courses, Learner, Slope, at_most, slope
from potentia.experiments.papers import paper
from potentia.experiments.statements import Measured, Statement
from potentia.experiments.verdicts import SAMPLED

UPDATES = np.array([0, 5, 10, 15])
STEPS = np.array([[0.0, 10, 20, 30], [0, 20, 40, 60], [0, 10, 20, 30]])
GAPS = np.array([[0.9, 0.05, 0.2, 0.1], [0.1, 0.1, 0.0, 0.0], [0.9, 0.5, 0.0, 0.11]])
PLAYED = Courses(UPDATES, STEPS, GAPS, 0.11)
LEARNER = Learner("stochastic-congestion", {"n_agents": 2}, "inpg", {"step_size": 0.01}, "sampled",
                  {"episodes": 4, "horizon": 20}, 20, 5, 3)
STATEMENTS = {one.id: one for name in ("fox2021", "maheshwari2022", "zhou2023", "ding2022")
              for one in paper(name).statements}


@dataclasses.dataclass(frozen=True)
class Known:
    """A learner whose runs are known."""

    runs: Courses
    rule_parameters: dict

    def courses(self, seed: int) -> Courses:
        return self.runs


def raced(first: Courses, second: Courses) -> dict[str, float]:
    return Arrivals((0.1,), {"A": (Known(first, {}),), "B": (Known(second, {}),)}).measured(
        0).numbers


def test_a_gap_counts_from_where_it_stays_small() -> None:
    assert arrivals.arrivals(PLAYED, 0.1).tolist() == [30, 0, np.inf]   # a dip at 10 does not count
    exact = dataclasses.replace(PLAYED, steps=None)
    assert arrivals.arrivals(exact, 0.15).tolist() == [15, 0, 10]


def test_arrivals_are_told_by_median_and_range_with_who_never_came() -> None:
    numbers = raced(PLAYED, dataclasses.replace(PLAYED, steps=2 * STEPS))
    assert numbers == pytest.approx({
        "A runs at 0.1": 2, "A agent-steps to 0.1, median": 30, "A agent-steps to 0.1, least": 0,
        "A agent-steps to 0.1, most": NEVER, "B runs at 0.1": 2,
        "B agent-steps to 0.1, median": 60, "B agent-steps to 0.1, least": 0,
        "B agent-steps to 0.1, most": NEVER,
        # 30 is before 60 and never, 0 before these two, never before nothing
        "A before B in pairs": 4 / 9})


def test_agent_steps_are_not_held_against_updates() -> None:
    numbers = raced(PLAYED, dataclasses.replace(PLAYED, steps=None))
    assert numbers["B updates to 0.1, median"] == 15
    assert "A before B in pairs" not in numbers


def test_who_needs_fewer_is_told_by_medians_and_left_open_where_neither_came() -> None:
    never = dataclasses.replace(PLAYED, gaps=GAPS + 1.0)
    slow = dataclasses.replace(PLAYED, steps=2 * STEPS)
    first = [arrivals.comes_first(raced(*pair), "A", "B", 0.1) for pair in (
        (PLAYED, slow), (slow, PLAYED), (PLAYED, PLAYED), (PLAYED, never), (never, PLAYED),
        (never, never))]
    assert first == [True, False, False, True, False, None]


def test_of_several_learners_the_best_counts() -> None:
    slow = dataclasses.replace(PLAYED, steps=2 * STEPS, end=7.0)
    found = Arrivals((0.1,), {"A": (Known(slow, {"step_size": 1.0}),
                                    Known(PLAYED, {"step_size": 3.0}))}).measured(0)
    assert found.numbers["A step size"] == 3.0
    assert found.numbers["A agent-steps to 0.1, median"] == 30
    assert found.nash_gap == {"A at the end": 0.11}


def test_a_power_law_has_its_slope_wherever_it_begins() -> None:
    updates = np.arange(0, 2_001, 10)
    steps = 12.0 * updates
    gaps = np.where(updates < 200, 5.0, 3 * np.maximum(steps, 1.0) ** -0.7)
    assert slope(steps, gaps, updates, 200) == pytest.approx(-0.7, rel=1e-9)
    assert slope(steps, np.zeros(updates.size), updates, 200) == pytest.approx(0.0)


def test_a_slope_has_the_interval_of_a_t_test_and_decides_outside_it_alone() -> None:
    values = [-0.3, -0.5, -0.35, -0.41]
    low, high = arrivals.interval(values)
    by_scipy = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    assert (low, high) == pytest.approx((by_scipy.low, by_scipy.high))
    numbers = {"slope at least": -0.6, "slope at most": -0.3}
    assert [at_most(bound, numbers) for bound in (-0.7, -0.5, -0.3, -0.2)] == [
        False, None, True, True]


def test_regret_is_the_mean_of_all_gaps_so_far() -> None:
    found = Slope(Known(PLAYED, {}), 5, regret=True).measured(0).numbers
    assert found["regret at the end, median"] == pytest.approx(0.3125)
    assert arrivals.averaged(GAPS)[1].tolist() == pytest.approx([0.1, 0.1, 0.2 / 3, 0.05])


def test_the_courses_are_those_of_the_solver_with_its_steps_and_certified_ends() -> None:
    courses = LEARNER.courses(1)
    result = pt.solve(pt.games.make("stochastic-congestion", n_agents=2),
                      pt.rules.INPG(step_size=0.01), pt.Sampled(episodes=4, horizon=20), seed=1,
                      runs=3, max_iterations=20, tolerance=None, check_every=5)
    np.testing.assert_array_equal(courses.gaps, result.history["nash_gap"])
    assert courses.updates.tolist() == [0, 5, 10, 15, 20]
    assert courses.steps is not None
    assert courses.steps[0].tolist() == [0, 160, 320, 480, 640]        # 2 agents, 4 episodes of 20
    assert courses.end == pytest.approx(result.history["nash_gap"][:, -1].max(), rel=1e-9)
    exact = dataclasses.replace(LEARNER, oracle="exact", oracle_parameters={}).courses(1)
    assert exact.steps is None
    np.testing.assert_array_equal(exact.gaps[:, 0], courses.gaps[:, 0])            # the same starts


@pytest.mark.parametrize(("told", "holds", "verdict"), [
    (True, "yes", "REPRODUCED"), (False, "no", "NOT REPRODUCED"),
    (None, "undecided", "NOT REPRODUCED")])
def test_a_statement_may_be_undecided_and_is_of_its_kind(told, holds, verdict) -> None:
    statement = Statement("x", "c", "s", "p", {}, lambda found: told, kind=SAMPLED, tolerance=0.5)
    entry = statements.judged(statement, {"": Measured({"n": 1.0}, {})}, "word")
    assert (entry["holds"], entry["verdict"], entry["kind"]) == (holds, verdict, SAMPLED)
    assert entry["tolerance"] == {"n": 0.5}


def test_a_claim_that_all_runs_arrive_is_open_where_one_does_not() -> None:
    statement = STATEMENTS["samples-congestion-2"]
    assert statement.holds({"INPG runs at 0.01": 20.0}) is True
    assert statement.holds({"INPG runs at 0.01": 19.0}) is None


@pytest.mark.parametrize(("claim", "bound"), [("ding-samples", -0.2), ("zhou-samples", -0.25)])
def test_rates_of_samples_are_those_of_the_papers(claim, bound) -> None:
    for low, high, holds in ((-0.9, bound - 0.01, True), (-0.9, bound + 0.01, None),
                             (bound + 0.01, 0.1, False)):
        assert STATEMENTS[claim].holds({"slope at least": low, "slope at most": high}) is holds


def test_a_run_that_is_far_off_leaves_a_limit_open() -> None:
    statement = STATEMENTS["maheshwari-common-trajectory"]
    falls = {"slope at least": -1.0, "slope at most": -0.5}
    assert statement.holds({**falls, "gap at the end, most": 0.1}) is True
    assert statement.holds({**falls, "gap at the end, most": 0.11}) is None
    assert statement.holds({**falls, "slope at most": 0.1, "gap at the end, most": 0.1}) is None
