"""The decision problems of agents in a load-driven game, from its arrays alone.

For each agent the others' joint counts are found by adding one agent after another, all over again:
N - 1 convolutions of positive numbers, each of a few roundings. Rewards and next-state
probabilities are means over them, summed exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from potentia.certificates.decision_problem import Problem
from potentia.games.load_driven.data import LoadData


def problems(game: LoadData, profile: np.ndarray) -> Iterator[Problem]:
    """What each agent faces when the others play `profile` [N, S, A]."""
    mask, vectors = np.asarray(game.mask), np.asarray(game.counts.vectors)
    n_agents, n_states, n_actions = mask.shape
    sources, targets = _moves(vectors)
    for agent in range(n_agents):
        probability = np.zeros((n_states, len(vectors)))
        probability[:, 0] = 1.0  # nobody counted: all stand at the last facility
        for other in (*range(agent), *range(agent + 1, n_agents)):
            probability = _one_more(probability, profile[other], sources, targets)
        rewards, sizes, kernel = _means(game, agent, probability[:, sources], vectors, targets)
        yield Problem(
            rewards=rewards, kernel=sp.csr_array(kernel.reshape(-1, n_states)), allowed=mask[agent],
            discount=float(game.discount), magnitude=np.where(mask[agent], sizes, 0.0).max(axis=1),
            operations=n_agents * (n_actions + 2) + n_states + 8)


def _moves(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Indices [M] of the vectors with an agent at the last facility, and indices [A, M] after it
    moves to each."""
    base = int(vectors[0].sum()) + 1
    weights = [base**k for k in reversed(range(vectors.shape[1]))]
    codes = [sum(w * c for w, c in zip(weights, row, strict=True)) for row in vectors.tolist()]
    index_of = {code: index for index, code in enumerate(codes)}
    sources = np.flatnonzero(vectors[:, -1] > 0)
    moved = [[index_of[codes[source] - weights[-1] + weight] for source in sources]
             for weight in weights]
    return sources, np.array(moved)


def _one_more(probability: np.ndarray, policy: np.ndarray, sources: np.ndarray,
              targets: np.ndarray) -> np.ndarray:
    """Probabilities [S, C] of the counts with one more agent, who chooses by `policy` [S, A]."""
    found = np.zeros_like(probability)
    for action, target in enumerate(targets):
        found[:, target] += policy[:, action, None] * probability[:, sources]
    return found


def _means(game: LoadData, agent: int, probability: np.ndarray, vectors: np.ndarray,
           targets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean rewards, mean sizes of rewards, [S, A] each, and next-state probabilities [S, A, S];
    probability: [S, M] of the others' counts."""
    following, paid = np.asarray(game.following), np.asarray(game.pay)[agent % len(game.pay)]
    common = np.zeros(following.shape[:2]) if game.common is None else np.asarray(game.common)
    n_states, n_actions = paid.shape[:2]
    rewards, sizes = np.zeros((n_states, n_actions)), np.zeros((n_states, n_actions))
    kernel = np.zeros((n_states, n_actions, n_states))
    for action, target in enumerate(targets):
        own = paid[:, action, vectors[target, action]]
        rewards[:, action] = _summed(probability * (own + common[:, target]))
        sizes[:, action] = _summed(probability * (np.abs(own) + np.abs(common[:, target])))
        for state in range(n_states):
            kernel[:, action, state] = _summed(probability * following[:, target, state])
    return rewards, sizes, kernel


def _summed(terms: np.ndarray) -> np.ndarray:
    return np.array([math.fsum(row) for row in terms])
