"""The record: what is on it, and what differs from it."""

import json
from pathlib import Path

import pytest

from potentia.experiments import record
from potentia.experiments.record import Difference, differences, recorded
from potentia.experiments.verdicts import EXACT, PUBLISHED, SAMPLED, verdict_of

DOCS = Path(__file__).resolve().parents[2] / "docs"


def entry(kind=EXACT, holds="yes", verdict="REPRODUCED", **more):
    return {"id": "a", "kind": kind, "holds": holds, "verdict": verdict, "measured": {}, **more}


def numbered(value, share=1e-3):
    return entry(measured={"gap": value, "beside": 1.0}, tolerance={"gap": share})


KINDS = [entry(PUBLISHED, "yes", "REPRODUCED ONLY AS PUBLISHED"),
         entry(SAMPLED, "no", "REPRODUCED ONLY AS PUBLISHED"),
         entry(EXACT, "yes", "REPRODUCED ONLY AS PUBLISHED")]


def test_what_is_recorded_does_not_differ():
    for entries in (KINDS, [numbered(2.0)], [entry(found="HOLDS")]):
        assert differences(entries, recorded(entries)) == []


def test_of_some_kinds_the_record_is_the_verdict_over_them():
    known = recorded(KINDS)
    assert differences([entry(EXACT, "yes", "REPRODUCED")], known) == []
    assert differences([entry(EXACT, "no", "NOT REPRODUCED")], known) == [
        Difference("a", "REPRODUCED", "NOT REPRODUCED")]
    written = [entry(SAMPLED, "no", "NOT REPRODUCED"), entry(EXACT, "yes", "NOT REPRODUCED")]
    assert differences(written, known) == []


def test_a_number_is_held_to_its_tolerance():
    known = recorded([numbered(2.0)])
    assert differences([numbered(2.0019)], known) == []
    assert differences([numbered(2.003)], known) == [Difference("a, gap", "2", "2.003")]
    assert differences([entry()], known) == [Difference("a, gap", "2", "none")]


def test_a_gap_of_0_may_differ_by_rounding():
    known = recorded([numbered(0.0)])
    assert differences([numbered(3e-13)], known) == []
    assert len(differences([numbered(2e-9)], known)) == 1


def test_a_claim_that_is_not_on_record_differs():
    difference, = differences([entry()], {})
    assert str(difference) == "a: on record none, now REPRODUCED"


@pytest.mark.parametrize(("runs", "said"), [
    (10, ""), (20, ""), (3, "rests on 3 runs, the record on 10"),
    (1, "rests on 1 run, the record on 10")])
def test_few_runs_are_said(runs, said):
    assert record.basis(runs) == said


def test_the_record_agrees_with_itself_and_with_the_page():
    known = record.on_record()
    for claim in known.values():
        assert "holds" not in claim or claim["verdict"] == verdict_of(claim["holds"])
    entries = [one for name in ("claims", "lemmas")
               for one in json.loads((DOCS / f"{name}.json").read_text())]
    assert recorded(entries) == known, "python tests/record_papers.py PAPER"
