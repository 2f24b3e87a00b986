"""Whole agents for a demand that need not be whole."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from potentia.errors import InputError, shown, whole_number
from potentia.games.checks import array_of

MOST = np.iinfo(np.int64).max             # agents that the counts can hold


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


def misplaced(demand: object, counts: object) -> float:
    """Share of the demand, in [0, 1], that rounding to these counts has moved from one part to
    another."""
    wanted, held = (array_of(value, name).astype(np.float64).ravel() for value, name in (
        (demand, "demand"), (counts, "counts")))
    return float(np.abs(wanted / wanted.sum() - held / held.sum()).sum() / 2)
