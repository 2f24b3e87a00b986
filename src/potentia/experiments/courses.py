"""One rule on a game that is played once, followed update by update with exact values.

There an agent's gain is its largest advantage, so that the gaps of every update cost nothing. What
papers call a gap differs: the largest gain of any agent (ours, everywhere else), or the sum of all
agents' gains.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import games, rules
from potentia.certificates.equilibrium import certify
from potentia.experiments.statements import Measured
from potentia.game import Game
from potentia.profile import checked
from potentia.rules.base import Rule, View
from potentia.runtime.float64 import float64_on_one_blas_thread


@dataclasses.dataclass(frozen=True)
class Read:
    """A number that is read off a course.

    name: what it is called. of: "sum gap" or "gap" (the largest) of the profile after `at` updates,
    "cumulated sum gap" of the first `at` profiles, the start included, "value" of agent 0 after
    `at` updates, or "last above": the last profile whose gap is above `level`, by its updates.
    """

    name: str
    of: str
    at: int = 0
    level: float = 0.0


@dataclasses.dataclass(frozen=True)
class Course:
    """Updates of one rule from one start.

    game, rule: registered names and parameters; the game has one state and discount 0. start: each
    agent's probabilities, or "uniform". updates: how many. reads: the numbers wanted.
    """

    game: str
    game_parameters: Mapping[str, Any]
    rule: str
    rule_parameters: Mapping[str, Any]
    start: Sequence[Sequence[float]] | str
    updates: int
    reads: tuple[Read, ...]

    def measured(self, seed: int) -> Measured:
        """The numbers read, and the certified gap of the last profile; nothing is random."""
        game = games.make(self.game, **self.game_parameters)
        rule = rules.make(self.rule, **self.rule_parameters)
        with float64_on_one_blas_thread():
            start = self._start(game)
            gains, values, last = follow(game, rule, jnp.asarray(start), self.updates)
        course = np.asarray(gains), np.asarray(values)
        numbers = {read.name: _read(read, *course) for read in self.reads}
        return Measured(numbers, {"at the end": certify(game, np.asarray(last)).nash_gap})

    def _start(self, game: Game) -> np.ndarray:
        if isinstance(self.start, str):
            return np.asarray(game.initial_profile(self.start, jax.random.key(0)))
        mask = np.asarray(game.mask)
        profile = np.zeros(mask.shape)
        for agent, row in enumerate(self.start):
            profile[agent, 0, :len(row)] = row
        return checked(profile, mask)


@partial(jax.jit, static_argnames="updates")
def follow(game: Game, rule: Rule, start: Array, updates: int) -> tuple[Array, Array, Array]:
    """Gains [updates + 1, N] and values of agent 0 [updates + 1] before every update and after the
    last, and the last profile [N, 1, A]."""
    mask, key = jnp.asarray(game.mask), jax.random.key(0)        # deterministic rules ignore it
    n_agents = mask.shape[0]
    keys, scale = jax.random.split(key, n_agents), jnp.full(n_agents, game.scale)

    def told(log_profile: Array) -> tuple[View, Array]:
        evaluation = game.evaluate(jnp.exp(log_profile))
        view = View(q=evaluation.q, v=evaluation.v, visitation=evaluation.visitation, mask=mask,
                    scale=scale)
        best = jnp.max(evaluation.q, axis=-1, where=mask, initial=-jnp.inf)
        return view, (best - evaluation.v)[:, 0]

    def step(carry: tuple[Array, Any], iteration: Array) -> tuple[tuple[Array, Any], Any]:
        log_profile, memory = carry
        view, gain = told(log_profile)
        moved = jax.vmap(rule.update, in_axes=(0, 0, 0, None, 0))(log_profile, memory, view,
                                                                 iteration, keys)
        return moved, (gain, view.v[0, 0])

    log_start = jnp.log(start)
    memory = jax.vmap(rule.init)(log_start, mask, keys)
    (log_last, _), (gains, values) = jax.lax.scan(step, (log_start, memory), jnp.arange(updates))
    view, gain = told(log_last)
    return (jnp.concatenate([gains, gain[None]]), jnp.append(values, view.v[0, 0]),
            jnp.exp(log_last))


def _read(read: Read, gains: np.ndarray, values: np.ndarray) -> float:
    if read.of == "last above":
        above = np.flatnonzero(gains.max(axis=1) > read.level)
        return float(above[-1]) if above.size else -1.0
    if read.of == "cumulated sum gap":
        return float(gains[:read.at].sum())
    course = {"sum gap": gains.sum(axis=1), "gap": gains.max(axis=1), "value": values}[read.of]
    return float(course[read.at])
