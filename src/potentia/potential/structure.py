"""Potentials that the structure of a game proves.

Say that others never notice agent i if what they see next, o_i(s'), depends on what they see,
o_i(s), and on their own actions only; o_i(s) is the tuple of the other agents' information states.
If that holds for every agent and there are a stage potential phi(s, a) and functions g_i with

    r_i(s, a) - phi(s, a) = g_i(o_i(s), a_-i)                                          (*)

then V_i - Phi, the value of g_i, does not depend on pi_i, whatever the start: Phi, the value of
phi, is a potential. This covers action-independent transitions with a per-state potential (every
agent sees the state, so o_i(s) = s), and local policies on a congestion game (Rosenthal, Int. J.
Game Theory 2, 1973: phi sums the cost of each load up to the present one). With common rewards g_i
= 0, and nothing need hold of the transitions. At discount 0 nothing follows, and (*) with o_i(s) =
s is the potential of the normal form of each state (Monderer and Shapley, Games and Economic
Behavior 14, 1996, Theorem 2.8). Where play has ended nothing is paid and phi is 0.

(*) says that phi changes as r_i does between cells (s, a) that agree in o_i and a_-i: phi is
integrated along a spanning forest of those changes and then checked on all of them, so that the
proof is as exact as the arithmetic.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import scipy.sparse as sp
from scipy.sparse import csgraph

from potentia.certificates.joint_actions import product
from potentia.potential.residual import relative
from potentia.potential.subject import Subject

SAME = 1e-12  # most that next-state distributions which are meant to be equal differ by rounding


@dataclasses.dataclass(frozen=True)
class Structural:
    """A stage potential [S, J], why it is one, and what it misses in one step: at most, and
    relative to the largest gain of the state."""

    stage: np.ndarray
    why: str
    missed: float = 0.0
    residual: float = 0.0


def by_structure(subject: Subject) -> Structural | None:
    """A potential by structure with whatever residual it has, or None where there is no such
    structure."""
    paid = subject.rewards[subject.playable]
    if (paid == paid[:, :1]).all():
        return Structural(np.where(subject.playable, subject.rewards[:, :, 0], 0.0),
                          "common rewards")
    noticed = (max(_noticed(subject, agent) for agent in range(len(subject.counts)))
               if subject.discount > 0 else 0.0)
    if noticed > SAME:
        return None
    changes = [_changes(subject, agent) for agent in range(len(subject.counts))]
    ended = np.flatnonzero(product(subject.masks) & ~subject.live[:, None])
    start, end, gain = (np.concatenate(part) for part in zip(*changes, strict=True))
    stage = _along_forest(start, end, gain, ended, subject.playable.size)
    missed, residual = _missed(subject, stage, changes, ended, noticed)
    why = ("a potential of the stage game of each state, at discount 0" if subject.discount == 0
           else
           "local policies: others never notice an agent, and rewards have a Rosenthal potential"
           if subject.local else
           "transitions that no action changes, and a potential of the stage game of each state")
    return Structural(stage.reshape(subject.playable.shape), why, missed, residual)


def _noticed(subject: Subject, agent: int) -> float:
    """The most that the agent changes of the distribution of what others see next, given what they
    see and do: half the sum of absolute differences."""
    sights = _others_sight(subject, agent)
    cells = _cells(subject)
    groups = _groups(subject, agent, sights)[cells]
    by_sight = sp.csr_array((np.ones(sights.size), (np.arange(sights.size), sights)),
                            (sights.size, int(sights.max()) + 1))
    # A state where play has ended is one that stays as it is.
    stays = sp.csr_array(sp.diags_array((~subject.live).astype(float)) @ by_sight)
    law = sp.csr_array(subject.kernel @ by_sight)[cells] + stays[cells // subject.playable.shape[1]]
    return float(abs(law - law[_first_of_group(groups)]).sum(axis=1).max() / 2)


def _cells(subject: Subject) -> np.ndarray:
    """Numbers s*J + a of the cells (s, a) that exist."""
    return np.flatnonzero(product(subject.masks))


def _others_sight(subject: Subject, agent: int) -> np.ndarray:
    """[S] number of what the other agents see; the state itself at discount 0, where it does not
    move."""
    if subject.discount == 0:
        return np.arange(subject.states.size)
    others = np.delete(subject.seen, agent, axis=0)
    return np.unique(others, axis=1, return_inverse=True)[1].ravel()


def _groups(subject: Subject, agent: int, sights: np.ndarray) -> np.ndarray:
    """[S*J] number of (o_i(s), a_-i) of each cell."""
    cells_by_action = np.arange(np.prod(subject.counts)).reshape(subject.counts)
    others = np.broadcast_to(cells_by_action.take([0], axis=agent), subject.counts).ravel()
    return (sights[:, None] * others.size + others).ravel()


def _first_of_group(groups: np.ndarray) -> np.ndarray:
    """For each cell the position of the first one in the same group."""
    _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
    return first[inverse]


def _changes(subject: Subject, agent: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs of cells that agree in (o_i, a_-i), and what agent i gains from the first to the
    second."""
    cells = _cells(subject)
    first = cells[_first_of_group(_groups(subject, agent, _others_sight(subject, agent))[cells])]
    reward = np.where(subject.live[:, None], subject.rewards[:, :, agent], 0.0).ravel()
    differ = first != cells
    return first[differ], cells[differ], (reward[cells] - reward[first])[differ]


