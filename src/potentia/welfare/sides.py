"""One of several versions of roads that are compared: solved, certified and summed up."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from potentia.certificates.certificate import Certificate
from potentia.certificates.equilibrium import certify
from potentia.console.bounds import above, below
from potentia.console.progress import progress_bar, spinner
from potentia.console.text import Line, counted
from potentia.errors import InputError
from potentia.game import HasLinks
from potentia.learning.solver import solve
from potentia.result import Result, Status
from potentia.rules.projected_newton import ProjectedNewton
from potentia.welfare.traffic import SAME, give_or_take, relative_gaps

NEAR = 1e-8               # relative gap at which a solve ends, so that what is left is no change
NASH = 1e-9               # and the Nash gap, in units of cost


@dataclasses.dataclass(frozen=True, eq=False)
class Side:
    """One of the two: its game, the profile learnt [R, 1, A], its certificate, how its solve ended
    and after how many iterations, and what all vehicles together travel, expected and at mean
    flows, and pay, in units of cost, and what of that is tolls, and distance and schedule costs.
    error: how far what all travel and pay may be off. relative_gap, wardrop_gap: see `HasLinks`, by
    what is paid."""

    game: HasLinks
    profile: np.ndarray
    certificate: Certificate
    status: Status
    iterations: int
    expected_travel_time: float
    total_travel_time: float
    expected_cost: float
    error: float
    toll_revenue: float
    distance_cost: float
    schedule_cost: float
    relative_gap: float
    wardrop_gap: float

    @property
    def charged(self) -> bool:
        """Whether anything is paid besides time, or time is worth something else than time."""
        return bool(np.any(self.game.tolls) or np.any(self.game.distance_costs)
                    or not math.isclose(self.expected_cost, self.expected_travel_time,
                                        rel_tol=SAME))

    @property
    def open(self) -> float:
        """What all agents could still save together, each alone, at most, in units of cost."""
        bound = self.certificate.relative_gap
        return float("inf") if bound is None else bound * self.expected_cost

    @property
    def _ended(self) -> str:
        """How the solve ended. Its limit says nothing of how near it came: that is certified."""
        done, bound = counted(self.iterations, "iteration"), self.certificate.relative_gap
        if self.status is not Status.MAX_ITERATIONS or bound is None:
            return f"{self.status} after {done}"
        return f"within a relative gap of {above(bound, '.2g')} at the limit of {done}"

    def lines(self) -> list[Line]:
        """What it says, for people; what is paid only where that is not time alone."""
        within = give_or_take(self.error)
        found = [("  expected total travel time", f"{self.expected_travel_time:,.3f}{within}"),
                 ("  at mean flows", f"{self.total_travel_time:,.3f}")]
        if self.charged:
            found += [("  expected total cost paid", f"{self.expected_cost:,.3f}{within}"),
                      ("  expected toll revenue", f"{self.toll_revenue:,.3f} in units of cost"),
                      *((f"  expected {name} costs", f"{cost:,.3f} in units of cost")
                        for name, cost in (("distance", self.distance_cost),
                                           ("schedule", self.schedule_cost)) if cost)]
        sure = self.certificate
        return [*found, ("  solve", self._ended),
                ("  Nash gap", f"{below(sure.nash_gap_lower, '.3g')} to "
                               f"{above(sure.nash_gap, '.3g')}: the most that any one agent could "
                               f"save"),
                *((f"  {label}", text) for label, text in relative_gaps(
                    sure.relative_gap or 0.0, self.wardrop_gap))]


@dataclasses.dataclass(frozen=True)
class Effort:
    """How each is solved: updates at most, the relative gap at which it ends, and whether a bar
    shows how far it is, as in `solve`."""

    max_iterations: int
    near: float
    progress: bool | None


def solved_to(game: HasLinks, effort: Effort, initial: object = "uniform",
              title: str = "") -> Result:
    """The result of agents who learn on these roads; after Ctrl-C as far as they came."""
    with progress_bar(effort.max_iterations, effort.progress, f"solving {title}") as tell:
        return solve(game, ProjectedNewton(), initial=initial,
                     max_iterations=effort.max_iterations, tolerance=NASH,
                     relative_tolerance=effort.near, progress=tell)


def side_of(result: Result, title: str, effort: Effort) -> Side:
    """What is told of a result of roads, of its first run, certified."""
    game, profile = roads_in(result, "result"), result.profiles[0]
    with spinner(f"certifying {title}", effort.progress):
        certificate = certify(game, profile)
    return Side(game=game, profile=profile, certificate=certificate, status=result.statuses[0],
                iterations=int(np.ravel(result.iterations)[0]),
                relative_gap=float(game.relative_gap(profile)), **vars(game.totals(profile)))


def roads_in(value: object, name: str) -> HasLinks:
    """The routing game that is given, or that a result is of. Raises InputError for anything
    else."""
    game = value.game if isinstance(value, Result) else value
    if not isinstance(game, HasLinks):
        raise InputError(f"{name} is a {type(value).__name__}, but it must be a RoutingGame or the "
                         f"result of one")
    return game
