"""The page of lemmas and corrections: what a run of it writes, and that its verdicts can turn."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path

import pytest

from potentia.experiments import corrections_of_games as of_games
from potentia.experiments import corrections_of_runs as of_runs
from potentia.experiments import lemmas
from potentia.experiments.correction import Correction
from potentia.experiments.corrections import _of_lemma
from potentia.experiments.verdicts import NO, NOT_REPRODUCED, REPRODUCED, UNDECIDED, YES
from potentia.report.terminal import show_claims
from potentia.theory import limits
from potentia.theory.verdicts import FAILS, HOLDS, LemmaReport

SMALL = ("gate", "gate-cut-off", "coordination")          # one shape, so one set of programs


@pytest.fixture(scope="module")
def reports() -> dict[str, LemmaReport]:
    return {name: lemmas.run_case(lemmas.CASES[name]) for name in SMALL}


def one(verified: bool) -> Correction:
    return Correction(f"item {verified}", "Lemma 0", "a | b", "c", "game", verified,
                      {"M": float("inf"), "L": 2.0})


@pytest.fixture
def entries(reports: dict[str, LemmaReport], tmp_path: Path, monkeypatch) -> list[dict]:
    monkeypatch.setattr(lemmas, "CASES", {name: lemmas.CASES[name] for name in SMALL})
    monkeypatch.setattr(lemmas, "run_case", lambda case, seed: reports[next(
        name for name in SMALL if lemmas.CASES[name] is case)])
    monkeypatch.setattr(lemmas, "corrections", lambda reports, seed: [one(True), one(False)])
    return lemmas.reproduce(tmp_path)


def test_entries_are_those_of_claims(entries: list[dict], tmp_path: Path) -> None:
    keys = {
        "id", "figure", "mode", "kind", "claim", "source", "paper", "paper_number", "measured",
        "nash_gap", "holds",
        "verdict"}
    assert all(keys < set(entry) for entry in entries)
    assert json.loads((tmp_path / "lemmas.json").read_text()) == entries


def test_only_what_fails_within_the_hypotheses_speaks_against_the_paper(
        entries: list[dict]) -> None:
    found = {(entry["id"], entry["kind"]): (entry["found"], entry["holds"], entry["verdict"])
             for entry in entries}
    assert found["lemma:Logit step", "gate"] == (FAILS, NO, NOT_REPRODUCED)
    assert found["lemma:Logit step, squared", "gate"] == (HOLDS, YES, REPRODUCED)
    assert found["lemma:Lemma 3.5", "gate-cut-off"] == ("UNDECIDED", UNDECIDED,
                                                        REPRODUCED)
    assert found["correction:item True", "game"] == ("VERIFIED", YES, "VERIFIED")
    assert found["correction:item False", "game"] == ("WITHDRAWN", NO, "WITHDRAWN")


def test_a_run_at_the_step_of_the_theorem_is_covered_and_ends_at_a_nash_policy(
        reports: dict) -> None:
    report = reports["coordination"]
    assert (report.smoothness, report.mismatch_coefficient) == pytest.approx((432.0, 1.0), rel=1e-9)
    for name in ("Lemma 3.4, own steps", "Lemma 3.5", "Lemma 3.6"):
        assert (report[name].verdict, report[name].covered) == (HOLDS, True)
        assert not reports["gate"][name].covered


def test_the_page_tells_the_same_and_keeps_bars_inside_cells(entries: list[dict],
                                                             tmp_path: Path) -> None:
    page = (tmp_path / "lemmas.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("|")]
    tables = [list(lines) for in_table, lines in itertools.groupby(
        page.splitlines(), lambda line: line[:1] == "|")
              if in_table]
    widths = [{line.replace(r"\|", "").count("|") for line in table} for table in tables]
    assert [len(width) for width in widths] == [1] * (2 + 16)
    assert widths[:2] == [{len(SMALL) + 3},
                          {4}], "overview and corrections, then the numbers of each lemma"
    assert "| item False | Lemma 0 | **WITHDRAWN** |" in rows
    for line in ("**item True** (Lemma 0)", "- The paper: a | b.", "- What holds: c.",
                 "- Shown on: game.",
                 "- Numbers: M: inf; L: 2."):
        assert line in page.splitlines()
    assert "- Note: ." not in page
    overview = next(line for line in rows if line.startswith("| Lemma 3.5 |"))
    assert overview.split(" | ")[2:] == ["(HOLDS)", "(UNDECIDED)", "HOLDS |"]


def test_numbers_have_a_column_each_and_notes_stand_beneath(entries: list[dict],
                                                            tmp_path: Path) -> None:
    lines = (tmp_path / "lemmas.md").read_text().splitlines()
    start = lines.index("**Lemma 3.5** (Lemma 3.5): the run converges to a fixed point.")
    assert lines[start + 2] == r"| run | found | margin | largest pi \|A\| | last policy step |"
    assert lines[start + 5].startswith("| `gate-cut-off` | (UNDECIDED) | - | ")
    assert lines[start + 8] == f"- `gate-cut-off`: {limits.MOVING}."
    start = lines.index(next(line for line in lines if line.startswith("**Footnote 2**")))
    assert "- all runs: similar matrices: the same eigenvalues." in lines[start:start + 10]
    assert all(len(cell) <= 130 for line in lines if line.startswith("|")
               for cell in line.split(" | "))


def test_the_terminal_tells_lemmas_from_corrections(entries: list[dict], capsys) -> None:
    show_claims(entries)
    told = capsys.readouterr().out
    rows = {cells[0]: cells[1:] for line in told.splitlines() if "│" in line
            for cells in [[cell.strip() for cell in line.strip("│").split("│")]]}
    assert rows["Lemma 3.5"] == ["(HOLDS) 1, (UNDECIDED) 1, HOLDS 1", "REPRODUCED"]
    assert rows["Lemma 3.5, inf"] == ["(FAILS) 1, (UNDECIDED) 1, FAILS 1", "NOT REPRODUCED"]
    assert rows["item True"] == ["Lemma 0", "VERIFIED"]
    assert rows["item False"] == ["Lemma 0", "WITHDRAWN"]
    assert "lemma:" not in told
    assert "correction:" not in told
    assert told.count("(In brackets): beyond the paper's hypotheses") == 1


def test_a_correction_to_a_lemma_is_withdrawn_once_the_lemma_holds(reports: dict) -> None:
    stated, right = "Logit step", "Logit step, squared"
    assert _of_lemma(reports, "item", stated, right, "").verified
    assert _of_lemma(reports, "item", stated, right, "").shown_on == "gate, gate-cut-off"
    assert not _of_lemma({"coordination": reports["coordination"]}, "item", stated, right,
                         "").verified
    assert not _of_lemma(reports, "item", stated, stated, "").verified


def test_corrections_about_games_are_verified() -> None:
    cycles = of_games.deterministic_cycles(0)
    assert cycles.verified
    assert cycles.numbers["cycle sum, mixed"] == pytest.approx(1 / 6, rel=1e-12)
    assert of_games.mismatch_coefficients(0).verified
    assert of_games.step_sizes(0).verified
    assert not of_games._near(3.7e-11, 3.6e-11)


def test_corrections_about_runs_are_verified(reports: dict) -> None:
    assert of_runs.fisher_breakdown(0).verified
    assert of_runs.unvisited(reports).verified
    broken = dataclasses.replace(reports["gate"], lemmas=tuple(
        dataclasses.replace(lemma, verdict=FAILS) for lemma in reports["gate"]))
    assert not of_runs.unvisited({"gate": broken}).verified