def _missed(subject: Subject, stage: np.ndarray,
            changes: list[tuple[np.ndarray, np.ndarray, np.ndarray]],
            ended: np.ndarray,
            noticed: float) -> tuple[float, float]:
    """What phi [S*J] misses of the changes in one step, and what is noticed of an agent after all
    is worth: at most, and relative to the largest change of the state."""
    n_states, n_joint = subject.playable.shape
    left, gain = np.zeros(n_states), np.zeros(n_states)
    for start, end, change in changes:
        np.maximum.at(left, end // n_joint, np.abs(stage[end] - stage[start] - change))
        np.maximum.at(gain, end // n_joint, np.abs(change))
    np.maximum.at(left, ended // n_joint, np.abs(stage[ended]))
    rests = subject.rewards - stage.reshape(n_states, n_joint, 1)
    span = 2 * np.abs(np.where(subject.playable[..., None], rests, 0.0)).max() * subject.longest
    left += subject.discount * noticed * span
    size = (np.abs(subject.rewards).max(axis=(1, 2))
            + np.abs(stage.reshape(n_states, n_joint)).max(axis=1))
    return float(left.max()), relative(left, gain, size)


def _along_forest(start: np.ndarray, end: np.ndarray, gain: np.ndarray, ended: np.ndarray,
                  size: int) -> np.ndarray:
    """phi [size] that follows the changes, by breadth first, from 0 where play has `ended` and at
    one cell of each component that has no such cell."""
    tail, head, slope = np.r_[start, end], np.r_[end, start], np.r_[gain, -gain]
    _, component = csgraph.connected_components(sp.csr_array((np.ones(tail.size), (tail, head)),
                                                             (size, size)))
    known, first = np.unique(component, return_index=True)
    roots = np.union1d(ended, first[~np.isin(known, component[ended])])
    tail, head = np.r_[tail, np.full(roots.size, size)], np.r_[head, roots].astype(int)
    slope = np.r_[slope, np.zeros(roots.size)]
    graph = sp.csr_array((np.ones(tail.size), (tail, head)), (size + 1, size + 1))
    _, parent = csgraph.breadth_first_order(graph, size)
    parent[size] = size
    keys = tail * (size + 1) + head
    order = np.argsort(keys)
    entry = np.searchsorted(keys[order], parent.astype(np.int64) * (size + 1) + np.arange(size + 1))
    phi = slope[order][np.minimum(entry, keys.size - 1)]
    phi[size] = 0.0
    while (parent != size).any():  # sums along the paths to the root, twice as long each time
        phi, parent = phi + phi[parent], parent[parent]
    return phi[:size]
