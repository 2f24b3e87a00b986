"""What is shown on standard error while something runs."""

import pytest

from potentia.console.progress import spinner


@pytest.mark.parametrize("shown", [False, True])
def test_a_spinner_is_shown_where_it_is_asked_for(
        shown, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FORCE_COLOR", "1")          # as if standard error were a terminal
    with spinner("reading town.csv", shown):
        pass
    told = capsys.readouterr()
    assert (told.out, "reading town.csv" in told.err) == ("", shown)


def test_without_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]):
    with spinner("reading town.csv"):
        pass
    assert capsys.readouterr().err == ""
