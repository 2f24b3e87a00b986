"""Routing games side by side: what a link added, taken away or tolled does to everybody."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import overload

from potentia.console.text import Line, Readable
from potentia.errors import not_negative_number, truth_value, whole_number
from potentia.game import HasLinks
from potentia.games.roads.scenarios import Scenario
from potentia.result import Result, Status
from potentia.welfare.scenarios import Scenarios, against
from potentia.welfare.sides import NEAR, Effort, Side, roads_in, side_of, solved_to
from potentia.welfare.traffic import ratio


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison(Readable):
    """a, b: the two sides. near: relative gap at which their solves end, if they get there."""

    a: Side
    b: Side
    near: float

    @property
    def change(self) -> float:
        """Expected total travel time of b over that of a, less 1: above 0 if b is worse for all
        together, 0 if neither takes time. Tolls take none."""
        return ratio(self.b.expected_travel_time, self.a.expected_travel_time) - 1.0

    @property
    def change_of_cost(self) -> float:
        """The same of what all are expected to pay, time, tolls and distance costs."""
        return ratio(self.b.expected_cost, self.a.expected_cost) - 1.0

    @property
    def change_of_toll_revenue(self) -> float:
        """How much more b's tolls are expected to bring than a's, in units of cost."""
        return self.b.toll_revenue - self.a.toll_revenue

    def lines(self) -> list[Line]:
        """What it says, for people."""
        found = []
        for name, side in (("first", self.a), ("second", self.b)):
            found += [(name, repr(side.game)), *side.lines()]
        found += [("change", f"{100 * self.change:+z.3f} % in expected total travel time")]
        if self.a.charged or self.b.charged:
            found += [("", f"{100 * self.change_of_cost:+z.3f} % in expected total cost paid"),
                      ("", f"{self.change_of_toll_revenue:+,.3f} in what tolls are expected to "
                           f"bring, in units of cost")]
        return [*found, ("solved to", f"a relative gap of {self.near:g}, or as far as the "
                                      f"iterations go: nearer than a solve that ends at a larger "
                                      f"gap, from whose totals these differ within it")]


Roads = HasLinks | Result


@overload
def compare(a: Roads, b: Mapping[str, Roads | Scenario], max_iterations: int = 3000,
            relative_gap: float = NEAR, progress: bool | None = None) -> Scenarios: ...
@overload
def compare(a: Roads, b: Roads, max_iterations: int = 3000, relative_gap: float = NEAR,
            progress: bool | None = None) -> Comparison: ...
def compare(a: Roads, b: Roads | Mapping[str, Roads | Scenario], max_iterations: int = 3000,
            relative_gap: float = NEAR, progress: bool | None = None) -> Comparison | Scenarios:
    """What changes from one routing game to the other, at equilibria that agents learn; or from one
    to each of several scenarios.

    a, b: routing games, such as `game` and `game.without((3, 4))`, or results of solves of them (of
    the first run). Both are learnt from a uniform start. Or b is a mapping of names to these, or to
    what `pt.io.read_scenarios` gives: then a is the base, and each begins from what was learnt
    there.
    max_iterations: of each solve.
    relative_gap: at which they end; well below the changes that are to be told. Whether they got
        there the sides' certificates and statuses say.
    progress: show how far each solve is, as in `solve`.

    Ctrl-C ends the scenario that is being solved, as far as it came, and leaves out those after it;
    of two it raises KeyboardInterrupt.

    Raises InputError for what is neither, and naming a change that cannot be made, before anything
    is solved.
    """
    effort = Effort(whole_number(max_iterations, "max_iterations", 1),
                    float(not_negative_number(relative_gap, "relative_gap")), progress)
    if progress is not None:
        truth_value(progress, "progress")
    roads_in(a, "a")
    if isinstance(b, Mapping):
        return against(a, b, effort)
    roads_in(b, "b")
    return Comparison(_side(a, "the first", effort), _side(b, "the second", effort), effort.near)


def _side(value: Roads, title: str, effort: Effort) -> Side:
    result = value
    if not isinstance(result, Result):
        result = solved_to(roads_in(value, title), effort, title=title)
        if Status.INTERRUPTED in result.statuses:
            raise KeyboardInterrupt
    return side_of(result, title, effort)
