"""What every command has and does: -h, examples, --json, completion, streams that are closed or
full, and what is wrong around it."""

from __future__ import annotations

import contextlib
import errno
import inspect
import io
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import potentia as pt
from potentia import analysis, cli
from potentia.cli import commands, completion
from potentia.cli.examples import EXAMPLES
from potentia.cli.surroundings import broken

GROUP: Any = get_command(commands.application())
COMMANDS = GROUP.commands


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_json_and_short_help(name: str) -> None:
    options = {each for parameter in COMMANDS[name].params for each in parameter.opts}
    assert "--json" in options
    group = GROUP.make_context("potentia", [], resilient_parsing=True)
    context = COMMANDS[name].make_context(name, [], parent=group, resilient_parsing=True)
    assert context.help_option_names == ["-h", "--help"]


def test_every_example_of_every_help_can_be_parsed() -> None:
    assert set(EXAMPLES) == set(COMMANDS)
    for name, lines in EXAMPLES.items():
        for line in lines:
            program, command, *arguments = shlex.split(line)
            assert (program, command) == ("potentia", name)
            COMMANDS[name].make_context(name, arguments)


# What help calls the arguments that are paths alone.
ARGUMENTS = {("sweep", "spec"): "SPEC.toml", ("leaderboard", "sweep"): "DIR",
         ("report", "saved"): "RUN...|SWEEP"}


def paths_of(name: str) -> Iterator[Any]:
    """The parameters of a command that take a path."""
    known = inspect.signature(COMMANDS[name].callback, eval_str=True).parameters
    return (each for each in COMMANDS[name].params
            if f"{Path.__module__}.Path" in str(known[each.name].annotation))


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_takes_an_empty_path_for_the_current_directory(name: str, tell) -> None:
    for parameter in paths_of(name):
        option = parameter.opts[0] if parameter.opts[0].startswith("-") else None
        words = [name, *([option] if option else []), ""]
        called = option or ARGUMENTS[name, parameter.name]
        assert tell(*words).refusal() == f"{called} is empty, but a path is needed"


def test_help_shows_examples_and_a_pipe_gets_no_control_codes(tell) -> None:
    told = tell("solve", "-h")
    assert told.status == 0
    assert EXAMPLES["solve"][1] in told.out
    assert "\x1b" not in told.out
    assert "--install-completion" in tell("-h").out


def on_a_terminal(*words: str, **environment: str) -> str:
    """What a command writes to a terminal."""
    ours, theirs = os.openpty()
    known = {name: value for name, value in os.environ.items()
             if name not in ("NO_COLOR", "FORCE_COLOR")}
    with subprocess.Popen([sys.executable, "-m", "potentia", *words], stdin=theirs, stdout=theirs,
                          stderr=theirs, env={**known, "TERM": "xterm-256color", **environment}):
        os.close(theirs)
        told = b""
        with contextlib.suppress(OSError):          # when the last that writes there has ended
            while part := os.read(ours, 65536):
                told += part
    os.close(ours)
    return told.decode()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
def test_colours_are_left_out_where_nobody_wants_them() -> None:
    coloured = re.compile(r"\x1b\[[0-9;]*(3|4|9|10)[0-9][;m]")
    assert coloured.search(on_a_terminal("solve", "-h"))
    plain = on_a_terminal("solve", "-h", NO_COLOR="1")
    assert "\x1b[1m" in plain                         # bold is no colour
    assert not coloured.search(plain)


def test_a_pipe_gets_what_was_asked_for_and_no_control_codes(tell) -> None:
    told = tell("solve", "prisoners.json")
    assert (told.status, told.err) == (0, "")
    assert "\x1b" not in told.out
    assert "converged" in told.out


