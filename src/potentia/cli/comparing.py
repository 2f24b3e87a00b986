"""`potentia compare`: what a link taken away, added or tolled does to everybody, or a scenario."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potentia.cli import (
    closing_notes,
    completion,
    road_outputs,
    road_results,
    scenario_tables,
)
from potentia.cli.arguments import columns_of, departures_of, game_of, keep_programs, parameters_of
from potentia.cli.options import (
    Classes,
    Columns,
    DepartureTimes,
    Json,
    LengthWeight,
    NoCache,
    Nodes,
    Parameters,
    RelativeGap,
    TollWeight,
    Trips,
    a_path,
)
from potentia.cli.overwriting import refuse_overwriting
from potentia.cli.saving import refusal_of, refuse_no_picture
from potentia.cli.status import DONE, NO

if TYPE_CHECKING:
    from potentia.games.roads.game import RoutingGame
    from potentia.welfare.comparison import Comparison, Side

TOLL, TIME = "a toll, as 3-4=2.5", "its time, as 3-4=10,1"


def compare(
        game: Annotated[str, typer.Argument(
            autocompletion=completion.games,
            help="A registered game of roads, a saved one, or a network file.")],
        without: Annotated[list[str] | None, typer.Option(
            metavar="FROM-TO", help="A link to take away, or its id. May be repeated.")] = None,
        link: Annotated[list[str] | None, typer.Option(
            "--with", metavar="FROM-TO=C0,C1,...",
            help="A link to add, that takes the time C0 + C1 x at x vehicles.")] = None,
        toll: Annotated[list[str] | None, typer.Option(
            metavar="FROM-TO=TOLL",
            help="A toll on a link, or its id, in units of cost. May be repeated.")] = None,
        trips: Trips = None, classes: Classes = None, departures: DepartureTimes = None,
        columns: Columns = None,
        toll_weight: TollWeight = None, length_weight: LengthWeight = None,
        nodes: Nodes = None,
        scenarios: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="A TOML file of scenarios, each a name and changes, instead: all are told in one "
                 "table.")] = None,
        table: Annotated[Path | None, typer.Option(
            "--csv", parser=a_path, metavar="PATH",
            help="Write the table of scenarios to this file.")] = None,
        flows_table: Annotated[Path | None, typer.Option(
            "--flows-csv", parser=a_path, metavar="PATH",
            help="Write what flows on each link in the base and in each scenario to this "
                 "file.")] = None,
        report: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="Write a page about the base and the scenarios to this file.")] = None,
        picture: Annotated[Path | None, typer.Option(
            parser=a_path, metavar="PATH",
            help="Draw both side by side, to this file, .png, .pdf or .svg, or of scenarios where "
                 "flows change; bars of the fullest links where it is not known where nodes "
                 "lie.")] = None,
        max_iterations: Annotated[int, typer.Option(min=1, max=2**31 - 1,
                                                    help="Most updates of each solve.")] = 3000,
        relative_gap: RelativeGap = None,
        parameter: Parameters = None, no_cache: NoCache = False, as_json: Json = False) -> None:
    """Solve a routing game as it is and with links taken away, added or tolled, or each of several
    scenarios, and compare how long all travel and what they pay. Status 1 unless all are certified
    to be within the relative gap; the solves end well below it, so that changes mean something."""
    import potentia as pt
    from potentia.console.log import notes_on_stderr
    from potentia.io.plain import document
    keep_programs(no_cache)
    own, *others = parameters_of(parameter)
    if any(others):
        raise pt.InputError("compare takes parameters of the game only")
    refuse_overwriting([*road_results.files_read(game, trips), scenarios, nodes],
                       {"--csv": table, "--picture": picture, "--report": report})
    with notes_on_stderr():
        files = road_results.RoadFiles(trips, toll_weight, length_weight, columns_of(columns),
                                       classes, departures_of(departures))
        before = _roads(game, files, own)
        extras = road_outputs.read(before, road_outputs.Asked(nodes), price=None)
    goals = road_results.goals(before, None, relative_gap, road_results.ON_ROADS.goals)
    if scenarios is not None:
        if without or link or toll:
            raise pt.InputError("--scenarios goes without --without, --with and --toll: write them "
                                "as a scenario")
        outputs = scenario_tables.Outputs(table, picture, report, as_json, flows_table)
        scenario_tables.compare(before, scenarios, goals, outputs, extras, max_iterations)
    for name, path in (("csv", table), ("flows-csv", flows_table), ("report", report)):
        if path is not None:
            raise pt.InputError(f"--{name} goes with --scenarios")
    after = _changed(before, without or [], link or [], toll or [])
    if picture is not None:
        refuse_no_picture(picture)
    with notes_on_stderr():
        found = pt.compare(before, after, max_iterations, road_results.finer(goals))
    within = [goals.reached(side.certificate) for side in (found.a, found.b)]
    refused = refusal_of(lambda: picture is None or _draw(found, extras, picture))
    if refused:
        print(f"potentia: not drawn in {picture}: {refused}", file=sys.stderr)
    if as_json:
        print(document({"change": found.change, "change_of_cost": found.change_of_cost,
                        "change_of_toll_revenue": found.change_of_toll_revenue,
                        "within_tolerance": all(within), "solved_to": found.near,
                        "first": _side(found.a, within[0]), "second": _side(found.b, within[1]),
                        "picture": None if refused else picture,
                        "not_drawn": refused or None}))
    else:
        print(found)
        for name, near, side in zip(("first", "second"), within, (found.a, found.b), strict=True):
            if not near:
                print(f"The {name} is not within {goals}: its totals may be off by more than "
                      f"that ({closing_notes.remedy(side)})")
        if picture is not None and not refused:
            print(f"Drawn in {picture}")
    raise typer.Exit(DONE if all(within) and not refused else NO)


def _roads(game: str, files: road_results.RoadFiles, own: dict[str, Any]) -> RoutingGame:
    from potentia.errors import InputError
    built: Any = road_results.read(game, files, own) or game_of(game, own)
    if not road_results.is_roads(built):
        raise InputError(f"compare is for roads, but {game} is a {type(built).__name__}: "
                         f"solve each side (potentia solve {game}), or compare what pt.solve "
                         f"returns in Python")
    return built


def _changed(game: RoutingGame, without: list[str], added: list[str],
             tolls: list[str]) -> RoutingGame:
    import numpy as np

    import potentia as pt
    from potentia.games.roads.charges import named
    from potentia.games.roads.link_texts import link_called
    from potentia.games.roads.scenarios import refuse_dead_ends
    if not (without or added or tolls):
        raise pt.InputError("nothing is changed: give --without, --with or --toll, or "
                            "--scenarios")
    before = game
    for text in without:
        known = link_called(game, text.strip())
        game = game.without(_link(game, text, None)[0] if known is None else known)
    for text in added:
        ends, numbers = _link(game, text, TIME)
        game = game.joined(ends, pt.link_costs.polynomial([numbers]))
    refuse_dead_ends(before, game)
    tolled = np.zeros(game.n_roads, bool)
    for text in tolls:
        known = link_called(game, text.rpartition("=")[0].strip())
        ends, numbers = _link(game, text, TOLL, known)
        if len(numbers) > 1:
            raise pt.InputError(f"{text!r} has {len(numbers)} numbers, but a link has one toll")
        there = named(game.road_links, ends, game.node_names, game.facts)
        if (there & tolled).any():
            raise pt.InputError(f"a toll is given twice for the link {text.rpartition('=')[0]}")
        tolled |= there
        game = game.tolled({ends: numbers[0]})
    return game


def _link(game: RoutingGame, text: str,
          needed: str | None, known: int | str | None = None,
          ) -> tuple[tuple[int | str, int | str] | int | str, list[float]]:
    """The link that `text` names, or the `known` one, and the numbers that it gives for it, if it
    needs any."""
    from potentia.errors import InputError
    from potentia.games.roads.link_texts import ends_in, refuse_id
    named, equals, given = text.strip().rpartition("=") if needed else (text.strip(), "", "")
    ends = ends_in(game, named) if known is None else known
    if ends is None and bool(equals) == (needed is not None) and needed != TIME:
        refuse_id(game, named)
    if ends is None or bool(equals) != (needed is not None):
        raise InputError(f"{text!r} is no link FROM-TO"
                         + (f" with {needed}" if needed else ", as 3-4"))
    try:
        numbers = [float(part) for part in given.split(",")] if needed else []
    except ValueError:
        raise InputError(f"{text!r} is no link FROM-TO with {needed}") from None
    return ends, numbers


def _draw(found: Comparison, extras: road_outputs.Extras, picture: Path) -> None:
    from potentia.console.bounds import above
    from potentia.io.atomic import write_bytes
    from potentia.plot.road_tables import flows_of, marked
    from potentia.report.road_maps import as_file
    before, after = map(road_outputs.roads_of, (found.a, found.b))
    sides = {f"{name}: {side.expected_travel_time:,.2f}, certified within a relative gap of "
             f"{above(side.certificate.relative_gap or 0.0, '.2g')}":
             flows_of(game, side.profile)
             for name, game, side in (("before", before, found.a), ("after", after, found.b))}
    title = (f"{before.name}: {100 * found.change:+z.2f} % in expected total travel time,\n"
             f"vehicles times the unit of time of the network's file")
    figure = road_outputs.drawn(title, sides, extras, marked(before, after))
    write_bytes(picture, as_file(figure, picture.suffix.lower().removeprefix(".")))


def _side(side: Side, within: bool) -> dict[str, Any]:
    return {"status": side.status, "iterations": side.iterations, "within_tolerance": within,
            "expected_travel_time": side.expected_travel_time,
            "total_travel_time": side.total_travel_time,
            "expected_cost": side.expected_cost, "error": side.error,
            "toll_revenue": side.toll_revenue,
            "relative_gap": side.relative_gap, "wardrop_gap": side.wardrop_gap,
            "certificate": side.certificate}
