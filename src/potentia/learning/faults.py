"""What went wrong in a run that failed: whose answer it was, of which agent, in which information
state.

The device says only that an iteration failed and keeps the state before it. Here that one iteration
is done again and read row by row: first what the oracle said, then what the rule made of it, then
the game's best responses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from potentia.game import BestResponse, Evaluation
from potentia.learning.device import RunState, of_run
from potentia.learning.programs import OneRule, Programs
from potentia.profile import SAME
from potentia.result import Status
from potentia.runtime.sharding import gathered

FAILED = (Status.NONFINITE, Status.NOT_A_PROFILE, Status.INCONSISTENT)


def messages_of(programs: Programs, states: RunState,
                statuses: tuple[Status, ...]) -> tuple[str, ...]:
    """A line for each run: what went wrong, or "" if nothing did."""
    def one(run: int) -> str:
        return _message(programs.of_run(run), jax.tree.map(lambda leaf: leaf[run], states))

    return tuple(one(run) if status in FAILED else "" for run, status in enumerate(statuses))


def _message(programs: OneRule, state: RunState) -> str:
    evaluation, profile, response = jax.tree.map(gathered, programs.proposed(state))
    mask = np.asarray(of_run(programs.game, state.orientation).mask)
    found = [*_of_oracle(_source(programs), evaluation, mask),
             *_of_rule(f"{type(programs.rule).__name__}.update", profile, mask),
             *_of_game(f"{type(programs.game).__name__}.best_response", response)]
    return f"{found[0]} (iteration {int(state.iteration)})" if found else \
        f"iteration {int(state.iteration)} failed, and did not when it was done again"


def _source(programs: Programs) -> str:
    oracle, game = type(programs.oracle).__name__, type(programs.game).__name__
    return f"{game}.evaluate" if oracle == "Exact" else f"{oracle}.evaluate"


def _of_oracle(who: str, evaluation: Evaluation, mask: np.ndarray) -> Iterator[str]:
    for name, bad in (("q", ~np.isfinite(evaluation.q) & mask), ("v", ~np.isfinite(evaluation.v)),
                      ("visitation", ~np.isfinite(evaluation.visitation))):
        for index in np.argwhere(bad)[:1]:
            value = np.asarray(getattr(evaluation, name))[tuple(index)]
            yield (f"{who} gave {name}[{_named(index)}] = {value:g}, but a finite number was "
                   f"expected")


def _of_rule(who: str, profile: np.ndarray, mask: np.ndarray) -> Iterator[str]:
    """Of rows that are no policy, the first; a row that is not finite before one that only sums to
    another number."""
    total, missing = np.where(mask, profile, 0.0).sum(axis=-1), np.where(mask, 0.0,
                                                                         profile).sum(axis=-1)
    expected = mask.any(axis=-1).astype(int)
    off = np.abs(total - expected) + missing
    for bad in (~np.isfinite(off), off > SAME):
        for agent, state in np.argwhere(bad)[:1]:
            row = (f"{who} gave a row that sums to {profile[agent, state].sum():.10g}, not "
                   f"{expected[agent, state]}")
            lies = (f", {missing[agent, state]:.3g} of it on actions that do not exist"
                    if missing[agent, state] else "")
            yield f"{row}{lies}: [{_named((agent, state))}]"


def _of_game(who: str, response: BestResponse) -> Iterator[str]:
    bad = ~((response.error >= 0) & (response.gain >= -response.error))
    for agent, in np.argwhere(bad)[:1]:
        yield (f"{who} gave agent {agent} a gain of {response.gain[agent]:g} with an error of "
               f"{response.error[agent]:g}, but no best response is worth less than the profile "
               f"itself")


def _named(index: Any) -> str:
    names = ("agent", "information state", "action")
    return ", ".join(f"{name}={int(k)}" for name, k in zip(names, index, strict=False))
