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
STALE = 1e-6              # relative error of costs for which shares are taken anew
NEW = 1e-3                # most probability that a new link starts with
LEAST = 1e-12             # and the least, with which one starts that is no better than what is used


def reoriented(rows: Rows, bush: Bush, begins: np.ndarray, log_policy: np.ndarray,
               cost: np.ndarray, near: float = np.inf) -> tuple[Bush, np.ndarray]:
    """The next bush, and the log-policy [R, A] on it.

    begins: [R] rows where trips begin. cost: [R, A] of the actions. near: by what share of its
    row's label an action may be dearer that nobody takes, or by more where rows could do better
    by more, on average.
    """
    cost = bushes.untied(rows, cost)
    before = np.asarray(bush.mask)
    label = labels(rows, before & (log_policy > np.log(USED)), begins, cost)
    ahead = cost + label[rows.following]
    allowed = bushes.below(rows, label)
    if near < np.inf:
        # Where nobody goes, nobody has learnt what is good.
        used = before & (log_policy > np.log(LEAST))
        passed = bushes.passed(rows, used, begins)
        used &= passed[:, None]
        # Where rows could do better by far, costs swing, and what is dear now may not be next time.
        best = np.where(rows.usable, ahead, np.inf)[passed].min(axis=1)
        times = np.where(best > 0, label[:-1][passed] / np.where(best > 0, best, 1.0), 1.0)
        allowed &= used | (ahead <= max(1 + near, times.mean()) * label[:-1, None])
    if np.array_equal(allowed, before):
        return bush, log_policy
    level = bushes.levels(rows, allowed)
    if level is None:
        raise AssertionError("labels that fall along a link leave no cycle")
    better = np.where(allowed, 1 - ahead / np.where(ahead > 0, label[:-1, None], 1.0), 0.0)
    return (bushes.bush_of(rows, allowed, level, bush.room),
            carried(log_policy, before, allowed, better))


def is_stale(shares_at: np.ndarray, loads: np.ndarray) -> bool:
    """Whether shares that were taken at other loads [E] may change costs by more than STALE.

    How a link's load scatters changes its cost by about one over its agents; of that, shares tell
    a part that is off by about as much as the loads have moved.
    """
    moved = float(np.abs(loads - shares_at).sum())
    return moved * len(loads) > STALE * float(loads.sum()) ** 2


def labels(rows: Rows, used: np.ndarray, begins: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """[R + 1] the longest path to the end by the actions `used` [R, A], where trips pass; else the
    shortest."""
    level = bushes.levels(rows, used)
    if level is None:
        raise AssertionError("what is used lies in a bush")
    passed, longest = bushes.passed(rows, used, begins), np.zeros(len(rows.node) + 1)
    order = np.argsort(level, kind="stable")
    for here in np.split(order, np.cumsum(np.bincount(level))[:-1]):
        here = here[passed[here]]
        ahead = cost[here] + longest[rows.following[here]]
        longest[here] = np.where(used[here], ahead, -np.inf).max(axis=1, initial=-np.inf)
    return bushes.cheapest(rows, cost, np.where(passed, longest[:-1], np.nan))


def carried(log_policy: np.ndarray, before: np.ndarray, allowed: np.ndarray,
            better: np.ndarray) -> np.ndarray:
    """The log-policy [R, A] on other links, `allowed` [R, A] instead of `before`: what is gone is
    shared out, and what is new starts small but not at 0.

    better: [R, A] by how much of the cost to the end each link is better than what is used.
    """
    found, changed = log_policy.copy(), (allowed != before).any(axis=1)
    found[changed] = _carried(log_policy[changed], before[changed], allowed[changed],
                              better[changed])
    return found


def _carried(log_policy: np.ndarray, before: np.ndarray, allowed: np.ndarray,
             better: np.ndarray) -> np.ndarray:
    """The same of rows that change."""
    kept = np.where(allowed & before, log_policy, -np.inf)
    total = np.logaddexp.reduce(kept, axis=1, keepdims=True)
    lost = np.isneginf(total[:, 0])
    fresh = allowed & ~before & ~lost[:, None]
    even = -np.log(allowed.sum(axis=1, keepdims=True)) + np.where(allowed, 0.0, -np.inf)
    start = np.where(fresh, better.clip(LEAST, NEW), 0.0)
    kept = np.where(lost[:, None], even, kept - np.where(lost[:, None], 0.0, total)
                    + np.log1p(-start.sum(axis=1, keepdims=True)))
    return np.where(fresh, np.log(np.where(fresh, start, 1.0)), kept)
