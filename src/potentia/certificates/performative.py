"""The decision problems of agents in the game that a profile induces, from a performative game's
arrays alone.

The induced arrays are formed here, one agent after another, and averaged as any table is
(`tabular`). Agents that deviate face the rewards and moves that the profile induces, not those that
their deviation would: what is bounded is how far the profile is from a performatively stable
equilibrium (arXiv 2504.20593).

Rounding. A response is a sum that may cancel, so that its error is relative to the sizes of its
summands: those of rewards are averaged as rewards are; those of an agent's moves, in units of what
is left to be divided by, count as so many operations more, on values as large as any can be.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from potentia.certificates import tabular
from potentia.certificates.decision_problem import Problem
from potentia.games.performative.data import PerformativeData

SUMMANDS = 5              # operations behind one response


def problems(game: PerformativeData, profile: np.ndarray) -> Iterator[Problem]:
    """What each agent faces when the others play `profile` [N, S, A], and it is deployed."""
    rewards, sizes = _rewards(game, profile)
    matrix, operations = _next_states(game, profile)
    induced, sized = game.table(rewards, matrix), game.table(sizes, matrix)
    policies = list(profile)
    largest = float(sizes.max()) / (1.0 - float(game.discount))
    for agent, problem in enumerate(tabular.problems(induced, profile)):
        own = tabular.sizes(sized, policies, agent).max(axis=1)
        yield dataclasses.replace(
            problem, magnitude=own + float(game.discount) * largest,
            operations=problem.operations + SUMMANDS + operations)


def _rewards(game: PerformativeData, profile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Induced rewards, and the sizes of their summands, [S, J, N] each."""
    n_agents, n_states, n_actions = profile.shape
    shape = (n_states, *(n_actions,) * n_agents)
    rewards = np.array(game.rewards).reshape(*shape, n_agents)
    sizes = np.abs(rewards)
    for agent in range(n_agents):
        along = [n_states if axis == 0 else n_actions if axis == agent + 1 else 1
                 for axis in range(n_agents + 1)]
        played = profile[agent].reshape(along)
        rewards[..., agent] += float(game.pay) * (played - 1.0 / n_actions)
        sizes[..., agent] += abs(float(game.pay)) * (played + 1.0 / n_actions)
    return rewards.reshape(n_states, -1, n_agents), sizes.reshape(n_states, -1, n_agents)


def _next_states(game: PerformativeData, profile: np.ndarray) -> tuple[np.ndarray, int]:
    """Induced probabilities of the next state [S, J, S], and the operations that count for them."""
    n_states = profile.shape[1]
    matrix, counted = np.ones((n_states, 1, n_states)), 0.0
    for agent, at in enumerate(np.asarray(game.places)):
        rows, operations = _own_moves(game, profile[agent], at)
        arriving = rows[:, :, at]
        matrix = np.einsum("sjt,sat->sjat", matrix, arriving).reshape(n_states, -1, n_states)
        counted += operations + 1
    return matrix, math.ceil(counted)


def _own_moves(game: PerformativeData, policy: np.ndarray,
               at: np.ndarray) -> tuple[np.ndarray, float]:
    """One agent's probabilities of its next place [S, A, K], where it plays `policy` [S, A] at
    places [S]; and the operations that count for them."""
    moves, support = np.asarray(game.moves)[at], float(game.lead) * np.asarray(game.support)[at]
    n_actions = policy.shape[1]
    rows = np.maximum(moves + support * (policy - 1.0 / n_actions)[..., None], 0.0)
    left = rows.sum(axis=2)
    sizes = (moves + support * (policy + 1.0 / n_actions)[..., None]).sum(axis=2)
    return rows / left[..., None], float(
        (2 * SUMMANDS * sizes / left).max()) + moves.shape[2] + 1
