"""What a PettingZoo environment answers to `reset` and `step`, checked and as arrays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from potentia.bridges.packages import package
from potentia.bridges.parallel_spaces import (
    MASK,
    SEEN,
    Sight,
    actions_of,
    as_array,
    refused,
    sight_of,
)
from potentia.errors import RAISED, InputError, finite_number, one_line, shown

PARTS = ("observations", "rewards", "terminations", "truncations", "infos")
MEMBERS = ("possible_agents", "reset", "step", "observation_space", "action_space")


class Moment(NamedTuple):
    """Where an environment stands.

    seen: [N, F] what agents see, filled with 0, or [N] which of H things. rewards: [N] of the step
    before. ended: whether the game is over. cut: whether the episode was cut off. legal: [N, A].
    """

    seen: np.ndarray
    rewards: np.ndarray
    ended: bool
    cut: bool
    legal: np.ndarray

    @property
    def over(self) -> bool:
        return self.ended or self.cut


@dataclasses.dataclass(frozen=True)
class Cast:
    """Who plays in an environment, and how what they are told is read.

    agents: names. counts: [N] actions; firsts: [N] the number of the first. in_infos: agents
    whose masks are told by the infos instead of the observations.
    """

    name: str
    agents: tuple[Any, ...]
    counts: tuple[int, ...]
    firsts: tuple[int, ...]
    sights: tuple[Sight, ...]
    in_infos: tuple[Any, ...] = ()

    @property
    def masked(self) -> bool:
        """Whether actions may be missing somewhere."""
        return bool(self.in_infos) or any(sight.masked for sight in self.sights)

    @property
    def n_observations(self) -> int:
        """H where all agents see one of so many things each, the most of any; else 0."""
        several = [sight.several for sight in self.sights]
        return max(several) if all(several) else 0

    @property
    def observation_shape(self) -> tuple[int, ...]:
        """Of what one agent sees: () where it is a number of a thing, else the longest's length."""
        return () if self.n_observations else (max(sight.length for sight in self.sights),)

    @property
    def exists(self) -> np.ndarray:
        """[N, A] actions that an agent has at all."""
        return np.arange(max(self.counts)) < np.array(self.counts)[:, None]

    def begun(self, env: Any, seed: int, where: str) -> Moment:
        """Begin an episode. Raises InputError for what does not fit."""
        return self.first(env, *reset(env, seed, where), where)

    def first(self, env: Any, observations: Mapping[Any, Any], infos: Mapping[Any, Any],
              where: str) -> Moment:
        """Where an environment stands that was reset. Raises InputError for what does not fit."""
        _everybody(self.agents, observations, "observations", where)
        self._refuse_absent(env, where)
        seen, legal = self._told(observations, infos, where, over=False)
        return Moment(seen, np.zeros(len(self.agents)), False, False, legal)

    def stepped(self, env: Any, actions: Sequence[int], where: str) -> Moment:
        """One step. Raises InputError for what does not fit, naming the agent."""
        taken = {agent: first + int(action) for agent, first, action in zip(
            self.agents, self.firsts, actions, strict=True)}
        answer = _called(env.step, "step", where, taken)
        if not isinstance(answer, tuple) or len(answer) != len(PARTS):
            found = f"{len(answer)} things" if isinstance(answer, tuple) else shown(answer)
            raise InputError(f"{where}: step gives {found}, but {', '.join(PARTS)} were expected")
        for part, given in zip(PARTS, answer, strict=True):
            _mapping(given, part, where)
        observations, rewards, terminations, truncations, infos = answer
        ended, cut = self._end(terminations, truncations, where)
        _everybody(self.agents, rewards, "rewards", where)
        paid = np.array([_reward(rewards[agent], agent, where) for agent in self.agents])
        if not ended:
            _everybody(self.agents, observations, "observations", where)
        if not ended and not cut:
            self._refuse_absent(env, where)
        seen, legal = self._told(observations, infos, where, over=ended or cut)
        return Moment(seen, paid, ended, cut, legal)

    def _end(self, terminations: Any, truncations: Any, where: str) -> tuple[bool, bool]:
        """Whether the game is over for all, and else whether it was cut off for all."""
        _everybody(self.agents, terminations, "terminations", where)
        _everybody(self.agents, truncations, "truncations", where)
        dead = [_flag(terminations[agent], "termination", agent, where) for agent in self.agents]
        stopped = [_flag(truncations[agent], "truncation", agent, where) for agent in self.agents]
        if all(dead):
            return True, False
        over = [one or other for one, other in zip(dead, stopped, strict=True)]
        if any(over) and not all(over):
            raise refused(where, self.agents[over.index(True)],
                          f"its play is over, but that of {shown(self.agents[over.index(False)])} "
                          f"goes on: all must end together")
        if any(dead):
            raise refused(where, self.agents[dead.index(True)],
                          f"it is terminated, but {shown(self.agents[dead.index(False)])} only "
                          f"truncated: the game must be over for all, or for none")
        return False, all(over)

    def _told(self, observations: Any, infos: Any, where: str,
              over: bool) -> tuple[np.ndarray, np.ndarray]:
        """What agents see and may do; at the end of a game they may be told nothing more."""
        seen = np.zeros((len(self.agents), *self.observation_shape),
                        np.int32 if self.n_observations else np.float32)
        legal = self.exists
        for row, (agent, sight) in enumerate(zip(self.agents, self.sights, strict=True)):
            if agent not in observations:
                continue
            own, mask = observations[agent], None
            if sight.masked:
                own, mask = _parts(own, agent, where)
            elif agent in self.in_infos:
                mask = _mask_in(infos, over, agent, where)
            if self.n_observations:
                seen[row] = sight.number(own, where, agent)
            else:
                seen[row, :sight.length] = sight.numbers(own, where, agent)
            if mask is not None:
                legal[row, :self.counts[row]] = _mask(mask, self.counts[row], over, agent, where)
        return seen, legal

    def _refuse_absent(self, env: Any, where: str) -> None:
        present = list(getattr(env, "agents", self.agents))
        for agent in self.agents:
            if agent not in present:
                raise refused(where, agent, "it is gone, but neither terminated nor truncated")
        for agent in present:
            if agent not in self.agents:
                raise refused(where, agent, "it joins, but is none of possible_agents")


