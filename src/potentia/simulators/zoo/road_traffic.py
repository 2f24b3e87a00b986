"""Trips through a road network, step by step: agents choose a road at each junction by how full the
roads ahead are."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import share_number, whole_number
from potentia.runtime.pytree import static, tree
from potentia.simulators.contract import MOST_AGENTS, MOST_SIDE

SOURCE = "a layered network with links whose delay grows with their load (Rosenthal 1973)"


@tree
class RoadTraffic:
    """N trips from one end of a network of L layers with W junctions each to the other. From every
    junction roads lead to all W of the next layer; road w of a layer costs 1 / (1 + w) for each
    trip that takes it in the same step. Agents see their layer, their junction and how many stand
    at each junction of it.
    """

    n_agents: int = static()
    layers: int = static()
    width: int = static()
    discount: float = static()
    name: str = static(default="road-traffic")

    @property
    def action_counts(self) -> tuple[int, ...]:
        """A junction of the next layer."""
        return (self.width,) * self.n_agents

    @property
    def horizon(self) -> int:
        """Steps until all have arrived."""
        return self.layers

    def reset(self, key: Array) -> tuple[Array, Array]:
        """The layer, 0, and each trip's junction [N], at random."""
        return jnp.zeros((), jnp.int32), jax.random.randint(key, (self.n_agents,), 0, self.width)

    def step(self, state: tuple[Array, Array], actions: Array,
             key: Array) -> tuple[tuple[Array, Array], Array, Array]:
        """All go one layer on, and pay for the others on their road."""
        layer, at = state
        load = jnp.zeros((self.width, self.width)).at[at, actions].add(1.0)
        cost = load[at, actions] / (1.0 + actions)
        return (layer + 1, actions.astype(at.dtype)), -cost / self.n_agents, (
            layer + 1 >= self.layers)

    def observe(self, state: tuple[Array, Array]) -> Array:
        """[N, 1 + 2 W] how far the trip is, the own junction, and the shares of trips at each."""
        layer, at = state
        share = jnp.zeros(self.width).at[at].add(1.0 / self.n_agents)
        far = jnp.full((self.n_agents, 1), layer / self.layers)
        return jnp.concatenate([far, jax.nn.one_hot(at, self.width),
                                jnp.broadcast_to(share, (self.n_agents, self.width))], axis=1)


def build(n_agents: int = 30, layers: int = 5, width: int = 3,
          discount: float = 1.0) -> RoadTraffic:
    """Trips through a layered network, each choosing at every junction."""
    found = float(share_number(discount, "discount"))
    return RoadTraffic(whole_number(n_agents, "n_agents", 1, MOST_AGENTS),
                       whole_number(layers, "layers", 1),
                       whole_number(width, "width", 1, MOST_SIDE), found)
