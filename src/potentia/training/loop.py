"""Training: agents learn from play alone, each by itself, update after update."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np

from potentia.console.progress import progress_bar
from potentia.errors import RAISED, InputError, shown, truth_value, whole_number
from potentia.io.directories import keeping
from potentia.learners.base import Learner
from potentia.learners.contract import checked_instance
from potentia.learners.ppo import IndependentPPO
from potentia.runtime.float64 import float32_as_usual
from potentia.simulators.contract import Facts
from potentia.simulators.host import HostSimulator
from potentia.simulators.host_contract import checked_host
from potentia.training import programs
from potentia.training.agreement import refuse_apart
from potentia.training.faults import KEPT, NotFinite, failure, told
from potentia.training.host_play import HostRuns
from potentia.training.programs import CHUNK, TrainState
from potentia.training.saving import kept_in, refuse_unsavable_training, save
from potentia.training.subject import held, held_learner, taken
from potentia.training.trained import Trained, TrainingStatus

Keep = Callable[[Trained], None]


class Advances(Protocol):
    """What trains: the device, or a simulator on the host."""

    def __call__(self, state: TrainState,
                 until: int) -> tuple[TrainState, np.ndarray, np.ndarray, str]:
        """The state at most so far on, returns [R, K, N] and steps [R, K] of these updates, and
        what went wrong, "" where nothing did."""
        ...


@dataclasses.dataclass
class Log:
    """Returns [R, K, N] and agent-steps [R, K] until after each update."""

    returns: np.ndarray
    steps: np.ndarray

    def with_records(self, returns: np.ndarray, steps: np.ndarray, n_agents: int) -> Log:
        """With those of further updates."""
        before = self.steps[:, -1:] if self.steps.shape[1] else np.zeros((len(steps), 1), np.int64)
        further = before + np.cumsum(steps.astype(np.int64) * n_agents, axis=1)
        return Log(np.concatenate([self.returns, returns], axis=1),
                   np.concatenate([self.steps, further], axis=1))


def train(simulator: object, learner: Learner | None = None, *, updates: int = 200,
          runs: int | None = None, seed: int | None = None, initial: Trained | None = None,
          progress: bool | None = None, checkpoint: str | Path | None = None,
          checkpoint_every: int = 50, resume: bool = False) -> Trained:
    """Let the agents of a simulator learn, each from its own observations, actions and rewards.

    simulator: a `pt.Simulator`, a game with a table, or one on the host (`HostSimulator`).
    learner: how each agent learns; `pt.learners.IndependentPPO()` if omitted.
    updates: that are made. runs: independent ones, 1 if omitted, of seeds that follow from `seed`,
        0 if omitted, and the number of the run; one only of a simulator on the host.
    initial: what an earlier training of this simulator and learner returned, to go on from, with
        its runs and its seed.
    checkpoint: a directory in which what was learnt is kept every `checkpoint_every` updates, to go
        on from by `resume=True`, to the same bits.
    progress: show a bar on standard error; by default if that is a terminal.

    Once the first update has begun Ctrl-C ends training, and what was learnt until then is
    returned; so it is where the simulator fails, with the step and the agent in `message`. Raises
    InputError for a simulator that is none, for a checkpoint that holds another training, and for
    other runs or another seed than those of `initial`; NotWrittenError, which has what was learnt
    in `found`, for a checkpoint that cannot be written.
    """
    most = whole_number(updates, "updates", 0)
    number, first = _runs_and_seed(runs, seed, initial)
    every = whole_number(checkpoint_every, "checkpoint_every", 1)
    truth_value(resume, "resume")
    if progress is not None:
        truth_value(progress, "progress")
    own = checked_instance(IndependentPPO() if learner is None else learner)
    with float32_as_usual():
        found, facts, advance = _advances(simulator, own, number)
        begun = _begun(found, own, facts, first, number, initial, checkpoint, resume)
        keep = _keeping(checkpoint)
        with progress_bar(most, progress, "training") as tell:
            return _trained(begun, advance, most, tell, keep, every)


def _runs_and_seed(runs: int | None, seed: int | None,
                   initial: Trained | None) -> tuple[int, int]:
    """Those that were asked for, else those of `initial`, which must not be others."""
    if initial is not None and not isinstance(initial, Trained):
        raise InputError(f"initial is {shown(initial)}, but what pt.train returned was expected")
    usual = {"runs": 1, "seed": 0} if initial is None else {"runs": initial.runs,
                                                            "seed": initial.seed}
    found = [usual[name] if given is None else whole_number(given, name, least, most)
             for name, given, least, most in (("runs", runs, 1, None),
                                              ("seed", seed, 0, 2**32 - 1))]
    for (name, own), given in zip(usual.items(), found, strict=True):
        if initial is not None and given != own:
            raise InputError(f"{name} is {given}, but training goes on with the {own} of initial: "
                             f"leave {name} out")
    return found[0], found[1]


def _advances(simulator: object, learner: Learner,
              runs: int) -> tuple[Any, Facts, Advances]:
    if isinstance(simulator, HostSimulator):
        if runs > 1:
            raise InputError("runs must be 1 where a simulator runs on the host: train once for "
                             "each seed")
        facts = checked_host(simulator)
        refuse_apart(learner, facts, runs, learner.episodes)
        return simulator, facts, HostRuns(simulator, facts, held_learner(learner))
    found, facts = taken(simulator)
    refuse_apart(learner, facts, runs, learner.episodes)
    given, taught = held(found), held_learner(learner)

    def advance(state: TrainState, until: int) -> tuple[TrainState, np.ndarray, np.ndarray, str]:
        before = np.asarray(state.update)
        state, records = programs.advance(given, taught, facts, state, jnp.int32(until))
        made = int((np.asarray(state.update) - before).max(initial=0))
        return (state, np.asarray(records.returns)[:, :made],
                np.asarray(records.steps)[:, :made],
                told(np.asarray(state.fault), facts))

    return found, facts, advance


def _begun(simulator: Any, learner: Learner, facts: Facts, seed: int, runs: int,
           initial: Trained | None, checkpoint: str | Path | None, resume: bool) -> Trained:
    """Where training begins: anew, where another ended, or where a checkpoint stands."""
    if resume:
        if checkpoint is None:
            raise InputError("resume needs checkpoint, the directory to go on from")
        kept = kept_in(checkpoint, simulator, learner)
        if kept is not None:
            _refuse_another(kept, facts, seed, runs, checkpoint)
            return _without_faults(kept)
    elif checkpoint is not None and kept_in(checkpoint, simulator, learner) is not None:
        raise InputError(f"{checkpoint} holds what was learnt before: go on from it by "
                         f"resume=True, or give another directory")
    if initial is not None:
        if initial.facts != facts or not _remembers_alike(initial, learner, facts):
            raise InputError(f"initial is of {initial.facts.name} and {initial.learner!r}, not of "
                             f"this simulator and learner")
        return _without_faults(dataclasses.replace(initial, simulator=simulator, learner=learner))
    state = programs.start(held_learner(learner), facts, jnp.uint32(seed), runs)
    return Trained(simulator, learner, facts, np.zeros((runs, 0, facts.n_agents)),
                   np.zeros((runs, 0), np.int64), TrainingStatus.MAX_UPDATES, 0, "", seed, runs,
                   state)


def _remembers_alike(initial: Trained, learner: Learner, facts: Facts) -> bool:
    """Whether what was learnt fits the learner."""
    if type(initial.learner) is not type(learner):
        return False
    like = jax.eval_shape(partial(programs.start, held_learner(learner), facts, runs=initial.runs),
                          jnp.uint32(0)).memory
    before, now = (jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), memory)
                   for memory in (initial.final.memory, like))
    return before == now


def _without_faults(begun: Trained) -> Trained:
    """As it stands, but for what went wrong then: the simulator may be mended since."""
    sound = jnp.tile(programs.no_fault(), (begun.runs, 1))
    return dataclasses.replace(begun, final=dataclasses.replace(begun.final, fault=sound))


def _refuse_another(kept: Trained, facts: Facts, seed: int, runs: int,
                    checkpoint: str | Path) -> None:
    """Raise InputError for a checkpoint of another training."""
    for name, is_kept, asked in (("seed", kept.seed, seed), ("runs", kept.runs, runs)):
        if is_kept != asked:
            raise InputError(f"{checkpoint} holds a training of {name} {shown(is_kept)}, not of "
                             f"{shown(asked)}")
    for name, is_kept in vars(kept.facts).items():
        if is_kept != getattr(facts, name):
            raise InputError(f"{checkpoint} holds a training of another simulator: its {name} is "
                             f"{shown(is_kept)}, not {shown(getattr(facts, name))}")


def _keeping(checkpoint: str | Path | None) -> Keep | None:
    if checkpoint is None:
        return None
    refuse_unsavable_training(checkpoint)

    def keep(trained: Trained) -> None:
        found = _shaped(trained)
        with keeping(found, Path(checkpoint)):
            save(found, checkpoint)

    return keep


def _trained(begun: Trained, advance: Advances, updates: int, tell: Callable[[int, str], None],
             keep: Keep | None, every: int) -> Trained:
    now = begun
    goal = int(np.asarray(begun.final.update).max(initial=0)) + (
        max(updates - begun.updates, 0) if keep is not None else updates)
    try:
        for now in _steps(begun, advance, goal, every if keep is not None else CHUNK):
            due = now.updates == goal or now.updates % every == 0
            if keep is not None and (due or now.status is not TrainingStatus.MAX_UPDATES):
                keep(now)
            tell(now.updates - begun.updates, _note(now))
    except KeyboardInterrupt:
        now = _interrupted(now)
        if keep is not None:                 # perhaps it was being written
            with suppress(KeyboardInterrupt):
                keep(now)
    return _shaped(now)


def _interrupted(now: Trained) -> Trained:
    return dataclasses.replace(now, status=TrainingStatus.INTERRUPTED,
                               message=KEPT.removeprefix("; "))


def _note(now: Trained) -> str:
    last = now.returns[:, -1:]
    return f"mean return {np.nanmean(last):.4g}" if last.size else ""


def _steps(begun: Trained, advance: Advances, goal: int, every: int) -> Iterator[Trained]:
    """What there is after each chunk, until the goal or what ends training before."""
    now = dataclasses.replace(begun, status=TrainingStatus.MAX_UPDATES, message="")
    log = Log(now.returns.reshape(now.runs, -1, now.facts.n_agents),
              now.agent_steps.reshape(now.runs, -1))
    yield now
    while now.updates < goal and now.status is TrainingStatus.MAX_UPDATES:
        until = min((now.updates // every + 1) * every, now.updates + CHUNK, goal)
        try:
            state, returns, steps, wrong = advance(now.final, until)
        except KeyboardInterrupt:
            yield _interrupted(now)
            return
        except InputError:
            raise
        except RAISED as error:
            # A simulator that calls the host may raise anything on the way.
            now = dataclasses.replace(now, status=TrainingStatus.FAILED,
                                      message=f"{failure(error)}{KEPT}")
            yield now
            return
        log = log.with_records(returns, steps, now.facts.n_agents)
        status = (TrainingStatus.MAX_UPDATES if not wrong else TrainingStatus.NONFINITE
                  if isinstance(wrong, NotFinite) else TrainingStatus.FAILED)
        now = dataclasses.replace(
            now, returns=log.returns, agent_steps=log.steps, final=state, status=status,
            message=wrong, updates=int(np.asarray(state.update).max(initial=0)))
        yield now


def _shaped(now: Trained) -> Trained:
    """Without the axis `runs` where there is one."""
    if now.runs > 1 or now.returns.ndim == 2:
        return now
    return dataclasses.replace(now, returns=now.returns[0], agent_steps=now.agent_steps[0])
