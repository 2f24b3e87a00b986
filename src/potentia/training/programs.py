"""The compiled side of training: updates of one run after another in a loop, mapped over runs."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from potentia.learners.base import Learner
from potentia.runtime.pytree import tree
from potentia.simulators.contract import Facts
from potentia.training.play import Play, episodes, first_fault
from potentia.training.subject import Held, begun

CHUNK = 16                # most updates in one call


@tree
class TrainState:
    """R runs. memory: [R, N, ...] of each agent. key: [R]. update: [R] updates made.

    fault: [R, 2] step and agent of what was not finite, the horizon for what was learnt; -1 where
    all was.
    """

    memory: Any
    key: Array
    update: Array
    fault: Array


@tree
class Records:
    """Of each update: returns [R, K, N] of the episodes that it learnt from, means over them;
    steps [R, K] played, of all episodes together."""

    returns: Array
    steps: Array


@partial(jax.jit, static_argnames=("facts", "runs"))
def start(learner: Learner, facts: Facts, seed: Array, runs: int) -> TrainState:
    """Runs that have learnt nothing yet."""
    def one(run: Array) -> TrainState:
        key = jax.random.fold_in(jax.random.key(seed), run)
        agents = jax.random.split(jax.random.fold_in(key, 0), facts.n_agents)
        memory = jax.vmap(partial(begun, learner, facts))(agents)
        return TrainState(memory, jax.random.fold_in(key, 1), jnp.zeros((), jnp.int32),
                          jnp.full(2, -1, jnp.int32))
    return jax.vmap(one)(jnp.arange(runs))


@partial(jax.jit, static_argnames="facts")
def advance(held: Held, learner: Learner, facts: Facts, state: TrainState,
            until: Array) -> tuple[TrainState, Records]:
    """Each run up to so many updates, at most CHUNK of them; runs stop at what is not finite."""
    def goes_on(carry: tuple[Array, TrainState, Records]) -> Array:
        count, state, _ = carry
        return (count < CHUNK) & jnp.any((state.update < until) & (state.fault[:, 0] < 0))

    def body(carry: tuple[Array, TrainState, Records]) -> tuple[Array, TrainState, Records]:
        count, state, records = carry
        following, returns, steps = jax.vmap(
            partial(_update, held.simulator, learner, facts))(state)
        fine = (state.fault[:, 0] < 0) & (state.update < until)
        return count + 1, _where(fine, following, state), Records(
            records.returns.at[:, count].set(jnp.where(fine[:, None], returns, jnp.nan)),
            records.steps.at[:, count].set(jnp.where(fine, steps, 0)))

    runs = state.update.shape[0]
    records = Records(jnp.full((runs, CHUNK, facts.n_agents), jnp.nan),
                      jnp.zeros((runs, CHUNK), jnp.int32))
    return jax.lax.while_loop(goes_on, body, (jnp.zeros((), jnp.int32), state, records))[1:]


def _where(fine: Array, new: TrainState, old: TrainState) -> TrainState:
    """The new state of runs that are fine, else the old one with what was wrong."""
    def kept(one: Array, other: Array) -> Array:
        return jnp.where(fine.reshape(-1, *[1] * (one.ndim - 1)), one, other)

    sound = fine & (new.fault[:, 0] < 0)
    memory = jax.tree.map(lambda one, other: jnp.where(
        sound.reshape(-1, *[1] * (one.ndim - 1)), one, other), new.memory, old.memory)
    return TrainState(memory, old.key, jnp.where(sound, new.update, old.update),
                      kept(new.fault, old.fault))


def _update(simulator: Any, learner: Learner, facts: Facts,
            state: TrainState) -> tuple[TrainState, Array, Array]:
    """One update of one run, what its episodes returned [N], and steps played."""
    playing, learning = jax.random.split(jax.random.fold_in(state.key, state.update))
    play = episodes(simulator, facts, partial(logits_of, learner, state.memory), playing,
                    learner.episodes)
    memory = learnt(learner, facts, state.memory, play, state.update, learning)
    fault = first_fault(play)
    fault = jnp.where(fault[0] < 0, unsound(memory, facts), fault)
    return (TrainState(memory, state.key, state.update + 1, fault),
            play.returns(facts.discount).mean(axis=0), jnp.sum(play.alive).astype(jnp.int32))


def unsound(memory: Any, facts: Facts) -> Array:
    """[2] the horizon and the first agent whose memory is not finite; -1 where all are."""
    wrong = jnp.zeros(facts.n_agents, bool)
    for leaf in jax.tree.leaves(memory):
        if jnp.issubdtype(leaf.dtype, jnp.inexact):
            wrong |= ~jnp.all(jnp.isfinite(leaf), axis=tuple(range(1, leaf.ndim)))
    return jnp.where(jnp.any(wrong), jnp.stack([jnp.int32(facts.horizon), jnp.argmax(wrong).astype(
        jnp.int32)]), -1)


def logits_of(learner: Learner, memory: Any, features: Array) -> Array:
    """[E, N, A] of each agent's own policy at what `features` gives."""
    return jax.vmap(learner.logits, in_axes=(0, 1), out_axes=1)(memory, features)


def learnt(learner: Learner, facts: Facts, memory: Any, play: Play, update: Array,
           key: Array) -> Any:
    """[N, ...] the agents' memories after each learnt from its own play."""
    keys = jax.random.split(key, facts.n_agents)
    return jax.vmap(lambda own, seen, chance: learner.update(
        own, seen, facts.discount, update, chance))(memory, play.own(), keys)
