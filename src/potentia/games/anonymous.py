"""Stochastic congestion games of many identical agents that all play the same policy, exact from counts.

SYMMETRIC PROFILES ONLY. n agents start together at the source and walk through layers of fully connected nodes to the
sink; whoever takes an edge with l - 1 others is paid r_edge(l). All agents follow one policy, so that it does not
matter who stands where, only how many. What an agent sees is its own node v and the numbers x of *others* at each node
of the layer; (v, x) tells as much as v and the counts c = x + e_v. With y the others' next counts,

    q(v, x, a) = E r_(v,a)(1 + Bin(x_v, p(v, x, a))) + discount E V(a, y)                  (eq. 1-3 of arXiv 2110.10614)

where each of the x_u others at u chooses by the policy for (u, c - e_u). Means are exact (`crowds`). A deviation is
*one* agent's own: it faces the decision problem above, whose best response is exact, while the others keep to the
profile. So the Nash gap is that of the n-agent game, against all deviations, at the symmetric profile; equilibria in
which identical agents differ are out of reach. Example 1 of Fox, McAleer, Overman and Panageas, arXiv 2110.10614.
"""

from __future__ import annotations

from functools import lru_cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.game import BestResponse, Episodes, Evaluation, FullInformation
from potentia.games import anonymous_play
from potentia.games.anonymous_play import Places, Play, places
from potentia.games.counts import rank
from potentia.lines import counted
from potentia.numerics import float64_method
from potentia.trees import Leaf, static, tree


