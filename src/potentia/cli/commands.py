"""The commands, and what their arguments and their refusals come to."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import Annotated

import typer

from potentia import __version__
from potentia.cli.examples import epilog
from potentia.cli.status import BAD_INPUT, DONE, INTERRUPTED, say

# Each command's module and function: all of them take 0.03 s to load and to read, of which one
# needs its own.
COMMANDS = {
    "reproduce": ("reproducing", "reproduce"), "solve": ("solving", "solve"),
    "train": ("training", "train"), "certify": ("certifying", "certify"),
    "compare": ("comparing", "compare"), "sweep": ("sweeping", "sweep"),
    "leaderboard": ("ranking", "leaderboard"), "report": ("reporting", "report"),
    "bench": ("benching", "bench"), "games": ("listing", "list_games"),
    "rules": ("listing", "list_rules"), "oracles": ("listing", "list_oracles"),
    "schedules": ("listing", "list_schedules")}

# The class of all usage errors, which typer itself has no public name for.
NOT_UNDERSTOOD = typer.BadParameter.__mro__[2]

LONGEST_WORD = 300        # characters; paths may be as long
HELP = {"help_option_names": ["-h", "--help"]}


def application(names: Iterable[str] = tuple(COMMANDS)) -> typer.Typer:
    """The command line with the commands of these names."""
    app = typer.Typer(name="potentia", pretty_exceptions_enable=False, context_settings=HELP,
                      help="Markov potential games: define a game, let agents learn independently, "
                           "get a certificate.")
    app.callback()(_potentia)
    for name in names:
        module, function = COMMANDS[name]
        command = getattr(importlib.import_module(f"potentia.cli.{module}"), function)
        app.command(name, epilog=epilog(name))(command)
    return app


def run(arguments: list[str]) -> int:
    """Run a command; its exit status. Bad input becomes one line on standard error."""
    first = arguments[:1]
    app = application(first if {*first} & {*COMMANDS} else tuple(COMMANDS))
    try:
        return app(arguments or ["--help"], prog_name="potentia", standalone_mode=False) or DONE
    except NOT_UNDERSTOOD as error:  # pyright: ignore[reportGeneralTypeIssues]
        return _refused(error.format_message())  # pyright: ignore[reportAttributeAccessIssue]
    except ValueError as error:
        from potentia.errors import InputError
        if not isinstance(error, InputError):
            raise
        return _refused(str(error))
    except typer.Abort:
        return INTERRUPTED


def _refused(message: str) -> int:
    """Say what was bad, on one line, in which no word from a file or a user is without end."""
    from potentia.errors import printable
    words = (word if len(word) <= LONGEST_WORD else f"{word[:100]}...{word[-100:]}"
             for word in message.split())
    say(f"error: {printable(' '.join(words))}")
    return BAD_INPUT


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"potentia {__version__}")
        raise typer.Exit(DONE)


def _potentia(version: Annotated[bool, typer.Option(
        "--version", callback=_print_version, is_eager=True,
    help="Print the version.")] = False) -> None:
    """Options before any command."""
