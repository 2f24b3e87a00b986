"""Memories of rules where a run is changed between chunks: another orientation of its game, another
rule."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.game import Game, Reorientable
from potentia.learning.contract import called
from potentia.learning.device import RunState, begun_memory, of_run
from potentia.learning.own_rules import PlainCarryingRule
from potentia.rules.base import CarriesMemory, Rule
from potentia.runtime.kept import kept


def reoriented(game: Game, rule: Rule, states: RunState, wanted: np.ndarray) -> RunState:
    """The states after the runs that are `wanted` [runs] have asked the game for another
    orientation, which carries their policies over.

    A rule may carry its memory over too (`carried`); any other begins anew from the policies.
    """
    if not wanted.any():
        return states
    host = jax.tree.map(np.array, (states.log_profile, states.memory, states.orientation))
    for run in np.flatnonzero(wanted):
        log_profile, memory, orientation = jax.tree.map(lambda leaf, run=run: leaf[run], host)
        before = of_run(game, orientation)
        assert isinstance(before, Reorientable)
        own_game, log_profile = called(before, "reoriented", log_profile)
        mask = np.asarray(own_game.mask)
        memory = (_carried(rule, memory, log_profile, mask) if isinstance(rule, CarriesMemory)
                  else begun_memory(rule, jnp.asarray(log_profile), jnp.asarray(mask),
                                    states.key[run]))
        for old, new in zip(jax.tree.leaves(host),
                            jax.tree.leaves((log_profile, memory, own_game.orientation)),
                            strict=True):
            old[run] = new
    log_profile, memory, orientation = jax.device_put(host)
    return dataclasses.replace(states, log_profile=log_profile, memory=memory,
                               orientation=orientation)


def begun(game: Game, rule: Rule, states: RunState) -> RunState:
    """The runs as they stand, with memories that begin anew from their log-policies."""
    def of_run_now(run: int) -> Any:
        own: RunState = jax.tree.map(lambda leaf: leaf[run], states)
        mask = jnp.asarray(of_run(game, own.orientation).mask)
        return begun_memory(rule, own.log_profile, mask, own.key)

    memories = [of_run_now(run) for run in range(states.log_profile.shape[0])]
    memory = jax.tree.map(lambda *leaves: jnp.stack(leaves), *memories)
    return dataclasses.replace(states, memory=jax.tree.map(
        lambda leaf, like: leaf.astype(like.dtype), memory, states.memory))


def _carried(rule: Any, memory: Any, log_profile: np.ndarray, mask: np.ndarray) -> Any:
    if isinstance(rule, PlainCarryingRule):        # a user's own, whose class enters no tree
        return jax.vmap(rule.carried)(memory, jnp.asarray(log_profile), jnp.asarray(mask))
    return _carried_at_once(rule, memory, log_profile, mask)


@kept()
def _carried_at_once(rule: Any, memory: Any, log_profile: Array, mask: Array) -> Any:
    return jax.vmap(rule.carried)(memory, log_profile, mask)
