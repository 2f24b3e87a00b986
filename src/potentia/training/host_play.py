"""Training in a simulator that runs on the host: agents act on the device, copies step on the host.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import InputError
from potentia.learners.base import Learner
from potentia.simulators.contract import Facts
from potentia.simulators.host import HostSimulator, Stepped
from potentia.simulators.host_contract import answered, asked
from potentia.training.faults import KEPT, told
from potentia.training.play import Play, acted
from potentia.training.programs import TrainState, fault_of, learnt, logits_of
from potentia.training.subject import features


class HostRuns:
    """One run in such a simulator; see `loop.Advances`."""

    def __init__(self, simulator: HostSimulator, facts: Facts, learner: Learner):
        self.simulator, self.facts, self.learner = simulator, facts, learner

    def __call__(self, state: TrainState,
                 until: int) -> tuple[TrainState, np.ndarray, np.ndarray, str]:
        """One update at a time: where it is interrupted, nothing but that one is lost."""
        none = np.zeros((1, 0, self.facts.n_agents)), np.zeros((1, 0), np.int64)
        try:
            play = self._episodes(state)
        except InputError as error:
            return state, *none, f"{error}{KEPT}"
        following = _learnt(self.learner, self.facts, state, play)
        if wrong := told(np.asarray(following.fault), self.facts):
            return state, *none, wrong
        returns = np.asarray(play.returns(self.facts.discount)).mean(axis=0)
        steps = np.asarray(play.alive).sum(dtype=np.int64)
        return following, returns[None, None], steps[None, None], ""

    def _episodes(self, state: TrainState) -> Play:
        """Episodes of all copies, by the policies of now."""
        memory = jax.tree.map(lambda leaf: leaf[0], state.memory)
        key = jax.random.fold_in(state.key[0], state.update[0])
        return episodes_on_host(self.simulator, self.facts, partial(
            _acted, self.learner, self.facts, memory), jax.random.split(key)[0],
            self.learner.episodes)


def episodes_on_host(simulator: HostSimulator, facts: Facts, act: Any, key: Array,
                     count: int) -> Play:
    """So many episodes of a simulator on the host. act: (observations, legal, key) -> actions and
    their log-probabilities, [E, N] each."""
    seeds = np.asarray(jax.random.bits(jax.random.fold_in(key, 0), (count,), np.uint32))
    now, over, told = _begun(simulator, facts, seeds), np.zeros(count, bool), []
    for step in range(facts.horizon):
        if over.all():
            break
        legal, alive = _legal(facts, now), ~over
        actions, log_probability = (np.asarray(each) for each in act(
            now.observations, legal, jax.random.fold_in(key, step + 1)))
        log_probability = np.where(alive[:, None], log_probability, 0.0)
        if not np.isfinite(log_probability).all():       # no actions: see `faults.POLICY`
            told.append((now.observations, legal, actions, log_probability,
                         np.zeros(actions.shape), alive, np.zeros(count, bool)))
            break
        what = f"{facts.name}.advance, step {step}"
        following = answered(asked(simulator.advance, what, actions), what, facts, alive)
        rewards = np.where(alive[:, None], following.rewards, 0.0)
        told.append((now.observations, legal, actions, log_probability, rewards, alive,
                     following.ended & alive))
        over |= following.ended | following.cut
        now = following
    return _play(facts, told, now)


def _begun(simulator: HostSimulator, facts: Facts, seeds: np.ndarray) -> Stepped:
    what = f"{facts.name}.begin"
    found = answered(asked(simulator.begin, what, seeds), what, facts, np.ones(len(seeds), bool))
    if (over := found.ended | found.cut).any():
        raise InputError(f"{what}, copy {over.argmax()}: its episode is over before its first step")
    return found


def _play(facts: Facts, told: list[tuple], last: Stepped) -> Play:
    """What was played, filled up to the horizon, so that programs keep their shapes."""
    missing = facts.horizon - len(told)
    observations, legal, *rest = (np.stack(column) for column in zip(*told, strict=True))
    filled = [np.concatenate([each, np.zeros((missing, *each.shape[1:]), each.dtype)])
              for each in rest]
    ends = [np.concatenate([each, np.broadcast_to(end, (missing + 1, *end.shape))])
            for each, end in ((observations, last.observations), (legal, _legal(facts, last)))]
    seen = features(facts, jnp.asarray(ends[0]))
    return Play(seen, jnp.asarray(ends[1]), jnp.asarray(filled[0], jnp.int32),
                *(jnp.asarray(each, jnp.float32) for each in filled[1:]))


def _legal(facts: Facts, now: Stepped) -> np.ndarray:
    if now.legal is not None:
        return now.legal & facts.exists
    return np.broadcast_to(facts.exists, (len(now.ended), *facts.exists.shape))


@partial(jax.jit, static_argnames="facts")
def _acted(learner: Learner, facts: Facts, memory: Any, seen: Array, exist: Array,
           key: Array) -> tuple[Array, Array]:
    return acted(logits_of(learner, memory, features(facts, seen)), exist, key)


@partial(jax.jit, static_argnames="facts")
def _learnt(learner: Learner, facts: Facts, state: TrainState, play: Play) -> TrainState:
    memory = jax.tree.map(lambda leaf: leaf[0], state.memory)
    key = jax.random.split(jax.random.fold_in(state.key[0], state.update[0]))[1]
    after = learnt(learner, facts, memory, play, state.update[0], key)
    return TrainState(jax.tree.map(lambda leaf: leaf[None], after), state.key, state.update + 1,
                      fault_of(play, after, facts)[None])
