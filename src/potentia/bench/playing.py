"""Play of tables, in agent-steps a second, against the machine's own rate of random numbers.

Every agent draws one uniform number for each action, and every copy one for what comes next; play
cannot be faster than these are drawn.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import games
from potentia.bench.harness import Asked, Figure, Limit, least
from potentia.simulators.tables import of_game
from potentia.training.play import Play, episodes
from potentia.training.subject import taken

COPIES = 16_384
AGENTS = (4, 8)


def measure(asked: Asked, copies: int = COPIES, repeats: int = 5) -> list[Figure]:
    """An episode of many copies of the congestion game, uniform policies, to its draws alone."""
    with jax.enable_x64(False):
        return [_figure(n_agents, copies, repeats) for n_agents in AGENTS]


def _figure(n_agents: int, copies: int, repeats: int) -> Figure:
    simulator, facts = taken(of_game(games.make("stochastic-congestion", n_agents=n_agents)))

    def uniform(seen: Array) -> Array:
        return jnp.zeros((*seen.shape[:2], facts.n_actions))

    @jax.jit
    def play(key: Array) -> tuple[Array, Array]:
        found: Play = episodes(simulator, facts, uniform, key, copies)
        return jnp.sum(found.rewards, axis=0), jnp.sum(found.alive)

    numbers = facts.horizon * copies * (n_agents + 1)
    draw = jax.jit(lambda key: jax.random.uniform(key, (numbers,)))
    seconds = least({"play": partial(play, jax.random.key(0)),
                     "its random numbers": partial(draw, jax.random.key(0))}, repeats)
    steps = int(np.asarray(play(jax.random.key(0))[1])) * n_agents
    return Figure(f"agent-steps of stochastic-congestion at n = {n_agents} to drawing their random "
                  f"numbers", seconds["play"] / seconds["its random numbers"],
                  limit=Limit("at most", 5), seconds=seconds,
                  note=f"{steps / seconds['play'] / 1e6:.3g} million agent-steps a second; "
                       f"{copies:,} copies, float32")
