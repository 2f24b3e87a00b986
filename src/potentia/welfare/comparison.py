"""Two routing games side by side: what a link added, taken away or tolled does to everybody."""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.certificates.certificate import Certificate
from potentia.certificates.equilibrium import certify
from potentia.console.bounds import above, below
from potentia.console.progress import progress_bar, spinner
from potentia.console.text import Line, Readable, counted
from potentia.errors import InputError, not_negative_number, truth_value, whole_number
from potentia.game import HasLinks
from potentia.learning.solver import solved
from potentia.result import Result, Status
from potentia.rules.projected_newton import ProjectedNewton
from potentia.welfare.traffic import ratio, relative_gaps

NEAR = 1e-8               # relative gap at which a solve ends, so that what is left is no change
NASH = 1e-9               # and the Nash gap, in units of cost


@dataclasses.dataclass(frozen=True, eq=False)
class Side:
    """One of the two: its game, the profile learnt [R, 1, A], its certificate, how its solve ended
    and after how many iterations, and what all vehicles together travel, expected and at mean
    flows, pay, and pay in tolls (both in units of cost). relative_gap, wardrop_gap: see `HasLinks`,
    by what is paid."""

    game: HasLinks
    profile: np.ndarray
    certificate: Certificate
    status: Status
    iterations: int
    expected_travel_time: float
    total_travel_time: float
    expected_cost: float
    toll_revenue: float
    relative_gap: float
    wardrop_gap: float

    @property
    def charged(self) -> bool:
        """Whether anything is paid besides time."""
        return bool(np.any(self.game.tolls) or np.any(self.game.distance_costs))

    @property
    def _ended(self) -> str:
        """How the solve ended. Its limit says nothing of how near it came: that is certified."""
        done, bound = counted(self.iterations, "iteration"), self.certificate.relative_gap
        if self.status is not Status.MAX_ITERATIONS or bound is None:
            return f"{self.status} after {done}"
        return f"within a relative gap of {above(bound, '.2g')} at the limit of {done}"

    def lines(self) -> list[Line]:
        """What it says, for people; what is paid only where that is not time alone."""
        found = [("  expected total travel time", f"{self.expected_travel_time:,.3f}"),
                 ("  at mean flows", f"{self.total_travel_time:,.3f}")]
        if self.charged:
            found += [("  expected total cost paid", f"{self.expected_cost:,.3f}"),
                      ("  expected toll revenue", f"{self.toll_revenue:,.3f} in units of cost")]
        sure = self.certificate
        return [*found, ("  solve", self._ended),
                ("  Nash gap", f"{below(sure.nash_gap_lower, '.3g')} to "
                               f"{above(sure.nash_gap, '.3g')}: the most that any one agent could "
                               f"save"),
                *((f"  {label}", text) for label, text in relative_gaps(
                    sure.relative_gap or 0.0, self.wardrop_gap))]


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
        found += [("change", f"{100 * self.change:+.3f} % in expected total travel time")]
        if self.a.charged or self.b.charged:
            found += [("", f"{100 * self.change_of_cost:+.3f} % in expected total cost paid"),
                      ("", f"{self.change_of_toll_revenue:+,.3f} in what tolls are expected to "
                           f"bring, in units of cost")]
        return [*found, ("solved to", f"a relative gap of {self.near:g}, or as far as the "
                                      f"iterations go: nearer than a solve that ends at a larger "
                                      f"gap, from whose totals these differ within it")]


def compare(a: HasLinks | Result, b: HasLinks | Result, max_iterations: int = 3000,
            relative_gap: float = NEAR, progress: bool | None = None) -> Comparison:
    """What changes from one routing game to the other, at equilibria that agents learn from a
    uniform start.

    a, b: routing games, such as `game` and `game.without((3, 4))`, or results of solves of them (of
    the first run).
    max_iterations: of the solves.
    relative_gap: at which they end; well below the changes that are to be told. Whether they got
        there the sides' certificates and statuses say.
    progress: show how far each solve is, as in `solve`.

    Raises InputError for what is neither.
    """
    most = whole_number(max_iterations, "max_iterations", 1)
    near = float(not_negative_number(relative_gap, "relative_gap"))
    if progress is not None:
        truth_value(progress, "progress")
    return Comparison(_side(a, "a", "first", most, near, progress),
                      _side(b, "b", "second", most, near, progress), near)


def _side(value: object, name: str, place: str, max_iterations: int, near: float,
          progress: bool | None) -> Side:
    if isinstance(value, HasLinks):
        with progress_bar(max_iterations, progress, f"solving the {place}") as tell:
            result = solved(value, ProjectedNewton(), initial="uniform",
                            max_iterations=max_iterations, tolerance=NASH,
                            relative_tolerance=near, progress=tell)
    elif isinstance(value, Result):
        result = value
    else:
        result = None
    game = None if result is None else result.game
    if result is None or not isinstance(game, HasLinks):
        raise InputError(
            f"{name} is a {type(value).__name__}, but it must be a RoutingGame or the result of "
            f"one")
    profile = result.profiles[0]
    status = result.status[0] if isinstance(result.status, tuple) else result.status
    with spinner(f"certifying the {place}", progress):
        certificate = certify(game, profile)
    return Side(game, profile, certificate, status,
                int(np.ravel(result.iterations)[0]), float(game.expected_travel_time(profile)),
                float(game.total_travel_time(profile)), float(game.expected_cost(profile)),
                float(game.toll_revenue(profile)), float(game.relative_gap(profile)),
                float(game.wardrop_gap(profile)))
