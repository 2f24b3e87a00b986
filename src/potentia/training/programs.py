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
from potentia.training.faults import FINE, LEARNT, first_fault
from potentia.training.play import Play, episodes
from potentia.training.subject import Held, begun

CHUNK = 16                # most updates in one call


@tree
class TrainState:
    """R runs. memory: [R, N, ...] of each agent. key: [R]. update: [R] updates made.

    fault: [R, 3] what went wrong, as `faults.first_fault` says.
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
                          no_fault())
    return jax.vmap(one)(jnp.arange(runs))


@partial(jax.jit, static_argnames="facts")
def advance(held: Held, learner: Learner, facts: Facts, state: TrainState,
            until: Array) -> tuple[TrainState, Records]:
    """Each run up to so many updates, at most CHUNK of them; runs stop at what goes wrong."""
    def goes_on(carry: tuple[Array, TrainState, Records]) -> Array:
        count, state, _ = carry
        return (count < CHUNK) & jnp.any((state.update < until) & (state.fault[:, 0] == FINE))

    def body(carry: tuple[Array, TrainState, Records]) -> tuple[Array, TrainState, Records]:
        count, state, records = carry
        following, returns, steps = jax.vmap(
            partial(_update, held.simulator, learner, facts))(state)
        fine = (state.fault[:, 0] == FINE) & (state.update < until)
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

    sound = fine & (new.fault[:, 0] == FINE)
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
    fault = fault_of(play, memory, facts)
    return (TrainState(memory, state.key, state.update + 1, fault),
            play.returns(facts.discount).mean(axis=0), jnp.sum(play.alive).astype(jnp.int32))


def no_fault() -> Array:
    """[3] that nothing went wrong."""
    return jnp.full(3, FINE, jnp.int32)


def fault_of(play: Play, memory: Any, facts: Facts) -> Array:
    """[3] what went wrong in play, else in what was learnt from it."""
    found = first_fault(play, facts)
    return jnp.where(found[0] == FINE, _unsound(memory, facts), found)


def _unsound(memory: Any, facts: Facts) -> Array:
    """[3] of the first agent whose memory is not finite."""
    wrong = jnp.zeros(facts.n_agents, bool)
    for leaf in jax.tree.leaves(memory):
        if jnp.issubdtype(leaf.dtype, jnp.inexact):
            wrong |= ~jnp.all(jnp.isfinite(leaf), axis=tuple(range(1, leaf.ndim)))
    found = jnp.array([LEARNT, facts.horizon, 0], jnp.int32).at[2].set(jnp.argmax(wrong))
    return jnp.where(jnp.any(wrong), found, FINE)


def logits_of(learner: Learner, memory: Any, features: Array) -> Array:
    """[E, N, A] of each agent's own policy at what `features` gives."""
    return jax.vmap(learner.logits, in_axes=(0, 1), out_axes=1)(memory, features)


def learnt(learner: Learner, facts: Facts, memory: Any, play: Play, update: Array,
           key: Array) -> Any:
    """[N, ...] the agents' memories after each learnt from its own play."""
    keys = jax.random.split(key, facts.n_agents)
    return jax.vmap(lambda own, seen, chance: learner.update(
        own, seen, facts.discount, update, chance))(memory, play.own(), keys)
