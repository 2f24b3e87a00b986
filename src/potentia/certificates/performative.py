"""The decision problems of agents in the game that a profile induces, from a performative game's
arrays alone.

The induced arrays are formed here, one agent after another, and averaged as any table is
(`tabular`). Agents that deviate face the rewards and moves that the profile induces, not those that
their deviation would: what is bounded is how far the profile is from a performatively stable
equilibrium (arXiv 2504.20593).

Rounding. A response is a sum that may cancel, so that its error is relative to the sizes of its
summands, of which the difference p - 1/A counts four times and 1/A once. Sizes of rewards are
averaged as rewards are. Those of an agent's moves, in units of what is left to be divided by, are
what next places may be off by in all: they count as operations, and on values as large as any can
be.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from potentia.certificates import tabular
from potentia.certificates.decision_problem import Problem
from potentia.games.performative.data import PerformativeData


def problems(game: PerformativeData, profile: np.ndarray) -> Iterator[Problem]:
    """What each agent faces when the others play `profile` [N, S, A], and it is deployed."""
    rewards, sizes = _rewards(game, profile)
    matrix, lost = _next_states(game, profile)
    induced, sized = game.table(rewards, matrix), game.table(sizes, matrix)
    largest = float(sizes.max()) / (1.0 - float(game.discount))
    for agent, problem in enumerate(tabular.problems(induced, profile)):
        own = tabular.sizes(sized, list(profile), agent).max(axis=1)
        operations = problem.operations + 1 + lost
        # `operations` are counted on mean values already: the share of those lost, on the largest.
        yield dataclasses.replace(
            problem, magnitude=own + float(game.discount) * largest * lost / operations,
            operations=operations)


def _rewards(game: PerformativeData, profile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Induced rewards, and the sizes of their summands, [S, J, N] each."""
    n_agents, n_states, n_actions = profile.shape
    shape = (n_states, *(n_actions,) * n_agents)
    rewards = np.array(game.rewards).reshape(*shape, n_agents)
    sizes = np.abs(rewards)
    for agent in range(n_agents):
        along = [n_states if axis == 0 else n_actions if axis == agent + 1 else 1
                 for axis in range(n_agents + 1)]
        share = (profile[agent] - 1.0 / n_actions).reshape(along)
        rewards[..., agent] += float(game.pay) * share
        sizes[..., agent] += abs(float(game.pay)) * _summed(share, n_actions)
    return rewards.reshape(n_states, -1, n_agents), sizes.reshape(n_states, -1, n_agents)


def _summed(share: np.ndarray, n_actions: int) -> np.ndarray:
    """Sizes of the summands of a response that is `share`, p - 1/A, by strength 1."""
    return 4 * np.abs(share) + 1.0 / n_actions


def _next_states(game: PerformativeData, profile: np.ndarray) -> tuple[np.ndarray, int]:
    """Induced probabilities of the next state [S, J, S]; and the operations that all that a row may
    have lost amounts to."""
    n_states = profile.shape[1]
    matrix, lost = np.ones((n_states, 1, n_states)), 0.0
    for agent, at in enumerate(np.asarray(game.places)):
        rows, operations = _own_moves(game, profile[agent], at)
        arriving = rows[:, :, at]
        matrix = np.einsum("sjt,sat->sjat", matrix, arriving).reshape(n_states, -1, n_states)
        lost += operations
    return matrix, math.ceil(lost)


def _own_moves(game: PerformativeData, policy: np.ndarray,
               at: np.ndarray) -> tuple[np.ndarray, float]:
    """One agent's probabilities of its next place [S, A, K], where it plays `policy` [S, A] at
    places [S]; and the operations that what they may have lost amounts to."""
    moves, support = np.asarray(game.moves)[at], float(game.lead) * np.asarray(game.support)[at]
    share = policy[..., None] - 1.0 / policy.shape[1]
    rows = np.maximum(moves + support * share, 0.0)
    left = rows.sum(axis=2)
    sizes = (moves + support * _summed(share, policy.shape[1])).sum(axis=2)
    # Each entry is off by its size, and their sum by all sizes; then summed, divided, multiplied.
    return rows / left[..., None], float((2 * sizes / left).max()) + moves.shape[2] + 1
