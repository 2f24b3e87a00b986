"""Stochastic congestion games of many identical agents that all play the same policy, exact from
counts.

SYMMETRIC PROFILES ONLY. n agents start together at the source and walk through layers of fully
connected nodes to the sink; whoever takes an edge with l - 1 others is paid r_edge(l). All agents
follow one policy, so that it does not matter who stands where, only how many. What an agent sees is
its own node v and the numbers x of *others* at each node of the layer; (v, x) tells as much as v
and the counts c = x + e_v. With y the others' next counts,

    q(v, x, a) = E r_(v,a)(1 + Bin(x_v, p(v, x, a))) + discount E V(a, y)
    (eq. 1-3 of arXiv 2110.10614)

where each of the x_u others at u chooses by the policy for (u, c - e_u). Means are exact
(`characteristic_functions`). A deviation is *one* agent's own: it faces the decision problem above,
whose best response is exact, while the others keep to the profile. So the Nash gap is that of the
n-agent game, against all deviations, at the symmetric profile; equilibria in which identical agents
differ are out of reach. Example 1 of Fox, McAleer, Overman and Panageas, arXiv 2110.10614.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.console.text import counted
from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games.described import Described
from potentia.games.symmetric import build, evaluation, simulation
from potentia.games.symmetric.data import SymmetricData
from potentia.games.symmetric.evaluation import Moves
from potentia.runtime.float64 import float64_method
from potentia.runtime.pytree import tree


@tree
class SymmetricCongestionGame(SymmetricData, Described):
    """n identical agents who all play one policy: profiles are [1, H, A]. Build it with
    `from_layers`.

    Its fields are those of `SymmetricData`.
    """

    @classmethod
    def from_layers(cls, rewards: object, *, n_agents: int, layers: int, width: int,
                    discount: float,
                    loop_reward: float | None = None,
                    name: str = "anonymous") -> SymmetricCongestionGame:
        """n identical agents on a source, L layers of W fully connected nodes, and a sink;
        symmetric profiles only.

        rewards: [1 + L W, W, n] what a move pays each agent that takes it, by the number 1..n that
            do: by node (the source, then the layers' nodes) and move (to the nodes of the next
            layer; from the last layer only the first counts).
        discount: in [0, 1], below 1 if play loops.
        loop_reward: agents at the sink are taken back to the source at this reward; if omitted,
        play ends at the sink.

        Raises InputError naming the entry at fault, and for a game that is too large.
        """
        return cls(**vars(build.from_layers(
            rewards, n_agents=n_agents, layers=layers, width=width, discount=discount,
            loop_reward=loop_reward,
            name=name)))

    __repr__ = Described.__repr__

    def _size(self) -> str:
        return (f"{counted(self.n_agents, 'identical agent')}, symmetric profiles only, "
                f"{counted(self.layers, 'layer')} of {self.width}, {self.n_states:,} information "
                f"states")

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of each agent at a symmetric profile
        `[1, H, A]`."""
        moves = self._moves(profile)
        q, v, _ = self._swept(moves, _mean)
        q = jnp.where(self.mask, q, v[:, None])
        return Evaluation(q=q, v=v[None], visitation=self._visitation(moves)[None])

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best response of one agent while the n-1 others keep to `profile` [1, S, A]."""
        moves = self._moves(profile)
        _, current, error = self._swept(moves, _mean)
        _, value, best_error = self._swept(moves, lambda q, policy: jnp.max(q, axis=-1))
        gain = value - current
        return BestResponse(value=value[None], current=current[None], gain=gain[:1],
                            worst_gain=jnp.max(gain)[None],
                            error=(error + best_error)[None])

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[1] value of each agent from the source."""
        return self._swept(self._moves(profile), _mean)[1][:1]

    @float64_method
    @jax.jit
    def welfare(self, profile: Array) -> Array:
        """Sum over all n agents of their values from the source; profile: [1, S, A]."""
        return self.n_agents * self.start_values(profile)[0]

    def potential(self, profile: Array) -> None:
        """None: with policies of the counts, `profile` [1, S, A], none is known."""

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps, as one agent sees them: states are its
        information states, actions and rewards [E, T, 1] its own. All n agents play; which one is
        told makes no difference."""
        return simulation.simulated(self, profile, key, episodes, steps)

    def arguments(self) -> dict[str, Any]:
        """What `from_layers` takes to build this game again."""
        return {"rewards": np.asarray(self.pay)[..., 1:], "n_agents": self.n_agents,
                "layers": self.layers, "width": self.width, "discount": float(self.discount),
                "loop_reward": float(self.loop_reward) if self.loops else None, "name": self.name}

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache
        holds."""
        width, others, half = self.width, self.n_agents - 1, self.n_agents // 2 + 1
        vectors = math.comb(others + width - 1, width - 1)
        points = self.n_agents ** max(width - 2, 0) * half
        # Characteristic functions of all count vectors at so many points, powers by squaring.
        powers = 12 * others.bit_length() * (self.layers - 1)
        return powers * (width**2 * vectors * points + width**2 * vectors * half), 0.0

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[1, H, A]` of the user's own,
        that all play.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key)

    def _moves(self, profile: Array) -> Moves:
        layers = profile[0, 1:-1].reshape(self.layers, self.width, -1, self.width)
        return evaluation.moves_of(profile[0, 0], layers, jnp.asarray(self.pay), self.tables)

    def _swept(self, moves: Moves, chosen: evaluation.Chosen) -> tuple[Array, Array, Array]:
        """Action values [H, A], values [H] and their error."""
        q, v, error = evaluation.swept(moves, self.discount, chosen, self.tables)
        if not self.loops:
            return q, v, error
        # Play is back after the same number of steps whatever anyone does: a best response does not
        # change that.
        round_trip = 1.0 - self.discount ** (self.layers + 2)
        later = (self.discount**self.steps_left * (self.loop_reward + self.discount * v[0])
                 / round_trip)
        return q + later[:, None], v + later, error / round_trip

    def _visitation(self, moves: Moves) -> Array:
        probability = evaluation.visits(moves, self.tables)
        if self.undiscounted:
            return probability
        weight = (1.0 - self.discount) * self.discount ** (self.layers + 1 - self.steps_left)
        if self.loops:
            return probability * weight / (1.0 - self.discount ** (self.layers + 2))
        # Play stays at the sink for ever after its arrival there.
        return probability * jnp.where(self.absorbing, weight / (1.0 - self.discount), weight)


def _mean(q: Array, policy: Array) -> Array:
    return jnp.sum(q * policy, axis=-1)


AnonymousGame = SymmetricCongestionGame      # the name that it had first
