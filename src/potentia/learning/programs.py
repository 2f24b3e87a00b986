"""What the loop runs on the device: compiled programs of one game, oracle, rule and schedule.

Programs of Potentia's own classes are `device`'s, compiled once for all. A user's own classes never
enter a JAX tree (`runtime.own` says why): each combination of their tokens has programs of its own,
which rebuild the objects inside. Those take a second and some megabytes each, so only the last few
are kept.
"""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from inspect import unwrap
from typing import Any, Protocol

import jax
import numpy as np

from potentia.errors import InputError, shown
from potentia.game import BestResponse, Evaluation, Game
from potentia.learning import (
    carrying,
    checks,
    contract,
    device,
    own_oracles,
    own_rules,
    own_schedules,
)
from potentia.learning.device import RunState, Stops
from potentia.learning.shared import Shared
from potentia.oracles.base import Oracle, counts_steps, stateful
from potentia.rules.base import Rule
from potentia.runtime.ahead import at_once, nothing
from potentia.runtime.code import digest_of
from potentia.runtime.host_calls import in_float64
from potentia.runtime.own import Token, is_own, packed
from potentia.schedules.base import Schedule

KEPT = 8                  # combinations of own classes whose programs are kept
_STORE: OrderedDict[Any, _Compiled] = OrderedDict()


class Programs(Protocol):
    """What the loop runs of `device`, whatever the classes."""

    @property
    def game(self) -> Game: ...
    @property
    def oracle(self) -> Any: ...
    @property
    def rule(self) -> Any: ...
    @property
    def schedule(self) -> Any: ...
    def start(self, initial: str | None, start_profile: Any, seed: Any,
              runs: int) -> RunState: ...
    def advance(self, stops: Stops, states: RunState, references: Any,
                until: Any) -> tuple[RunState, Any]: ...
    def advance_ahead(self, stops: Stops, states: RunState, references: Any,
                      until: Any) -> Callable[[], None]:
        """Compile `advance` for these while other work goes on; what it returns waits for that."""
        ...
    def check(self, states: RunState, wanted: np.ndarray) -> Any: ...
    def check_begun(self, states: RunState, wanted: np.ndarray) -> Future[Any]:
        """`check`, done while other work goes on where that pays."""
        ...
    def reoriented(self, states: RunState, wanted: np.ndarray) -> RunState: ...
    def of_run(self, run: int) -> OneRule: ...


class OneRule(Programs, Protocol):
    """Those of runs that all learn by one rule; `of_run` gives them for any run."""

    def proposed(self, state: RunState) -> tuple[Evaluation, Any, BestResponse]: ...
    def begun(self, states: RunState) -> RunState: ...
    def waiting(self) -> tuple[Any, Any]: ...


def programs_of(game: Game, oracle: Oracle, rule: Rule,
                schedule: Schedule | None = None) -> OneRule:
    """The programs of these, everybody moving in every iteration without a schedule. Raises
    InputError if one of a user's own classes breaks its contract, or a schedule never lets somebody
    move."""
    things = game, oracle, rule, schedule
    if not any(map(_is_own, things)):
        for name, thing in (("oracle", oracle), ("rule", rule), ("schedule", schedule)):
            _refuse_no_numbers(name, thing)
        programs: OneRule = Shared(*things)
    else:
        data, tokens = _parts(*things)
        code = tuple(map(_code, things))
        compiled = _compiled((*tokens, *_memory_tokens(tokens, data)), code)
        compiled.contract.eval_shape(data)
        programs = _Own(*things, data, compiled)
    if schedule is not None:
        own_schedules.refuse_waiting(type(schedule).__name__, programs.waiting, game)
    return programs


def _is_own(thing: Any) -> bool:
    return thing is not None and is_own(thing)


def _refuse_no_numbers(name: str, thing: Any) -> None:
    """Raise InputError naming a parameter that is data of a program, but no number or array."""
    for path, leaf in jax.tree_util.tree_leaves_with_path(thing):
        if np.asarray(leaf).dtype.kind not in "biufc":
            raise InputError(f"{name}{jax.tree_util.keystr(path)} is {shown(leaf)}, not a number")


@dataclasses.dataclass(frozen=True)
class _Own:
    """The programs of a user's classes; data: the arrays of game, oracle, rule and schedule."""

    game: Game
    oracle: Oracle
    rule: Rule
    schedule: Schedule | None
    data: tuple[Any, ...]
    compiled: _Compiled

    def start(self, initial: str | None, start_profile: Any, seed: Any, runs: int) -> RunState:
        return self.compiled.start(self.data, start_profile, seed, initial=initial, runs=runs)

    def advance(self, stops: Stops, states: RunState, references: Any,
                until: Any) -> tuple[RunState, Any]:
        return self.compiled.advance(self.data, stops, states, references, until)

    def advance_ahead(self, stops: Stops, states: RunState, references: Any,
                      until: Any) -> Callable[[], None]:
        return nothing                             # a user's code is called where the user calls

    def check(self, states: RunState, wanted: np.ndarray) -> Any:
        if self.compiled.tokens[0] is None:        # a program of the game alone
            return checks.check(self.game, states, wanted)
        return self.compiled.check(self.data, states, wanted)

    def check_begun(self, states: RunState, wanted: np.ndarray) -> Future[Any]:
        return at_once(lambda: self.check(states, wanted))

    def proposed(self, state: RunState) -> tuple[Evaluation, Any, BestResponse]:
        return self.compiled.proposed(self.data, state)

    def reoriented(self, states: RunState, wanted: np.ndarray) -> RunState:
        return carrying.reoriented(self.game, _learner(self.rule, self.compiled.memory), states,
                                 wanted)

    def begun(self, states: RunState) -> RunState:
        return carrying.begun(self.game, _learner(self.rule, self.compiled.memory), states)

    def waiting(self) -> tuple[Any, Any]:
        return self.compiled.waiting(self.data, 0)

    def of_run(self, run: int) -> OneRule:
        return self


