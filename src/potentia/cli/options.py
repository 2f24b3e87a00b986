"""The options that commands share, and their exit statuses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from potentia.cli import completion

LARGEST_SEED = 2**63 - 1


class EmptyError(typer.BadParameter):
    """An empty path, as of a variable that is not set; it would stand for the current directory."""

    def format_message(self) -> str:
        """The line that names the option, or the argument."""
        given: Any = self.param
        name = given.opts[0] if given.opts[0].startswith("-") else given.metavar
        return f"{name} is empty, but a path is needed"


def a_path(text: str | Path) -> Path:
    """What an option or argument that takes a path is given. Raises EmptyError for nothing."""
    if not str(text):
        raise EmptyError("")
    return Path(text)


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Name = Annotated[str | None, typer.Argument(help="One of them, to see it in full.",
                                            autocompletion=completion.things)]
Page = Annotated[Path | None, typer.Option(
    parser=a_path, metavar="PATH", help="Write all of it to this file instead, in Markdown.")]
Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of all random draws.")]
Out = Annotated[Path | None, typer.Option(parser=a_path, metavar="PATH",
                                          help="Save the result in this directory.")]
Parameters = Annotated[list[str] | None, typer.Option(
    "--parameter", "-p", metavar="KEY=VALUE",
    help="A parameter of the game; of the rule, oracle or schedule as rule.KEY, oracle.KEY or "
         "schedule.KEY. May be repeated.")]
RelativeGap = Annotated[float | None, typer.Option(
    min=0, help="On roads, the share of what all pay together that best responses would save, "
                "which counts as converged; 1e-4 if no tolerance is given.")]
Trips = Annotated[list[Path] | None, typer.Option(
    parser=a_path, metavar="[CLASS=]PATH",
    help="Trips on a road network: a file of the same kind; a GMNS folder has its own. With "
         "classes of agents a file of each, --trips car=cars.tntp --trips lorry=lorries.tntp.")]
Classes = Annotated[list[str] | None, typer.Option(
    "--class", metavar="NAME:weight=W,value_of_time=V",
    help="What agents of a class are: how many vehicles each counts as, and what a unit of time "
         "costs it, both 1 if omitted. In CSV the trips of all classes may be one file, with a "
         "column class. May be repeated.")]
DepartureTimes = Annotated[str | None, typer.Option(
    "--departures", metavar="earliest=A,latest=B,arrival=T,early=E,late=L",
    help="On roads with -p horizon=STEPS: trips choose the step A to B at which they leave, and "
         "pay E for each step they arrive before T, and L for each step after.")]
Nodes = Annotated[Path | None, typer.Option(
    parser=a_path, metavar="PATH",
    help="Where nodes of a road network lie, for pictures: a node file of TNTP or GMNS, or points "
         "in GeoJSON; a GMNS folder has its own.")]
TollWeight = Annotated[float | None, typer.Option(
    metavar="NUMBER", help="What a unit of the tolls in a road network's file costs, in units of "
                           "time.")]
Columns = Annotated[list[str] | None, typer.Option(
    metavar="NAME=COLUMN,...", help="What CSV files of roads call the columns, such as "
                                    "free_flow_time=t0,capacity=cap. May be repeated.")]
NoCache = Annotated[bool, typer.Option(
    "--no-cache", envvar="POTENTIA_NO_CACHE",
    help="Compile every program anew; keep none in the user's cache folder.")]
Price = Annotated[bool, typer.Option(
    "--price-of-anarchy/--no-price-of-anarchy",
    help="On roads: learn the system optimum too, to tell what selfishness costs.")]
LengthWeight = Annotated[float | None, typer.Option(
    metavar="NUMBER", help="What a unit of the lengths in a road network's file costs, in units of "
                           "time.")]