def cast_of(env: Any) -> Cast:
    """Who plays in an environment, by its spaces.

    Raises InputError for what is no `ParallelEnv`, and for spaces that do not fit.
    """
    theirs = package("pettingzoo", "pettingzoo", "ParallelEnv", "AECEnv")
    if isinstance(env, theirs.AECEnv) or hasattr(env, "agent_selection"):
        raise InputError(f"env is a {type(env).__name__}, in which agents move in turns: give "
                         f"pettingzoo.utils.aec_to_parallel(env), if its agents may act at once")
    if lacking := [name for name in MEMBERS if not hasattr(env, name)]:
        raise InputError(f"env is {shown(env)}, which has no {lacking[0]}: a "
                         f"pettingzoo.ParallelEnv was expected, or a function that makes one")
    told = getattr(env, "metadata", None)
    name = told.get("name") if isinstance(told, Mapping) else None
    where = name if isinstance(name, str) and name else type(env).__name__
    agents = tuple(env.possible_agents)
    if not agents or len(set(agents)) < len(agents):
        raise InputError(f"{where}: possible_agents is {shown(list(agents))}, but some agents were "
                         f"expected, each once")
    numbered = [actions_of(_called(env.action_space, "action_space", where, agent), where, agent)
                for agent in agents]
    sights = tuple(sight_of(_called(env.observation_space, "observation_space", where, agent),
                            where, agent) for agent in agents)
    return Cast(where, agents, tuple(count for count, _ in numbered),
                tuple(first for _, first in numbered), sights)


def with_infos_read(cast: Cast, infos: Mapping[Any, Any]) -> Cast:
    """The cast, told whose masks the infos of a reset hold, where observations hold none."""
    told = [agent for agent, sight in zip(cast.agents, cast.sights, strict=True)
            if not sight.masked and isinstance(own := infos.get(agent), Mapping) and MASK in own]
    return dataclasses.replace(cast, in_infos=tuple(told))


def reset(env: Any, seed: int, where: str) -> tuple[Mapping[Any, Any], Mapping[Any, Any]]:
    """Observations and infos that an episode begins with; older environments tell no infos."""
    answer: Any = _called(env.reset, "reset", where, seed=seed)
    pair = isinstance(answer, tuple) and len(answer) == 2
    observations: Any = answer[0] if pair else answer
    infos: Any = answer[1] if pair else {}
    _mapping(observations, "observations", where)
    _mapping(infos, "infos", where)
    return observations, infos


def _called(function: Any, name: str, where: str, *given: Any, **named: Any) -> Any:
    """What somebody else's code answers."""
    try:
        return function(*given, **named)
    except RAISED as error:
        raise InputError(f"{where}: {name} raised {type(error).__name__}: "
                         f"{one_line(error)}") from error


def _mapping(given: object, part: str, where: str) -> None:
    if not isinstance(given, Mapping):
        raise InputError(f"{where}: {part} is {shown(given)}, but a mapping from agents was "
                         f"expected")


def _everybody(agents: tuple[Any, ...], given: Mapping[Any, Any], part: str, where: str) -> None:
    """Refuse a mapping that lacks an agent, or has one who is none."""
    for agent in agents:
        if agent not in given:
            raise refused(where, agent, f"the {part} have none for it")
    for agent in given:
        if agent not in agents:
            raise refused(where, agent, f"the {part} have one for it, but it is none of "
                                        f"possible_agents: nobody may join")


def _reward(given: object, agent: object, where: str) -> float:
    try:
        return float(finite_number(given, "the reward"))
    except InputError as error:
        raise refused(where, agent, str(error)) from None


def _flag(given: Any, what: str, agent: object, where: str) -> bool:
    if isinstance(given, bool | np.bool_) or (isinstance(given, int) and given in (0, 1)):
        return bool(given)
    raise refused(where, agent, f"the {what} is {shown(given)}, but it must be True or False")


def _parts(given: Any, agent: object, where: str) -> tuple[Any, Any]:
    if not isinstance(given, Mapping) or SEEN not in given or given.get(MASK) is None:
        raise refused(where, agent, f'the observation is {shown(given)}, but {{"{SEEN}", '
                                    f'"{MASK}"}} were expected')
    return given[SEEN], given[MASK]


def _mask_in(infos: Mapping[Any, Any], over: bool, agent: object, where: str) -> Any:
    own = infos.get(agent, {})
    if not isinstance(own, Mapping) or own.get(MASK) is None:
        if over:
            return None
        raise refused(where, agent, f"its infos have no {MASK}, but had one at the beginning")
    return own[MASK]


def _mask(given: Any, count: int, over: bool, agent: object, where: str) -> np.ndarray:
    """[A_i] whether an action exists; where play is over it does not matter if none does."""
    found = as_array(given)
    if (found.shape != (count,) or found.dtype.kind not in "biuf"
            or not ((found == 0) | (found == 1)).all()):
        raise refused(where, agent, f"its {MASK} is {shown(given)}, but 0 or 1 for each of {count} "
                                    f"actions was expected")
    exists = found.astype(bool)
    if exists.any():
        return exists
    if not over:
        raise refused(where, agent, f"its {MASK} leaves it no action")
    return np.ones(count, bool)
