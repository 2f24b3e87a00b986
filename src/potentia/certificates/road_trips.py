"""Where trips on roads pass, from a profile alone: probabilities by a sparse linear system."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg
from scipy.sparse.csgraph import connected_components

from potentia.errors import InputError
from potentia.games.roads.data import RoadData

AT_ONCE = 1 << 21         # actions of so many rows and types


@dataclasses.dataclass(frozen=True)
class Block:
    """Types of one destination, whose rows they share.

    rows: [r], of the game. types: [k]. row, action, kind: [U] of all that is used: numbers within
    rows, of the action, and within types. links: [U] of the actions. taken: [U] probabilities.
    """

    rows: np.ndarray
    types: np.ndarray
    row: np.ndarray
    action: np.ndarray
    kind: np.ndarray
    links: np.ndarray
    taken: np.ndarray


def passed(game: RoadData, policy: np.ndarray, start: np.ndarray) -> np.ndarray:
    """[R, 1] probability to pass each row. Raises InputError for a policy that has a cycle."""
    system = _system(game, policy, np.arange(len(policy))).tocsc()
    return _probability(np.asarray(scipy.sparse.linalg.spsolve(system, start)))[:, None]


def blocks(game: RoadData, policy: np.ndarray) -> Iterator[Block]:
    """All types, by destination, so many at once as memory takes. Raises InputError for a policy
    that has a cycle."""
    group, row, links = (np.asarray(of) for of in (game.rows.group, game.trips.row, game.rows.link))
    by_group, of_type = np.argsort(group, kind="stable"), group[row]
    bounds = np.searchsorted(group[by_group], np.arange(group.max() + 2))
    for k in range(int(group.max()) + 1):
        own, types = by_group[bounds[k]:bounds[k + 1]], np.flatnonzero(of_type == k)
        solved = scipy.sparse.linalg.splu(_system(game, policy, own).tocsc())
        at, action = np.nonzero(policy[own] > 0)
        parts = 1 + len(types) * len(own) * policy.shape[1] // AT_ONCE
        for some in np.array_split(types, parts):
            start = np.zeros((len(own), len(some)))
            start[np.searchsorted(own, row[some]), np.arange(len(some))] = 1.0
            taken = _probability(solved.solve(start))[at] * policy[own[at], action][:, None]
            entry, kind = np.nonzero(taken)
            yield Block(own, some, at[entry], action[entry], kind,
                        links[own[at], action][entry], taken[entry, kind])


def _probability(found: np.ndarray) -> np.ndarray:
    """Rounding may leave what is sure a little above 1, and what cannot be a little below 0."""
    return np.clip(found, 0.0, 1.0)


def _system(game: RoadData, policy: np.ndarray, own: np.ndarray) -> sp.csr_array:
    """I - P^T over the rows `own`, where P leads from row to row; refuses a P that has a cycle."""
    position = np.full(len(policy) + 1, -1)
    position[own] = np.arange(len(own))
    at, action = np.nonzero(policy[own] > 0)
    target = position[np.asarray(game.rows.following)[own[at], action]]
    inside = target >= 0
    led = sp.csr_array((policy[own[at], action][inside], (target[inside], at[inside])),
                       shape=(len(own), len(own)))
    if connected_components(led, connection="strong")[0] < len(own):
        raise InputError(
            "profile uses links that form a cycle, so that a link might be taken twice")
    return sp.csr_array(sp.eye_array(len(own)) - led)
