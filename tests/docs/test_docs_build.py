"""The pages are built, and Sphinx warns of nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import potentia as pt
from pages import DOCS, MADE, ROOT

# Not imported: a process of its own builds the pages, and each test run would load all of Sphinx.
for name in ("sphinx", "myst_nb", "pydata_sphinx_theme"):
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed: pip install '.[docs]'", allow_module_level=True)
MOST = 300                # seconds
FETCHED = re.compile(r'<(?:script|link|img)[^>]*\s(?:src|href)="(?:https?:)?//')


def build(root: Path) -> Path:
    """The pages, from a copy of their sources, beside which the build writes. Notebooks are not
    run: `test_notebooks` does."""
    made = {folder.name for folder in MADE}
    shutil.copytree(DOCS, root / "docs", ignore=lambda folder, names: [
        name for name in names if name in made and Path(folder) / name in MADE])
    shutil.copytree(ROOT / "examples", root / "examples")
    ran = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-n", "--keep-going", "-q", "-D",
         "nb_execution_mode=off", str(root / "docs"), str(root / "out")],
        capture_output=True, text=True, timeout=MOST, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return root / "out"


def test_the_pages_are_whole(tmp_path: Path) -> None:
    """One test, since one build takes as long as many others."""
    built = build(tmp_path)
    every_public_name_has_an_entry(built)
    everything_registered_has_a_page_with_its_formula(built)
    no_page_fetches_anything(built)
    the_gallery_has_its_figures(built)


def every_public_name_has_an_entry(built: Path) -> None:
    """As a reader finds it: an anchor, on a page, under the name that is typed."""
    anchors = {anchor for file in (built / "reference").rglob("*.html")
               for anchor in re.findall(r'id="(potentia\.[\w.]+)"', file.read_text())}
    names = {f"potentia.{name}" for name in pt.__all__ if callable(getattr(pt, name))}
    assert names | {"potentia.bridges.gambit.to_pygambit"} <= anchors
    for package in (pt.io, pt.plot, pt.potential, pt.welfare, pt.rules, pt.schedules):
        listed = getattr(package, "__all__", dir(package))
        assert {f"{package.__name__}.{name}" for name in listed} <= anchors


def everything_registered_has_a_page_with_its_formula(built: Path) -> None:
    for kind, package in (("rules", pt.rules), ("games", pt.games), ("oracles", pt.oracles),
                          ("schedules", pt.schedules)):
        pages = {file.stem for file in (built / "reference" / kind).glob("*.html")}
        assert pages == {*package.names(), "index"}
    page = (built / "reference" / "rules" / "inpg.html").read_text()
    assert re.search(r"<math [^>]*display=\"block\">.*<mi>θ</mi>.*<mi>η</mi>.*</math>", page,
                     flags=re.DOTALL)


def no_page_fetches_anything(built: Path) -> None:
    assert FETCHED.search('<link rel="stylesheet" href="https://example.org/a.css" />')
    assert [file.name for file in built.rglob("*.html") if FETCHED.search(file.read_text())] == []


def the_gallery_has_its_figures(built: Path) -> None:
    page = (built / "gallery.html").read_text()
    shown = re.findall(r'<img[^>]* src="(_images/[^"]+\.png)"', page)
    assert len(shown) == 5
    assert len({(built / name).read_bytes() for name in shown}) == 5
    assert all((built / name).stat().st_size > 5000 for name in shown)