@pytest.mark.parametrize(("words", "offered"), [
    ("potentia sol", {"solve"}),
    ("potentia solve stoch", {"stochastic-congestion", "stochastic-congestion-published"}),
    ("potentia solve x --rule inpg-f", {"inpg-fisher", "inpg-floor"}),
    ("potentia solve x --oracle published-d", {"published-distancing"}),
    ("potentia solve x --schedule in", {"in-turns"}),
    ("potentia certify x --part lem", {"lemmas"}),
    ("potentia rules mw", {"mwu", "mwu-linear"}),
    ("potentia schedules in", {"in-turns"}),
    ("potentia reproduce fig4", {"fig4", "fig4-n5"}),
])
def test_a_shell_is_offered_what_begins_so(words: str, offered: set[str],
                                           monkeypatch: pytest.MonkeyPatch,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("_POTENTIA_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    with pytest.raises(SystemExit):
        commands.run([])
    assert analysis.PARTS == completion.PARTS
    assert set(capsys.readouterr().out.split()) == offered


class Full(io.StringIO):
    """A stream that takes nothing."""

    def __init__(self, number: int, place: Path) -> None:
        super().__init__()
        self.number, self.file = number, place.open("w")

    def fileno(self) -> int:
        return self.file.fileno()

    def close(self) -> None:
        self.file.close()

    def write(self, text: str) -> int:
        raise OSError(self.number, os.strerror(self.number))


def ended_by(stream: Full, monkeypatch: pytest.MonkeyPatch) -> object:
    """The status of the command, its standard output going to the stream."""
    with monkeypatch.context() as patch, contextlib.closing(stream):
        patch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return ended.value.code


@pytest.mark.parametrize(("number", "said"), [
    (errno.ENOSPC, "potentia: the standard output cannot be written: No space left on device\n"),
    (errno.EPIPE, "")])
def test_a_standard_output_that_takes_nothing_is_no_traceback(
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path,
        number: int, said: str) -> None:
    for arguments in (["games"], ["rules", "inpg"], ["oracles", "--json"], ["--version"], ["-h"]):
        monkeypatch.setattr(sys, "argv", ["potentia", *arguments])
        assert ended_by(Full(number, tmp_path / "nowhere"), monkeypatch) == 1
        assert capsys.readouterr().err == said


def test_a_result_that_cannot_be_told_is_saved(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["potentia", "solve", "prisoners.json", "--out", "run"])
    assert ended_by(Full(errno.ENOSPC, Path("nowhere")), monkeypatch) == 1
    assert pt.load("run").status is pt.Status.CONVERGED


def test_closed_streams_are_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, status in ((["games"], 1), (["solve", "nothing"], 2)):
        monkeypatch.setattr(sys, "stdout", None)
        monkeypatch.setattr(sys, "stderr", None)
        monkeypatch.setattr(sys, "argv", ["potentia", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        sys.stdout.close()
        sys.stderr.close()
        assert ended.value.code == status


def test_a_closed_standard_output_is_told_of(monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    """`potentia games >&-`: nobody was told."""
    monkeypatch.setattr(sys, "argv", ["potentia", "games"])
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        sys.stdout.close()
    assert (ended.value.code, capsys.readouterr().err) == (
        1, "potentia: the standard output is closed\n")


def test_a_working_directory_that_is_gone_is_one_line(tell, tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    os.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    asked = ("solve", "prisoners-dilemma", "--max-iterations", "1", "--out", "x")
    assert tell(*asked).refusal() == \
        "the working directory is not there any more: change to another one"
    assert tell("rules").status == 0


def test_jax_without_a_device_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import jax

    def nothing(*arguments: object) -> list:
        raise AssertionError                          # as JAX does where CUDA is not there

    monkeypatch.setattr(jax, "devices", nothing)
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    assert broken(AssertionError()) == \
        "JAX finds no device for JAX_PLATFORMS='cuda': none that is installed"


LONG = "x" * 5_000


@pytest.mark.parametrize("arguments", [
    ("solve", LONG), ("solve", f"{LONG}.json"), ("certify", LONG), ("games", LONG), (LONG,),
    ("solve", "prisoners.json", "--out", LONG), ("solve", "prisoners.json", f"--{LONG}"),
    ("solve", "prisoners.json", "--initial", LONG), ("sweep", LONG), ("leaderboard", LONG),
    ("reproduce", LONG)], ids=lambda arguments: " ".join(arguments)[:30])
def test_names_of_thousands_of_letters_are_cut(tell, arguments: tuple[str, ...]) -> None:
    assert len(tell(*arguments).refusal()) < 1_200


@pytest.mark.parametrize("arguments", [
    ("solve", "a\x1b[31m\nb\u202e"), ("solve", "prisoners.json", "--rule", "\x1b]0;x\x07"),
    ("rules", "\x9b31m"), ("certify", "none\x1b[2J.json"), ("\x1b[0m",)], ids=range(5))
def test_a_terminal_obeys_nothing_that_was_given(tell, arguments: tuple[str, ...]) -> None:
    assert tell(*arguments).refusal().isprintable()


EVIL = "a\x1b[31mred\x07\u202eb"


def test_a_terminal_obeys_no_name_from_a_file(tell) -> None:
    game = json.loads(Path("prisoners.json").read_text())
    Path("evil.json").write_text(json.dumps({**game, "name": EVIL}))
    Path("net.csv").write_text(f"from,to,free_flow_time,capacity\n{EVIL},b,1,10\n{EVIL},b,2,10\n")
    Path("trips.csv").write_text(f"from,to,trips\n{EVIL},b,5\n")
    for arguments in (("solve", "evil.json"), ("certify", "evil.json", "--part", "potential"),
                      ("solve", "net.csv", "--trips", "trips.csv", "--max-iterations", "2")):
        told = tell(*arguments)
        assert told.status in (0, 1)
        seen = (told.out + told.err).replace("\n", "")
        assert seen.isprintable(), [letter for letter in seen if not letter.isprintable()]


