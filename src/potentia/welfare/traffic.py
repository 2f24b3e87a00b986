"""What selfishness costs on roads: the expected travel time of a profile against that of the system
optimum.

Agents who pay the time they cost all have the total travel time for their potential, and learn
towards the system optimum. The best of what they reach and of the profile itself is no better than
the optimum, so that the price of the profile is at least as high as told; from above it is bounded
by a total that no profile gets below. Tolls and distance costs are no time, and neither the
optimum's nor the price's. Equations and sources stand in `games.roads.system_optimum`.
"""

from __future__ import annotations

import dataclasses
from typing import Literal, overload

import jax
import jax.numpy as jnp
import numpy as np

from potentia import profile as profiles
from potentia.certificates.certificate import Certificate
from potentia.certificates.equilibrium import certify
from potentia.console.bounds import above, from_to
from potentia.console.progress import Tell, progress_bar
from potentia.console.text import Line, Readable
from potentia.errors import InputError, truth_value, whole_number
from potentia.game import HasLinks, HasMovers, TravelTotals
from potentia.learning.solver import solve
from potentia.result import Result, Status
from potentia.rules.adaptive_inpg import AdaptiveINPG
from potentia.rules.base import Rule
from potentia.rules.projected_newton import ProjectedNewton
from potentia.runtime.float64 import float64_on_one_blas_thread

TOLD = 20                 # iterations after which a bar hears how far learning the optimum is
ROUND = 100               # iterations in which the gap must halve, or learning it ends
NEAR = 1e-9               # relative gap of those who pay their marginal costs that ends it
FEW = 100                 # agents who decide alike, below which the optimum is learnt otherwise
SAME = 1e-9               # share of a total that two ways to sum it up may differ by
SHOWS = 0.005             # of what totals may be off, as they are told
APART = 0.1               # share of a random profile in the start from which the optimum is learnt


@dataclasses.dataclass(frozen=True, kw_only=True)
class RoadTotals(Readable):
    """Totals over all vehicles, in the unit of the costs.

    total_travel_time: at mean flows. expected_travel_time: over the random load; error: how far it,
    and what is paid, may be off. expected_cost: what is paid, tolls and distance costs
    included. toll_revenue, distance_cost, schedule_cost: what of it is tolls, is for distance, and
    for arriving early or late.
    relative_gap: what the certificate says that it is at most; infinite where it says nothing.
    wardrop_gap: see `HasLinks`. Both are by what is paid.
    staying: vehicles that are expected to stay at home, where they may. staying_cost: what they pay
    there; it counts in all totals of time and of cost, and so in prices of anarchy.
    """

    total_travel_time: float
    expected_travel_time: float
    error: float
    expected_cost: float
    toll_revenue: float
    relative_gap: float
    wardrop_gap: float
    distance_cost: float = 0.0
    schedule_cost: float = 0.0
    staying: float = 0.0
    staying_cost: float = 0.0

    def lines(self) -> list[Line]:
        """What it says, for people."""
        mean, expected = ("total, travel and home, at mean flows", "expected total, travel and home"
                          ) if self.staying_cost else (
            "total travel time at mean flows", "expected total travel time")
        return [(mean, f"{self.total_travel_time:,.2f}"),
                (expected, f"{self.expected_travel_time:,.2f}{give_or_take(self.error)}"),
                *self._at_home(), *self._paid(), *self._against_the_best(),
                *relative_gaps(self.relative_gap, self.wardrop_gap)]

    def _against_the_best(self) -> list[Line]:
        """What is known of the system optimum."""
        return []

    def _at_home(self) -> list[Line]:
        """How many stay at home, if anybody does."""
        if not self.staying_cost:
            return []
        return [("vehicles that stay at home",
                 f"{self.staying:,.2f}, which pay {self.staying_cost:,.2f} of either total")]

    def _paid(self) -> list[Line]:
        """What is paid besides time, if anything is."""
        if self.expected_cost == self.expected_travel_time:
            return []
        parts = {"expected toll revenue": self.toll_revenue,
                 "expected distance costs": self.distance_cost,
                 "expected schedule costs": self.schedule_cost}
        time = self.expected_cost - sum(parts.values())
        worth = abs(time - self.expected_travel_time) > SAME * self.expected_cost
        within = give_or_take(self.error)
        return [("expected total cost paid", f"{self.expected_cost:,.2f}{within}"),
                *[("expected cost of time", f"{time:,.2f}, at what it is worth to each")] * worth,
                *((name, f"{cost:,.2f} in units of cost") for name, cost in parts.items() if cost)]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RoadReport(RoadTotals):
    """The totals against the system optimum.

    optimum, optimum_below: expected travel time of the best profile that was found, and a bound
    below which no profile gets. price, price_above: bounds on the price of the profile,
    expected_travel_time over the optimum's; infinite where nothing is known against an optimum of
    0. interrupted: whether learning the optimum was, after what was learnt till then.
    """

    optimum: float
    optimum_below: float
    price: float
    price_above: float
    interrupted: bool = False

    def _against_the_best(self) -> list[Line]:
        return [("at the system optimum",
                 from_to(self.optimum_below, self.optimum, ",.2f")
                 + (", as far as it was learnt when it was interrupted" if self.interrupted
                    else "")),
                ("price of anarchy of this profile",
                 from_to(self.price, self.price_above, ".5f"))]


