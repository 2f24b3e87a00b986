"""Play of the congestion game in JaxMARL's loop and in Potentia's, in turns, in one process.

    python benchmarks/peers/jaxmarl_play.py [AGENTS] [COPIES]

The Python needs both, Potentia and jaxmarl (0.2.0 was tried; of its own requirements flax is enough
for that). The game is the same table; agents act at random. JaxMARL's loop is its own: dicts by
agent, a step that resets by itself, scanned over steps and mapped over copies.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia import games
from potentia.bench.harness import least
from potentia.simulators.tables import of_game
from potentia.training.play import episodes
from potentia.training.subject import taken


def base_of_environments() -> Any:
    """JaxMARL's class, without the environments that its package loads beside."""
    found = importlib.util.find_spec("jaxmarl")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent
    for name, place in (("jaxmarl", folder), ("jaxmarl.environments", folder / "environments")):
        package = types.ModuleType(name)
        package.__path__ = [str(place)]
        sys.modules[name] = package
    return importlib.import_module("jaxmarl.environments.multi_agent_env")


def environment(simulator: Any, n_agents: int) -> Any:
    """The table as an environment of JaxMARL's."""
    theirs = base_of_environments()

    class Table(theirs.MultiAgentEnv):
        def told(self, values: Any) -> dict[str, Any]:
            return dict(zip(self.agents, values, strict=True))

        @partial(jax.jit, static_argnums=0)
        def reset(self, key: Any) -> Any:
            state = simulator.reset(key)
            return self.told(simulator.observe(state)), state

        def step_env(self, key: Any, state: Any, actions: Any) -> Any:
            joint = jnp.stack([actions[agent] for agent in self.agents])
            state, rewards, done = simulator.step(state, joint, key)
            return (self.told(simulator.observe(state)), state, self.told(rewards),
                    {**dict.fromkeys(self.agents, done), "__all__": done}, {})

    return Table(num_agents=n_agents)


def main(n_agents: int, copies: int) -> None:
    simulator, facts = taken(of_game(games.make("stochastic-congestion", n_agents=n_agents)))
    theirs = environment(simulator, n_agents)

    @jax.jit
    def by_jaxmarl(key: Any) -> Any:
        keys = jax.random.split(key, copies)
        _, states = jax.vmap(theirs.reset)(keys)

        def step(states: Any, key: Any) -> Any:
            own, further = jax.random.split(key)
            acts = jax.vmap(lambda one: {agent: jax.random.randint(each, (), 0, facts.n_actions)
                                         for agent, each in zip(theirs.agents, jax.random.split(
                                             one, n_agents), strict=True)})(
                jax.random.split(own, copies))
            _, states, rewards, _, _ = jax.vmap(theirs.step)(
                jax.random.split(further, copies), states, acts)
            return states, jnp.stack([rewards[agent] for agent in theirs.agents])
        return jax.lax.scan(step, states, jax.random.split(key, facts.horizon))[1].sum(axis=0)

    @jax.jit
    def by_potentia(key: Any) -> Any:
        return episodes(simulator, facts, lambda seen: jnp.zeros(
            (*seen.shape[:2], facts.n_actions)), key, copies).rewards.sum(axis=0)

    seconds = least({"JaxMARL": partial(by_jaxmarl, jax.random.key(0)),
                     "Potentia": partial(by_potentia, jax.random.key(0))})
    steps = facts.horizon * copies * n_agents
    print(json.dumps({"agents": n_agents, "copies": copies, "jaxmarl": version("jaxmarl"),
                      "seconds": seconds, "times faster": seconds["JaxMARL"] / seconds["Potentia"],
                      "million agent-steps a second": {
                          name: steps / took / 1e6 for name, took in seconds.items()}}))


if __name__ == "__main__":
    main(*(int(np.int64(given)) for given in (sys.argv[1:] + ["4", "16384"][len(sys.argv) - 1:])))
