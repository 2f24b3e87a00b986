"""Another bush for the costs of now, and the policies carried over to it.

A row's label is the longest path to the end, at current costs, by what is used; where nobody goes,
the shortest. A link that leads to a lower label may be used: all that are used do, and so does any
that would be better, as its end is then closer than its beginning. So an equilibrium on a bush that
no longer changes is one in the whole network. (Nie 2010, "A class of bush-based algorithms for the
traffic assignment problem", uses longest paths so.)
"""

from __future__ import annotations

import numpy as np

from potentia.games.roads import bushes
from potentia.games.roads.bushes import Bush
from potentia.games.roads.rows import Rows

USED = 1e-4               # least probability of a link, at its row, that counts as used
NEW = 1e-3                # probability that a new link starts with


def reoriented(rows: Rows, bush: Bush, begins: np.ndarray, log_policy: np.ndarray,
               cost: np.ndarray) -> tuple[Bush, np.ndarray]:
    """The next bush, and the log-policy [R, A] on it.

    begins: [R] rows where trips begin. cost: [R, A] of the actions.
    """
    cost = bushes.untied(rows, cost)
    before = np.asarray(bush.mask)
    label = labels(rows, before & (log_policy > np.log(USED)), begins, cost)
    allowed = bushes.below(rows, label)
    level = bushes.levels(rows, allowed)
    if level is None:
        raise AssertionError("labels that fall along a link leave no cycle")
    return bushes.bush_of(rows, allowed, level, like=bush), carried(log_policy, before, allowed)


def labels(rows: Rows, used: np.ndarray, begins: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """[R + 1] the longest path to the end by the actions `used` [R, A], where trips pass; else the
    shortest."""
    level = bushes.levels(rows, used)
    if level is None:
        raise AssertionError("what is used lies in a bush")
    passed, longest = np.append(begins, False), np.zeros(len(rows.node) + 1)
    order = np.argsort(level, kind="stable")
    by_level = np.split(order, np.cumsum(np.bincount(level))[:-1])
    for here in reversed(by_level):
        here = here[passed[here]]
        passed[rows.following[here][used[here]]] = True
    passed[-1] = True
    for here in by_level:
        here = here[passed[here]]
        ahead = cost[here] + longest[rows.following[here]]
        longest[here] = np.where(used[here], ahead, -np.inf).max(axis=1, initial=-np.inf)
    return bushes.cheapest(rows, cost, np.where(passed[:-1], longest[:-1], np.nan))


def carried(log_policy: np.ndarray, before: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """The log-policy [R, A] on other links, `allowed` [R, A] instead of `before`: what is gone is
    shared out, what is new starts small but not at 0."""
    kept = np.where(allowed & before, log_policy, -np.inf)
    total = np.logaddexp.reduce(kept, axis=1, keepdims=True)
    lost = np.isneginf(total[:, 0])
    fresh = allowed & ~before & ~lost[:, None]
    even = -np.log(allowed.sum(axis=1, keepdims=True)) + np.where(allowed, 0.0, -np.inf)
    started = NEW * fresh.sum(axis=1, keepdims=True)
    kept = np.where(lost[:, None], even, kept - np.where(lost[:, None], 0.0, total)
                    + np.log1p(-started))
    return np.where(fresh, np.log(NEW), kept)
