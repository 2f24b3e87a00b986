"""Soft values of a profile, slowly: loops over joint actions and one linear system for each agent.

Nothing here knows Potentia. Complex numbers pass through, so that derivatives may be taken by a
step along the imaginary axis, to the last digit.
"""

from __future__ import annotations

import itertools

import numpy as np


def soft_values(arrays: dict, policies: list[np.ndarray], tau: float,
                ended: tuple[int, ...] = ()) -> tuple[np.ndarray, list[np.ndarray]]:
    """V [N, S] and Q, a list of [S, A_i], of policies by state [S, A_i].

    arrays: rewards [N, S, A1..AN], transitions [S, A1..AN, S] and discount. ended: states in which
    play has ended, worth 0.
    """
    rewards, transitions = arrays["rewards"], arrays["transitions"]
    n_agents, n_states = rewards.shape[:2]
    step = np.zeros((n_states, n_states), complex)
    expected = np.zeros((n_agents, n_states), complex)
    for state in range(n_states):
        if state in ended:
            continue
        for a in itertools.product(*map(range, rewards.shape[2:])):
            weight = np.prod([p[state, k] for p, k in zip(policies, a, strict=True)])
            step[state] += weight * transitions[(state, *a)]
            expected[:, state] += weight * rewards[(slice(None), state, *a)]
        for i, p in enumerate(policies):
            there = p[state][p[state] != 0]
            expected[i, state] -= tau * np.sum(there * np.log(there))
    v = np.linalg.solve(np.eye(n_states) - arrays["discount"] * step, expected.T).T
    q = [np.zeros(p.shape, complex) for p in policies]
    for state in range(n_states):
        for a in itertools.product(*map(range, rewards.shape[2:])):
            for i in range(n_agents):
                others = np.prod([p[state, k] for j, (p, k)
                                  in enumerate(zip(policies, a, strict=True)) if j != i])
                later = 0 if state in ended else transitions[(state, *a)] @ v[i]
                q[i][state, a[i]] += others * (rewards[(i, state, *a)]
                                               + arrays["discount"] * later)
    return v, q


def random_arrays(seed: int, counts: tuple[int, ...] = (2, 3), n_states: int = 3,
                  discount: float = 0.8) -> dict:
    """A game at random, where play comes from every state to every other."""
    rng = np.random.default_rng(seed)
    return {"rewards": rng.normal(size=(len(counts), n_states, *counts)),
            "transitions": rng.dirichlet(np.ones(n_states), (n_states, *counts)),
            "discount": discount, "initial": rng.dirichlet(np.ones(n_states))}


def random_policies(seed: int, arrays: dict) -> list[np.ndarray]:
    """Of each agent, interior, [S, A_i]."""
    rng = np.random.default_rng(seed)
    n_states, *counts = arrays["rewards"].shape[1:]
    return [rng.dirichlet(np.ones(count), n_states) for count in counts]


def as_profile(policies: list[np.ndarray]) -> np.ndarray:
    """[N, S, A], 0 where there is no action."""
    widest = max(p.shape[1] for p in policies)
    return np.stack([np.pad(p, ((0, 0), (0, widest - p.shape[1]))) for p in policies])
