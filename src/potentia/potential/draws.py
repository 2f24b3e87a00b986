"""Random profiles: interior ones, and ones on a coarse grid of exact binary fractions."""

from __future__ import annotations

import numpy as np

from potentia.potential.subject import Subject

CONCENTRATIONS = (0.3, 1.0, 3.0)       # from nearly pure policies to nearly uniform ones


def random_policies(subject: Subject, rng: np.random.Generator) -> list[np.ndarray]:
    """One interior policy by state [S, A_i] for each agent."""
    return [_weights(subject, agent, rng, 1.0) for agent in range(len(subject.counts))]


def grid_policies(subject: Subject, rng: np.random.Generator, agent: int, count: int) -> np.ndarray:
    """`count` policies by state [count, S, A] of one agent whose probabilities are whole multiples
    of 1/D, D a power of two: exact as float64, and short as fractions."""
    return np.stack([_on_grid(subject, agent,
                              _weights(subject, agent, rng, rng.choice(CONCENTRATIONS)))
                     for _ in range(count)])


def denominator(n_actions: int) -> int:
    """The power of two D of the grid for an agent of so many actions."""
    return 2 ** (2 + (n_actions - 1).bit_length())


def _weights(subject: Subject, agent: int, rng: np.random.Generator,
             concentration: float) -> np.ndarray:
    """Dirichlet rows over the existing actions, one for each information state, seen by state
    [S, A]."""
    seen, mask = subject.seen[agent], subject.masks[agent]
    rows = rng.gamma(concentration, size=(int(seen.max()) + 1, mask.shape[1])) + 1e-3
    weights = rows[seen] * mask
    return weights / weights.sum(axis=1, keepdims=True)


def _on_grid(subject: Subject, agent: int, policy: np.ndarray) -> np.ndarray:
    """Rounded to the grid by largest remainder, alike wherever the agent sees the same."""
    whole = denominator(policy.shape[1])
    scaled = policy * whole
    floor = np.floor(scaled)
    missing = whole - floor.sum(axis=1)
    remainder = np.where(subject.masks[agent], scaled - floor, -1.0)
    rank = np.argsort(np.argsort(-remainder, axis=1, kind="stable"), axis=1)
    return (floor + (rank < missing[:, None])) / whole
