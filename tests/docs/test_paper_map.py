"""The map from the paper to the code: what it names exists, and nothing of the paper is missing."""

from __future__ import annotations

import ast
import importlib
import json
import re

import pytest

from pages import DOCS, PAGES, ROOT

PAGE = PAGES["docs/reference/paper-map.md"]
ROWS = [tuple(cell.strip() for cell in line.strip("|").split(" | "))
        for line in PAGE.splitlines() if line.startswith("| ") and "::" in line]
# What the paper numbers, counted in its text: 17 equations, 6 figures and so on.
NUMBERED = {*(f"Equation ({number})" for number in range(1, 14)), "Equations (14) to (17)",
            *(f"Definition {number}" for number in range(1, 4)), "Example 1",
            *(f"Figure {number}" for number in range(1, 7)), "Remark 1", "Remark 2",
            "Theorem 1.1", "Theorem 3.1", "Lemma 2.1", "Lemma 3.2", "Proposition 3.3",
            "Lemma 3.4", "Lemma 3.5", "Lemma 3.6", "Appendix A", "Footnote 2"}


def test_everything_that_the_paper_numbers_has_a_row() -> None:
    assert {row[0] for row in ROWS} == NUMBERED | {"Section 4.1", "Section 4.2"}


def test_every_source_of_the_lemmas_on_record_has_a_row() -> None:
    sources = {entry["source"] for entry in json.loads((DOCS / "lemmas.json").read_text())
               if entry["id"].startswith("lemma:")}
    assert {source.partition(",")[0] for source in sources} - {row[0] for row in ROWS} == set()


@pytest.mark.parametrize("name", sorted({name for row in ROWS
                                         for name in re.findall(r"`([^`]+)`", row[2])}))
def test_what_computes_it_exists(name: str) -> None:
    module, _, thing = name.rpartition(".")
    assert hasattr(importlib.import_module(module), thing)


def test_what_holds_it_exists() -> None:
    for name in {name for row in ROWS for name in re.findall(r"`([^`]+)`", row[3])}:
        file, _, function = name.partition("::")
        tree = ast.parse((ROOT / file).read_text())
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_row_names_code_and_a_test() -> None:
    assert len(ROWS) == sum(line.startswith("| ") for line in PAGE.splitlines()) - 2 * PAGE.count(
        "| in the paper")
    for row in ROWS:
        assert len(row) == 4
        assert re.fullmatch(r"`potentia\.[\w.]+`", row[2])
        assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`", row[3])
