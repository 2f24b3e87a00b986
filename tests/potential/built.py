"""Games built with a known answer: a stage potential, shaping of each agent's own, and a
perturbation of known size."""

from __future__ import annotations

import numpy as np

import potentia as pt

SHAPES = [(2, 3, (2, 2)), (2, 2, (3, 2)), (3, 2, (2, 2, 2)), (3, 4, (2, 3, 2)), (2, 1, (3, 3)),
          (4, 2, (2, 2, 2, 2))]
DISCOUNTS = [0.0, 0.5, 0.9, 0.99]
SIZES = [0.0, 1e-6, 1e-4, 1e-2, 1.0]


def built(seed: int, size: float, shape: tuple[int, int, tuple[int, ...]], discount: float,
          initial: np.ndarray | None = None) -> pt.MarkovGame:
    """r_i = phi + h_i - discount P h_i + size * (a perturbation in [-1, 1] of the first agent's
    reward)."""
    rng = np.random.default_rng(seed)
    n_agents, n_states, counts = shape
    table = (n_states, *counts)
    transitions = rng.dirichlet(np.full(n_states, rng.choice([0.1, 1.0])), size=table)
    stage = rng.normal(size=table)
    shaping = rng.normal(size=(n_agents, n_states, *[1] * n_agents))
    rewards = np.stack([stage + h - discount * transitions @ h.ravel() for h in shaping])
    rewards[0] += size * rng.uniform(-1, 1, size=table)
    return pt.MarkovGame.from_arrays(rewards, transitions, discount=discount, initial=initial)


def case(number: int) -> tuple[pt.MarkovGame, float]:
    """The game of that number, and the size of its perturbation."""
    size, shape = SIZES[number % len(SIZES)], SHAPES[number // len(SIZES) % len(SHAPES)]
    return built(number, size, shape, DISCOUNTS[number // 30 % len(DISCOUNTS)]), size