def give_or_take(error: float) -> str:
    """How far a total may be off, where that shows."""
    return f", give or take {above(error, '.2g')}" if error >= SHOWS else ""


def relative_gaps(relative: float, wardrop: float) -> list[Line]:
    """The gaps beside the Nash gap, for people, and what each is."""
    return [("relative gap",
             f"at most {above(relative, '.3g')}: what agents could save, each alone, of what all "
             f"pay"),
            ("gap of the traffic literature",
             f"{wardrop:.3g}: the same of infinitely many drivers, at mean flows")]


@overload
def report(game: HasLinks, profile: object, iterations: int = 1000, *,
           optimum: Literal[True] = True, progress: bool | None = None,
           certificate: Certificate | None = None,
           travel: TravelTotals | None = None) -> RoadReport: ...
@overload
def report(game: HasLinks, profile: object, iterations: int = 1000, *, optimum: bool,
           progress: bool | None = None, certificate: Certificate | None = None,
           travel: TravelTotals | None = None) -> RoadTotals: ...
def report(game: HasLinks, profile: object, iterations: int = 1000, *, optimum: bool = True,
           progress: bool | None = None, certificate: Certificate | None = None,
           travel: TravelTotals | None = None) -> RoadTotals:
    """What the profile [R, 1, A] costs all, a `RoadReport` against the best that agents who pay
    their marginal costs learn in so many iterations.

    optimum: whether that is learnt; without it only the `RoadTotals` are told. Ctrl-C ends learning
        it, and what was learnt till then counts.
    progress: show a bar on standard error while it is learnt; by default if that is a terminal.
    certificate, travel: of this profile, and what `game.totals` says of it, if known already.

    Raises InputError for what is no routing game.
    """
    if not isinstance(game, HasLinks):
        raise InputError(
            f"game is a {type(game).__name__}, but a RoutingGame is needed; welfare.report takes "
            f"others")
    most = whole_number(iterations, "iterations", 1)
    truth_value(optimum, "optimum")
    totals = RoadTotals(**vars(travel or game.totals(profile)),
                        relative_gap=_certified(game, profile, certificate),
                        **at_home(game, profile))
    return _against(game, profile, totals, *_learnt(game, most, progress)) if optimum else totals


def at_home(game: HasLinks, profile: object) -> dict[str, float]:
    """How many vehicles are expected to stay at home, `staying`, and what they pay,
    `staying_cost`."""
    staying = game.staying(profile)
    cost = np.asarray(game.stay) if np.size(game.stay) else np.zeros(len(staying))
    return {"staying": float(staying.sum()), "staying_cost": float(np.nansum(staying * cost))}


