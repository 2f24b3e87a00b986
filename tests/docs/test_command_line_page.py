"""The page of the command line names every command and every paper."""

from __future__ import annotations

import re

from typer.core import TyperGroup
from typer.main import get_command

from pages import PAGES
from potentia.cli.commands import application
from potentia.experiments.papers import REGISTRY, words

PAGE = "docs/guides/command-line.md"


def test_every_command_is_listed() -> None:
    listed = set(re.findall(r"^potentia (\w+) ?[\w[]", PAGES[PAGE], flags=re.MULTILINE))
    commands = get_command(application())
    assert isinstance(commands, TyperGroup)
    assert listed == set(commands.commands)


def test_every_paper_is_named_in_order() -> None:
    (line,) = re.findall(r"^PAPER is (.*)$", PAGES[PAGE], flags=re.MULTILINE)
    named = re.findall(r"`([^`]+)`", line)
    assert [word for word in named if word not in words() or word in REGISTRY] == list(REGISTRY), \
        f"name each paper of the registry in the line of {PAGE} that begins with 'PAPER is'"
