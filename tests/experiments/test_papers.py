"""Papers: one file each, and the words by which they are asked for."""

from pathlib import Path

import pytest

import potentia as pt
from potentia.experiments import papers, record
from potentia.experiments.papers import chosen, paper
from potentia.experiments.studies import STUDIES

FOX = ["fig2", "fig3", "fig4", "fig5", "fig4-n5", "fig6", "chaos", "lemmas", "samples"]


def test_the_registry_names_every_file():
    assert papers.__file__ is not None
    folder = Path(papers.__file__).parent
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    assert files - papers.REGISTRY.files == set(), \
        "add a line for each to REGISTRY in src/potentia/experiments/papers/__init__.py"
    assert papers.REGISTRY.files - files == set(), "no such file in src/potentia/experiments/papers"


@pytest.mark.parametrize("name", papers.REGISTRY)
def test_a_paper_is_whole(name):
    whole = paper(name)
    assert whole.name == name
    assert "arXiv" in whole.title or "doi" in whole.title
    assert set(whole.studies) <= set(STUDIES)
    assert {claim.figure for claim in whole.claims} <= set(whole.parts)
    claimed = [*whole.claims, *whole.statements]
    assert len({claim.id for claim in claimed}) == len(claimed)
    known = record.on_record()
    assert {claim.id for claim in claimed} - set(known) == set(), \
        f"not in src/potentia/experiments/record.json yet: python tests/record_papers.py {name}"
    for claim in claimed:        # what is not reproduced says why
        assert claim.reason or known[claim.id]["verdict"] == "REPRODUCED", claim.id


def test_no_word_means_two_things():
    parts = [part for name in papers.REGISTRY for part in paper(name).parts]
    assert len(set(parts)) == len(parts)
    assert not (set(parts) & set(papers.REGISTRY)) - {part for part in parts
                                                      if paper(papers.words()[part]).name == part}


@pytest.mark.parametrize(("asked", "parts"), [
    (["fox2021"], {"fox2021": FOX}), (["fig2"], {"fox2021": ["fig2"]}),
    (["lemmas", "fig4", "fig4"], {"fox2021": ["fig4", "lemmas"]}), ([], {})])
def test_words_choose_parts_in_order(asked, parts):
    found = chosen(asked)
    assert {name: sorted(words) for name, words in found.items()} == {
        name: sorted(words) for name, words in parts.items()}


def test_all_is_every_part_of_every_paper():
    assert chosen(["all"]) == {name: list(paper(name).parts) for name in papers.REGISTRY}


def test_an_unknown_word_is_named():
    with pytest.raises(pt.InputError, match="unknown paper or figure 'fox2022'; did you mean"):
        chosen(["fig2", "fox2022"])
