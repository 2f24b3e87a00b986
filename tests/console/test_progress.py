"""What is shown on standard error while something runs."""

import logging
import re
import time
from contextlib import suppress

import pytest

from potentia.console import progress
from potentia.console.progress import progress_bar, spinner


@pytest.mark.parametrize("shown", [False, True])
def test_a_spinner_is_shown_where_it_is_asked_for(
        shown, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FORCE_COLOR", "1")          # as if standard error were a terminal
    with spinner("reading town.csv", shown):
        pass
    told = capsys.readouterr()
    assert (told.out, "reading town.csv" in told.err) == ("", shown)


@pytest.mark.parametrize("unwanted", [False, True])
def test_a_bar_has_colours_unless_nobody_wants_them(
        unwanted: bool, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm-256color", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    if not unwanted:
        monkeypatch.delenv("NO_COLOR")
    with progress_bar(10, True) as tell:
        tell(5, "")
    shown = capsys.readouterr().err
    assert "solving" in shown
    assert bool(re.search(r"\x1b\[[0-9;]*(3|4|9|10)[0-9][;m]", shown)) is not unwanted


def test_without_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]):
    with spinner("reading town.csv"):
        pass
    assert capsys.readouterr().err == ""


def test_without_a_terminal_what_takes_long_is_noted(
        caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(progress, "QUIET", 0.01)
    monkeypatch.setattr(progress, "BETWEEN", 0.0)
    with spinner("reading town.csv"):
        time.sleep(0.1)
    with progress_bar(3000, None) as tell:
        time.sleep(0.1)
        tell(1200, "Nash gap 0.5")
    assert caplog.messages == ["reading town.csv ...", "solving ...",
                               "solving: 1,200 of at most 3,000, Nash gap 0.5"]


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_in_a_pipe_what_is_asked_for_is_lines_and_how_it_ended(
        error: type[BaseException] | None, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(progress, "BETWEEN", 0.0)
    with suppress(KeyboardInterrupt), progress_bar(3000, True) as tell:
        tell(1200, "Nash gap 0.5")
        if error:
            raise error
    told = capsys.readouterr()
    stopped = "stopped after " if error else ""
    assert told.out == ""
    assert re.fullmatch("solving: 1,200 of at most 3,000, Nash gap 0.5\n"
                        rf"solving: {stopped}1,200 of at most 3,000, Nash gap 0.5 \(0.\d s\)\n",
                        told.err)


@pytest.mark.parametrize("shown", [None, False])
def test_what_is_quick_or_not_to_be_told_leaves_no_note(
        shown: bool | None, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch):
    caplog.set_level(logging.INFO)
    if shown is False:
        monkeypatch.setattr(progress, "QUIET", 0.01)
        monkeypatch.setattr(progress, "BETWEEN", 0.0)
    with spinner("certifying", shown), progress_bar(10, shown) as tell:
        tell(1, "Nash gap 0.5")
        time.sleep(0.05)
    assert caplog.messages == []
