"""`potentia reproduce`: what it says, and its exit status by the record."""

from __future__ import annotations

from pathlib import Path

import pytest

GOOD, SOME, BAD = "REPRODUCED", "REPRODUCED ONLY AS PUBLISHED", "NOT REPRODUCED"


def claims(*verdicts: str) -> list[dict]:
    return [{"id": f"claim-{k}", "figure": "fig2", "mode": "as-published", "kind": "as published",
             "holds": "yes",
             "claim": "words", "paper": "about 50",
             "measured": {"median": 49.0, "min": 40.0,
                          "max": 60.0}, "nash_gap": {"exact_median": 0.25},
             "verdict": verdict} for k, verdict in enumerate(verdicts)]


@pytest.fixture
def on_record(monkeypatch: pytest.MonkeyPatch):
    """A record, a list of what was asked for, and claims instead of work."""
    from potentia.experiments import record, runner
    asked = []

    def holds(known: list[str], now: list[str]) -> list[tuple]:
        monkeypatch.setattr(record, "on_record", lambda: {
            f"claim-{k}": {"verdict": verdict} for k, verdict in enumerate(known)})
        monkeypatch.setattr(runner, "reproduce", lambda *arguments: asked.append(arguments)
                            or claims(*now))
        return asked
    return holds


@pytest.mark.parametrize(("known", "now", "status", "strict"), [
    ([GOOD, SOME], [GOOD, SOME], 0, 0), ([GOOD, BAD], [GOOD, BAD], 0, 1), ([], [], 0, 0),
    ([GOOD, BAD], [GOOD, GOOD], 1, 0), ([GOOD, GOOD], [GOOD, BAD], 1, 1), ([], [GOOD], 1, 0),
    (["VERIFIED"], ["VERIFIED"], 0, 0), (["WITHDRAWN"], ["WITHDRAWN"], 0, 1)])
def test_reproduce_says_no_if_a_verdict_is_not_the_one_on_record(
        tell, on_record, known: list[str], now: list[str], status: int, strict: int) -> None:
    on_record(known, now)
    told = tell("reproduce", "--json")
    assert told.status == status
    assert tell("reproduce", "--strict").status == strict
    document = told.document()
    assert document["claims"] == claims(*now)
    assert document["record"]["runs"] == 10
    assert [bool(document["record"]["differences"]), "Not as on record" in tell("reproduce").out
            ] == [status == 1] * 2


def test_reproduce_tells_how_far_it_is(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia.console import progress
    from potentia.experiments import runner
    from potentia.experiments.running import run_all
    monkeypatch.setattr(progress, "BETWEEN", 0.0)

    def reproduce(*arguments):
        run_all({"fig-trial": lambda tell: None}, None, "reproducing fox2021")
        return claims(GOOD)
    monkeypatch.setattr(runner, "reproduce", reproduce)
    assert "potentia: reproducing fox2021: 1 of at most 1, fig-trial" in tell("reproduce").err


def test_strict_says_that_it_is_why_and_names_the_claims(tell, on_record) -> None:
    on_record([GOOD, BAD, BAD, "WITHDRAWN"], [GOOD, BAD, BAD, "WITHDRAWN"])
    told = tell("reproduce", "--strict").out
    assert "because of --strict: NOT REPRODUCED, on record or not: claim-1, claim-2\n" in told
    assert "because of --strict: WITHDRAWN, on record or not: claim-3\n" in told
    assert "--strict" not in tell("reproduce").out
    on_record([GOOD], [GOOD])
    assert "--strict" not in tell("reproduce", "--strict").out


def test_reproduce_names_what_differs_and_says_what_the_record_is_of(tell, on_record) -> None:
    asked = on_record([GOOD], [BAD])
    told = tell("reproduce", "fig4", "fox2021", "--out", "there", "--mode", "as-written",
                "--runs", "3", "--seed", "5").out
    assert "Not as on record: claim-0: on record REPRODUCED, now NOT REPRODUCED" in told
    assert "record is of 10 runs a trial, seed 0; these verdicts rest on 3, seed 5" in told
    assert asked == [(["fig4", "fox2021"], Path("there"), ["as-written"], 3, 5)]
    tell("reproduce")
    assert asked[1:] == [(["all"], Path("out"), ["as-published", "as-written"], 10, 0)]


def test_reproduce_shows_a_table(tell, on_record) -> None:
    on_record([SOME], [SOME])
    row, = [line for line in tell("reproduce", "fig2").out.splitlines() if "claim-0" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == ["claim-0", "yes", SOME]


def test_a_verdict_says_that_it_rests_on_few_runs(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia.experiments import runner
    few = [{**claims(GOOD)[0], "basis": "rests on 3 runs, the record on 10"}]
    monkeypatch.setattr(runner, "reproduce", lambda *arguments: few)
    assert "REPRODUCED (rests on 3 runs, the record on 10)" in tell("reproduce", "fig2").out
