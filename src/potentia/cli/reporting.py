"""`potentia report`: one HTML page about saved runs, or about a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potentia.cli.options import Json, Nodes, Seed, a_path
from potentia.cli.status import DONE

if TYPE_CHECKING:
    from potentia.report.road_flows import Coordinates


def report(
        saved: Annotated[list[Path], typer.Argument(
            parser=a_path, metavar="RUN...|SWEEP",
            help="Directories of saved runs, or the folder of one sweep.")],
        out: Annotated[Path, typer.Option(
            parser=a_path, metavar="PATH",
            help="The file to write; a report that is there is replaced, nothing else "
                 "is.")] = Path("report.html"),
        run: Annotated[int, typer.Option(min=0, help="Which of several runs is drawn.")] = 0,
        part: Annotated[list[str] | None, typer.Option(
            help="What is said of the game: potential, theory, welfare or lemmas; all if omitted. "
                 "May be repeated.")] = None,
        seconds: Annotated[float, typer.Option(
            help="That certificates may take, and again all parts of a game; what does not come "
                 "within them is named.")] = 60.0,
        starts: Annotated[
            int, typer.Option(min=0, help="Random starts of learning in the welfare report.")] = 20,
        price: Annotated[bool, typer.Option(
            "--price-of-anarchy/--no-price-of-anarchy",
            help="On roads: learn the system optimum too, to tell what selfishness "
                 "costs.")] = False,
        nodes: Nodes = None, seed: Seed = 0, as_json: Json = False) -> None:
    """Write a page that opens in any browser, without a network: how near the runs came to a Nash
    equilibrium, certified, in words; learning curves; the game drawn, with the policies on the way
    under a slider; what is known of the game; and how to repeat it."""
    _refuse_missing(saved)
    import potentia as pt
    from potentia.console.log import notes_on_stderr
    from potentia.console.progress import spinner
    from potentia.io.plain import document
    from potentia.pages.subjects import refuse_unsaved
    for path in saved:
        refuse_unsaved(path)
    with notes_on_stderr(), spinner(f"writing {out}"):
        places = None if nodes is None else _places(nodes, saved)
        pt.write_report(out, saved, run=run, parts=part, seconds=seconds, seed=seed, starts=starts,
                        price=price, places=places)
    print(document({"out": out}) if as_json else f"Written to {out}, which any browser opens")
    raise typer.Exit(DONE)


def _refuse_missing(saved: list[Path]) -> None:
    """Refuse what is not there before JAX is loaded, which takes seconds. A run that is being
    replaced may have been set aside."""
    from potentia.errors import InputError
    from potentia.io.drafts import is_known
    for path in saved:
        if not path.exists() and not is_known(path):
            raise InputError(f"{path} does not exist")


def _places(nodes: Path, saved: list[Path]) -> Coordinates:
    """Where nodes lie, by the names that the roads of the first run have for them."""
    import potentia as pt
    from potentia.errors import InputError
    from potentia.games.roads.game import RoutingGame
    from potentia.io.node_files import read_places
    game = pt.load(saved[0]).game
    if not isinstance(game, RoutingGame):
        raise InputError(f"--nodes goes with roads, but {saved[0]} is of another game")
    return read_places(nodes, game.node_names)
