"""Queues that agents send their jobs to: each pays for how long its own jobs wait."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import share_number, whole_number
from potentia.runtime.pytree import static, tree
from potentia.simulators.contract import MOST_AGENTS

SOURCE = "load balancing by selfish dispatchers: Czumaj and Voecking (2007); Gaitonde and Tardos " \
         "(2020) on queues"


@tree
class Queueing:
    """N dispatchers, each of whom gets a job with a probability at each step and sends it to one of
    M servers. Server m ends up to m + 1 jobs a step.

    A job costs its sender the share of the room that it finds taken; what finds no room is lost at
    a cost of 1. Agents see whether they have a job, and how full each queue is.
    """

    n_agents: int = static()
    n_servers: int = static()
    arrival: float = static()
    room: int = static()
    horizon: int = static()
    discount: float = static()
    name: str = static(default="queueing")

    @property
    def action_counts(self) -> tuple[int, ...]:
        """One of the servers."""
        return (self.n_servers,) * self.n_agents

    def reset(self, key: Array) -> tuple[Array, Array]:
        """Empty queues [M], and who has a job [N]."""
        return jnp.zeros(self.n_servers), self._jobs(key)

    def step(self, state: tuple[Array, Array], actions: Array,
             key: Array) -> tuple[tuple[Array, Array], Array, Array]:
        """Jobs join their queues, servers work, and new jobs come."""
        queues, jobs = state
        found = queues + jnp.zeros(self.n_servers).at[actions].add(jobs)
        cost = jobs * jnp.minimum(found / self.room, 1.0)[actions]
        left = jnp.clip(jnp.minimum(found, self.room) - (jnp.arange(self.n_servers) + 1.0), 0.0)
        return (left, self._jobs(key)), -cost, jnp.zeros((), bool)

    def observe(self, state: tuple[Array, Array]) -> Array:
        """[N, 1 + M] own job, 0 or 1, and how full the queues are, in [0, 1]."""
        queues, jobs = state
        shares = jnp.broadcast_to(queues / self.room, (self.n_agents, self.n_servers))
        return jnp.concatenate([jobs[:, None], shares], axis=1)

    def _jobs(self, key: Array) -> Array:
        return jax.random.bernoulli(key, self.arrival, (self.n_agents,)).astype(jnp.float32)


def build(n_agents: int = 10, n_servers: int = 4, arrival: float = 0.8, room: int = 20,
          horizon: int = 50, discount: float = 0.95) -> Queueing:
    """Dispatchers who share servers of different speed."""
    return Queueing(whole_number(n_agents, "n_agents", 1, MOST_AGENTS),
                    whole_number(n_servers, "n_servers", 1, MOST_AGENTS),
                    float(share_number(arrival, "arrival")), whole_number(room, "room", 1),
                    whole_number(horizon, "horizon", 1),
                    float(share_number(discount, "discount")))
