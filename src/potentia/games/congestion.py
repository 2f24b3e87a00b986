"""Congestion games with joint states, exact without a table of joint actions.

N agents stand on the nodes of a network. All move at once, and an agent that takes a move together with l - 1 others is
paid r(node, move, l). The state is every agent's node, and every agent sees it:

    Q_i(s, a) = E r(s_i, a, 1 + number of the others that take the same move) + discount E V_i(next nodes)

Both expectations are exact: the first from the distribution of the number (`loads`), the second by matrix products over
blocks of states that share their next places (`products`, `layout`). Fox, McAleer, Overman and Panageas, arXiv
2110.10614, Example 1 and eq. 1-3.

Play that must end is swept backwards once. Play that surely comes back to one configuration after a fixed
number of steps is swept once too: what it is worth to be back is a scalar y = a + b y for each agent. The
values of any other play, at discount < 1, solve a linear system whose residual is stated.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.devices import WHOLE, by_state
from potentia.game import BestResponse, Episodes, Evaluation, FullInformation
from potentia.games import congestion_values as values
from potentia.games.layout import Group
from potentia.lines import counted
from potentia.numerics import float64_method
from potentia.trees import Leaf, static, tree

if TYPE_CHECKING:
    from potentia.games.tabular import MarkovGame


@tree
class CongestionGame(FullInformation):
    """N agents on V nodes with up to A moves each, S joint states. Build it with `from_network`.

    moves: [V, A] next nodes, -1 where a node has fewer. pay: [V, A, N+1] by load (0 at load 0).
    initial: [S] distribution mu. discount: in [0, 1]. mask: [N, S, A] moves that exist.
    configurations: [S, N] node of each agent; -1 in states that stand for nothing (they fill up shards).
    codes, position: configurations by ascending code, and the state of each; for simulated play.
    groups: see `layout`, in the order of play. back: [S] discount^(steps until play is back in state `home`) if it
        surely is, else None. depth: most steps until play ends or is back, None if it need do neither.
    shards: parts that the states are split in.
    recipe: the registered name and parameters that rebuild this game, or None.
    """

    moves: Leaf
    pay: Leaf
    initial: Leaf
    discount: Leaf
    mask: Leaf
    configurations: Leaf
    codes: Leaf
    position: Leaf
    back: Leaf | None
    groups: tuple[Group, ...]
    depth: int | None = static()
    home: int | None = static()
    undiscounted: bool = static()
    shards: int = static(default=1)
    name: str = static(default="congestion")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @classmethod
    def from_network(cls, moves: object, rewards: object, *, n_agents: int, discount: float, start: object = None,
                     states: str = "reachable", initial: object = None, shards: int = 1,
                     name: str = "congestion") -> CongestionGame:
        """A congestion game on a network of V nodes.

        moves: [V, A] next node of each move, -1 after the last where a node has fewer than A; every node has at
            least one.
            A node whose only move leads to itself and pays nothing is an end; play is over when all agents are at ends.
        rewards: [V, A, N] what a move pays each agent that takes it, by the number 1..N that do.
        discount: in [0, 1]; at 1 every walk must come to an end.
        start: [N] nodes that play starts from, or [K, N] for several, equally likely; node 0 for all if omitted.
        states: "reachable" from there, or "all" V^N configurations.
        initial: a distribution over the configurations in ascending order (agent 1's node slowest) instead, or a
            function that gives it for their nodes [K, N].
        shards: parts of equal size that the states are split in, for as many devices.

        Raises InputError naming the entry at fault, a cycle where play must end, or a game that is too large.
        """
        from potentia.games.network import from_network
        return from_network(moves, rewards, n_agents=n_agents, discount=discount, start=start, states=states,
                            initial=initial, shards=shards, name=name)

    def partition(self) -> CongestionGame:
        """Which axis of each array runs over states; see `devices`."""
        groups = tuple(dataclasses.replace(
            group, order=WHOLE, inverse=WHOLE, targets=WHOLE, places=WHOLE,
            **{name: by_state(0) for name in ("block", "where", "alone")}) for group in self.groups)
        return dataclasses.replace(
            self, moves=WHOLE, pay=WHOLE, initial=by_state(0), discount=WHOLE, mask=by_state(1), codes=WHOLE,
            configurations=by_state(0), position=WHOLE, back=None if self.back is None else by_state(0), groups=groups)

    def tabular(self) -> MarkovGame:
        """The equal tabular game, with the same states; see `games.congestion_table`."""
        from potentia.games.congestion_table import tabular
        return tabular(self)

    def __repr__(self) -> str:
        return (f"<CongestionGame {self.name}: {counted(self.n_agents, 'agent')} on "
                f"{counted(self.moves.shape[0], 'node')}, {counted(len(self.codes), 'state')}>")

    @property
    def n_agents(self) -> int:
        return self.configurations.shape[1]

    @property
    def absorbing(self) -> Leaf:
        """[S] states in which play has ended."""
        ended = np.ones((self.shards, self.n_states // self.shards), bool)
        for group in self.groups:
            ended[:, group.first:group.first + group.size] = False
        return ended.ravel()

    @property
    def rewards(self) -> Leaf:
        """All that a move may pay: what bounds values."""
        return self.pay

    @property
    def sweeps(self) -> int | None:
        """Number of states on the longest play, the end included; None if play need not end."""
        return None if self.depth is None or self.back is not None else self.depth + 1

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of a profile `[N, S, A]`."""
        policy = self._by_shard(profile)
        v, q, _ = values.of_profile(self, policy, values.pays(self, policy))
        q = jnp.swapaxes(q.reshape(*q.shape[:2], -1), 1, 2)
        visits = values.visits(self, policy)
        # Play stays where it has ended for ever after its arrival there.
        visitation = visits if self.undiscounted else jnp.where(self.absorbing, visits, visits / self.scale)
        return Evaluation(q=jnp.where(self.mask, q, v[..., None]), v=v,
                          visitation=jnp.broadcast_to(visitation, v.shape))

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best response of each agent to the others' policies."""
        policy = self._by_shard(profile)
        paid = values.pays(self, policy)
        current, _, residual = values.of_profile(self, policy, paid)
        value, short = values.of_best_responses(self, policy, paid, self._by_shard(self.mask), current)
        gain = value - current
        steps = self.scale if self.sweeps is None else self.sweeps
        rounding = values.ROUNDING * jnp.max(jnp.abs(value) + jnp.abs(current), axis=1)
        return BestResponse(value=value, current=current, gain=gain @ self.initial, worst_gain=jnp.max(gain, axis=1),
                            error=steps * (residual + short + rounding))

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution."""
        policy = self._by_shard(profile)
        return values.of_profile(self, policy, values.pays(self, policy))[0] @ self.initial

    @float64_method
    @jax.jit
    def welfare(self, profile: Array) -> Array:
        """Sum over agents of V_i(mu)."""
        return jnp.sum(self.start_values(profile))

    def potential(self, profile: Array) -> None:
        """With policies of the whole state none is known."""

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps from the initial distribution."""
        start_key, play_key = jax.random.split(key)
        start = jax.random.choice(start_key, self.n_states, (episodes,), p=self.initial).astype(jnp.int32)
        chances = jnp.cumsum(profile, axis=-1)
        agents = jnp.arange(self.n_agents)
        place = len(self.moves) ** np.arange(self.n_agents)[::-1]

        def step(states: Array, key: Array) -> tuple[Array, tuple[Array, Array, Array]]:
            nodes = jnp.asarray(self.configurations)[states]                                         # [E, N]
            up_to = chances[agents, states[:, None]]                                                 # [E, N, A]
            uniform = jax.random.uniform(key, nodes.shape)[..., None]
            actions = jnp.sum(up_to[..., :-1] <= uniform * up_to[..., -1:], axis=-1)
            together = (nodes[:, :, None] == nodes[:, None]) & (actions[:, :, None] == actions[:, None])
            paid = jnp.asarray(self.pay)[nodes, actions, jnp.sum(together, axis=-1)]
            code = jnp.asarray(self.moves)[nodes, actions] @ place
            following = jnp.asarray(self.position)[jnp.searchsorted(self.codes, code)]
            return following, (states, actions, paid)

        last, (states, actions, rewards) = jax.lax.scan(step, start, jax.random.split(play_key, steps))
        states = jnp.concatenate([states, last[None]])
        return Episodes(states=states.T, actions=actions.swapaxes(0, 1), rewards=rewards.swapaxes(0, 1))

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[N, S, A]` of the user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key, self._random)

    def _by_shard(self, profile: Array) -> Array:
        """[N, S, A] to [N, A, D, L]."""
        by_move = jnp.swapaxes(jnp.asarray(profile), 1, 2)
        return by_move.reshape(*by_move.shape[:2], self.shards, -1)

    def _random(self, mask: Array, key: Array) -> Array:
        """Flat Dirichlet rows; a key for each configuration, so that the layout of the states changes nothing."""
        def row(configuration: Array) -> Array:
            own = key
            for node in configuration:
                own = jax.random.fold_in(own, node)
            return jax.random.exponential(own, (self.n_agents, self.moves.shape[1]))

        weights = jax.vmap(row, out_axes=1)(jnp.asarray(self.configurations)) * mask
        return weights / jnp.sum(weights, axis=-1, keepdims=True)
