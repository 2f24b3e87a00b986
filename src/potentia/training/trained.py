"""What training returns: policies that can be called, tables where states can be listed, and how
the returns went."""

from __future__ import annotations

import dataclasses
import enum
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.console.text import Line, Readable, counted
from potentia.errors import InputError, shown, whole_number
from potentia.games.tabular.game import MarkovGame
from potentia.learners import advantages as estimates
from potentia.learners.base import Learner
from potentia.runtime.float64 import float32_as_usual
from potentia.simulators.base import IsGame
from potentia.simulators.contract import Facts
from potentia.training.programs import TrainState, logits_of
from potentia.training.subject import features, held_learner

if TYPE_CHECKING:
    import pandas as pd


class TrainingStatus(enum.StrEnum):
    """Why training stopped; none of them says how near to Nash it came.

    MAX_UPDATES: as many updates as were asked for. NONFINITE: a reward, an observation or what was
    learnt was not finite. FAILED: a simulator raised, or it or a policy gave what does not fit.
    INTERRUPTED: Ctrl-C. In each what was learnt until then is kept.
    """

    MAX_UPDATES = enum.auto()
    NONFINITE = enum.auto()
    FAILED = enum.auto()
    INTERRUPTED = enum.auto()


@dataclasses.dataclass(frozen=True, eq=False)
class LearntPolicy:
    """Everybody's policy: `policy(observations)` gives probabilities.

    memory: [N, ...] of the agents' own learners.
    """

    learner: Learner
    facts: Facts
    memory: Any

    def __call__(self, observations: object, legal: object = None) -> np.ndarray:
        """[..., N, A] at observations [..., N, ...], each agent's of its own.

        legal: [..., N, A] actions that exist; those that an agent has at all if omitted. Raises
        InputError for observations of another shape.
        """
        seen = _numbers(observations, "observations")
        shape = (self.facts.n_agents, *self.facts.observation.shape)
        if seen.shape[seen.ndim - len(shape):] != shape:
            raise InputError(f"observations have shape {list(seen.shape)}, but [..., "
                             f"{', '.join(map(str, shape))}] was expected")
        several = self.facts.n_observations
        if several and (seen.dtype.kind not in "iu" or ((seen < 0) | (seen >= several)).any()):
            raise InputError(f"observations must be whole numbers from 0 to {several - 1}, but "
                             f"{shown(seen.tolist())} was given")
        ahead = seen.shape[:seen.ndim - len(shape)]
        exist = self._exist(legal, (*ahead, *self.facts.exists.shape))
        if not exist.size:
            return np.zeros(exist.shape)
        flat = seen.reshape(-1, *shape)
        with float32_as_usual():
            found = _probabilities(self._taught, self.facts, self.memory, jnp.asarray(flat),
                                   jnp.asarray(exist.reshape(-1, *self.facts.exists.shape)))
        exact = np.asarray(found, np.float64).reshape(exist.shape)
        return exact / exact.sum(axis=-1, keepdims=True)

    @cached_property
    def _taught(self) -> Learner:
        """The same object at each call, so that its program is compiled once."""
        return held_learner(self.learner)

    def _exist(self, legal: object, shape: tuple[int, ...]) -> np.ndarray:
        """[..., N, A] actions that exist, at least one for each agent."""
        given = self.facts.exists if legal is None else _numbers(legal, "legal")
        if given.shape != shape and given.shape != self.facts.exists.shape:
            raise InputError(f"legal has shape {list(given.shape)}, but {list(shape)} was expected")
        found = np.broadcast_to(given.astype(bool) & self.facts.exists, shape)
        if not (some := found.any(axis=-1)).all():
            at = np.argwhere(~some)[0].tolist()
            raise InputError(f"legal{at} leaves agent {at[-1]} no action")
        return found

    def table(self, exists: object = None) -> np.ndarray:
        """[N, H, A] where agents see one of H things each; exists: [N, H, A] actions."""
        several = self.facts.n_observations
        if not several:
            raise InputError(f"{self.facts.name} has no table: its agents see numbers, not one of "
                             f"so many things")
        seen = np.broadcast_to(np.arange(several)[:, None], (several, self.facts.n_agents))
        shape = self.facts.n_agents, several, self.facts.n_actions
        given = None if exists is None else _numbers(exists, "exists")
        if given is not None and given.shape != shape:
            raise InputError(f"exists has shape {list(given.shape)}, but {list(shape)} was "
                             f"expected")
        legal = None if given is None else np.moveaxis(given, 0, 1)
        return np.moveaxis(self(seen, legal), 0, 1)


