"""The stochastic congestion game of many identical agents that all play one policy: exact for a
thousand.

The game of `stochastic_congestion` on its default network, all agents at the source: symmetric
profiles only.
"""

from __future__ import annotations

from collections.abc import Mapping

from potentia.errors import InputError, finite_number, known_name, positive_number, whole_number
from potentia.games.graphs import layered
from potentia.games.symmetric.build import check_crowd
from potentia.games.symmetric.game import SymmetricCongestionGame
from potentia.games.zoo.stochastic_congestion import ByLoad, reward_table

SOURCE = ("Fox, McAleer, Overman, Panageas: Independent Natural Policy Gradient Always Converges "
          "in Markov Potential Games (arXiv 2110.10614), Example 1 and Section 4.2; count states "
          "are Potentia's own")


def build(n_agents: int = 100, layers: int = 2, width: int = 2, *, ending: str = "absorbing",
          loop_reward: float = 1.0, reward: ByLoad | Mapping[tuple, ByLoad] | None = None,
          reward_scale: float = 1.0,
          discount: float | None = None) -> SymmetricCongestionGame:
    """Identical agents walk through a network and all play one policy: only symmetric profiles, but
    of a thousand.

    n_agents: n >= 1. layers, width: of the network, both >= 1: "s", layers of fully connected
        nodes, "t".
    ending: "absorbing": play ends at the sink; or "loop": agents there are taken back to the
        source, at `loop_reward`.
    reward: pay of an edge by load, a function of the load 1..n or a sequence of n numbers, or a
        mapping {(node, next node): either} with every edge. 1/load if omitted. Costs are negative
        rewards.
    reward_scale: positive factor on the edges' rewards.
    discount: in [0, 1], below 1 with "loop"; 0.99 if omitted (Section 4).

    Profiles are [1, H, A]: one policy, which all agents play. An agent sees its own node and how
    many others are at each node of its layer: H = 2 + layers width C(n + width - 2, width - 1),
    which is 4,002 for 1,000 agents on two layers of two. Deviations are one agent's own, so a Nash
    gap of 0 means a Nash equilibrium of the n-agent game. From symmetric starts it is the same as
    "stochastic-congestion"; it cannot say anything of asymmetric equilibria.

    Raises InputError for parameters out of range and games above 2 GB.
    """
    n_agents = whole_number(n_agents, "n_agents", 1)
    layers, width = whole_number(layers, "layers", 1), whole_number(width, "width", 1)
    check_crowd(n_agents, layers, width)
    gamma = finite_number(0.99 if discount is None else discount, "discount")
    loops = known_name(ending, ("absorbing", "loop"), "ending") == "loop"
    if loops and gamma == 1:
        raise InputError(
            "discount is 1, but with ending='loop' play never ends; give a discount below 1")
    network = layered(layers, width)
    paid = reward_table(network, reward, positive_number(reward_scale, "reward_scale"), n_agents,
                        0.0)
    paid = paid.reshape(len(network.nodes), width, n_agents + 1)
    return SymmetricCongestionGame.from_layers(
        paid[:-1, :, 1:], n_agents=n_agents, layers=layers, width=width, discount=gamma,
        loop_reward=loop_reward if loops else None, name="anonymous-congestion")
