"""The command line: read the arguments, call the library, print.

Exit status: 0 done, 1 the work was done and the answer is no, 2 bad input. Heavy imports wait until
a command runs, so that `potentia --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated, NoReturn

import typer

from potentia import __version__
from potentia.cli.benching import bench
from potentia.cli.certifying import certify
from potentia.cli.comparing import compare
from potentia.cli.listing import list_games, list_oracles, list_rules, list_schedules
from potentia.cli.options import BAD_INPUT, DONE, INTERRUPTED
from potentia.cli.ranking import leaderboard
from potentia.cli.reporting import report
from potentia.cli.reproducing import reproduce
from potentia.cli.solving import solve
from potentia.cli.sweeping import sweep

# The class of all usage errors, which typer itself has no public name for.
NOT_UNDERSTOOD = typer.BadParameter.__mro__[2]

app = typer.Typer(name="potentia", add_completion=False, pretty_exceptions_enable=False,
                  help="Markov potential games: define a game, let agents learn independently, get "
                       "a certificate.")
for command in (reproduce, solve, certify, compare, sweep, leaderboard, report, bench):
    app.command()(command)
for things, command in (("games", list_games), ("rules", list_rules), ("oracles", list_oracles),
                        ("schedules", list_schedules)):
    app.command(things)(command)


def main() -> None:
    """Run the command line; bad input becomes one line on standard error and status 2."""
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False) or DONE
    except NOT_UNDERSTOOD as error:  # pyright: ignore[reportGeneralTypeIssues]
        _refuse(error.format_message())  # pyright: ignore[reportAttributeAccessIssue]
    except ValueError as error:
        from potentia.errors import InputError
        if not isinstance(error, InputError):
            raise
        _refuse(str(error))
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    if status == INTERRUPTED:
        print("potentia: interrupted", file=sys.stderr)
    sys.exit(status)


def _refuse(message: str) -> NoReturn:
    print("potentia: error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(BAD_INPUT)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"potentia {__version__}")
        raise typer.Exit(DONE)


@app.callback()
def _potentia(version: Annotated[bool, typer.Option(
        "--version", callback=_print_version, is_eager=True,
    help="Print the version.")] = False) -> None:
    """Options before any command."""
