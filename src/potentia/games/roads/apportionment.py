"""Whole agents for a demand that need not be whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from potentia.errors import InputError, shown, whole_number
from potentia.games.checks import array_of

MOST = np.iinfo(np.int64).max             # agents that the counts can hold
MOST_WHOLE = 2**53                        # below which a float tells whole numbers apart


def rounded(demand: object, n_agents: int) -> np.ndarray:
    """[k] how many of `n_agents` have each part of the demand, by largest remainders (Hamilton's
    method).

    demand: [k], not negative, not all 0. Each part gets its share of the agents rounded down, and
    what is left over goes to the largest remainders, the first of equal ones first. Shares are
    exact fractions, so that a demand that fits loses nothing.

    Raises InputError naming the entry at fault.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    if n_agents > MOST:
        raise InputError(f"n_agents is {shown(n_agents)}, but it must be at most {MOST:,}")
    parts = array_of(demand, "demand").astype(np.float64).ravel()
    bad = np.flatnonzero(~np.isfinite(parts) | (parts < 0))
    if bad.size:
        raise InputError(
            f"demand[{bad[0]}] is {parts[bad[0]]:g}, but it must be finite and not negative")
    exact = [Fraction(float(part)) for part in parts]
    total = sum(exact, start=Fraction(0))
    if not total:
        raise InputError("demand is 0 everywhere")
    shares = [part * n_agents / total for part in exact]
    counts = np.array([int(share) for share in shares], dtype=np.int64)
    remainders = sorted(range(len(shares)), key=lambda part: counts[part] - shares[part])
    counts[remainders[:n_agents - int(counts.sum())]] += 1
    return counts


def keeping_all(demand: object, n_agents: int) -> np.ndarray:
    """[k] as `rounded`, but with at least one agent for each part of the demand [k], all positive;
    parts that rounding leaves without get one, the others share the rest.

    n_agents: at least k.
    """
    parts = array_of(demand, "demand").astype(np.float64).ravel()
    whole_number(n_agents, "n_agents", parts.size)
    few = np.zeros(parts.size, bool)
    while True:
        counts = np.ones(parts.size, np.int64)
        counts[~few] = rounded(parts[~few], n_agents - int(few.sum()))
        if counts.all():
            return counts
        few |= counts == 0


def enough(demand: object, fewest: int, most: int, lost: float) -> int:
    """How many agents stand for the demand [k], all positive: 1, 2, 5, 10, 20, ... times its total,
    rounded, at least `fewest` and at most `most`, but never fewer than the total.

    The first of them that rounds no part to nothing and misplaces at most the share `lost`; else
    the first that misplaces no more if each part gets an agent; else the last, and one for each
    part if `most` allows.
    """
    parts = array_of(demand, "demand").astype(np.float64).ravel()
    numbers = list(_multiples(parts, most))
    many = [n_agents for n_agents in numbers if n_agents >= fewest] or numbers[-1:]
    return (_first(parts, many, lost) or _first(parts, many, lost, kept=1.0)
            or max(many[-1], min(parts.size, most)))


def finer(demand: object, n_agents: int, most: int, lost: float) -> int | None:
    """More agents than `n_agents` for the demand [k], all positive, at most `most`, that round no
    part to nothing and misplace at most the share `lost`: the fewest that misplace nothing of a
    whole demand, or 1, 2, 5, 10, ... times its total, rounded; None if none of them does."""
    parts = array_of(demand, "demand").astype(np.float64).ravel()
    found = [more for more in (*_multiples(parts, most), _dividing(parts, n_agents))
             if n_agents < more <= most]
    return _first(parts, sorted(found), lost)


def _dividing(parts: np.ndarray, n_agents: int) -> int:
    """The fewest agents beyond `n_agents` of whom each part, if it is whole, gets a whole number; 0
    where parts are not whole."""
    if (parts > MOST_WHOLE).any() or (parts != np.rint(parts)).any():
        return 0
    whole = parts.astype(np.int64)
    fewest = sum((whole // np.gcd.reduce(whole)).tolist())
    return fewest * (n_agents // fewest + 1)


def _first(parts: np.ndarray, numbers: list[int], lost: float, kept: float = 0.0) -> int | None:
    """The first of the numbers of agents that leaves no part without any and misplaces at most the
    share `lost`, if each part gets at least `kept`; None if there is none."""
    for n_agents in numbers:
        counts = np.maximum(np.rint(parts / parts.sum() * n_agents), kept)
        if counts.all() and misplaced(parts, counts) <= lost:
            return n_agents
    return None


def _multiples(parts: np.ndarray, most: int) -> Iterator[int]:
    """1, 2, 5, 10, ... times their sum, rounded, from 1 to `most`; the first in any case."""
    total = sum(map(Fraction, parts.tolist()), start=Fraction(0))
    yield max(round(total), 1)
    for times in (digit * 10 ** power for power in itertools.count() for digit in (1, 2, 5)):
        n_agents = round(total * times)
        if n_agents > most:
            return
        if n_agents:
            yield n_agents


def misplaced(demand: object, counts: object) -> float:
    """Share of the demand, in [0, 1], that rounding to these counts has moved from one part to
    another."""
    wanted, held = (array_of(value, name).astype(np.float64).ravel() for value, name in (
        (demand, "demand"), (counts, "counts")))
    return float(np.abs(wanted / wanted.sum() - held / held.sum()).sum() / 2)
