"""What the command line notes on standard error while roads are solved without a terminal."""

from __future__ import annotations

import sys

import pytest

from potentia import cli
from potentia.console import progress


def test_each_side_of_compare_tells_iterations_and_gaps(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress, "BETWEEN", 0.0)
    monkeypatch.setattr(sys, "argv", ["potentia", "compare", "braess", "--toll", "1-3=10",
                                      "--max-iterations", "1"])
    with pytest.raises(SystemExit):
        cli.main()
    err = capsys.readouterr().err
    for side in ("first", "second"):
        assert f"potentia: solving the {side}: 0 of at most 1\n" in err
        told = err.partition(f"solving the {side}: 0 of at most 1, Nash gap ")[2].split("\n")[0]
        assert float(told.partition(", relative gap ")[2]) > 1e-3
