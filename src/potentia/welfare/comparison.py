"""Two routing games side by side: what a link added, taken away or tolled does to everybody."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.certificates.equilibrium import Certificate, certify
from potentia.console.text import Line, Readable
from potentia.errors import InputError, whole_number
from potentia.game import HasLinks
from potentia.learning.solver import solve
from potentia.result import Result
from potentia.rules.adaptive_inpg import AdaptiveINPG
from potentia.welfare.traffic import ratio, relative_gaps


@dataclasses.dataclass(frozen=True, eq=False)
class Side:
    """One of the two: its game, the profile learnt [R, 1, A], its certificate, and what all
    vehicles together travel, expected and at mean flows, pay, and pay in tolls. relative_gap,
    wardrop_gap: see `HasLinks`, by what is paid."""

    game: HasLinks
    profile: np.ndarray
    certificate: Certificate
    expected_travel_time: float
    total_travel_time: float
    expected_cost: float
    toll_revenue: float
    relative_gap: float
    wardrop_gap: float

    def lines(self) -> list[Line]:
        """What it says, for people; what is paid only where that is not time alone."""
        found = [("  expected total travel time", f"{self.expected_travel_time:,.3f}"),
                 ("  at mean flows", f"{self.total_travel_time:,.3f}")]
        if np.any(self.game.tolls) or np.any(self.game.distance_costs):
            found += [("  expected total cost paid", f"{self.expected_cost:,.3f}"),
                      ("  expected toll revenue", f"{self.toll_revenue:,.3f}")]
        return [*found, ("  Nash gap",
                         f"{self.certificate.nash_gap_lower:.3g} to {self.certificate.nash_gap:.3g}"
                         ": the most that any one agent could save"),
                *((f"  {label}", text)
                  for label, text in relative_gaps(self.relative_gap, self.wardrop_gap))]


@dataclasses.dataclass(frozen=True, eq=False)
class Comparison(Readable):
    """a, b: the two sides."""

    a: Side
    b: Side

    @property
    def change(self) -> float:
        """Expected total travel time of b over that of a, less 1: above 0 if b is worse for all
        together, 0 if neither takes time. Tolls take none."""
        return ratio(self.b.expected_travel_time, self.a.expected_travel_time) - 1.0

    def lines(self) -> list[Line]:
        """What it says, for people."""
        found = []
        for name, side in (("first", self.a), ("second", self.b)):
            found += [(name, repr(side.game)), *side.lines()]
        return [*found, ("change", f"{100 * self.change:+.3f} % in expected total travel time")]


def compare(a: HasLinks | Result, b: HasLinks | Result, max_iterations: int = 3000) -> Comparison:
    """What changes from one routing game to the other, at equilibria that agents learn from a
    uniform start.

    a, b: routing games, such as `game` and `game.without((3, 4))`, or results of solves of them (of
    the first run).
    max_iterations: of the solves.

    Raises InputError for what is neither.
    """
    most = whole_number(max_iterations, "max_iterations", 1)
    return Comparison(_side(a, "a", most), _side(b, "b", most))


def _side(value: object, name: str, max_iterations: int) -> Side:
    if isinstance(value, Result) and isinstance(value.game, HasLinks):
        game, profile = value.game, value.profiles[0]
    elif isinstance(value, HasLinks):
        game, profile = value, solve(value, AdaptiveINPG(), initial="uniform",
                                     max_iterations=max_iterations,
                                     tolerance=1e-9, progress=False).profile
    else:
        raise InputError(
            f"{name} is a {type(value).__name__}, but it must be a RoutingGame or the result of "
            f"one")
    return Side(game, profile, certify(game, profile), float(game.expected_travel_time(profile)),
                float(game.total_travel_time(profile)), float(game.expected_cost(profile)),
                float(game.toll_revenue(profile)), float(game.relative_gap(profile)),
                float(game.wardrop_gap(profile)))
