"""Congestion games with joint states, exact without a table of joint actions.

N agents stand on the nodes of a network. All move at once, and an agent that takes a move together
with l - 1 others is paid r(node, move, l). The state is every agent's node, and every agent sees
it:

    Q_i(s, a) = E r(s_i, a, 1 + number of the others that take the same move)
        + discount E V_i(next nodes)

Both expectations are exact: the first from the distribution of the number (`poisson_binomial`), the
second by matrix products over blocks of states that share their next nodes (`products`, `layout`).
Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Example 1 and eq. 1-3.

Play that must end is swept backwards once. Play that surely comes back to one configuration after a
fixed number of steps is swept once too: what it is worth to be back is a scalar y = a + b y for
each agent. The values of any other play, at discount < 1, solve a linear system whose residual is
stated.
"""

from __future__ import annotations

import dataclasses
import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.console.text import counted
from potentia.game import BestResponse, Episodes, Evaluation, FacilityLoads
from potentia.games.congestion import build, loads, simulation, table, values
from potentia.games.congestion.data import CongestionData
from potentia.games.described import Described
from potentia.games.tabular.game import MarkovGame
from potentia.games.welfare import SumOfValues
from potentia.runtime.float64 import float64_method
from potentia.runtime.pytree import tree
from potentia.runtime.sharding import WHOLE, by_state


@tree
class CongestionGame(CongestionData, SumOfValues, Described):
    """N agents on V nodes with up to A moves each, S joint states. Build it with `from_network`.

    Its fields are those of `CongestionData`.
    """

    @classmethod
    def from_network(cls, moves: object, rewards: object, *, n_agents: int, discount: float,
                     start: object = None,
                     states: str = "reachable", initial: object = None, shards: int = 1,
                     name: str = "congestion") -> CongestionGame:
        """A congestion game on a network of V nodes.

        moves: [V, A] next node of each move, -1 after the last where a node has fewer than A; every
            node has at least one. A node whose only move leads to itself and pays nothing is an
            end; play is over when all agents are at ends.
        rewards: [V, A, N] what a move pays each agent that takes it, by the number 1..N that do.
        discount: in [0, 1]; at 1 every walk must come to an end.
        start: [N] nodes that play starts from, or [K, N] for several, equally likely; node 0 for
            all if omitted.
        states: "reachable" from there, or "all" V^N configurations.
        initial: a distribution over the configurations in ascending order (agent 1's node slowest)
            instead, or a function that gives it for their nodes [K, N].
        shards: parts of equal size that the states are split in, for as many devices.

        Raises InputError naming the entry at fault, a cycle where play must end, or a game that is
        too large.
        """
        return cls(**vars(build.from_network(
            moves, rewards, n_agents=n_agents, discount=discount, start=start, states=states,
            initial=initial,
            shards=shards, name=name)))

    def partition(self) -> CongestionGame:
        """Which axis of each array runs over states; see `runtime.sharding`."""
        groups = tuple(dataclasses.replace(
            group, order=WHOLE, inverse=WHOLE, targets=WHOLE, places=WHOLE,
            **{name: by_state(0) for name in ("block", "where", "alone")}) for group in self.groups)
        return dataclasses.replace(
            self, moves=WHOLE, pay=WHOLE, initial=by_state(0), discount=WHOLE, mask=by_state(1),
            codes=WHOLE,
            configurations=by_state(0), position=WHOLE, back=None if self.back is None
            else by_state(0), groups=groups)

    def tabular(self) -> MarkovGame:
        """The equal tabular game, with the same states; see `table`."""
        return table.tabular(self)

    __repr__ = Described.__repr__

    def _size(self) -> str:
        return (f"{counted(self.n_agents, 'agent')} on {counted(self.moves.shape[0], 'node')}, "
                f"{counted(len(self.codes), 'state')}")

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of a profile `[N, S, A]`."""
        policy = self.by_shard(profile)
        v, q, _ = values.of_profile(self, policy, values.pays(self, policy))
        q = jnp.swapaxes(q.reshape(*q.shape[:2], -1), 1, 2)
        visits = values.visits(self, policy)
        # Play stays where it has ended for ever after its arrival there.
        visitation = (visits if self.undiscounted
                      else jnp.where(self.absorbing, visits, visits / self.scale))
        return Evaluation(q=jnp.where(self.mask, q, v[..., None]), v=v,
                          visitation=jnp.broadcast_to(visitation, v.shape))

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best response of each agent to the others' policies, `profile` [N, S, A]."""
        policy = self.by_shard(profile)
        paid = values.pays(self, policy)
        current, _, residual = values.of_profile(self, policy, paid)
        value, short = values.of_best_responses(self, policy, paid, self.by_shard(self.mask),
                                                current)
        gain = value - current
        steps = self.scale if self.sweeps is None else self.sweeps
        rounding = values.ROUNDING * jnp.max(jnp.abs(value) + jnp.abs(current), axis=1)
        return BestResponse(value=value, current=current, gain=gain @ self.initial,
                            worst_gain=jnp.max(gain, axis=1),
                            error=steps * (residual + short + rounding))

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution."""
        policy = self.by_shard(profile)
        return values.of_profile(self, policy, values.pays(self, policy))[0] @ self.initial

    def potential(self, profile: Array) -> None:
        """None: with policies of the whole state, `profile` [N, S, A], none is known."""

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps of `profile` [N, S, A] from the initial
        distribution."""
        return simulation.simulated(self, profile, key, episodes, steps)

    @float64_method
    @partial(jax.jit, static_argnames="steps")
    def simulate_from(self, profile: Array, key: Array, states: Array, steps: int) -> Episodes:
        """Play `steps` steps of `profile` [N, S, A] from each of `states` [E]."""
        return simulation.continued(self, profile, key, states, steps)

    def facility_loads(self, profile: object, states: np.ndarray) -> FacilityLoads:
        """How many agents are expected to take each move of the network in each of `states` [K] at
        `profile` [N, S, A]."""
        return loads.expected(self, np.asarray(profile), states)

    def arguments(self) -> dict[str, Any]:
        """What `from_network` takes to build this game again."""
        return {"moves": np.asarray(self.moves), "rewards": np.asarray(self.pay)[:, :, 1:],
                "initial": np.asarray(self.initial)[np.asarray(self.position)],
                "start": np.array(self.starts), "states": self.states, "n_agents": self.n_agents,
                "discount": float(self.discount), "shards": self.shards, "name": self.name}

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache
        holds."""
        n_agents, n_actions = self.n_agents, self.moves.shape[1]
        operations = 0.0
        for group in self.groups:
            states, k = group.size * self.shards, len(group.counts)
            joint = 2 * n_agents * math.prod(group.counts)
            operations += states * (joint + 4 * group.places.shape[1] * n_actions * k**2)
        return operations, 8 * 4 * np.size(self.mask)

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[N, S, A]` of the user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key, self._random)

    def _random(self, mask: Array, key: Array) -> Array:
        """Flat Dirichlet rows; a key for each configuration, so that the layout of the states
        changes nothing."""
        def row(configuration: Array) -> Array:
            own = key
            for node in configuration:
                own = jax.random.fold_in(own, node)
            return jax.random.exponential(own, (self.n_agents, self.moves.shape[1]))

        weights = jax.vmap(row, out_axes=1)(jnp.asarray(self.configurations)) * mask
        return weights / jnp.sum(weights, axis=-1, keepdims=True)
