"""Where one agent plays and learns while all others keep to their policies."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.learners.base import Learner
from potentia.simulators.contract import Facts
from potentia.simulators.host import HostSimulator
from potentia.training.frozen import Logits
from potentia.training.host_play import episodes_on_host
from potentia.training.play import Play, acted, episodes
from potentia.training.subject import features, held

SHARP = 1e4               # times its logits, a policy takes its likeliest action


class Arena(Protocol):
    """One agent against the rest; see `OnDevice`, `OnHost`."""

    facts: Facts

    def improved(self, memory: Any, agent: int, update: int, key: Array) -> tuple[Any, int]:
        """The agent's memory after one more update, and steps that all played for it."""
        ...

    def returns(self, memory: Any, agent: int, sharp: float, key: Array,
                count: int) -> tuple[np.ndarray, int]:
        """[count] its returns, and steps; memory: None where it keeps to its policy, too. The same
        key begins the same episodes."""
        ...


class OnDevice:
    """In a simulator in JAX."""

    def __init__(self, simulator: Any, facts: Facts, learner: Learner, others: Logits):
        given = held(simulator)

        @partial(jax.jit, static_argnums=4)
        def play(memory: Any, agent: Array, sharp: Array, key: Array, count: int) -> Play:
            return episodes(given.simulator, facts, partial(
                mixed, learner, others, memory, agent, sharp), key, count)

        self._play = play
        self._learn = jax.jit(partial(learnt_alone, learner, facts))
        self.facts, self.learner = facts, learner

    def improved(self, memory: Any, agent: int, update: int, key: Array) -> tuple[Any, int]:
        first, second = jax.random.split(key)
        play = self._play(memory, agent, 1.0, first, self.learner.episodes)
        return self._learn(memory, play, agent, update, second), _steps(play)

    def returns(self, memory: Any, agent: int, sharp: float, key: Array,
                count: int) -> tuple[np.ndarray, int]:
        play = self._play(memory, agent, sharp, key, count)
        return np.asarray(play.returns(self.facts.discount))[:, agent], _steps(play)


class OnHost:
    """In a simulator on the host."""

    def __init__(self, simulator: HostSimulator, facts: Facts, learner: Learner, others: Logits):
        @jax.jit
        def act(memory: Any, agent: Array, sharp: Array, seen: Array, exist: Array,
                key: Array) -> tuple[Array, Array]:
            logits = mixed(learner, others, memory, agent, sharp, features(facts, seen))
            return acted(logits, exist, key)

        self._act = act
        self._learn = jax.jit(partial(learnt_alone, learner, facts))
        self.simulator, self.facts, self.learner = simulator, facts, learner

    def improved(self, memory: Any, agent: int, update: int, key: Array) -> tuple[Any, int]:
        first, second = jax.random.split(key)
        play = self._episodes(memory, agent, 1.0, first, self.learner.episodes)
        return self._learn(memory, play, agent, update, second), _steps(play)

    def returns(self, memory: Any, agent: int, sharp: float, key: Array,
                count: int) -> tuple[np.ndarray, int]:
        """In turns of as many as the learner plays, for which there are copies already."""
        returns, steps = [], 0
        for begun in range(0, count, self.learner.episodes):
            some = min(self.learner.episodes, count - begun)
            play = self._episodes(memory, agent, sharp, jax.random.fold_in(key, begun), some)
            returns.append(np.asarray(play.returns(self.facts.discount))[:, agent])
            steps += _steps(play)
        return np.concatenate(returns), steps

    def _episodes(self, memory: Any, agent: int, sharp: float, key: Array, count: int) -> Play:
        return episodes_on_host(self.simulator, self.facts,
                                partial(self._act, memory, agent, sharp), key, count)


def mixed(learner: Learner, others: Logits, memory: Any, agent: Array, sharp: Array,
          seen: Array) -> Array:
    """[E, N, A] logits of all, those of `agent` its own learner's where it has a memory."""
    logits = others(seen)
    if memory is None:
        return logits
    own = learner.logits(memory, jnp.take(seen, agent, axis=1))
    return logits.at[:, agent].set(sharp * own)


def learnt_alone(learner: Learner, facts: Facts, memory: Any, play: Play, agent: Array,
                 update: Array, key: Array) -> Any:
    """The memory of one agent after it learnt from its own part of what was played."""
    own = jax.tree.map(lambda leaf: jnp.take(leaf, agent, axis=0), play.own())
    return learner.update(memory, own, facts.discount, update, key)


def _steps(play: Play) -> int:
    return int(np.asarray(play.alive).sum())
