"""The lists of planted mutants fit the sources; `python tests/mutants.py` tries them."""

import pytest

from mutants import ROOT, SOURCES
from planted import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_can_be_planted(mutant):
    assert (SOURCES / mutant.file).read_text().count(mutant.before) == 1
    assert mutant.before != mutant.after
    assert all((ROOT / tests).exists() for tests in mutant.tests.split())
