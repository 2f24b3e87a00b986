"""Several scenarios against one base: each is solved from what was learnt there, certified, and
told in one table, with the links whose flows change most."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from potentia.console.bounds import above
from potentia.console.markup import as_html_table
from potentia.console.text import as_table
from potentia.errors import InputError, shown
from potentia.game import HasLinks
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.link_table import columns as link_columns
from potentia.games.roads.scenarios import BASE, Scenario, name_of
from potentia.games.roads.warm_start import refuse_another
from potentia.names import refuse_alike
from potentia.result import Result, Status
from potentia.welfare.sides import Effort, Side, roads_in, side_of, solved_to
from potentia.welfare.traffic import at_home, give_or_take, ratio

if TYPE_CHECKING:
    from pandas import DataFrame

FAR = (str(Status.MAX_ITERATIONS), str(Status.UNVERIFIED))       # from where solves aim
SHOWN = 5                 # links of each scenario, whose flows change most
HEADS = ("scenario", "travelling", "total travel time", "change", "total cost", "change of cost",
         "left open", "mean trip time", "toll revenue", "relative gap", "status", "iterations")
NOTES = ("Total travel time is expected, of all vehicles, and its change from the base in %. Left",
         "open: what all could still save, each alone, there and in the base, in % of what the "
         "base",
         "pays. Smaller changes say nothing. It is no bound on the change: of few agents there are",
         "several equilibria, whose totals differ by more.")
COST = "Total cost is expected too: time at what it is worth, tolls, distance and schedule costs."
HOME = "In the total, who stays at home counts by what that costs; trips are of those who travel."


@dataclasses.dataclass(frozen=True, eq=False)
class Scenarios:
    """base: the roads as they are. sides: the scenarios, by name, in their order. results: what
    each was learnt as, the base's under "base". left_out: names of those that were not solved,
    after Ctrl-C. near: relative gap at which solves end, if they get there. asked: a larger one
    that counts as near enough, None if nobody asked for one."""

    base: Side
    sides: dict[str, Side]
    results: dict[str, Result]
    left_out: tuple[str, ...]
    near: float
    asked: float | None = None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return bool(self.left_out) or any(side.status is Status.INTERRUPTED
                                          for side in self.sides.values())

    def rows(self) -> list[dict[str, Any]]:
        """A row for the base and each scenario: scenario, status, iterations, vehicles,
        travelling (vehicles that do not stay at home), expected_travel_time (with what those pay
        who stay), error (how far it, and expected_cost, may be off), change (its share from the
        base, less 1), left_open, mean_trip_time (of a vehicle that travels), expected_cost,
        change_of_cost, toll_revenue, relative_gap (certified) and wardrop_gap.

        left_open: what all could still save, each alone, at most, here and in the base, over what
        the base pays. It is no bound on the changes, but smaller ones say nothing.
        """
        return [self._row(name, side) for name, side in {BASE: self.base, **self.sides}.items()]

    def to_dataframe(self) -> DataFrame:
        """`rows` as a pandas frame."""
        import pandas as pd
        return pd.DataFrame(self.rows())

    def flows(self) -> DataFrame:
        """A row for each link of the base and of each scenario as a pandas frame: scenario, and
        what `RoutingGame.to_dataframe` tells of the link there."""
        import pandas as pd
        tables = []
        for name, side in {BASE: self.base, **self.sides}.items():
            table = _routing(side.game, name).to_dataframe(side.profile)
            table.insert(0, "scenario", name)
            tables.append(table)
        return pd.concat(tables, ignore_index=True)

    def link_changes(self, name: str, most: int | None = None) -> list[dict[str, Any]]:
        """A row for each link of the base or the scenario, those whose flows change most first: id,
        from, to, flow_before, flow and difference, in vehicles. A link that is not there has no
        flow. most: how many rows; all if omitted.

        Raises InputError for a scenario that is none.
        """
        if name not in self.sides:
            raise InputError(f"there is no scenario {shown(name)} here; there are "
                             f"{', '.join(map(shown, self.sides))}")
        before, after = _flows(self.base), _flows(self.sides[name])
        found = [{"id": link[0], "from": link[1], "to": link[2],
                  "flow_before": before.get(link, 0.0), "flow": after.get(link, 0.0),
                  "difference": after.get(link, 0.0) - before.get(link, 0.0)}
                 for link in dict.fromkeys((*before, *after))]
        return sorted(found, key=lambda row: -abs(row["difference"]))[:most]

    def __str__(self) -> str:
        parts = [as_table(*self.table()), "\n".join(self.notes())]
        for name in self.sides:
            parts.append(f"{name}: the links that change most\n" + as_table(
                *self.links_table(name)))
        return "\n\n".join([*parts, *self.unsolved()])

    def __repr__(self) -> str:
        return f"<Scenarios {', '.join(map(shown, self.sides))} against {self.base.game!r}>"

    def _repr_html_(self) -> str:
        tables = [as_html_table(f"{name}: the links that change most", *self.links_table(name))
                  for name in self.sides]
        heads, cells = self.table()
        said = " ".join(self.notes())
        return "".join([as_html_table("Scenarios", heads, cells, [said, *self.unsolved()]),
                        *tables])

    def _row(self, name: str, side: Side) -> dict[str, Any]:
        base, vehicles = self.base, _vehicles(side)
        home = at_home(side.game, side.profile)
        travelling = vehicles - home["staying"]
        gap = side.certificate.relative_gap
        return {"scenario": name, "status": str(side.status), "iterations": side.iterations,
                "vehicles": vehicles, "travelling": travelling,
                "expected_travel_time": side.expected_travel_time,
                "error": side.error,
                "change": ratio(side.expected_travel_time, base.expected_travel_time) - 1.0,
                "left_open": ratio(side.open + (0.0 if side is base else base.open),
                                   base.expected_cost),
                "mean_trip_time": ratio(side.expected_travel_time - home["staying_cost"],
                                        travelling),
                "expected_cost": side.expected_cost,
                "change_of_cost": ratio(side.expected_cost, base.expected_cost) - 1.0,
                "toll_revenue": side.toll_revenue, "relative_gap": math.inf if gap is None else gap,
                "wardrop_gap": side.wardrop_gap}

    def table(self) -> tuple[list[str], list[list[str]]]:
        """The heads and the cells of `rows` for people; what is paid only where that is not time
        alone."""
        cells = [(row["scenario"], f"{row['travelling']:,.1f}",
                  f"{row['expected_travel_time']:,.2f}", _change(row, "change"),
                  f"{row['expected_cost']:,.2f}", _change(row, "change_of_cost"),
                  f"{100 * row['left_open']:.2g} %", f"{row['mean_trip_time']:,.4f}",
                  f"{row['toll_revenue']:,.2f}", above(row["relative_gap"], ".2g"),
                  self._ended(row), f"{row['iterations']:,}") for row in self.rows()]
        sides = (self.base, *self.sides.values())
        paid = any(side.charged for side in sides)
        there = {"total cost": paid, "change of cost": paid, "travelling": self._at_home,
                 "toll revenue": any(np.any(side.game.tolls) for side in sides)}
        shown_ones = [k for k, head in enumerate(HEADS) if there.get(head, True)]
        return [HEADS[k] for k in shown_ones], [[row[k] for k in shown_ones] for row in cells]

    def _ended(self, row: dict[str, Any]) -> str:
        """The status of a row for people, unless it is certified to be as near as was asked: solves
        aim far nearer, and not all get there."""
        near = self.asked is not None and row["relative_gap"] <= self.asked
        return (f"within {self.asked:g}"
                if near and row["status"] in FAR else row["status"])

    def notes(self) -> list[str]:
        """What the numbers of `table` mean."""
        return [*NOTES, *[COST] * ("total cost" in self.table()[0]), *[HOME] * self._at_home,
                *self._inexact()]

    def links_table(self, name: str) -> tuple[list[str], list[list[str]]]:
        """The heads and the cells of the `link_changes` that are largest, for people."""
        return ["link", "id", "base", "scenario", "difference"], [
            [f"{row['from']} -> {row['to']}", str(row["id"]), f"{row['flow_before']:,.1f}",
             f"{row['flow']:,.1f}", f"{round(row['difference'], 1) + 0.0:+,.1f}"]
            for row in self.link_changes(name, SHOWN)]

    @property
    def _at_home(self) -> bool:
        """Whether any trips may stay at home."""
        return any(np.size(side.game.stay) for side in (self.base, *self.sides.values()))

    def unsolved(self) -> list[str]:
        """What was left out after Ctrl-C, if it was."""
        return [f"Interrupted: not solved: {', '.join(self.left_out)}"] if self.left_out else []

    def _inexact(self) -> list[str]:
        """Whose totals rounding makes so uncertain that it shows."""
        return [f"{name}: the total is{within[1:]}" for name, side in {
            BASE: self.base, **self.sides}.items() if (within := give_or_take(side.error))]


def against(base: HasLinks | Result, scenarios: Mapping[str, HasLinks | Result | Scenario],
            effort: Effort) -> Scenarios:
    """The scenarios against the base, as `compare` says."""
    versions = _versions(roads_in(base, "a"), scenarios)
    result = base if isinstance(base, Result) else solved_to(roads_in(base, "a"), effort,
                                                             title="the base")
    if Status.INTERRUPTED in result.statuses and not isinstance(base, Result):
        raise KeyboardInterrupt
    first, sides, results = side_of(result, "the base", effort), {}, {BASE: result}
    roads = _routing(base, "a")
    for number, (name, version) in enumerate(versions.items(), 1):
        title = f"{name} ({number} of {len(versions)})"
        try:
            results[name] = version if isinstance(version, Result) else solved_to(
                version, effort, version.profile_from(roads, first.profile), title)
            sides[name] = side_of(results[name], title, effort)
        except KeyboardInterrupt:
            results.pop(name, None)
            break
        if sides[name].status is Status.INTERRUPTED:
            break
    return Scenarios(first, sides, results, tuple(name for name in versions if name not in sides),
                     effort.near)


def _versions(base: HasLinks, scenarios: Mapping[str, HasLinks | Result | Scenario],
              ) -> dict[str, RoutingGame | Result]:
    """The roads of each scenario, all of them made before anything is solved."""
    if not scenarios:
        raise InputError("there are no scenarios")
    refuse_alike(scenarios, "there are", "scenario")
    found: dict[str, RoutingGame | Result] = {}
    roads = _routing(base, "a")
    for name, given in scenarios.items():
        own = name_of(name)
        version = given.of(roads) if isinstance(given, Scenario) else given
        game = _routing(version, own)
        try:
            refuse_another(game, roads)
        except InputError as error:
            raise InputError(f"scenario {shown(own)}: {error}") from None
        found[own] = version if isinstance(version, Result) else game
    return found


def _routing(value: object, name: str) -> RoutingGame:
    game = roads_in(value, name)
    if not isinstance(game, RoutingGame):
        raise InputError(f"{name} is a {type(value).__name__}, but scenarios are versions of a "
                         f"RoutingGame")
    return game


def _change(row: Mapping[str, Any], name: str) -> str:
    """A change from the base, in %; none of the base itself."""
    return "" if row["scenario"] == BASE else f"{100 * row[name]:+z.3f} %"


def _flows(side: Side) -> dict[tuple[Any, ...], float]:
    """Expected vehicles on each link, by its id, from and to."""
    table = link_columns(_routing(side.game, "a"), side.profile)
    flow = np.asarray(table["flow"]).tolist()
    return dict(zip(zip(table["id"], table["from"], table["to"], strict=True), flow, strict=True))


def _vehicles(side: Side) -> float:
    game = _routing(side.game, "a")
    return float(np.sum(np.asarray(game.weight) * np.asarray(game.trips.count)))
