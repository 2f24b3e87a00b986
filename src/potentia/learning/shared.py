"""The programs of Potentia's own classes, which `device` holds, compiled once for all."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import jax
import numpy as np

from potentia.game import AnswersAtOnce, BestResponse, Contractible, Evaluation, Game
from potentia.learning import carrying, checks, contracted, device, own_schedules
from potentia.learning.contracted import Part, Parts
from potentia.learning.device import PerRun, RunState, Stops
from potentia.learning.side_by_side import runs_at_once
from potentia.oracles.base import counts_steps, stateful
from potentia.rules.base import Rule
from potentia.runtime.ahead import at_once, begun, compiled_ahead, nothing
from potentia.schedules.base import Schedule

_waits_for_ever = jax.jit(own_schedules.waits_for_ever)


@dataclasses.dataclass(frozen=True)
class OfDevice(ABC):
    """Chunks and checks of Potentia's own classes."""

    game: Game
    oracle: Any
    rule: Rule
    schedule: Schedule | None

    @property
    def learner(self) -> Rule | PerRun:
        """What all runs learn by."""
        return self.rule

    def advance(self, stops: Stops, states: RunState, references: Any,
                until: Any) -> tuple[RunState, Any]:
        if self._each_apart(states):
            return contracted.each_apart(self.of_run, stops, states, references, until)
        return device.advance(*self._advancing(stops, states, references, until))

    def advance_ahead(self, stops: Stops, states: RunState, references: Any,
                      until: Any) -> Callable[[], None]:
        if self._each_apart(states):
            return nothing
        return compiled_ahead(device.advance, *self._advancing(stops, states, references, until))

    @abstractmethod
    def of_run(self, run: int) -> Any:
        """The programs of one of the runs by itself."""

    def _each_apart(self, states: RunState) -> bool:
        """Whether what is left to choose may differ from run to run."""
        return (states.iteration.size > 1 and isinstance(self.game, Contractible)
                and self.game.contractible
                and contracted.serves(self.oracle, self.rule, self.schedule, states))

    def check(self, states: RunState, wanted: np.ndarray) -> Any:
        return checks.check(self.game, states, wanted)

    def check_begun(self, states: RunState, wanted: np.ndarray) -> Future[Any]:
        begin = begun if isinstance(self.game, AnswersAtOnce) else at_once
        return begin(lambda: self.check(states, wanted))

    def _advancing(self, stops: Stops, states: RunState, references: Any,
                   until: Any) -> tuple[Any, ...]:
        return (self.game, self.oracle, self.learner, self.schedule, stops, states, references,
                until, runs_at_once(self.game, until.size))


@dataclasses.dataclass(frozen=True)
class Shared(OfDevice):
    """The programs of Potentia's own classes, of which all runs learn by one rule."""

    parts: Parts = dataclasses.field(default_factory=Parts)

    def advance(self, stops: Stops, states: RunState, references: Any,
                until: Any) -> tuple[RunState, Any]:
        part = self._part(states)
        if part is None:
            following, records = super().advance(stops, states, references, until)
            return dataclasses.replace(following, orientation=states.orientation), records
        small, reference, elsewhere = contracted.entered(self.rule, part, states, references)
        following, records = device.advance(*self._within(part, stops, small, reference, until))
        return (contracted.left(part.agents, states, following),
                part.records(records, elsewhere))

    def advance_ahead(self, stops: Stops, states: RunState, references: Any,
                      until: Any) -> Callable[[], None]:
        part = self._part(states)
        if part is None:
            return super().advance_ahead(stops, states, references, until)
        small, reference, _ = contracted.entered(self.rule, part, states, references)
        return compiled_ahead(device.advance, *self._within(part, stops, small, reference, until))

    def _part(self, states: RunState) -> Part | None:
        return (self.parts.of(self.game, states)
                if contracted.serves(self.oracle, self.rule, self.schedule, states) else None)

    def _within(self, part: Part, stops: Stops, states: RunState, references: Any,
                until: Any) -> tuple[Any, ...]:
        return (part.game, self.oracle, self.rule, None, part.stops(stops), states, references,
                until)

    def start(self, initial: str | None, start_profile: Any, seed: Any, runs: int) -> RunState:
        if isinstance(self.game, AnswersAtOnce) and runs_at_once(self.game, runs) == 1:
            self.game.answers_ahead()
        return device.start(self.game, self.rule, self.schedule, initial, start_profile, seed,
                            runs, counts_steps(self.oracle), stateful(self.oracle))

    def proposed(self, state: RunState) -> tuple[Evaluation, Any, BestResponse]:
        return device.proposed(self.game, self.oracle, self.rule, self.schedule, state)

    def reoriented(self, states: RunState, wanted: np.ndarray) -> RunState:
        return carrying.reoriented(self.game, self.rule, states, wanted)

    def begun(self, states: RunState) -> RunState:
        return carrying.begun(self.game, self.rule, states)

    def waiting(self) -> tuple[Any, Any]:
        return _waits_for_ever(self.schedule, self.game, 0)

    def of_run(self, run: int) -> Shared:
        return self
