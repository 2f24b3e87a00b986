"""Judging: numbers in, verdicts out. A verdict must be able to say no."""

import numpy as np
import pytest

from potentia.experiments import claims
from potentia.experiments.claims import Outcome
from potentia.experiments.papers.fox2021 import CLAIMS, FIGURES, TRIALS
from potentia.experiments.trials import trials_of
from potentia.experiments.verdicts import (
    EXACT,
    MODES,
    NOT_REPRODUCED,
    ONLY_AS_PUBLISHED,
    PUBLISHED,
    REPRODUCED,
    SAMPLED,
    verdict_of,
)
from potentia.report.claims import Section, markdown


def outcome(iterations, stopped=True, cap=3000, gap=0.0, accuracy=None):
    iterations = np.atleast_1d(iterations)
    full = np.full(iterations.shape, gap, dtype=float)
    return Outcome(iterations=iterations, stopped=np.full(iterations.shape, stopped), cap=cap,
                   gap=full,
                   worst_gap=2 * full, l1_accuracy=accuracy)


@pytest.mark.parametrize(("judge", "one", "holds"), [
    (claims.about(50), outcome([46, 49, 52]), "yes"),
    (claims.about(50), outcome([100, 101, 102]), "no"),
    (claims.about(50), outcome([50, 50, 50], stopped=False), "no"),
    (claims.fewer_than(100), outcome([81, 88]), "yes"),
    (claims.fewer_than(100), outcome([81, 100]), "no"),
    (claims.fewer_than(100), outcome([81, 88], stopped=False), "no"),
    (claims.more_than(3000), outcome([3000], stopped=False), "yes"),
    (claims.more_than(3000), outcome([2999], stopped=True), "no"),
    (claims.nash, outcome([1, 2], gap=9e-4), "yes"),
    (claims.nash, outcome([1, 2], gap=0.19), "no"),
    (claims.nash, outcome([1, 2], gap=0.19, stopped=False), "undecided"),
])
def test_a_judge_of_one_trial(judge, one, holds):
    assert judge([one]).holds == holds


def test_one_run_far_from_nash_spoils_the_claim():
    mixed = Outcome(np.array([5, 5]), np.array([True, True]), 9, np.array([0.0, 16.7]),
                    np.array([0.0, 20.0]), None)
    finding = claims.nash([mixed])
    assert finding.holds == "no"
    assert finding.measured["within"] == 1
    assert finding.measured["max"] == 16.7


@pytest.mark.parametrize(("inpg", "ipg", "stopped", "holds"), [
    ([100, 157], [214, 406], True, "yes"),
    ([303, 303], [246, 246], True, "no"),
    ([100, 100], [200, 200], False, "undecided"),
])
def test_faster_needs_the_first_to_stop_first(inpg, ipg, stopped, holds):
    finding = claims.fewer_iterations([outcome(inpg, stopped=stopped),
                                       outcome(ipg, stopped=stopped)])
    assert finding.holds == holds


def test_sooner_accurate_reads_the_mean_over_runs():
    quick = np.array([[1.0, 0.5, 0.0, np.nan], [1.0, 0.5, 0.001, 0.0]])
    slow = np.array([[1.0, 0.9, 0.8, 0.0]])
    finding = claims.sooner_accurate([outcome([2, 3], accuracy=quick), outcome([3], accuracy=slow)])
    assert finding.holds == "yes"
    assert (finding.measured["inpg_arrival"], finding.measured["ipg_arrival"]) == (2, 3)


def test_a_run_that_never_stopped_has_not_arrived_however_little_it_moved():
    still = np.full((1, 4), 1e-3)
    finding = claims.sooner_accurate([outcome([3], stopped=False, cap=3, accuracy=still),
                                      outcome([3], accuracy=np.array([[1.0, 0.9, 0.8, 0.0]]))])
    assert finding.holds == "no"
    assert "inpg_arrival" not in finding.measured
    both = claims.sooner_accurate([outcome([3], stopped=False, cap=3, accuracy=still)] * 2)
    assert both.holds == "undecided"


@pytest.mark.parametrize(("holds", "verdict"), [
    ({PUBLISHED: "yes", SAMPLED: "yes", EXACT: "yes"}, REPRODUCED),
    ({PUBLISHED: "no", SAMPLED: "yes", EXACT: "yes"}, REPRODUCED),
    ({PUBLISHED: "yes", SAMPLED: "yes", EXACT: "no"}, ONLY_AS_PUBLISHED),
    ({PUBLISHED: "yes"}, ONLY_AS_PUBLISHED),
    ({PUBLISHED: "no", SAMPLED: "yes", EXACT: "no"}, NOT_REPRODUCED),
    ({SAMPLED: "no", EXACT: "no"}, NOT_REPRODUCED),
    ({PUBLISHED: "no", SAMPLED: "yes", EXACT: "undecided"}, NOT_REPRODUCED),
])
def test_verdicts(holds, verdict):
    assert verdict_of(holds) == verdict


def test_every_claim_names_trials_that_exist_and_a_figure():
    for claim in CLAIMS:
        assert claim.figure in FIGURES
        for kind in claim.kinds:
            assert set(claim.trials(kind)) <= set(TRIALS)
            assert all(TRIALS[name].kind == kind for name in claim.trials(kind))
    drawn = {name for figure in FIGURES for kinds in MODES.values() for kind in kinds
             for name in trials_of(FIGURES[figure], kind).values()}
    read = {name for claim in CLAIMS for kind in claim.kinds
            for name in claim.trials(kind)}
    assert drawn | read == set(TRIALS)


def test_ids_are_stable():
    assert {"fig2-faster", "fig4-inpg-iterations", "fig4-ipg-iterations", "fig4-ipg-n5-iterations",
            "fig6-inpg-iterations", "fig4-nash"} <= {claim.id for claim in CLAIMS}
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)


def test_entries_and_page_carry_the_numbers():
    outcomes = {name: outcome([81, 85, 88], gap=5.0) for name in TRIALS}
    entries = claims.judged(CLAIMS, outcomes, ["fig6"], ["as-published", "as-written"])
    assert [(e["id"], e["mode"], e["kind"]) for e in entries][:3] == [
        ("fig6-inpg-iterations", "as-published", PUBLISHED),
        ("fig6-inpg-iterations", "as-written", SAMPLED),
        ("fig6-inpg-iterations", "as-written", EXACT)]
    first = entries[0]
    assert {"id", "figure", "mode", "claim", "paper", "measured", "nash_gap",
            "verdict"} <= set(first)
    assert first["measured"]["median"] == 85
    assert first["nash_gap"] == {"median": 5.0, "min": 5.0, "max": 5.0}
    assert first["verdict"] == REPRODUCED
    nash = next(e for e in entries if e["id"] == "fig6-nash")
    assert nash["verdict"] == NOT_REPRODUCED
    page = markdown([Section("fox2021", "words", "", entries)], [])
    assert "| as published | yes | 85 [81, 88], 3/3 stopped | 5 [5, 5] |" in page
    assert "**NOT REPRODUCED**" in page
