"""Gaps where no table exists: what one agent was seen to gain by learning against the others.

No certificate. A policy that was found bounds the best one from below, its gain is a mean over
episodes with an error, and a better policy may always be there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import jax
import numpy as np
from scipy.stats import norm

from potentia.console.progress import progress_bar
from potentia.console.text import Line, Readable, counted
from potentia.errors import (
    InputError,
    positive_number,
    share_number,
    shown,
    truth_value,
    whole_number,
)
from potentia.games.tabular.game import MarkovGame
from potentia.learners.base import Learner
from potentia.learners.contract import checked_instance
from potentia.learners.ppo import IndependentPPO
from potentia.runtime.float64 import float32_as_usual
from potentia.simulators.base import IsGame
from potentia.simulators.host import HostSimulator
from potentia.simulators.host_contract import checked_host
from potentia.training import arenas
from potentia.training.agreement import refuse_apart
from potentia.training.arenas import Arena, OnDevice, OnHost
from potentia.training.frozen import frozen
from potentia.training.subject import begun, taken

FEWEST = 30               # episodes, below which no interval of a mean is to be trusted
FRESH, CHOICE, LEARN = 0, 1, 2            # what a key is for


@dataclasses.dataclass(frozen=True, eq=False)
class EstimatedGap(Readable):
    """What agents were seen to gain, each alone, by policies that it learnt against the others'.

    agents: [M] which. gain, standard_error: [M] of the mean difference of returns in fresh
    episodes. value: [M] mean return of the profile itself. agent_steps:
    actions of all agents that were played for it. interrupted: whether agents are missing.
    """

    agents: np.ndarray
    gain: np.ndarray
    standard_error: np.ndarray
    value: np.ndarray
    confidence: float
    agent_steps: int
    episodes: int
    interrupted: bool = False

    @property
    def _width(self) -> float:
        """Standard errors to one side, for all agents together (Bonferroni)."""
        return float(norm.isf((1.0 - self.confidence) / (2.0 * max(len(self.gain), 1))))

    @property
    def interval(self) -> np.ndarray:
        """[M, 2] of each gain, with `confidence` for all of them together."""
        off = self._width * self.standard_error
        return np.stack([self.gain - off, self.gain + off], axis=1)

    @property
    def lower(self) -> np.ndarray:
        """[M] what each would gain at least; staying as it is gains 0."""
        return np.maximum(self.interval[:, 0], 0.0)

    @property
    def gap(self) -> float:
        """The largest gain, estimated: a Nash gap is at least about that."""
        return float(max(self.gain.max(initial=0.0), 0.0))

    def lines(self) -> list[Line]:
        """What it says, for people."""
        if not len(self.gain):
            return [("estimated Nash gap", "nothing: interrupted before any agent had learnt")]
        who = int(self.gain.argmax())
        low, high = self.interval[who]
        said = ("a lower bound found by learning; no certificate, and more updates might find more"
                if self.gap > 0 else
                "nothing was found: what was learnt does no better than staying, and more updates "
                "might")
        told = [("estimated Nash gap", f"{self.gap:.4g}, {said}"),
                ("of agent", f"{self.agents[who]}: by the policy that was found it gains "
                             f"{self.gain[who]:.4g}, between {low:.4g} and {high:.4g} with "
                             f"confidence {self.confidence:g} for "
                             f"{counted(len(self.gain), 'agent')} together"),
                ("estimated value of each", ", ".join(f"{value:.4g}" for value in self.value[:8])
                 + (", ..." if len(self.value) > 8 else "")),
                ("spent", f"{self.agent_steps:,} agent-steps; {self.episodes:,} fresh episodes for "
                          f"each gain")]
        return told + ([("interrupted", "agents are missing")] if self.interrupted else [])


def estimate_gap(simulator: object, profile: object, *, learner: Learner | None = None,
                 updates: int = 60, seeds: int = 2, episodes: int = 2000,
                 agents: Sequence[int] | None = None, confidence: float = 0.95, seed: int = 0,
                 progress: bool | None = None) -> EstimatedGap:
    """Let each agent learn alone against the others' frozen policies, and see what it gains.

    simulator: as `pt.train` takes it. profile: [N, H, A], what `pt.train` returned (its first run),
        or a function of observations [N, ...] that gives probabilities [N, A].
    learner: by which it learns; `IndependentPPO()` if omitted. updates: of each, from each of so
        many `seeds`; the best of them is chosen by episodes of its own.
    episodes: fresh ones, at least 30, by which the gain of the chosen one is told; intervals are
        normal ones, and miss losses so rare that these hold none. agents: which; all if
        omitted. confidence: of the intervals, for all agents together, in (0, 1).

    Returns are those of episodes, cut off at the simulator's horizon: a certificate of a game that
    goes on for ever is of another game, unless little is left by then. Ctrl-C ends it, and what is
    known of the agents until then is returned. Raises InputError for what does not fit.
    """
    counts = {name: whole_number(value, name, least) for name, value, least in (
        ("updates", updates, 1), ("seeds", seeds, 1), ("episodes", episodes, FEWEST))}
    if share_number(positive_number(confidence, "confidence"), "confidence") == 1:
        raise InputError("confidence is 1, but it must be below 1")
    if progress is not None:
        truth_value(progress, "progress")
    own = checked_instance(IndependentPPO() if learner is None else learner)
    with float32_as_usual():
        arena, n_agents = _arena(simulator, profile, own, episodes)
        chosen = _agents(agents, n_agents)
        work = _Work(arena, own, jax.random.key(whole_number(seed, "seed", 0, 2**32 - 1)), **counts)
        rows, interrupted = [], False
        with progress_bar(len(chosen), progress, "estimating gains") as tell:
            try:
                for row in work.of(chosen):
                    rows.append(row)
                    tell(len(rows), "")
            except KeyboardInterrupt:
                interrupted = True
    gain, error, value = np.array(rows).reshape(-1, 3).T
    return EstimatedGap(np.array(chosen[:len(rows)]), gain, error, value, float(confidence),
                        work.steps * n_agents, episodes, interrupted)


def _arena(simulator: object, profile: object, learner: Learner,
           episodes: int) -> tuple[Arena, int]:
    if isinstance(simulator, HostSimulator):
        facts = checked_host(simulator)
        refuse_apart(learner, facts, 1, learner.episodes)
        others = frozen(profile, facts, None)
        return OnHost(simulator, facts, learner, others), facts.n_agents
    found, facts = taken(simulator)
    refuse_apart(learner, facts, 1, max(learner.episodes, episodes))
    exists = (np.asarray(found.game.mask) if isinstance(found, IsGame)
              and isinstance(found.game, MarkovGame) else None)
    return OnDevice(found, facts, learner, frozen(profile, facts, exists)), facts.n_agents


def _agents(given: Sequence[int] | None, n_agents: int) -> list[int]:
    if given is None:
        return list(range(n_agents))
    listed = given.ndim == 1 if isinstance(given, np.ndarray) else isinstance(given, Sequence)
    if not listed or isinstance(given, str | bytes):
        raise InputError(f"agents is {shown(given)}, but their numbers were expected, such as [0]")
    found = [whole_number(agent, f"agents[{at}]", 0, n_agents - 1)
             for at, agent in enumerate(given)]
    if not found or len(set(found)) < len(found):
        raise InputError(f"agents is {shown(list(given))}, but some were expected, each once")
    return found


@dataclasses.dataclass
class _Work:
    """What is done for each agent. steps: of all episodes until now."""

    arena: Arena
    learner: Learner
    key: Any
    updates: int
    seeds: int
    episodes: int
    steps: int = 0

    def of(self, agents: Sequence[int]) -> Iterator[tuple[float, float, float]]:
        """Gain, standard error and own value of each agent."""
        for agent in agents:
            key = jax.random.fold_in(self.key, agent)
            learnt = [self._learnt(agent, jax.random.fold_in(jax.random.fold_in(key, LEARN), k))
                      for k in range(self.seeds)]
            candidates = [(memory, sharp) for memory in learnt for sharp in (1.0, arenas.SHARP)]
            chance = jax.random.fold_in(key, CHOICE)
            tried = [self._returns(memory, agent, sharp, chance).mean()
                     for memory, sharp in candidates]
            memory, sharp = candidates[int(np.argmax(tried))]
            fresh = jax.random.fold_in(key, FRESH)
            before = self._returns(None, agent, 1.0, fresh)
            more = self._returns(memory, agent, sharp, fresh) - before
            error = more.std(ddof=1) / np.sqrt(len(more)) if len(more) > 1 else np.inf
            yield float(more.mean()), float(error), float(before.mean())

    def _learnt(self, agent: int, key: Any) -> Any:
        memory = begun(self.learner, self.arena.facts, jax.random.fold_in(key, 0))
        for update in range(self.updates):
            memory, steps = self.arena.improved(memory, agent, update,
                                                jax.random.fold_in(key, update + 1))
            self.steps += steps
        return memory

    def _returns(self, memory: Any, agent: int, sharp: float, key: Any) -> np.ndarray:
        found, steps = self.arena.returns(memory, agent, sharp, key, self.episodes)
        if not np.isfinite(found).all():
            raise InputError(f"returns of agent {agent} are not finite: its rewards are too large")
        self.steps += steps
        return found.astype(np.float64)
