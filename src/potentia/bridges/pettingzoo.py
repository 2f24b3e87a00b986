"""Games as environments of PettingZoo, in which all agents act at once (`ParallelEnv`), and such
environments as simulators to learn in and, where they are small, as games."""

from __future__ import annotations

import copy
import operator
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from potentia.bridges.finite import Steps, steps_of
from potentia.bridges.packages import package
from potentia.bridges.parallel_copies import ParallelCopies, from_pettingzoo
from potentia.bridges.parallel_tables import Enumerated, enumerated
from potentia.errors import InputError, known_name, shown, whole_number

__all__ = ["Enumerated", "ParallelCopies", "Play", "enumerated", "from_pettingzoo",
           "to_parallel_env"]
Told = dict[str, Any]


def to_parallel_env(game: object, horizon: int | None = None) -> Any:
    """The game as a `pettingzoo.ParallelEnv`, played by NumPy from the game's table.

    horizon: steps after which play is truncated; may be left out where every play ends by itself.
        States that are never left and pay nothing end it: agents are terminated.

    Agents have the game's names, or are agent_0, agent_1, .... An observation is the agent's
    information state, a whole number; where some actions do not exist everywhere it is, as in
    PettingZoo's Classic environments, {"observation": that number, "action_mask": int8 [A_i], 1
    for each action that exists there}, and the infos have the `action_mask`, too. Rewards are those
    of the step: returns are values once they are discounted, by `discount` of the environment.
    `reset(seed=...)` makes an episode reproducible; `state()` is the game's state.

    Raises InputError for a game without a table, and one that may go on without a horizon. `step`
    raises it for an action that does not exist and an agent that is none, `reset` for a seed that
    is no whole number.
    """
    theirs = package("pettingzoo", "pettingzoo", "ParallelEnv")
    spaces = package("gymnasium.spaces", "pettingzoo", "Discrete")
    steps = steps_of(game, horizon, "to_parallel_env needs")
    return _environment(theirs.ParallelEnv)(steps, spaces)


@cache
def _environment(base: type) -> type:
    """The class of environments, on top of PettingZoo's."""
    return type("MarkovParallelEnv", (Play, base), {})


class Play:
    """Play of a game, step by step, as PettingZoo calls it.

    possible_agents: all. agents: those who still play, all or none. discount: of the game's values.
    horizon: steps after which play is truncated.
    """

    render_mode = None

    def __init__(self, steps: Steps, spaces: Any) -> None:
        table = steps.table
        self._steps, self._random = steps, np.random.default_rng()
        self._place, self._time = 0, 0
        self.metadata = {"name": table.name, "render_modes": []}
        self.discount, self.horizon = float(table.discount), steps.horizon
        self.possible_agents = list(table.names.agents) or [
            f"agent_{agent}" for agent in range(table.n_agents)]
        self.agents: list[str] = []
        seen = np.asarray(table.mask).shape[1]
        self.action_spaces = {name: spaces.Discrete(count) for name, count in zip(
            self.possible_agents, table.action_counts, strict=True)}
        self._masked = not all(exists.all() for exists in steps.exists)
        self.observation_spaces = {name: spaces.Dict({
            "observation": spaces.Discrete(seen),
            "action_mask": spaces.Box(0, 1, (int(actions.n),), np.int8),
        }) if self._masked else spaces.Discrete(seen)
            for name, actions in self.action_spaces.items()}

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Another one that stands where this does; both share the game and the spaces."""
        other = memo[id(self)] = object.__new__(type(self))
        shared = (self._steps, self.action_spaces, self.observation_spaces)
        memo.update((id(each), each) for each in shared)
        vars(other).update(copy.deepcopy(vars(self), memo))
        return other

    def observation_space(self, agent: str) -> Any:
        """The numbers of the agent's information states; with a mask where actions differ."""
        return self.observation_spaces[known_name(agent, self.observation_spaces, "agent")]

    def action_space(self, agent: str) -> Any:
        """The numbers of the agent's actions."""
        return self.action_spaces[known_name(agent, self.action_spaces, "agent")]

    def reset(self, seed: int | None = None, options: object = None) -> tuple[Told, Told]:
        """Begin an episode: what agents see, and their infos. seed: of all chance from now on."""
        if seed is not None:
            self._random = np.random.default_rng(whole_number(seed, "seed"))
        initial = np.asarray(self._steps.table.initial)
        self._place = int(self._random.choice(initial.size, p=initial / initial.sum()))
        self._time, self.agents = 0, list(self.possible_agents)
        return self._seen(), self._infos()

    def step(self, actions: dict[str, int]) -> tuple[Told, Told, Told, Told, Told]:
        """Observations, rewards, terminations, truncations and infos after a joint action, a number
        for each agent."""
        if not self.agents:
            raise InputError("the episode is over: call reset first")
        if not isinstance(actions, Mapping):
            raise InputError(f"actions is {shown(actions)}, but a mapping from agents to actions "
                             f"was expected")
        for name in actions:
            known_name(name, self.agents, "agent in actions")
        joint = self._steps.joint([self._action(agent, name, actions)
                                   for agent, name in enumerate(self.agents)])
        paid = self._steps.rewards[self._place, joint]
        states, shares = self._steps.following(self._place, joint)
        self._place = int(self._random.choice(states, p=shares / shares.sum()))
        self._time += 1
        ended = bool(self._steps.table.absorbing[self._place])
        stopped = not ended and self._time >= self._steps.horizon
        told = (self._seen(), dict(zip(self.agents, paid.tolist(), strict=True)),
                dict.fromkeys(self.agents, ended), dict.fromkeys(self.agents, stopped),
                self._infos())
        if ended or stopped:
            self.agents = []
        return told

    def state(self) -> np.ndarray:
        """The number of the game's state, [1]."""
        return np.array([self._place])

    def render(self) -> None:
        """Nothing: there is no picture."""

    def close(self) -> None:
        """Nothing is held open."""

    def _action(self, agent: int, name: str, actions: Mapping[str, Any]) -> int:
        if name not in actions:
            raise InputError(f"actions has none of {name}, but all agents act at once")
        legal = self._steps.legal(agent, self._place)
        try:
            action = operator.index(actions[name])
        except TypeError:
            action = -1                            # no whole number, nor an array of one
        if action not in legal:
            raise InputError(f"actions[{name!r}] is {shown(actions[name])}, but the actions there "
                             f"are {', '.join(map(str, legal))}")
        return action

    def _seen(self) -> Told:
        information = np.asarray(self._steps.table.information)[:, self._place]
        seen = dict(zip(self.agents, information.tolist(), strict=True))
        if not self._masked:
            return seen
        masks = self._masks()
        return {name: {"observation": number, "action_mask": masks[name]}
                for name, number in seen.items()}

    def _infos(self) -> Told:
        masks = self._masks() if self._masked else {}
        return {name: {"action_mask": masks[name]} if masks else {} for name in self.agents}

    def _masks(self) -> dict[str, np.ndarray]:
        """[A_i] of each agent, 1 for the actions that exist here."""
        return {name: self._steps.exists[agent][self._place].astype(np.int8)
                for agent, name in enumerate(self.agents)}
