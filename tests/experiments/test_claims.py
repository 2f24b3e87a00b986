"""Judging: numbers in, verdicts out. A verdict must be able to say no."""

import numpy as np
import pytest

from potentia.experiments import claims
from potentia.experiments.claims import Outcome
from potentia.experiments.paper import EXACT, FIGURES, MODES, PUBLISHED, SAMPLED, TRIALS, trials_of
from potentia.report.claims import markdown


def outcome(iterations, stopped=True, cap=3000, gap=0.0, accuracy=None):
    iterations = np.atleast_1d(iterations)
    full = np.full(iterations.shape, gap, dtype=float)
    return Outcome(iterations=iterations, stopped=np.full(iterations.shape, stopped), cap=cap, gap=full,
                   worst_gap=2 * full, l1_accuracy=accuracy)


@pytest.mark.parametrize(("judge", "one", "holds"), [
    (claims.about(50), outcome([46, 49, 52]), True),
    (claims.about(50), outcome([100, 101, 102]), False),
    (claims.about(50), outcome([50, 50, 50], stopped=False), False),
    (claims.fewer_than(100), outcome([81, 88]), True),
    (claims.fewer_than(100), outcome([81, 100]), False),
    (claims.fewer_than(100), outcome([81, 88], stopped=False), False),
    (claims.more_than(3000), outcome([3000], stopped=False), True),
    (claims.more_than(3000), outcome([2999], stopped=True), False),
    (claims.nash, outcome([1, 2], gap=9e-4), True),
    (claims.nash, outcome([1, 2], gap=0.19), False),
])
def test_a_judge_of_one_trial(judge, one, holds):
    assert judge([one]).holds is holds


def test_one_run_far_from_nash_spoils_the_claim():
    mixed = Outcome(np.array([5, 5]), np.array([True, True]), 9, np.array([0.0, 16.7]), np.array([0.0, 20.0]), None)
    finding = claims.nash([mixed])
    assert not finding.holds
    assert finding.measured["share_within"] == 0.5
    assert finding.measured["max"] == 16.7


@pytest.mark.parametrize(("inpg", "ipg", "stopped", "holds"), [
    ([100, 157], [214, 406], True, True),
    ([303, 303], [246, 246], True, False),
    ([100, 100], [200, 200], False, False),
])
def test_faster_needs_the_first_to_stop_first(inpg, ipg, stopped, holds):
    finding = claims.fewer_iterations([outcome(inpg, stopped=stopped), outcome(ipg)])
    assert finding.holds is holds


def test_sooner_accurate_reads_the_mean_over_runs():
    quick = np.array([[1.0, 0.5, 0.0, np.nan], [1.0, 0.5, 0.001, 0.0]])
    slow = np.array([[1.0, 0.9, 0.8, 0.0]])
    finding = claims.sooner_accurate([outcome([2, 3], accuracy=quick), outcome([3], accuracy=slow)])
    assert finding.holds
    assert (finding.measured["inpg_iterations"], finding.measured["ipg_iterations"]) == (2, 3)


def test_a_run_that_never_stopped_has_not_arrived_however_little_it_moved():
    still = np.full((1, 4), 1e-3)
    finding = claims.sooner_accurate([outcome([3], stopped=False, cap=3, accuracy=still),
                                      outcome([3], accuracy=np.array([[1.0, 0.9, 0.8, 0.0]]))])
    assert not finding.holds
    assert finding.measured["inpg_iterations"] == 3


@pytest.mark.parametrize(("holds", "verdict"), [
    ({PUBLISHED: True, SAMPLED: True, EXACT: True}, claims.REPRODUCED),
    ({PUBLISHED: False, SAMPLED: True, EXACT: True}, claims.REPRODUCED),
    ({PUBLISHED: True, SAMPLED: True, EXACT: False}, claims.ONLY_AS_PUBLISHED),
    ({PUBLISHED: True}, claims.ONLY_AS_PUBLISHED),
    ({PUBLISHED: False, SAMPLED: True, EXACT: False}, claims.NOT_REPRODUCED),
    ({SAMPLED: False, EXACT: False}, claims.NOT_REPRODUCED),
])
def test_verdicts(holds, verdict):
    assert claims.verdict_of(holds) == verdict


def test_every_claim_names_trials_that_exist_and_a_figure():
    for claim in claims.CLAIMS:
        assert claim.figure in FIGURES
        for kind in claim.kinds:
            assert set(claims.trial_names(claim, kind)) <= set(TRIALS)
            assert all(TRIALS[name].kind == kind for name in claims.trial_names(claim, kind))
    drawn = {name for figure in FIGURES for kinds in MODES.values() for kind in kinds
             for name in trials_of(figure, kind).values()}
    read = {name for claim in claims.CLAIMS for kind in claim.kinds
            for name in claims.trial_names(claim, kind)}
    assert drawn | read == set(TRIALS)


def test_ids_are_stable():
    assert {"fig2-faster", "fig4-inpg-iterations", "fig4-ipg-iterations", "fig4-ipg-n5-iterations",
            "fig6-inpg-iterations", "fig4-nash"} <= {claim.id for claim in claims.CLAIMS}
    assert len({claim.id for claim in claims.CLAIMS}) == len(claims.CLAIMS)


def test_entries_and_page_carry_the_numbers():
    outcomes = {name: outcome([81, 85, 88], gap=5.0) for name in TRIALS}
    entries = claims.judged(outcomes, ["fig6"], ["as-published", "as-written"])
    assert [(e["id"], e["mode"]) for e in entries][:2] == [
        ("fig6-inpg-iterations", "as-published"), ("fig6-inpg-iterations", "as-written")]
    first = entries[0]
    assert {"id", "figure", "mode", "claim", "paper", "measured", "nash_gap", "verdict"} <= set(first)
    assert first["measured"]["median"] == 85
    assert first["nash_gap"] == {"median": 5.0, "min": 5.0, "max": 5.0}
    assert first["verdict"] == claims.REPRODUCED
    nash = next(e for e in entries if e["id"] == "fig6-nash")
    assert nash["verdict"] == claims.NOT_REPRODUCED
    page = markdown(entries)
    assert "85 [81, 88]" in page
    assert "**NOT REPRODUCED**" in page
