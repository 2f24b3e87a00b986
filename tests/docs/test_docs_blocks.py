"""Every block of code of the pages: Python runs as it stands and prints what is shown beneath it,
command lines are ones that there are, and what is a file can be read."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import matplotlib
import pytest
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

import potentia as pt
from pages import PAGES, ROOT, blocks
from potentia.cli.commands import application
from potentia.io.games import read_game
from potentia.io.scenarios import read_scenarios
from potentia.sweeps.spec import read_spec

WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]
SHOWN = re.compile(r"^```python\n(?P<code>(?:(?!^```).)*?)^```$(?:[^`]*?^```text\n"
                   r"(?P<shown>(?:(?!^```).)*?)^```$)?", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|(?<=/)|(?<=&& ))potentia .*?(?= && |$)", re.MULTILINE)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
# Pages whose code needs what is optional.
NEEDS = {"docs/guides/bridges.md": "pygambit", "docs/guides/reports.md": "plotly",
         "docs/tutorials/own-simulator.md": "pettingzoo"}
COMMANDS = get_command(application())
assert isinstance(COMMANDS, TyperGroup)
PARSERS = COMMANDS.commands


def command_lines(page: str) -> list[str]:
    """All calls of Potentia in a page's shell blocks, without what stands before and after."""
    return [line for block in blocks(page, "sh") for line in CALL.findall(block)]


def assert_alike(told: str, shown: str) -> None:
    """The same words, and the same numbers to three digits."""
    assert NUMBER.sub("#", told) == NUMBER.sub("#", shown)
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (told, shown)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("page", WITH_PYTHON)
def test_python_runs_as_it_stands(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                  capsys: pytest.CaptureFixture[str]) -> None:
    """Each block in a namespace of its own, so that a reader may copy any one of them."""
    if page in NEEDS:
        pytest.importorskip(NEEDS[page], reason=f"{NEEDS[page]} is not installed")
    monkeypatch.chdir(tmp_path)
    matplotlib.use("Agg")
    for match in SHOWN.finditer(PAGES[page]):
        exec(compile(match["code"], page, "exec"), {"__name__": "__main__"})
        told = capsys.readouterr().out
        if match["shown"]:
            assert_alike(told, match["shown"])


def test_blocks_are_found_where_they_stand() -> None:
    assert {"README.md", "docs/index.md", "docs/tutorials/own-rule.md"} <= set(WITH_PYTHON)
    for page in WITH_PYTHON:
        assert [match["code"] for match in SHOWN.finditer(PAGES[page])] == blocks(page, "python")
    assert [bool(match["shown"]) for match in SHOWN.finditer(PAGES["docs/index.md"])] == [True]


def test_links_lead_to_files_of_the_repository() -> None:
    """So that they serve who reads the pages there, and not as they are built."""
    missing = [f"{page}: {link}" for page, text in PAGES.items()
               for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
               if not (ROOT / page).parent.joinpath(link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", [page for page in PAGES if command_lines(page)])
def test_command_lines_are_understood(page: str) -> None:
    """By the command's own parser, which knows its options and their kinds; nothing is run."""
    for line in command_lines(page):
        _, name, *arguments = shlex.split(line, comments=True)
        PARSERS[name].make_context(name, arguments)


def test_every_call_of_a_line_is_found() -> None:
    line = "cd x && .venv/bin/potentia solve a && potentia certify b && ls\npotentia games  # c\n"
    assert CALL.findall(line) == ["potentia solve a", "potentia certify b", "potentia games  # c"]
    assert CALL.findall("pip install potentia numpy\n") == []


def test_a_command_line_with_a_slip_is_not_understood() -> None:
    for wrong in (["--out-dir", "x"], ["--max-iterations", "many"]):
        with pytest.raises(TyperException):
            PARSERS["solve"].make_context("solve", ["pigou", *wrong])


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page, "json")])
def test_json_is_a_game(block: str, tmp_path: Path) -> None:
    (tmp_path / "game.json").write_text(block)
    assert read_game(tmp_path / "game.json").n_agents == 2


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page, "toml")])
def test_toml_is_a_sweep_or_scenarios(block: str, tmp_path: Path) -> None:
    (tmp_path / "spec.toml").write_text(block)
    if "[[scenario]]" in block:
        roads = pt.games.make("sioux-falls", n_agents=360)
        assert [each.of(roads).name for each in read_scenarios(
            tmp_path / "spec.toml").values()] == ["sioux-falls"] * 2
        return
    assert len(read_spec(tmp_path / "spec.toml").cells) == 4
