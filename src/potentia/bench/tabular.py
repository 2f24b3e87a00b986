"""Exact iterations of dense tabular games near the memory limit, in streaming passes over their
tables.

A pass is the time to read rewards and transitions once, by the fastest of several ways, all cores
at work. One LU factorisation of I - discount P is timed beside and taken off: an iteration needs it
whatever it reads. Two passes are what it makes over them, one for each half of the agents.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg

from potentia.bench.harness import Asked, Figure, Limit, learning, least
from potentia.games.tabular.game import MarkovGame

LIMIT = Limit("at most", 3)
SIZES = ((4, 3, 200), (3, 4, 400), (8, 2, 200), (4, 4, 300))
DISCOUNT = 0.9


def measure(asked: Asked, sizes: Sequence[tuple[int, int, int]] = SIZES,
            repeats: int = 5) -> list[Figure]:
    """One figure for each (agents, actions of each, states)."""
    return [_passes(*size, repeats) for size in sizes]


def dense_game(n_agents: int, n_actions: int, n_states: int) -> tuple[MarkovGame, np.ndarray]:
    """Uniform rewards, dense transitions; the same at every call. And its tables one after the
    other, to be read."""
    draws = np.random.default_rng(0)
    shape = (n_states, *[n_actions] * n_agents)
    rewards, transitions = draws.random((n_agents, *shape)), draws.random((*shape, n_states))
    transitions /= transitions.sum(axis=-1, keepdims=True)
    game = MarkovGame.from_arrays(rewards, transitions, discount=DISCOUNT)
    return game, np.concatenate([rewards.ravel(), transitions.ravel()])


def _passes(n_agents: int, n_actions: int, n_states: int, repeats: int) -> Figure:
    game, tables = dense_game(n_agents, n_actions, n_states)
    matrix = np.eye(n_states) - DISCOUNT * tables[-n_states**2:].reshape(n_states, n_states)
    ways, ours = _ways_to_read(tables), learning(game)
    taken = least({**ways, "iterations": ours.run,
                   "factorisation": lambda: scipy.linalg.lu_factor(matrix)}, repeats)
    times = {"an iteration": taken["iterations"] / ours.count,
             "one factorisation": taken["factorisation"],
             "one pass": min(taken[way] for way in ways)}
    return Figure(f"passes of an exact iteration, N = {n_agents}, {n_actions} actions each, S = "
                  f"{n_states}",
                  (times["an iteration"]
                   - times["one factorisation"]) / times["one pass"], "passes", LIMIT, times,
                  f"tables of {tables.nbytes / 1e6:,.0f} MB")


def _ways_to_read(tables: np.ndarray) -> dict[str, Callable[[], object]]:
    cores = os.cpu_count() or 1
    pool, parts, on_device = ThreadPoolExecutor(cores), np.array_split(tables,
                                                                       cores), jnp.asarray(tables)
    total = jax.jit(jnp.sum)
    return {"read by JAX": lambda: total(on_device),
            "read by NumPy, all cores": lambda: list(pool.map(np.sum, parts)),
            "read by NumPy, one core": tables.sum}
