"""Where one agent plays and learns while all others keep to their policies."""

from __future__ import annotations

from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import RAISED, InputError
from potentia.learners.base import Learner
from potentia.simulators.contract import Facts
from potentia.simulators.host import HostSimulator
from potentia.training.faults import FINE, POLICY, failure, first_fault, in_words
from potentia.training.frozen import Logits
from potentia.training.host_play import episodes_on_host
from potentia.training.play import Play, acted, episodes
from potentia.training.subject import Held, features, held, held_learner

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
        self.held, self.facts, self.others = held(simulator), facts, others
        self.learner = held_learner(learner)

    def improved(self, memory: Any, agent: int, update: int, key: Array) -> tuple[Any, int]:
        first, second = jax.random.split(key)
        play = self._episodes(memory, agent, 1.0, first, self.learner.episodes)
        return learnt_alone(self.learner, self.facts, memory, play, agent,
                            jnp.int32(update), second), _steps(play)

    def returns(self, memory: Any, agent: int, sharp: float, key: Array,
                count: int) -> tuple[np.ndarray, int]:
        play = self._episodes(memory, agent, sharp, key, count)
        return np.asarray(play.returns(self.facts.discount))[:, agent], _steps(play)

    def _episodes(self, memory: Any, agent: int, sharp: float, key: Array, count: int) -> Play:
        try:
            play, fault = jax.block_until_ready(_played(
                self.held, self.learner, self.facts, self.others, memory, agent, sharp, key, count))
        except RAISED as error:
            # What a simulator raises that calls the host is told where its answer is waited for.
            raise InputError(failure(error)) from error
        _refuse(fault, self.facts, None if memory is None else agent)
        return play


class OnHost:
    """In a simulator on the host."""

    def __init__(self, simulator: HostSimulator, facts: Facts, learner: Learner, others: Logits):
        self.simulator, self.facts, self.others = simulator, facts, others
        self.learner = held_learner(learner)

    def improved(self, memory: Any, agent: int, update: int, key: Array) -> tuple[Any, int]:
        first, second = jax.random.split(key)
        play = self._episodes(memory, agent, 1.0, first, self.learner.episodes)
        return learnt_alone(self.learner, self.facts, memory, play, agent,
                            jnp.int32(update), second), _steps(play)

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
        act = partial(_acted, self.learner, self.facts, self.others, memory, agent, sharp)
        play = episodes_on_host(self.simulator, self.facts, act, key, count)
        _refuse(_fault(play, self.facts), self.facts, None if memory is None else agent)
        return play


# Programs of the module, not of an arena: so a second estimate finds what the first compiled.

@partial(jax.jit, static_argnames=("facts", "count"))
def _played(held: Held, learner: Learner, facts: Facts, others: Logits, memory: Any, agent: int,
            sharp: float, key: Array, count: int) -> tuple[Play, Array]:
    """What was played, and what was wrong in it."""
    found = episodes(held.simulator, facts, partial(mixed, learner, others, memory, agent, sharp),
                     key, count)
    return found, first_fault(found, facts)


_fault = jax.jit(first_fault, static_argnames="facts")


@partial(jax.jit, static_argnames="facts")
def _acted(learner: Learner, facts: Facts, others: Logits, memory: Any, agent: int, sharp: float,
           seen: Array, exist: Array, key: Array) -> tuple[Array, Array]:
    return acted(mixed(learner, others, memory, agent, sharp, features(facts, seen)), exist, key)


def mixed(learner: Learner, others: Logits, memory: Any, agent: int, sharp: float,
          seen: Array) -> Array:
    """[E, N, A] logits of all, those of `agent` its own learner's where it has a memory."""
    logits = others(seen)
    if memory is None:
        return logits
    own = learner.logits(memory, jnp.take(seen, agent, axis=1))
    return logits.at[:, agent].set(sharp * own)


@partial(jax.jit, static_argnames="facts")
def learnt_alone(learner: Learner, facts: Facts, memory: Any, play: Play, agent: int,
                 update: Array, key: Array) -> Any:
    """The memory of one agent after it learnt from its own part of what was played."""
    own = jax.tree.map(lambda leaf: jnp.take(leaf, agent, axis=0), play.own())
    return learner.update(memory, own, facts.discount, update, key)


def _refuse(fault: Array, facts: Facts, own: int | None) -> None:
    """Raise InputError for what went wrong in play; own: the agent whose policy is its learner's,
    and not the profile's."""
    kind, step, agent = np.asarray(fault).tolist()
    if kind == POLICY and agent != own:
        raise InputError(f"profile, step {step}: what it gives agent {agent} are no probabilities, "
                         f"at least 0 and 1 in sum over its actions, or none of those that exist")
    if kind != FINE:
        raise InputError(in_words(np.asarray(fault), facts))


def _steps(play: Play) -> int:
    return int(np.asarray(play.alive).sum())
