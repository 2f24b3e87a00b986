"""What the build writes of docstrings: formulas in LaTeX for each that is there, marks escaped."""

from __future__ import annotations

import re
import sys

import pytest

from pages import DOCS
from potentia import catalogue, games, oracles, rules, schedules

pytest.importorskip("docutils", reason="docutils is not installed: pip install '.[docs]'")
sys.path.insert(0, str(DOCS / "_ext"))

import docstrings  # pyright: ignore[reportMissingImports]
import formulas  # pyright: ignore[reportMissingImports]
import generated  # pyright: ignore[reportMissingImports]
import mapped  # pyright: ignore[reportMissingImports]
import mathml  # pyright: ignore[reportMissingImports]

PACKAGES = {"rule": rules, "oracle": oracles, "schedule": schedules, "game": games}
TEXTS = [getattr(catalogue, kind)(name).text for kind, package in PACKAGES.items()
         for name in package.names()]


def test_every_formula_has_its_latex_and_no_latex_is_left_over() -> None:
    plain = {"\n".join(line[4:] for line in part.splitlines()) for text in TEXTS
             for part in re.split(r"\n{2,}", text) if part.startswith("    ")}
    assert plain == set(formulas.known()), "docs/_ext/formulas.toml has the LaTeX of docstrings"


@pytest.mark.parametrize("latex", formulas.known().values())
def test_the_latex_is_understood(latex: str) -> None:
    typeset = mathml.typeset(latex, block=True)
    assert typeset.startswith("<math ")
    assert "\\" not in re.sub(r"<[^>]+>", "", typeset)


def test_the_map_of_the_paper_leads_to_the_reference() -> None:
    """Each name is linked, to what some page of the reference declares."""
    text = mapped.linked(mapped.SOURCE.read_text())
    assert not mapped.NAME.search(re.sub(r"\[`[^`]*`\]\([^)]*\)|\{py:obj\}`[^`]*`", "", text))
    pages = generated.files()
    declared = set(re.findall(r"^:{3,4}\{py:\w+\} ([\w.]+)", "\n".join(pages.values()), re.M))
    targets = re.findall(r"\{py:obj\}`[\w.]+ <([\w.]+)>`", text)
    assert {"potentia.certify", "potentia.potential.classify", "potentia.rules.INPG",
            "potentia.theory.ascent.never_falls"} <= set(targets) <= declared
    games = {mapped.SOURCE.parent / path for path in re.findall(r"\]\((games/[\w-]+\.md)\)", text)}
    assert len(games) == 3
    assert games <= set(pages)


def test_a_docstring_becomes_markdown() -> None:
    text = docstrings.markdown(
        "Moves by *eta* [N, H, A].\n\n    x <- y\n\nstep: eta,\n    positive.\n"
        "other: `a_b`, of\nthe other.\n\nRaises Error <here>.")
    assert text == ("Moves by \\*eta\\* \\[N, H, A\\].\n\n```text\nx <- y\n```\n\n"
                    "- step: eta, positive.\n- other: `a_b`, of the other.\n\n"
                    "Raises Error \\<here\\>.")
