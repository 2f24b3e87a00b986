"""A command in an empty directory, and what it told."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from potentia import cli

PRISONERS = {"rewards": [[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]], "transitions": [[[0, 0], [0, 0]]],
             "discount": 0.9}
COOPERATE, DEFECT = [[[1.0, 0.0]], [[1.0, 0.0]]], [[[0.0, 1.0]], [[0.0, 1.0]]]


class Told:
    """Exit status and output of one command."""

    def __init__(self, status: int, out: str, err: str):
        self.status, self.out, self.err = status, out, err

    def document(self) -> object:
        """Standard output as strict JSON, and nothing but that."""
        return json.loads(self.out, parse_constant=lambda text: pytest.fail(f"{text} is not JSON"))

    def refusal(self) -> str:
        """The one line of an error."""
        assert self.status == 2
        assert self.out == ""
        line, = self.err.splitlines()
        assert line.startswith("potentia: error: ")
        return line.removeprefix("potentia: error: ")


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command in an empty directory that holds prisoners.json and two profiles."""
    monkeypatch.chdir(tmp_path)
    Path("prisoners.json").write_text(json.dumps(PRISONERS))
    Path("cooperate.json").write_text(json.dumps(COOPERATE))
    np.save("defect.npy", DEFECT)

    def run(*arguments: str) -> Told:
        monkeypatch.setattr(sys, "argv", ["potentia", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Told(int(ended.value.code or 0), out, err)

    return run
