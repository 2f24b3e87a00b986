"""Training where no table can be: twenty agents on the crowded grid, each learning by itself.

What an agent gains is its discounted return over that of uniform play by all, which is 6.1, in
fresh episodes that begin alike. A seed counts where every agent gains at least the margin, three
standard errors off. Each update learns from 32 episodes of 25 steps. Limits are PPO's.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import Array

from potentia import simulators
from potentia.bench.harness import Asked, Figure, Limit, seconds
from potentia.learners.base import Learner
from potentia.learners.npg import IndependentNPG
from potentia.learners.ppo import IndependentPPO
from potentia.training.loop import train
from potentia.training.play import episodes
from potentia.training.programs import CHUNK, logits_of
from potentia.training.subject import taken
from potentia.training.trained import Trained

SIMULATOR = "crowded-grid"
MARGIN, ERRORS = 0.3, 3          # how much everybody gains at least, so many standard errors off
LIMIT = Limit("at most", 180)
PPO_UPDATES, NPG_UPDATES = 200, 50       # an update of NPG takes twice as long


@dataclasses.dataclass(frozen=True)
class Gains:
    """[R, N] what each agent of each run gains over uniform play, and its standard error; and
    [R, 2] of the mean over agents."""

    gain: np.ndarray
    error: np.ndarray
    mean: np.ndarray

    def enough(self) -> int:
        """Runs in which everybody gains the margin."""
        return int((self.gain - ERRORS * self.error >= MARGIN).all(axis=1).sum())


def measure(asked: Asked, n_agents: int = 20, seeds: int = 5, ppo_updates: int = PPO_UPDATES,
            npg_updates: int = NPG_UPDATES, fresh: int = 2_000, copies: int = 32) -> list[Figure]:
    """Of each learner: seeds in which everybody gains, seconds in all, agent-steps a second once
    compiled, and the least and the mean gain of each seed."""
    simulator = simulators.make(SIMULATOR, n_agents=n_agents)
    ppo, npg = IndependentPPO(episodes=copies), IndependentNPG(episodes=copies)
    return [*_figures(simulator, ppo, seeds, ppo_updates, fresh, Limit("at least", seeds), LIMIT),
            *_figures(simulator, npg, seeds, npg_updates, fresh, None, None)]


def _figures(simulator: Any, learner: Learner, seeds: int, updates: int, fresh: int,
             enough: Limit | None, soon: Limit | None) -> list[Figure]:
    what = type(learner).__name__
    trained, took = _trained(simulator, learner, updates, seeds)
    gains = gained(trained, fresh)
    return [
        Figure(f"{what}: seeds where each of {trained.facts.n_agents} agents gains at least "
               f"{MARGIN} by {updates} updates", gains.enough(), "seeds", enough,
               note=f"of {seeds}; by {ERRORS} standard errors, from {fresh:,} fresh episodes"),
        Figure(f"{what}: {updates} updates of {seeds} seeds, compilation included", took, "s", soon,
               note=f"{_steps(trained):,} agent-steps"),
        _rate(trained, what),
        *(_of_seed(gains, seed, what) for seed in range(seeds))]


def _trained(simulator: Any, learner: Learner, updates: int, seeds: int,
             initial: Trained | None = None) -> tuple[Trained, float]:
    """What was trained, all seeds at once, and the seconds that it took."""
    found: list[Trained] = []
    took = seconds(lambda: found.append(train(simulator, learner, updates=updates, runs=seeds,
                                              initial=initial, progress=False)))
    return found[0], took


def _steps(trained: Trained) -> int:
    """Agent-steps of all runs."""
    return int(trained.agent_steps.reshape(trained.runs, -1)[:, -1].sum())


def _rate(trained: Trained, what: str) -> Figure:
    """Of some updates more, for which everything is compiled."""
    after, took = _trained(trained.simulator, trained.learner, CHUNK, trained.runs, trained)
    return Figure(f"{what}: agent-steps a second, play and updates",
                  (_steps(after) - _steps(trained)) / took / 1e6, "M/s",
                  seconds={f"{CHUNK} updates of {trained.runs} seeds": took})


def _of_seed(gains: Gains, seed: int, what: str) -> Figure:
    who = int(gains.gain[seed].argmin())
    mean, error = gains.mean[seed]
    return Figure(f"{what}: the least gain of an agent, seed {seed}", float(gains.gain[seed, who]),
                  "", note=f"agent {who}, standard error {gains.error[seed, who]:.2g}; mean of all "
                           f"agents {mean:.3g}, standard error {error:.2g}")


def gained(trained: Trained, fresh: int) -> Gains:
    """What training gained, in so many fresh episodes of each run."""
    simulator, facts = taken(trained.simulator)

    @jax.jit
    def returns(memory: Any, share: Array, key: Array) -> Array:
        def logits(seen: Array) -> Array:
            return share * logits_of(trained.learner, memory, seen)
        return episodes(simulator, facts, logits, key, fresh).returns(facts.discount)

    with jax.enable_x64(False):
        key, memory = jax.random.key(1), trained.policy(0).memory
        uniform = np.asarray(returns(memory, 0.0, key), float)
        more = np.stack([np.asarray(returns(trained.policy(run).memory, 1.0, key)) - uniform
                         for run in range(trained.runs)])
    off = partial(np.std, axis=1, ddof=1)
    means = more.mean(axis=2)
    return Gains(more.mean(axis=1), off(more) / np.sqrt(fresh),
                 np.stack([means.mean(axis=1), off(means) / np.sqrt(fresh)], axis=1))
