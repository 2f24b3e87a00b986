"""`potentia certify`: what kind of game it is, and how far a profile is from Nash."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from potentia.cli import completion, road_results
from potentia.cli.arguments import (
    columns_of,
    departures_of,
    game_of,
    is_registered,
    keep_programs,
    parameters_of,
)
from potentia.cli.options import (
    Classes,
    Columns,
    DepartureTimes,
    Json,
    LengthWeight,
    NoCache,
    Parameters,
    Price,
    RelativeGap,
    Seed,
    TollWeight,
    Trips,
    a_path,
)
from potentia.cli.status import DONE, NO

if TYPE_CHECKING:
    from potentia.game import Game
    from potentia.result import Result

USUAL = road_results.Goals(nash=1e-6, relative=None)


def certify(
        target: Annotated[str, typer.Argument(
            metavar="GAME|RUN", autocompletion=completion.games,
            help="A game, with or without --profile, or the directory of a saved run.")],
        trips: Trips = None, classes: Classes = None, departures: DepartureTimes = None,
        columns: Columns = None,
        toll_weight: TollWeight = None,
        length_weight: LengthWeight = None, price: Price = True,
        profile: Annotated[
            Path | None, typer.Option(
                parser=a_path, metavar="PATH",
                help="The profile [N, H, A]: a .npy or .json file; in JSON also what each agent "
                     "does, by name.")] = None,
        tolerance: Annotated[float | None, typer.Option(
            help="Largest Nash gap that is accepted; 1e-6 if omitted, on roads the relative gap "
                 "decides.")] = None,
        relative_gap: RelativeGap = None,
        part: Annotated[list[str] | None, typer.Option(
            autocompletion=completion.parts,
            help="Only this part: equilibrium, potential, theory, welfare or lemmas. May be "
                 "repeated.")] = None,
        policies: Annotated[Literal["joint", "local"] | None, typer.Option(
            help="Policies of the whole state or of what each agent sees; the game's own if "
                 "omitted.")] = None,
        states: Annotated[Literal["reachable", "all"], typer.Option(
            help="States that the verdict on the potential is about.")] = "reachable",
        starts: Annotated[
            int, typer.Option(min=0, help="Random starts of learning in the welfare report.")] = 20,
        limit: Annotated[int | None, typer.Option(
            min=1, help="Most pure profiles that the welfare report tries; 262,144 if "
                        "omitted.")] = None,
        seed: Seed = 0, parameter: Parameters = None, no_cache: NoCache = False,
        as_json: Json = False) -> None:
    """Say what kind of game it is, what theory promises for it, what selfishness costs, and how far
    a profile is from Nash. Status 1 if that may be more than the tolerance; where no profile is
    judged, if the game is not proven to be a potential game."""
    from potentia.analysis import Asked, analyse
    from potentia.console.log import notes_on_stderr
    from potentia.errors import InputError, finite_number
    from potentia.report.page import show_page
    if tolerance is not None and finite_number(tolerance, "tolerance") < 0:
        raise InputError(f"tolerance is {tolerance:g}, but it must not be negative")
    keep_programs(no_cache)
    own, *others = parameters_of(parameter)
    if any(others):
        raise InputError("certify takes parameters of the game only")
    asked = Asked(parts=part or None, policies=policies, states=states, starts=starts, seed=seed,
                  limit=limit, price=price)
    with notes_on_stderr():
        files = road_results.RoadFiles(trips, toll_weight, length_weight, columns_of(columns),
                                       classes, departures_of(departures))
        roads = road_results.read(target, files, own)
    subjects = _subjects(target, roads, profile, own)
    goals = road_results.goals(subjects[0][0], tolerance, relative_gap, _usual(subjects[0][0]))
    road_results.check_price(subjects[0][0], price)
    found = []
    for run, (game, judged, result) in enumerate(subjects):
        # What is said of the game itself is said once.
        kept = asked if run == 0 else dataclasses.replace(
            asked, parts=["equilibrium"] if "equilibrium" in (part or ["equilibrium"]) else [])
        parts = analyse(game, judged, result, kept)
        if parts and not as_json:
            show_page(f"{game!r}" + (f", run {run}" if len(subjects) > 1 else ""), parts)
        found.append(parts)
    raise typer.Exit(_show_answer(found, goals, as_json))


def _subjects(target: str, roads: Game | None, profile: Path | None,
              own: dict[str, Any]) -> list[tuple[Game, Any, Result | None]]:
    """Game, profile and result of each run in a directory; or of the game of that name or in that
    file, or of the roads that were read."""
    import potentia as pt
    from potentia.io.profiles import read_profile
    from potentia.io.runs import is_run, load
    saved = Path(target).is_dir() or (target and is_run(target))
    if roads is not None or not saved or is_registered(target):
        game = roads or game_of(target, own)
        return [(game, None if profile is None else read_profile(profile, game), None)]
    if profile is not None or own:
        raise pt.InputError(
            f"{target} is a run, which has its own game and profiles: give no --profile, no -p")
    result = load(target)
    return [(result.game, one, result) for one in result.profiles]


def _usual(game: Game) -> road_results.Goals:
    return road_results.ON_ROADS.goals if road_results.is_roads(game) else USUAL


def _show_answer(found: list[list[Any]], goals: road_results.Goals, as_json: bool) -> int:
    """Print the answer, or the whole document; the exit status."""
    from potentia.io.plain import document
    from potentia.report.page import as_document
    certificates = [part.report for parts in found for part in parts if part.name == "equilibrium"
                    and part.report is not None]
    verdicts = [part.report.verdict for part in found[0] if part.name == "potential"
                and part.report is not None]
    within = all(map(goals.reached, certificates)) if certificates else None
    if as_json:
        print(document({"within_tolerance": within, "tolerance": goals.nash,
                        "relative_tolerance": goals.relative, "certificates": certificates,
                        **as_document(found[0])}))
    elif within is not None:
        print(f"{'Within' if within else 'Not within'} {goals}")
    if within is None:
        asked = any(part.name == "potential" for part in found[0])
        return DONE if set(verdicts) == ({"PROVEN"} if asked else set()) else NO
    return DONE if within else NO
