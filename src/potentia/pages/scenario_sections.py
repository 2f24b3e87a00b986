"""The sections of a page about scenarios of roads: side by side, then each by itself."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import Any

from potentia.certificates.certificate import Certificate
from potentia.console.text import counted
from potentia.games.roads.game import RoutingGame
from potentia.pages.blocks import Block, Columns, Image, Section, Words
from potentia.pages.certified import certificate_blocks, judged
from potentia.pages.pictures import picture_blocks
from potentia.pages.sections import known_blocks, recipe_blocks
from potentia.pages.subjects import Compared, Subject
from potentia.pages.wanted import Wanted
from potentia.plot import scenario_maps
from potentia.plot.road_tables import drawn_places
from potentia.report.road_flows import Coordinates
from potentia.report.road_maps import as_file
from potentia.welfare.scenarios import Scenarios

SIDE_BY_SIDE = "The scenarios side by side"
CHANGES = "Where flows change"
TOLD = "A map for each scenario, or bars, of how flows on links change from the base."


def of_scenarios(found: Compared, wanted: Wanted) -> list[Section]:
    """The table, the map of changes, and a section for the base and each scenario, by its name."""
    return [Section(SIDE_BY_SIDE, list(_table(found.scenarios))),
            Section(CHANGES, list(_changes(found.scenarios, wanted.places))),
            *(Section(each.label, _by_itself(each, found.scenarios, f"side{number}", wanted))
              for number, each in enumerate(found.subjects))]


def _table(found: Scenarios) -> Iterator[Block]:
    heads, cells = found.table()
    yield Words(_near(found), lead=True)
    yield Columns("Totals", heads, cells)
    yield Words(" ".join(found.notes()))
    yield from map(Words, found.unsolved())


def _near(found: Scenarios) -> str:
    """How many of them are certified to be near enough, and which are not."""
    limit = found.near if found.asked is None else found.asked
    far = [row["scenario"] for row in found.rows() if not row["relative_gap"] <= limit]
    all_of = f"The base and {counted(len(found.sides), 'scenario')}"
    if not far:
        return f"{all_of} are certified to be within a relative gap of {limit:g}."
    return (f"{all_of}; not certified to be within a relative gap of {limit:g}, so that the totals "
            f"may be off by more than that: {', '.join(far)}.")


def _changes(found: Scenarios, places: Coordinates | None) -> Iterator[Block]:
    base: Any = found.base.game
    if found.sides:
        figure = scenario_maps.picture(found, places or drawn_places(base))
        yield Image("", TOLD, base64.b64encode(as_file(figure)).decode())
    for name in found.sides:
        yield Columns(f"{name}: the links that change most", *found.links_table(name))


def _by_itself(each: Subject, found: Scenarios, name: str, wanted: Wanted) -> list[Block]:
    """What is certified of it, what is known of it, its map, and how it was made."""
    sure = judged(each.result, wanted.seconds, each.certificate)
    goal = _goal(found, sure.certificates[wanted.run]) if len(sure.found) == 1 and \
        sure.certificates else None
    assert isinstance(each.result.game, RoutingGame)
    return [*certificate_blocks(sure, wanted.run, goal=goal), *known_blocks(each, wanted),
            *picture_blocks(each.result, wanted.run, wanted.places, name), *recipe_blocks(each)]


def _goal(found: Scenarios, certificate: Certificate) -> str:
    """How what is certified compares with what was asked for, and what solves aim at."""
    gap = math.inf if certificate.relative_gap is None else certificate.relative_gap
    if found.asked is None:
        return f"{_compared(gap, found.near)} at which solves of a comparison end."
    return (f"{_compared(gap, found.asked)} that was asked for (--relative-gap). The comparison "
            f"aims lower, at {found.near:g}, so that changes mean something.")


def _compared(gap: float, limit: float) -> str:
    how = "within" if gap <= limit else "more than"
    return f"That is {how} the relative gap of {limit:g}"