class _Compiled:
    """Programs of game, oracle, rule and schedule by their tokens, None for Potentia's own, and by
    the tokens of the memories of rule, schedule and oracle."""

    def __init__(self, game: Token | None, oracle: Token | None, rule: Token | None,
                 schedule: Token | None, memory: Token | None, turns: Token | None,
                 experience: Token | None):
        self.tokens, self.memory, self.turns = (game, oracle, rule, schedule), memory, turns
        self.experience = experience
        self.contract = jax.jit(self._contract)
        self.start = jax.jit(self._start, static_argnames=("initial", "runs"))
        self.advance = jax.jit(partial(self._run, device.advance, (0, 1, 2, 3)))
        self.check = jax.jit(partial(self._run, device.check, (0,)))
        self.proposed = jax.jit(partial(self._run, device.proposed, (0, 1, 2, 3)))
        self.waiting = jax.jit(partial(self._run, own_schedules.waits_for_ever, (3, 0)))

    def clear(self) -> None:
        """Forget what was compiled."""
        for program in (self.contract, self.start, self.advance, self.check, self.proposed,
                        self.waiting):
            program.clear_cache()        # pyright: ignore[reportAttributeAccessIssue]

    def _whole(self, data: tuple[Any, ...]) -> tuple[Any, Any, Any, Any]:
        game, oracle, rule, schedule = map(_rebuilt, self.tokens, data)
        return (game, _teller(oracle, self.experience), _learner(rule, self.memory),
                _mover(schedule, self.turns))

    def _contract(self, data: tuple[Any, ...]) -> None:
        game, oracle, *_ = map(_rebuilt, self.tokens, data)
        if self.tokens[0] is not None:
            contract.refuse_bad_game(game)
        if self.tokens[1] is not None:
            contract.refuse_bad_oracle(oracle, game)

    def _start(self, data: tuple[Any, ...], start_profile: Any, seed: Any, initial: str | None,
               runs: int) -> RunState:
        def work(data: tuple[Any, ...], start_profile: Any, seed: Any) -> RunState:
            game, oracle, rule, schedule = self._whole(data)
            return unwrap(device.start)(game, rule, schedule, initial, start_profile, seed, runs,
                                        counts_steps(oracle), stateful(oracle))
        return in_float64(work, data, start_profile, seed)

    def _run(self, program: Any, which: tuple[int, ...], data: tuple[Any, ...], *rest: Any) -> Any:
        def work(data: tuple[Any, ...], *rest: Any) -> Any:
            whole = self._whole(data)
            return unwrap(program)(*(whole[k] for k in which), *rest)
        return in_float64(work, data, *rest)


def _compiled(tokens: tuple[Token | None, ...], code: tuple[str, ...]) -> _Compiled:
    """The programs of these tokens: kept ones, or new ones in the place of those that were used
    longest ago."""
    key = (tokens, code)
    if key not in _STORE:
        _STORE[key] = _Compiled(*tokens)
        while len(_STORE) > KEPT:
            _STORE.popitem(last=False)[1].clear()
    _STORE.move_to_end(key)
    return _STORE[key]


def _parts(*things: Any) -> tuple[tuple[Any, ...], tuple[Token | None, ...]]:
    """Data and tokens of game, oracle, rule and schedule; Potentia's own stay as they are."""
    names = ("game", "oracle", "rule", "schedule")
    parts = [_packed(thing, f"{name} {type(thing).__name__}") if _is_own(thing) else (thing, None)
             for name, thing in zip(names, things, strict=True)]
    return tuple(data for data, _ in parts), tuple(token for _, token in parts)


def _packed(thing: Any, name: str) -> tuple[dict[str, Any], Token]:
    with contract.naming_method(name):
        return packed(thing, name)


def _code(thing: Any) -> str:
    """What tells a user's code, and what it reads from outside, from what it was; "" for
    Potentia's own."""
    if not _is_own(thing):
        return ""
    with contract.naming_method(f"looking at what {type(thing).__name__} reads"):
        return digest_of(thing)


def _memory_tokens(tokens: tuple[Token | None, ...], data: tuple[Any, ...]) -> list[Token | None]:
    """The tokens of the memories of a user's rule, schedule and oracle, after a look at what they
    return."""
    def look(data: tuple[Any, ...]) -> None:
        game, oracle, rule, schedule = map(_rebuilt, tokens, data)
        if tokens[2] is not None:
            learner = own_rules.plain(rule)
            own_rules.refuse_bad_rule(learner, game)
            found[0] = learner.token
        if tokens[3] is not None:
            mover = own_schedules.PlainSchedule(schedule)
            own_schedules.refuse_bad_schedule(mover, game)
            found[1] = mover.token
        if tokens[1] is not None and (keeping := stateful(oracle)) is not None:
            teller = own_oracles.PlainOracle(keeping)
            own_oracles.refuse_bad_memory(teller, game)
            found[2] = teller.token

    found: list[Token | None] = [None, None, None]
    jax.eval_shape(look, data)
    return found


def _rebuilt(token: Token | None, data: Any) -> Any:
    return data if token is None else token.rebuilt(data)


def _learner(rule: Rule, memory: Token | None) -> Any:
    return rule if memory is None else own_rules.plain(rule, memory)


def _mover(schedule: Schedule | None, memory: Token | None) -> Any:
    return (schedule if schedule is None or memory is None
            else own_schedules.PlainSchedule(schedule, memory))


def _teller(oracle: Any, memory: Token | None) -> Any:
    return oracle if memory is None else own_oracles.PlainOracle(oracle, memory)
