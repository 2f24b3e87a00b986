"""The decision problem of one agent in a congestion game with joint states, from its arrays alone.

    r(s, a) = E r(s_i, a, 1 + number of the others that take the same move),
    P(s' | s, a) = prod over j /= i of pi_j

State by state and without the game's layout: every joint choice of the others is written out with
its next state, and their number on each move is found by adding one of them after another. Both are
sums of products of positive numbers, each of a few roundings; the probability that another takes
some other move is the sum of its probabilities, as 1 - p would lose all digits where p is near 1.
The kernel holds prod_j (moves of agent j) probabilities for each state, one agent's at a time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from potentia.certificates import linear_solve
from potentia.certificates.decision_problem import Problem
from potentia.certificates.linear_solve import Solver
from potentia.errors import InputError
from potentia.games.congestion.data import CongestionData
from potentia.games.limits import short
from potentia.runtime.memory import physical_memory

CHUNK = 2**20             # joint choices written out at once
# for each joint choice, at the peak: its next state, probability and column of the kernel; measured
BYTES = 40
FACTORED = 1_000          # states up to which a policy's values are found by factoring


@dataclasses.dataclass(frozen=True)
class _Choices:
    """All joint choices in states whose agents have equally many moves.

    states: [G]. counts: (m_1, ..., m_N) of their agents. following: [G, m_1, ..., m_N] next states.
    """

    states: np.ndarray
    counts: tuple[int, ...]
    following: np.ndarray


def problems(game: CongestionData, profile: np.ndarray) -> Iterator[Problem]:
    """What each agent faces when the others play `profile` [N, S, A].

    Raises InputError where the joint choices do not fit in memory.
    """
    moves, mask, nodes = np.asarray(game.moves), np.asarray(game.mask), np.asarray(
        game.configurations)
    ends = ((moves[:, 0] == np.arange(len(moves))) & (moves[:, 1:] < 0).all(axis=1)
            & (game.pay[:, 0] == 0).all(axis=1))
    plays = np.flatnonzero((nodes >= 0).all(axis=1) & ~ends[nodes].all(axis=1))
    degrees = mask[:, plays].sum(axis=2).T
    _check_size(game.n_agents, float(degrees.prod(axis=1, dtype=np.float64).sum()))
    choices = list(_choices(game, plays, degrees))
    solve = _solver(moves, ~ends & np.isin(np.arange(len(moves)), nodes), len(nodes))
    for agent in range(game.n_agents):
        rewards, sizes = _mean_pay(game, profile, agent)
        kernel = _kernel(choices, profile, agent)
        yield Problem(
            rewards=rewards, kernel=kernel, allowed=mask[agent], discount=float(game.discount),
            magnitude=np.where(mask[agent], sizes, 0.0).max(axis=1), solve=solve,
            operations=game.n_agents * (2 * moves.shape[1] + 4)
            + int(np.diff(kernel.indptr).max(initial=0)))


def _check_size(n_agents: int, n_choices: float) -> None:
    size = BYTES * n_choices
    if size > physical_memory():
        raise InputError(f"to certify a profile of {n_agents} agents here, {short(int(n_choices))} "
                         f"joint choices are written out, which take {short(int(size / 1e6))} MB, "
                         f"but this machine has {physical_memory() // 10**6:,} MB")


def _solver(moves: np.ndarray, walking: np.ndarray, n_states: int) -> Solver | None:
    """How values are found where factoring would take too long; walking: [V] nodes where an agent
    may have to go on."""
    steps = _longest_walk(moves, walking)
    if steps is not None:
        return linear_solve.swept(steps)
    return linear_solve.krylov if n_states > FACTORED else None


def _longest_walk(moves: np.ndarray, walking: np.ndarray) -> int | None:
    """Most steps from `walking` [V] nodes to another; None where there is a cycle."""
    after, steps = walking, 0
    while after.any() and steps <= len(moves):
        after, steps = walking & (after[moves] & (moves >= 0)).any(axis=1), steps + 1
    return None if after.any() else steps


def _choices(game: CongestionData, states: np.ndarray, degrees: np.ndarray) -> Iterator[_Choices]:
    """The joint choices in `states` [P], whose agents have `degrees` [P, N] moves."""
    moves, codes, position = (np.asarray(array)
                              for array in (game.moves, game.codes, game.position))
    digit_weights = len(moves) ** np.arange(game.n_agents)[::-1]
    for counts in np.unique(degrees, axis=0):
        alike = states[(degrees == counts).all(axis=1)]
        for some in np.array_split(alike, -(-alike.size * int(counts.prod()) // CHUNK)):
            nodes, total = game.configurations[some], np.zeros((some.size, 1), np.int64)
            for agent, count in enumerate(counts):
                own = moves[nodes[:, agent], :count] * digit_weights[agent]
                total = (total[:, :, None] + own[:, None]).reshape(some.size, -1)
            following = position[np.searchsorted(codes, total)].reshape(some.size, *counts)
            yield _Choices(some, tuple(counts.tolist()), following)


def _kernel(choices: list[_Choices], profile: np.ndarray, agent: int) -> sp.csr_array:
    """Next-state probabilities [S*A, S] of the agent's moves."""
    n_states, n_actions = profile.shape[1:]
    lengths = np.zeros((n_states, n_actions), np.int64)
    for part in choices:
        lengths[part.states, :part.counts[agent]] = part.following[0].size // part.counts[agent]
    ends = np.append(0, lengths.ravel().cumsum())
    columns, probabilities = np.empty(ends[-1], np.int32), np.empty(ends[-1])
    for part in choices:
        own = part.counts[agent]
        first = ends[part.states[:, None] * n_actions + np.arange(own)]
        at = first[..., None] + np.arange(part.following[0].size // own)
        columns[at] = np.moveaxis(part.following, 1 + agent, 1).reshape(at.shape)
        probabilities[at] = _joint(part, profile, agent)[:, None]
    return sp.csr_array((probabilities, columns, ends), shape=(n_states * n_actions, n_states))


def _joint(part: _Choices, profile: np.ndarray, agent: int) -> np.ndarray:
    """Probabilities [G, M] of the others' joint choices, the last agent's fastest."""
    joint = np.ones((part.states.size, 1))
    for other, count in enumerate(part.counts):
        if other != agent:
            joint = (joint[:, :, None] * profile[other, part.states, None, :count]).reshape(
                part.states.size, -1)
    return joint


def _mean_pay(game: CongestionData, profile: np.ndarray,
              agent: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean pay of each of the agent's moves, and the mean of its size, [S, A]."""
    nodes, pay = np.asarray(game.configurations), np.asarray(game.pay)
    number = np.zeros((*profile.shape[1:], game.n_agents + 1))  # of the others, and one too many
    number[..., 0] = 1.0
    for other in range(game.n_agents):
        if other == agent:
            continue
        near = nodes[:, other] == nodes[:, agent]
        there = profile[other, near][..., None]
        elsewhere = np.stack([np.delete(there, move, axis=1).sum(axis=1)
                              for move in range(there.shape[1])], axis=1)
        grown = number[near] * elsewhere
        grown[..., 1:] += number[near][..., :-1] * there
        number[near] = grown
    paid = pay[nodes[:, agent], :, 1:]
    return (number[..., :-1] * paid).sum(axis=2), (number[..., :-1] * np.abs(paid)).sum(axis=2)
