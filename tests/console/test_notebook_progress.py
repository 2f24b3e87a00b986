"""Progress in a notebook, whose display stands in here; `tests/test_notebooks.py` runs a real
one."""

from __future__ import annotations

import re
import sys
import time
from contextlib import suppress
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from potentia.console import notebook, progress
from potentia.console.notebook import in_notebook
from potentia.console.progress import progress_bar, spinner


class Outputs:
    """Every output of a cell, as what it showed one after the other."""

    def __init__(self) -> None:
        self.all: list[list[dict[str, str]]] = []

    def display(self, bundle: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        assert raw
        assert display_id
        self.all.append(shown := [bundle])
        return SimpleNamespace(update=lambda bundle, *, raw: shown.append(bundle))

    @property
    def texts(self) -> list[list[str]]:
        return [[bundle["text/plain"] for bundle in shown] for shown in self.all]


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> Outputs:
    """What a kernel would show, brought up to date at once."""
    found, ipython, display = Outputs(), ModuleType("IPython"), ModuleType("IPython.display")
    vars(ipython)["get_ipython"] = lambda: SimpleNamespace(config={"IPKernelApp": {}})
    vars(display)["display"] = found.display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.setattr(notebook, "REFRESH", 0.0)
    return found


def test_only_a_kernel_is_a_notebook(outputs: Outputs, monkeypatch: pytest.MonkeyPatch):
    assert in_notebook()
    for shell in (None, SimpleNamespace(config={})):         # none runs; IPython on a terminal
        monkeypatch.setitem(vars(sys.modules["IPython"]), "get_ipython", lambda shell=shell: shell)
        assert not in_notebook()
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()


def test_one_output_is_brought_up_to_date_and_says_how_it_ended(
        outputs: Outputs, capsys: pytest.CaptureFixture[str]):
    with progress_bar(3000, True) as tell:
        tell(0, "")
        tell(1200, "Nash gap <0.5")
    (texts,) = outputs.texts
    assert texts[:3] == ["solving: 0 of at most 3,000", "solving: 0 of at most 3,000",
                         "solving: 1,200 of at most 3,000, Nash gap <0.5"]
    assert re.fullmatch(r"solving: 1,200 of at most 3,000, Nash gap <0.5 \(0\.\d s\)", texts[3])
    html = [bundle["text/html"] for bundle in outputs.all[0]]
    assert html[2] == ('<div><progress max="3000" value="1200"></progress> solving: 1,200 of at '
                       "most 3,000, Nash gap &lt;0.5</div>")
    assert "<progress" not in html[3]
    assert capsys.readouterr() == ("", "")


def test_updates_are_not_sent_faster_than_anybody_reads(
        outputs: Outputs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(notebook, "REFRESH", 60.0)
    with progress_bar(100, True) as tell:
        for done in range(100):
            tell(done, "")
    assert [len(shown) for shown in outputs.all] == [2]
    assert outputs.texts[0][1].startswith("solving: 99 of")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_what_is_interrupted_says_so(error: type[BaseException], outputs: Outputs):
    with suppress(error), progress_bar(10, True) as tell:
        tell(3, "")
        raise error
    assert outputs.texts[0][-1].startswith("solving: stopped after 3 of at most 10 (")
    with suppress(error), spinner("certifying", True):
        raise error
    assert outputs.texts[1][-1].startswith("certifying: stopped after 0.")


@pytest.mark.parametrize("shown", [None, False])
def test_what_is_quick_or_not_to_be_told_has_no_output(shown: bool | None, outputs: Outputs):
    with spinner("certifying", shown), progress_bar(10, shown) as tell:
        tell(1, "")
    assert outputs.all == []


def test_what_takes_longer_is_shown_from_then_on(
        outputs: Outputs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "SOON", 0.01)
    with progress_bar(10, None) as tell:
        tell(4, "")
        time.sleep(0.1)
        tell(5, "")
    assert outputs.texts[0][:2] == ["solving: 4 of at most 10", "solving: 5 of at most 10"]
    with spinner("certifying"):
        time.sleep(0.1)
    assert outputs.texts[1][0] == "certifying ..."
    assert len(outputs.all) == 2