@tree
class AnonymousGame(FullInformation):
    """n identical agents who all play one policy: profiles are [1, H, A]. Build it with `from_layers`.

    pay: [1 + L W, A, n+1] by node (the source, then the layers' nodes), move and load (0 at load 0).
    loop_reward: at the sink, where play goes back to the source if it `loops`; else it ends there.
    discount: in [0, 1], below 1 if play loops.
    layers, width: L layers of W nodes. A = W: the moves lead to the nodes of the next layer; those of the last layer
        and the sink have one.
    recipe: the registered name and parameters that rebuild this game, or None.

    Information states: 0 is the source; then, layer by layer, (v, x) by own node v and by the numbers x of the others
    at each node, in ascending order (`information_states`); the sink is the last.
    """

    pay: Leaf
    loop_reward: Leaf
    discount: Leaf
    n_agents: int = static()
    layers: int = static()
    width: int = static()
    loops: bool = static()
    undiscounted: bool = static()
    name: str = static(default="anonymous")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @classmethod
    def from_layers(cls, rewards: object, *, n_agents: int, layers: int, width: int, discount: float,
                    loop_reward: float | None = None, name: str = "anonymous") -> AnonymousGame:
        """n identical agents on a source, L layers of W fully connected nodes, and a sink; symmetric profiles only.

        rewards: [1 + L W, W, n] what a move pays each agent that takes it, by the number 1..n that do: by node (the
            source, then the layers' nodes) and move (to the nodes of the next layer; from the last layer only the
            first counts).
        discount: in [0, 1], below 1 if play loops.
        loop_reward: agents at the sink are taken back to the source at this reward; if omitted, play ends at the sink.

        Raises InputError naming the entry at fault, and for a game that is too large.
        """
        from potentia.games.anonymous_build import from_layers
        return from_layers(rewards, n_agents=n_agents, layers=layers, width=width, discount=discount,
                           loop_reward=loop_reward, name=name)

    def __repr__(self) -> str:
        return (f"<AnonymousGame {self.name}: {counted(self.n_agents, 'identical agent')}, symmetric profiles only, "
                f"{counted(self.layers, 'layer')} of {self.width}, {self.n_states:,} information states>")

    @property
    def n_states(self) -> int:
        """H, information states of an agent."""
        return 2 + self.layers * self.width * len(self._at.others)

    @property
    def mask(self) -> Leaf:
        """[1, H, A] moves that exist."""
        return _mask(self.n_states, self.layers, self.width)

    @property
    def initial(self) -> Leaf:
        """[H]: all agents start at the source."""
        return np.eye(1, self.n_states)[0]

    @property
    def absorbing(self) -> Leaf:
        """[H] where play has ended."""
        return (np.arange(self.n_states) == self.n_states - 1) & (not self.loops)

    @property
    def sweeps(self) -> int | None:
        """Number of states on the longest play, the end included; None if play loops."""
        return None if self.loops else self.layers + 2

    @property
    def rewards(self) -> Leaf:
        """All that a step may pay: what bounds values."""
        return jnp.append(jnp.asarray(self.pay), self.loop_reward)

    def information_states(self) -> np.ndarray:
        """[H, 2 + W] steps from the source, own node in the layer, numbers of the others at the layer's nodes."""
        block = [np.column_stack([np.full(len(self._at.others), node), self._at.others]) for node in range(self.width)]
        together = np.eye(1, 1 + self.width, 1, dtype=int) * (self.n_agents - 1)
        rows = [together, *[np.concatenate(block)] * self.layers, together]
        return np.concatenate([np.insert(part, 0, step, axis=1) for step, part in enumerate(rows)])

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of each agent at a symmetric profile `[1, H, A]`."""
        moves = self._play(profile)
        q, v, _ = self._swept(moves, _mean)
        q = jnp.where(self.mask, q, v[:, None])
        return Evaluation(q=q, v=v[None], visitation=self._visitation(moves)[None])

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best response of one agent while the n-1 others keep to the profile."""
        moves = self._play(profile)
        _, current, error = self._swept(moves, _mean)
        _, value, best_error = self._swept(moves, lambda q, policy: jnp.max(q, axis=-1))
        gain = value - current
        return BestResponse(value=value[None], current=current[None], gain=gain[:1], worst_gain=jnp.max(gain)[None],
                            error=(error + best_error)[None])

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[1] value of each agent from the source."""
        return self._swept(self._play(profile), _mean)[1][:1]

    @float64_method
    @jax.jit
    def welfare(self, profile: Array) -> Array:
        """Sum over all n agents of their values from the source."""
        return self.n_agents * self.start_values(profile)[0]

    def potential(self, profile: Array) -> None:
        """With policies of the counts none is known."""

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps, as one agent sees them: states are its information states, actions
        and rewards [E, T, 1] its own. All n agents play; which one is told makes no difference."""
        nodes = jnp.zeros((episodes, self.n_agents), int)
        cycle = self.layers + 2

        def step(nodes: Array, given: tuple[Array, Array]) -> tuple[Array, tuple[Array, Array, Array]]:
            time, key = given
            seen = self._seen(nodes, time)
            up_to = jnp.cumsum(profile[0], axis=1)[seen]                                            # [E, n, A]
            uniform = jax.random.uniform(key, nodes.shape)[..., None]
            actions = jnp.sum(up_to[..., :-1] <= uniform * up_to[..., -1:], axis=-1)
            alike = (nodes == nodes[:, :1]) & (actions == actions[:, :1])
            node = jnp.where(time == 0, 0, 1 + (time - 1) * self.width + nodes[:, 0])
            paid = jnp.where(time == cycle - 1, self.loop_reward,
                             jnp.asarray(self.pay)[jnp.minimum(node, len(self.pay) - 1), actions[:, 0],
                                                   jnp.sum(alike, axis=1)])
            following = jnp.where(time < self.layers, actions, 0)
            return following, (seen[:, 0], actions[:, :1], paid[:, None])

        times = jnp.arange(steps + 1) % cycle if self.loops else jnp.minimum(jnp.arange(steps + 1), cycle - 1)
        last, (states, actions, rewards) = jax.lax.scan(step, nodes, (times[:-1], jax.random.split(key, steps)))
        states = jnp.concatenate([states, self._seen(last, times[-1])[None, :, 0]])
        return Episodes(states=states.T, actions=actions.swapaxes(0, 1), rewards=rewards.swapaxes(0, 1))

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[1, H, A]` of the user's own, that all play.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key)

    @property
    def _at(self) -> Places:
        return places(self.n_agents, self.width)

    @property
    def _left(self) -> np.ndarray:
        """[H] steps until the sink."""
        block = self.width * len(self._at.others)
        return np.repeat(np.arange(self.layers + 2)[::-1], [1, *[block] * self.layers, 1])

    def _play(self, profile: Array) -> Play:
        layers = profile[0, 1:-1].reshape(self.layers, self.width, -1, self.width)
        return anonymous_play.play(profile[0, 0], layers, jnp.asarray(self.pay), self._at)

    def _swept(self, moves: Play, chosen: anonymous_play.Chosen) -> tuple[Array, Array, Array]:
        """Action values [H, A], values [H] and their error."""
        q, v, error = anonymous_play.swept(moves, self.discount, chosen, self._at)
        if not self.loops:
            return q, v, error
        # Play is back after the same number of steps whatever anyone does: a best response does not change that.
        round_trip = 1.0 - self.discount ** (self.layers + 2)
        later = self.discount**self._left * (self.loop_reward + self.discount * v[0]) / round_trip
        return q + later[:, None], v + later, error / round_trip

    def _visitation(self, moves: Play) -> Array:
        chance = anonymous_play.visits(moves, self._at)
        if self.undiscounted:
            return chance
        weight = (1.0 - self.discount) * self.discount ** (self.layers + 1 - self._left)
        if self.loops:
            return chance * weight / (1.0 - self.discount ** (self.layers + 2))
        # Play stays at the sink for ever after its arrival there.
        return chance * jnp.where(self.absorbing, weight / (1.0 - self.discount), weight)

    def _seen(self, nodes: Array, time: Array) -> Array:
        """[E, n] information states of agents on `nodes` [E, n] of their layer at a step of play."""
        held = jnp.sum(nodes[..., None] == jnp.arange(self.width), axis=1)[:, None]                 # [E, 1, W]
        others = held - (jnp.arange(self.width)[:, None] == jnp.arange(self.width))
        place = rank(jnp.maximum(others, 0), self.n_agents - 1)                                     # [E, W]
        size = len(self._at.others)
        seen = 1 + ((time - 1) * self.width + nodes) * size + jnp.take_along_axis(place, nodes, axis=1)
        return jnp.where(time == 0, 0, jnp.where(time > self.layers, self.n_states - 1, seen))


def _mean(q: Array, policy: Array) -> Array:
    return jnp.sum(q * policy, axis=-1)


@lru_cache(maxsize=8)
def _mask(n_states: int, layers: int, width: int) -> np.ndarray:
    mask = np.ones((1, n_states, width), bool)
    with_choice = 1 + (n_states - 2) // layers * (layers - 1)
    mask[:, with_choice:, 1:] = False
    mask.setflags(write=False)
    return mask
