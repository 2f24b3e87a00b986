"""What would be best for all: agents who pay the time they cost all, and a bound that no total
travel time gets below.

An agent on a link of k pays k t(w k) - (k - 1) t(w (k - 1)), so that the potential is the total
travel time over w (Pigou 1920; Beckmann, McGuire and Winsten 1956).

With h(k) = k t(w k), the total is w E sum over links of h(L). For any slopes g >= 0, h(k) is at
least g k + b with b = min over k of h(k) - g k, and sum over links of g E L is at least what the
shortest paths at costs g add up to over all agents, so that

    w (sum over agents of their shortest path at costs g + sum over links of b)

is below every profile's total, whether h is convex or not. The closest bound has for g the slopes
at the optimal mean loads of h, or of its lower convex hull where it is not convex; with h' for g it
is the linearisation of Frank and Wolfe (1956). Loads are whole numbers, so that only these count in
b: where hardly anybody goes at the optimum, g may be as steep as the chord from h(0) to h(1).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError
from potentia.games.roads import charges, classes, compiled
from potentia.games.roads.cost_kinds import Costs, Polynomial, PowerLaw, Tabulated
from potentia.games.roads.data import RoadData

EPS = np.finfo(np.float64).eps
ROUNDINGS = 64            # behind a slope or a minimum, besides those of adding up a path
ROUNDS = 50               # in search of a side of a convex hull; any slope gives a bound


def marginal_costs(game: RoadData) -> tuple[Costs, np.ndarray | None]:
    """What a further agent costs all on each link, as `costs` and as `table` of the game that
    charges it."""
    if game.costs.coefficients is not None:
        return Polynomial(game.costs.coefficients).marginal(float(game.weight)), None
    if isinstance(game.costs, PowerLaw) and game.table is None:
        return game.costs.marginal(), None
    by_number = np.asarray(game.table)
    table = np.diff(np.arange(by_number.shape[1]) * by_number, axis=1)
    return Tabulated(table, game.weight), np.pad(table, ((0, 0), (1, 0)))


def refuse_unknown(game: RoadData) -> None:
    """Raise InputError where it is not known what is best for all (`RoadData.has_optimum`)."""
    if game.timed:
        raise InputError("game has departures, which cost no time when they are early or late: no "
                         "system optimum of time tells what is best, leave it out (optimum=False)")
    classes.refuse_unequal(game.classes)


def least_total(game: RoadData, profile: Array) -> float:
    """A bound below which no profile's expected travel time gets, in vehicles, from the mean loads
    of `profile` [R, 1, A].

    It is lowered by what rounding may add: the terms, slopes and charges times all n agents
    included, sum to `size`, and none goes through more roundings than a path has links, and
    `ROUNDINGS`.
    """
    time = charges.taken_off(game)
    refuse_unknown(time)
    roundings = ROUNDINGS + (game.horizon or len(np.unique(game.links)))
    best, below = 0.0, _least_above(time)
    tried = _slopes(time, profile)
    # The bound is concave in the slopes, so that between them it is no lower than between theirs.
    for slope in (*tried, np.mean(tried, axis=0)):
        least = below(slope)
        paths = np.asarray(compiled.shortest_paths(time, jnp.asarray(slope)))
        total = np.sum(game.trips.count * paths) + np.sum(least)
        size = game.n_agents * (np.sum(slope) + np.sum(charges.of(game))) + np.sum(np.abs(least))
        best = max(best, float(total - roundings * EPS * size))
    return float(game.weight) * best


def _slopes(game: RoadData, profile: Array) -> list[np.ndarray]:
    """Slopes [E] of h at the mean loads of `profile`.

    The hull has corners, and may have any slope between two at a mean load: what makes all paths
    that are taken cost the same is tried, too.
    """
    mean = compiled.mean_loads(game, profile)
    if _convex(game):
        found = [np.asarray(slope) for slope in compiled.convex_slopes(game, mean)]
    else:
        totals, steps = _totals(game), np.asarray(mean).reshape(-1, len(game.links))
        found = [np.concatenate([hull_slopes(totals, step) for step in steps])]
    alike = [np.maximum(np.asarray(compiled.levelled(game, profile, jnp.asarray(slope))), 0.0)
             for slope in found]
    return found + alike


def _least_above(game: RoadData) -> Callable[[np.ndarray], np.ndarray]:
    """What gives for slopes g [E] the numbers b [E] such that h(k) >= g k + b at any load."""
    if not _convex(game):
        return partial(_below, _totals(game))
    _refuse_negative(game.costs.arrays())
    return lambda slope: np.asarray(compiled.below_convex(game, jnp.asarray(slope)))


def _convex(game: RoadData) -> bool:
    """Whether the kind of costs says that h is convex, unless a coefficient is negative."""
    return game.costs.coefficients is not None or isinstance(game.costs, PowerLaw)


def _totals(game: RoadData) -> np.ndarray:
    """[links, n + 1] h(0), ..., h(n)."""
    return np.arange(game.n_agents + 1) * np.asarray(game.table)[:, :-1]


def _below(totals: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """[E] min over k of h(k) - g k; totals: [links, n + 1] h(0), ..., h(n), slope: [E] g."""
    numbers = np.arange(totals.shape[1])
    return np.concatenate([(totals - step[:, None] * numbers).min(axis=1)
                           for step in slope.reshape(-1, len(totals))])


def _refuse_negative(numbers: dict[str, np.ndarray]) -> None:
    """Raise InputError naming a link of which it is not known that x c(x) is convex."""
    falls = np.flatnonzero((np.column_stack(list(numbers.values())) < 0).any(axis=1))
    if falls.size:
        raise InputError(f"costs[link={falls[0]}] has a negative coefficient, so that no bound on "
                         f"the system optimum is known")


def hull_slopes(totals: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """[m] slopes, not negative, at mean loads [m], of the lower convex hulls of m functions h;
    totals: [m, n + 1] their values h(0), ..., h(n).

    The side of a hull above a mean load joins two points with none below it: begin with the whole
    numbers on both sides, and replace one of the two by the lowest point below the line through
    them as long as there is one. Where h is convex, there is none.
    """
    link, last = np.arange(len(totals)), totals.shape[1] - 1
    left = np.clip(np.floor(mean).astype(np.int64), 0, last - 1)
    right, slope = left + 1, np.zeros(len(totals))
    for _ in range(ROUNDS):
        slope = (totals[link, right] - totals[link, left]) / (right - left)
        above = totals - slope[:, None] * np.arange(last + 1)
        lowest = above.argmin(axis=1)
        lower = above[link, lowest] < np.minimum(above[link, left], above[link, right])
        if not lower.any():
            break
        left = np.where(lower & (lowest <= mean), lowest, left)
        right = np.where(lower & (lowest > mean), lowest, right)
    return np.maximum(slope, 0.0)
