"""`potentia solve`: let agents learn, and certify where they end."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from potentia.cli import closing_notes, completion, road_outputs, road_results
from potentia.cli.arguments import (
    STEP_SIZE,
    columns_of,
    departures_of,
    game_of,
    is_registered,
    keep_programs,
    made,
    parameters_of,
)
from potentia.cli.options import (
    Classes,
    Columns,
    DepartureTimes,
    Json,
    LengthWeight,
    NoCache,
    Nodes,
    Out,
    Parameters,
    Price,
    RelativeGap,
    Seed,
    TollWeight,
    Trips,
    a_path,
)
from potentia.cli.saving import Kept, keep
from potentia.cli.status import DONE, INTERRUPTED, NO

if TYPE_CHECKING:
    from concurrent.futures import Future

    from potentia.certificates.certificate import Certificate
    from potentia.game import Game, TravelTotals
    from potentia.result import Result, Status

    Certified = tuple[list[Certificate] | None, str]

USUAL = road_results.Usual(rule="inpg", initial="random", max_iterations=10_000, check_every=100,
                           goals=road_results.Goals(nash=1e-8, relative=None))
INTERRUPTED_THERE = (
    "interrupted; what was learnt is whole, and `potentia certify RUN` certifies a saved one")


def solve(
        game: Annotated[str, typer.Argument(
            autocompletion=completion.games,
            help="A registered game (see `potentia games`), a game file, or a road network (.tntp, "
                 ".csv, or a folder of GMNS files).")],
        trips: Trips = None, classes: Classes = None, departures: DepartureTimes = None,
        columns: Columns = None,
        toll_weight: TollWeight = None,
        length_weight: LengthWeight = None, price: Price = True,
        nodes: Nodes = None,
        crs: Annotated[str | None, typer.Option(
            metavar="EPSG:CODE", help="What the coordinates of nodes are, to write flows.geojson: "
                                      "EPSG:4326 for longitude and latitude.")] = None,
        flows: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="Published flows to compare with: a TNTP flow file of the same network, or a CSV "
                 "file such as flows.csv of a saved run.")] = None,
        gmns: Annotated[bool, typer.Option(
            "--gmns", help="On any roads: write flows as GMNS, link_performance.csv, into --out, "
                           "too. A GMNS folder is read without it.")] = False,
        rule: Annotated[str | None, typer.Option(
            autocompletion=completion.rules,
            help="How agents learn (see `potentia rules`); inpg if omitted, on roads "
                 "projected-newton.")] = None,
        oracle: Annotated[str, typer.Option(
            autocompletion=completion.oracles,
            help="Where values come from (see `potentia oracles`).")] = "exact",
        schedule: Annotated[str, typer.Option(
            autocompletion=completion.schedules,
            help="Who moves when (see `potentia schedules`).")] = "simultaneous",
        step_size: Annotated[float | None, typer.Option(
            help=f"Step size; {STEP_SIZE} where a rule has one.")] = None,
        initial: Annotated[Literal["random", "uniform"] | None, typer.Option(
            help="First policies; random if omitted, on roads uniform.")] = None,
        flows_from: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="On roads: begin from a saved run instead, of these roads or of another version "
                 "of them, or from flows on links, a CSV file such as its flows.csv.")] = None,
        runs: Annotated[int, typer.Option(min=1, help="Independent runs.")] = 1,
        seed: Seed = 0,
        max_iterations: Annotated[int | None, typer.Option(
            min=0, max=2**31 - 1, help="Most updates; 10,000 if omitted, on roads 3,000.")] = None,
        tolerance: Annotated[float | None, typer.Option(
            help="Nash gap that counts as converged; exact oracles stop there. 1e-8 if omitted; on "
                 "roads the relative gap decides.")] = None,
        relative_gap: RelativeGap = None,
        step_tolerance: Annotated[float | None, typer.Option(
            help="Stop when the policies move by at most this (mean L1).")] = None,
        check_every: Annotated[int | None, typer.Option(
            min=1, help="Iterations between exact Nash gaps; 100 if omitted, on roads 20.")] = None,
        checkpoint: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="Write checkpoints to this directory, to resume from.")] = None,
        checkpoint_every: Annotated[
            float, typer.Option(min=0, help="Seconds between checkpoints.")] = 60.0,
        resume: Annotated[bool, typer.Option(
            "--resume",
            help="Go on from the checkpoint, if there is one yet; without --checkpoint in "
                 "OUT.checkpoint.",
        )] = False,
        processes: Annotated[int, typer.Option(
            min=1, help="Processes that the game's states are split over, started on this "
                        "machine.")] = 1,
        devices: Annotated[int, typer.Option(
            min=1, help="Devices of each process that the states are split over.")] = 1,
        process: Annotated[int | None, typer.Option(
            help="This process's number, to start each of --processes by hand, on several "
                 "machines.")] = None,
        coordinator: Annotated[str | None, typer.Option(
            metavar="HOST:PORT", help="With --process: where process 0 listens.")] = None,
        out: Out = None, parameter: Parameters = None, no_cache: NoCache = False,
        as_json: Json = False) -> None:
    """Let the agents of a game learn, and certify where they end. Status 1 unless every run came
    within the tolerance."""
    import potentia as pt
    from potentia.console.log import notes_on_stderr
    from potentia.io.runs import refuse_unsavable
    from potentia.runtime.collectives import is_first
    keep_programs(no_cache)
    own, of_rule, of_oracle, of_schedule = parameters_of(parameter)
    if processes > 1 or devices > 1 or process is not None or coordinator is not None:
        _share(processes, devices, process, coordinator)
    with notes_on_stderr():
        files = road_results.RoadFiles(trips, toll_weight, length_weight, columns_of(columns),
                                       classes, departures_of(departures))
        built = _built(game, files, own, processes * devices)
        extras = road_outputs.read(built, road_outputs.Asked(nodes, crs, flows, gmns or None),
                                   out, price)
    usual = road_results.ON_ROADS if road_results.is_roads(built) else USUAL
    with notes_on_stderr():
        first = road_results.start(built, flows_from, initial, usual.initial)
    goals = road_results.goals(built, tolerance, relative_gap, usual.goals)
    learner = made("rule", usual.rule if rule is None else rule, of_rule, step_size)
    told, turns = made("oracle", oracle, of_oracle), made("schedule", schedule, of_schedule)
    if out is not None:
        refuse_unsavable(out)
    max_iterations = usual.max_iterations if max_iterations is None else max_iterations
    with notes_on_stderr():
        result = pt.solve(built, learner, told, initial=first, seed=seed,
                          tolerance=goals.nash, relative_tolerance=goals.relative,
                          max_iterations=max_iterations, step_tolerance=step_tolerance,
                          check_every=(road_results.checked_every(built, usual)
                                       if check_every is None else check_every),
                          runs=runs, checkpoint=_kept(checkpoint, resume,
                                                      out), checkpoint_every=checkpoint_every,
                          resume=resume, schedule=turns)
    if not is_first():
        return
    travel = road_outputs.travel_begun(result) if road_results.is_roads(built) else None
    certified = functools.cache(lambda: _certificates(result))    # at once only where files tell it
    with notes_on_stderr():
        kept = None if out is None else keep(
            result, out, lambda: road_outputs.files_of(result, extras, certified()[0])
            if road_results.is_roads(built) else None)
        _show_result(result, goals, extras, kept, certified(), travel, as_json)


def _built(game: str, files: road_results.RoadFiles, own: dict[str, Any], parts: int) -> Game:
    """The game, its states in so many parts; what is given of roads goes with roads only."""
    from potentia.errors import InputError
    built = road_results.read(game, files, own) or _split(game, own, parts)
    if parts > 1 and road_results.is_roads(built):
        raise InputError(
            f"--processes and --devices split a game's states, but {game} is held as a whole")
    return built


def _share(processes: int, devices: int, process: int | None, coordinator: str | None) -> None:
    """Start the processes and end with their status; or be one of them."""
    from potentia.cli.launch import join, launch
    from potentia.errors import InputError
    if (process is None) != (coordinator is None):
        raise InputError(
            "--process and --coordinator go together: this process's number, and where process 0 "
            "listens")
    if processes > 1 and process is None:
        sys.exit(launch(processes))  # no typer.Exit: the processes have said all there is to say
    join(processes, process or 0, coordinator or "", devices)


def _split(game: str, own: dict[str, Any], parts: int) -> Game:
    """The game, its states in so many parts."""
    import potentia as pt
    from potentia.errors import InputError
    from potentia.games.tabular.game import MarkovGame
    if parts > 1 and is_registered(game) and "shards" in pt.games.parameters(game):
        return game_of(game, {"shards": parts, **own})
    built = game_of(game, own)
    if parts == 1:
        return built
    if not isinstance(built, MarkovGame):
        raise InputError(
            f"--processes and --devices split a game's states, but {game} is held as a whole")
    return built.split(parts)


def _kept(checkpoint: Path | None, resume: bool, out: Path | None) -> Path | None:
    """The directory of checkpoints: the one that is given, or, to resume, the one beside the saved
    result."""
    from potentia.errors import InputError
    saved = None if out is None else out.resolve()
    if checkpoint is None and resume:
        if saved is None:
            raise InputError(
                "--resume needs --checkpoint, the directory to go on from, or --out, to keep it "
                "beside")
        return saved.with_name(f"{saved.name}.checkpoint")
    if checkpoint is not None and saved is not None and checkpoint.resolve().is_relative_to(saved):
        raise InputError(f"--checkpoint {checkpoint} lies in --out {out}, which is replaced as a "
                         f"whole at the end: give another directory")
    return checkpoint


def _certificates(result: Result) -> Certified:
    """A certificate of each run; or None and the reason why there is none, which loses no
    result."""
    import potentia as pt
    from potentia.console.progress import spinner
    try:
        with spinner("certifying"):
            return [pt.certify(result.game, profile) for profile in result.profiles], ""
    except pt.InputError as error:
        return None, str(error)
    except KeyboardInterrupt:
        return None, INTERRUPTED_THERE


def _within(status: Status, certificate: Certificate | None, goals: road_results.Goals,
            on_roads: bool) -> bool:
    """Whether a run came as near to Nash as was asked.

    On roads its certificate must say so. Elsewhere that may answer instead: a sampled run never
    stops on the gap.
    """
    near = certificate is not None and goals.reached(certificate)
    return near or (status.value == "converged" and not on_roads)


def _show_result(result: Result, goals: road_results.Goals, extras: road_outputs.Extras,
                 kept: Kept | None, certified: Certified, travel: Future[TravelTotals] | None,
                 as_json: bool) -> None:
    from potentia.console.text import visible
    from potentia.io.plain import document
    from potentia.report.terminal import endings, show_runs
    from potentia.result import Status
    certificates, reason = certified
    statuses, iterations = endings(result)
    of_runs = [None] * len(statuses) if certificates is None else certificates
    roads = road_results.is_roads(result.game)
    within = all(_within(status, certificate, goals, roads)
                 for status, certificate in zip(statuses, of_runs, strict=True))
    converged = all(status is Status.CONVERGED for status in statuses)
    notes = closing_notes.notes(result, goals, certificates)
    if as_json:
        runs = [{"status": status, "iterations": count, "message": message,
                 "certificate": certificate}
                for status, count, message, certificate
                in zip(statuses, iterations, result.messages, of_runs, strict=True)]
        on_roads = {} if travel is None else {"roads": road_outputs.document(
            result, extras, of_runs[0], travel.result())}
        print(document({"game": result.game.name, "within_tolerance": within,
                        "converged": converged, **on_roads, "settings": result.settings,
                        "runs": runs, "notes": notes,
                        "not_certified": reason or None, "saved": kept and kept.place,
                        "not_saved": (kept and kept.reason) or None}))
    else:
        show_runs(result, certificates, reason)
        if travel is not None:
            road_outputs.show(result, extras, of_runs[0], travel.result())
        if kept is not None:
            print(f"Saved in {kept.place}" if kept.place else f"Not saved: {kept.reason}")
        for note in notes:
            print(visible(note))
    if reason == INTERRUPTED_THERE or Status.INTERRUPTED in statuses:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(DONE if within and not (kept and kept.reason) else NO)