def _certified(game: HasLinks, profile: object, certificate: Certificate | None) -> float:
    """The certificate's bound on the relative gap; infinite where there is no certificate."""
    try:
        bound = (certificate or certify(game, profile)).relative_gap
    except InputError:
        bound = None
    return np.inf if bound is None else float(bound)


def _against(game: HasLinks, profile: object, totals: RoadTotals, found: np.ndarray,
             interrupted: bool) -> RoadReport:
    """The totals of the profile against those of the best that was found."""
    expected, time = totals.expected_travel_time, game.untolled()
    learnt = float(time.expected_cost(found))
    best = max(min(expected, learnt), 0.0)
    # What is no less than the optimum, whatever rounding hides.
    above = min(expected + totals.error, learnt + game.totals(found).error)
    # Where the bound is the optimum itself, rounding may put what reaches it below.
    below = min(best, max(float(game.least_total(each)) for each in (found, profile)))
    return RoadReport(**vars(totals), optimum=best, optimum_below=below,
                      price=max(ratio(max(expected - totals.error, 0.0), above), 1.0),
                      price_above=ratio(expected + totals.error, below),
                      interrupted=interrupted)


def optimum(game: HasLinks, iterations: int = 1000) -> np.ndarray:
    """The profile [R, 1, A] that agents who pay their marginal costs learn from a start near the
    uniform one, or that start if it is better.

    Agents who are all alike might stay alike for ever where it is best to part, as on two like
    roads; the start therefore mixes a fixed random profile in.
    """
    return _learnt(game, iterations, progress=False)[0]


def _learnt(game: HasLinks, iterations: int, progress: bool | None) -> tuple[np.ndarray, bool]:
    """What `optimum` says, and whether learning it was interrupted."""
    start = _apart(game)
    with progress_bar(iterations, progress, "learning the system optimum") as tell:
        result = _learnt_while_it_helps(game, start, iterations, tell)
    best = min((result.profile, start),
               key=lambda found: float(game.expected_travel_time(found)))
    return best, result.status is Status.INTERRUPTED


def _learnt_while_it_helps(game: HasLinks, start: np.ndarray, iterations: int,
                           tell: Tell) -> Result:
    """Round after round, until the gap is `NEAR` nothing, or a round did not halve it: what is left
    by rounding, and by agents who are whole, does not go away."""
    paying, learner, now, before = game.paying_marginal_costs(), _learner(game), None, np.inf
    for done in range(0, iterations, ROUND):
        now = solve(paying, learner, initial=start if now is None else now,
                    max_iterations=min(ROUND, iterations - done), tolerance=None,
                    relative_tolerance=NEAR, check_every=TOLD,
                    progress=lambda further, note, done=done: tell(done + further, note))
        gap = float(now.history["relative_gap"][-1])
        if now.status is not Status.MAX_ITERATIONS or not gap <= before / 2:
            break
        before = gap
    assert now is not None
    return now


def _learner(game: HasLinks) -> Rule:
    """By which rule the optimum is learnt. Where few decide alike, many an equilibrium is a saddle
    of the total, at which Newton steps come to rest and steps on logits do not."""
    movers = game.n_movers if isinstance(game, HasMovers) else game.n_agents
    few = game.n_agents < FEW * movers
    return AdaptiveINPG() if few else ProjectedNewton()


def ratio(one: float, other: float) -> float:
    """One total over another: 1 where both are 0, and infinite where the other alone is."""
    if other > 0:
        return one / other
    return 1.0 if one == 0 else np.inf


def _apart(game: HasLinks) -> np.ndarray:
    """[R, 1, A] the uniform profile with a little of a random one, always the same."""
    with float64_on_one_blas_thread():
        mask = jnp.asarray(game.mask)
        drawn = profiles.random(mask, jax.random.key(0))
        return np.asarray((1 - APART) * profiles.uniform(mask) + APART * drawn)