def _numbers(given: object, name: str) -> np.ndarray:
    """Real numbers. Raises InputError naming them."""
    try:
        found = np.asarray(given)
    except (TypeError, ValueError):
        found = np.zeros(0, object)
    if found.dtype.kind not in "biuf" and found.dtype != jnp.bfloat16:
        raise InputError(f"{name} must be an array of real numbers, but {shown(given)} was given")
    with np.errstate(over="ignore"):
        if not np.isfinite(found.astype(np.float32)).all():
            raise InputError(f"{name} must be finite numbers of 32 bits, but {shown(given)} was "
                             f"given")
    return found


@partial(jax.jit, static_argnames="facts")
def _probabilities(learner: Learner, facts: Facts, memory: Any, seen: Any, exist: Any) -> Any:
    logits = logits_of(learner, memory, features(facts, seen))
    return jnp.exp(estimates.log_policy(logits, exist))


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Trained(Readable):
    """What `pt.train` returns, of one run or of several.

    simulator: it was trained in. returns: [K, N] mean discounted return of each agent in the
    episodes of each update, before it. agent_steps: [K] actions of all agents together until after
    it. Both have a leading axis `runs` if there are several. status, updates, message: of all
    together. final: where runs stand, to go on from.
    """

    simulator: Any
    learner: Learner
    facts: Facts
    returns: np.ndarray
    agent_steps: np.ndarray
    status: TrainingStatus
    updates: int
    message: str
    seed: int
    runs: int
    final: TrainState

    def __repr__(self) -> str:
        return (f"<Trained {type(self.learner).__name__} in {self.facts.name}: {self.status} after "
                f"{counted(self.updates, 'update')}>")

    def policy(self, run: int = 0) -> LearntPolicy:
        """What the agents of a run do. Raises InputError for a run that there is not."""
        number = whole_number(run, "run", 0, self.runs - 1)
        memory = jax.tree.map(lambda leaf: leaf[number], self.final.memory)
        return LearntPolicy(self.learner, self.facts, memory)

    @cached_property
    def profile(self) -> np.ndarray | LearntPolicy:
        """[N, H, A] where agents see one of H things each, with a leading axis `runs` if there are
        several; else the policy of the first run, to be called."""
        if not self.facts.n_observations:
            return self.policy()
        exists = self._table_mask()
        tables = [self.policy(run).table(exists) for run in range(self.runs)]
        return tables[0] if self.runs == 1 else np.stack(tables)

    @property
    def game(self) -> Any:
        """The game whose tables the simulator plays; None where there are none."""
        return self.simulator.game if isinstance(self.simulator, IsGame) else None

    def to_dataframe(self) -> pd.DataFrame:
        """A row for each update of each run: run, update, agent_steps, return_0, return_1, ... and
        `mean_return` of all agents."""
        import pandas as pd
        returns = self.returns.reshape(self.runs, -1, self.facts.n_agents)
        steps = np.broadcast_to(self.agent_steps.reshape(-1, returns.shape[1]), returns.shape[:2])
        columns: dict[str, Any] = {
            "run": np.repeat(np.arange(self.runs), returns.shape[1]),
            "update": np.tile(np.arange(returns.shape[1]), self.runs),
            "agent_steps": steps.ravel(), "mean_return": returns.mean(axis=2).ravel()}
        columns.update({f"return_{agent}": returns[:, :, agent].ravel()
                        for agent in range(self.facts.n_agents)})
        return pd.DataFrame(columns).dropna(subset=["mean_return"]).reset_index(drop=True)

    def lines(self) -> list[Line]:
        """What it says, for people."""
        returns = self.returns.reshape(self.runs, -1, self.facts.n_agents)
        told = [("simulator", f"{self.facts.name}, {counted(self.facts.n_agents, 'agent')}"),
                ("status", f"{self.status} after {counted(self.updates, 'update')}"
                           f"{f': {self.message}' if self.message else ''}"),
                ("agent-steps" + " of each run" * (self.runs > 1),
                 f"{int(self.agent_steps.max(initial=0)):,}")]
        if returns.shape[1]:
            first, last = (np.nanmean(returns[:, part]) for part in (
                slice(0, 1), slice(-min(10, returns.shape[1]), None)))
            told.append(("mean discounted return, estimated",
                         f"{first:.4g} in the first update, {last:.4g} in the last "
                         f"{min(10, returns.shape[1])}, over all agents"))
        return told

    def _table_mask(self) -> np.ndarray | None:
        game = self.game
        return np.asarray(game.mask) if isinstance(game, MarkovGame) else getattr(
            self.simulator, "exists", None)
