"""The commands, and what their arguments and their refusals come to."""

from __future__ import annotations

from typing import Annotated

import typer

from potentia import __version__
from potentia.cli.benching import bench
from potentia.cli.certifying import certify
from potentia.cli.comparing import compare
from potentia.cli.examples import epilog
from potentia.cli.listing import list_games, list_oracles, list_rules, list_schedules
from potentia.cli.ranking import leaderboard
from potentia.cli.reporting import report
from potentia.cli.reproducing import reproduce
from potentia.cli.solving import solve
from potentia.cli.status import BAD_INPUT, DONE, INTERRUPTED, say
from potentia.cli.sweeping import sweep
from potentia.cli.training import train

# The class of all usage errors, which typer itself has no public name for.
NOT_UNDERSTOOD = typer.BadParameter.__mro__[2]

LONGEST_WORD = 300        # characters; paths may be as long
HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(name="potentia", pretty_exceptions_enable=False, context_settings=HELP,
                  help="Markov potential games: define a game, let agents learn independently, get "
                       "a certificate.")
for command in (reproduce, solve, train, certify, compare, sweep, leaderboard, report, bench):
    app.command(epilog=epilog(command.__name__))(command)
for things, command in (("games", list_games), ("rules", list_rules), ("oracles", list_oracles),
                        ("schedules", list_schedules)):
    app.command(things, epilog=epilog(things))(command)


def run(arguments: list[str]) -> int:
    """Run a command; its exit status. Bad input becomes one line on standard error."""
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


@app.callback()
def _potentia(version: Annotated[bool, typer.Option(
        "--version", callback=_print_version, is_eager=True,
    help="Print the version.")] = False) -> None:
    """Options before any command."""
