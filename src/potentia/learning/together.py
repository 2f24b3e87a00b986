"""Whether game, rule, oracle and schedule are what they should be, and go together."""

from __future__ import annotations

import numpy as np

from potentia.errors import InputError, truth_value, whole_number
from potentia.game import Game
from potentia.games.limits import short
from potentia.learning.agreement import refuse_other_scale, refuse_other_values
from potentia.learning.contract import (
    called,
    naming_method,
    refuse_bad_claims,
    refuse_bad_facts,
    refuse_missing,
    refuse_other_arguments,
)
from potentia.learning.device import CHUNK
from potentia.oracles.base import Oracle, Preparing, Selective, Stateful, is_exact
from potentia.oracles.exact import Exact
from potentia.rules.base import Rule
from potentia.runtime.own import is_own
from potentia.schedules.base import Schedule, is_coordinator, needs_gains
from potentia.schedules.simultaneous import Simultaneous

LIMIT_GB = 8.0           # what all runs together may take
# What is asked of game, rule and oracle, with the arguments by position.
ASKED_OF_GAMES = {"evaluate": ("profile",), "best_response": ("profile",), "welfare": ("profile",),
                  "potential": ("profile",), "initial_profile": ("start", "key")}
FACTS_OF_GAMES = ("name", "mask", "n_agents", "full_information", "undiscounted", "scale")
ASKED_OF_RULES = {"init": ("log_policy", "mask", "key"),
                  "update": ("log_policy", "memory", "view", "iteration", "key")}
ASKED_OF_SCHEDULES = {"init": ("n_movers", "key"), "move": ("memory", "iteration", "facts", "key")}
ASKED_OF_ORACLES = {"evaluate": ("game", "profile", "key")}
ASKED_OF_STATEFUL = {"begin": ("game", "key"),
                     "evaluate_from": ("game", "profile", "key", "memory")}
ASKED = {"game": ASKED_OF_GAMES, "rule": ASKED_OF_RULES, "oracle": ASKED_OF_ORACLES,
         "schedule": ASKED_OF_SCHEDULES}


def going_together(game: Game, rule: Rule, oracle: Oracle | None,
                   schedule: Schedule | None) -> tuple[Oracle, Schedule | None]:
    """The oracle as it serves the game, exact if none is given; and the schedule, None where
    everybody always moves.

    Raises InputError naming what is no game, rule, oracle or schedule, or does not go with another.
    """
    oracle = Exact() if oracle is None else oracle
    schedule = None if isinstance(schedule, Simultaneous) else schedule
    _refuse_non_instances(game, rule, oracle, schedule)
    if is_own(game):
        refuse_bad_facts(game)
    if is_own(oracle):
        refuse_bad_claims(oracle)
    refuse_other_values(rule, oracle)
    refuse_other_scale(rule, game)
    oracle = _serving(oracle, game)
    if schedule is not None:
        _refuse_estimates(schedule, oracle)
    return oracle, schedule


def refuse_too_many_runs(game: Game, runs: object) -> None:
    """Find out before anything is allocated whether all runs fit (profiles, memory, values,
    records)."""
    count = whole_number(runs, "runs", 1)
    size = 8 * count * (6 * int(np.size(game.mask)) + 3 * CHUNK)
    if size > LIMIT_GB * 1e9:
        raise InputError(
            f"runs is {short(count)}, which needs {short(size // 10**9)} GB at once, but the limit "
            f"is {LIMIT_GB:g} GB")


def _serving(oracle: Oracle, game: Game) -> Oracle:
    """The oracle as it serves that game. Raises InputError if it cannot."""
    ready: Oracle = (called(oracle, "prepared", game) if isinstance(oracle, Preparing)
                     else oracle)
    if isinstance(ready, Selective):
        called(ready, "check", game)
    return ready


def _refuse_estimates(schedule: Schedule, oracle: Oracle) -> None:
    name = type(schedule).__name__
    with naming_method(f"{name}.needs_gains"):
        truth_value(needs_gains(schedule), f"{name}.needs_gains")
        truth_value(is_coordinator(schedule), f"{name}.coordinator")
    if is_coordinator(schedule) and not is_exact(oracle):
        raise InputError(f"{name} compares what agents would gain, which {type(oracle).__name__} "
                         f"does not tell exactly: it goes with an exact oracle")


def _refuse_non_instances(game: object, rule: object, oracle: object, schedule: object) -> None:
    things = {"game": game, "rule": rule, "oracle": oracle}
    if schedule is not None:
        things["schedule"] = schedule
    for kind, thing in things.items():
        refuse_no_instance(thing, kind)


def refuse_no_instance(thing: object, kind: str) -> None:
    """Raise InputError unless it has what is asked of a game, rule, oracle or schedule, `kind`."""
    methods = ASKED[kind]
    if isinstance(thing, str):
        raise InputError(
            f"{kind} is the text {thing!r}; give the {kind} itself, pt.{kind}s.make({thing!r}, "
            f"...)")
    if isinstance(thing, type):
        raise InputError(
            f"{kind} is the class {thing.__name__}; give an instance, {thing.__name__}(...)")
    refuse_missing(thing, kind, methods, FACTS_OF_GAMES if kind == "game" else ())
    if kind == "oracle" and isinstance(thing, Stateful):
        methods = methods | ASKED_OF_STATEFUL
    for method, names in methods.items() if is_own(thing) else ():
        refuse_other_arguments(thing, method, names)
