"""What Theorem 3.1 promises for a game, and which of its hypotheses hold.

    On a Markov potential game with isolated fixed points INPG converges to a Nash policy from any
    interior start if
    eta < 1/L,   L = 27 n^2 Amax^2 M / (1-gamma)^3,   for rewards in [0, 1] and discount gamma < 1

Fox, McAleer, Overman and Panageas, arXiv 2110.10614, Theorem 3.1; that fixed points are isolated is
what its Lemma 3.6 needs. See `mismatch` for M, `steps` for the step sizes, `isolation` for the
check of fixed points.
"""

from __future__ import annotations

import dataclasses
import math
from typing import NamedTuple

import jax
import numpy as np

from potentia.certificates.joint_actions import reachable
from potentia.console.bounds import below
from potentia.console.text import Line, Readable, counted
from potentia.errors import InputError, shown, whole_number
from potentia.game import Game
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.potential import Classification, classify
from potentia.potential.classification import ANY_START
from potentia.theory.isolation import FAILS, HOLDS, UNKNOWN, isolated
from potentia.theory.mismatch import Mismatch, mismatch
from potentia.theory.steps import MeasuredStep, measure, reward_range, smoothness, theorem_step

NOT_APPLICABLE = "NOT APPLICABLE"
RUNS, UPDATES, LONG_RUN = 4, 500, 10_000
WORK = 1e10              # rewards read in the search for a step: longer runs are cut on large games
TRIED = 15               # steps tried in a usual search
SHOWN_STATES = 5
POTENTIAL, SUPPORT, ISOLATED = ("Markov potential game", "full-support start",
                                "isolated fixed points")
INFORMED, DISCOUNTED = "full-information policies", "discount below 1"
POLICIES = "policies"                   # what games are compared by last: all before it is alike
COVERING = (INFORMED, DISCOUNTED)       # without these the theorem gives no step at all


class Hypothesis(NamedTuple):
    """One hypothesis of the theorem: its name, a status (HOLDS, FAILS, UNKNOWN or NOT APPLICABLE),
    and why."""

    name: str
    status: str
    why: str


@dataclasses.dataclass(frozen=True)
class TheoryReport(Readable):
    """What Theorem 3.1 of arXiv 2110.10614 says of a game.

    mismatch_coefficient: M of Definition 3 over full-information joint play, possibly inf; see
        `mismatch`.
    reward_range: the factor that rescales all agents' rewards to a range of 1.
    smoothness: L of Proposition 3.3 at that range, possibly inf.
    step_size: the theorem's bound on the step, 1/(L reward_range), in raw reward units; 0 where it
        is not covered.
    measured_step_size: the largest step, in raw reward units, found at which the potential never
        fell in runs on this game; inf if nothing ever moves; None where there is no potential to
        watch, or it fell at every step tried. See `measured`.
    hypotheses: `Hypothesis(name, status, why)` each. notes: lines on what the numbers mean here.
    """

    mismatch_coefficient: float
    mismatch: Mismatch
    reward_range: float
    smoothness: float
    step_size: float
    measured_step_size: float | None
    measured: MeasuredStep | None
    hypotheses: tuple[Hypothesis, ...]
    notes: tuple[str, ...]

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("mismatch coefficient M",
                 f"{self.mismatch_coefficient:.6g} ({self.mismatch.reason})"),
                ("range of the rewards", f"{self.reward_range:.6g}"),
                ("smoothness L, rewards in a range of 1", f"{self.smoothness:.4g}"),
                ("step size of Theorem 3.1, raw units", self._theorem()),
                ("measured step size, raw units", self._measured()),
                *[(f"hypothesis, {each.name}", f"{each.status}: {each.why}")
                  for each in self.hypotheses],
                *[("note", note) for note in self.notes]]

    def _theorem(self) -> str:
        failing = [each.why for each in self.hypotheses if each.status == FAILS
                   and each.name in COVERING]
        if self.step_size == 0:
            return f"0, not covered: {', '.join(failing) or 'M is infinite'}"
        bound = ("any, nothing is at stake" if math.isinf(self.step_size)
                 else f"below {below(self.step_size, '.4g')}")
        return (bound if self._is_potential() == HOLDS
                else f"{self._without()} ({bound} by the formula)")

    def _measured(self) -> str:
        found = self.measured
        if found is None:
            return self._without()
        runs = f"{counted(found.runs, 'random start')}, {counted(found.updates, 'update')} each"
        if found.step_size is None:
            return (f"none: the potential fell at {found.fell_at:.4g} and at every larger step "
                    f"tried ({runs})")
        if math.isinf(found.step_size):
            return f"any, nothing moves ({runs})"
        if found.fell_at is None:
            return (f"at least {below(found.step_size, '.4g')}{self._looser()}; no fall was seen "
                    f"({runs})")
        fell = f"fell at {found.fell_at:.4g} in update {found.at_update}"
        return f"{found.step_size:.4g}{self._looser()}; {fell} ({runs})"

    def _looser(self) -> str:
        """How many times the theorem's step the measured one is, where there are both."""
        if self.measured_step_size is None or not 0 < self.step_size < math.inf:
            return ""
        return f", {self.measured_step_size / self.step_size:.2g} times the theorem's"

    def _is_potential(self) -> str:
        return next(each.status for each in self.hypotheses if each.name == POTENTIAL)

    def _without(self) -> str:
        """What lines about a potential say where there is none, or none is known."""
        return NOT_APPLICABLE if self._is_potential() == FAILS else UNKNOWN


def report(game: Game, kind: Classification | None = None, *, seed: int = 0) -> TheoryReport:
    """Say what Theorem 3.1 promises for a game: M, L, the step size, a measured one, and which
    hypotheses hold.

    kind: what `pt.potential.classify(game)` said; it is asked if omitted.
    seed: of the random starts of the runs that measure the step and reach a fixed point.

    Raises InputError if the game is not tabular, or too large, saying what it would cost; if its
    numbers are beyond float64; if `kind` is about another game.
    """
    game = as_table(game, "theory.report needs")
    seed = _seed(seed)
    if kind is not None:
        _refuse_another(game, kind)
    found, range_ = mismatch(game), reward_range(game)
    kind = classify(game, seed=seed) if kind is None else kind
    constant = smoothness(game, found.coefficient)
    measured, fixed = _runs(game, kind, seed)
    return TheoryReport(
        mismatch_coefficient=found.coefficient, mismatch=found, reward_range=range_,
        smoothness=constant,
        step_size=theorem_step(game, constant, range_), measured=measured,
        measured_step_size=None if measured is None else measured.step_size,
        hypotheses=(_potential(kind), _support(game), fixed, _informed(game), _discounted(game)),
        notes=tuple(_notes(game, found)))


def _seed(value: object) -> int:
    seed = whole_number(value, "seed")
    if seed >= 2**63:
        raise InputError(f"seed is {shown(seed)}, but it must be below 2**63")
    return seed


def _refuse_another(game: MarkovGame, kind: object) -> None:
    """Refuse a `kind` that is no classification, or not one of this game under the policies that it
    has."""
    if not isinstance(kind, Classification):
        raise InputError(
            f"kind is a {type(kind).__name__}, but it must be what potential.classify(game) gives")
    if not isinstance(kind.game, MarkovGame):
        raise InputError(f"kind is about {kind.game!r}, not about {game.name}")
    own = "joint" if game.full_information else "local"
    field = None if kind.game is game else _difference(game, kind.game, kind.states == ANY_START)
    if kind.policies != own:
        hint = (f"; report on kind.game, the same game with {kind.policies} ones"
                if field == POLICIES else "")
        raise InputError(
            f"kind is about {kind.policies} policies, but those of the game are {own}{hint}")
    if field:
        raise InputError(
            f"kind is about another game, {kind.game.name}: its {field} are not those of "
            f"{game.name}")


def _difference(game: MarkovGame, other: MarkovGame, any_start: bool) -> str | None:
    """The first of what a classification depends on in which the games differ."""
    def parts(game: MarkovGame) -> dict[str, object]:
        return {"actions": game.action_counts, "rewards": game.rewards,
                "transitions": game.transitions,
                "discounts": (game.discount, game.undiscounted), "absorbing states": game.absorbing,
                "starts": () if any_start else game.initial, POLICIES: (game.mask,
                                                                        game.information)}

    theirs = parts(other)
    return next((name for name, own in parts(game).items() if not _equal(own, theirs[name])), None)


def _equal(one: object, other: object) -> bool:
    leaves, structure = jax.tree.flatten(one)
    others, other_structure = jax.tree.flatten(other)
    return structure == other_structure and all(map(np.array_equal, leaves, others))


def _runs(game: MarkovGame, kind: Classification,
          seed: int) -> tuple[MeasuredStep | None, Hypothesis]:
    """What runs of INPG show where there is a potential to watch: a step size, and the fixed point
    reached."""
    if kind.verdict == "REFUTED":
        return None, Hypothesis(ISOLATED, NOT_APPLICABLE, "the game is no potential game")
    if kind.verdict != "PROVEN" or kind.stage_potential is None:
        return None, Hypothesis(ISOLATED, UNKNOWN,
                                "no potential is known that a run could be watched by")
    stage = np.asarray(kind.stage_potential, np.float64).reshape(game.n_states, -1)
    watched = dataclasses.replace(game, stage_potential=stage)
    measured = measure(watched, seed=seed, runs=RUNS,
                       updates=_affordable(game, UPDATES, RUNS * TRIED))
    if measured.step_size is None:
        return measured, Hypothesis(ISOLATED, UNKNOWN,
                                    "no step was found at which the potential rises")
    step_size = 1.0 if math.isinf(measured.step_size) else measured.step_size / 2
    fixed = isolated(watched, step_size, seed=seed, updates=_affordable(game, LONG_RUN, 1))
    return measured, Hypothesis(ISOLATED, fixed.status, fixed.why)


def _affordable(game: MarkovGame, most: int, runs: int) -> int:
    """Updates in each of so many runs: `most`, or fewer on large games."""
    return max(1, min(most, int(WORK / (runs * np.asarray(game.rewards).size))))


def _potential(kind: Classification) -> Hypothesis:
    status = {"PROVEN": HOLDS, "REFUTED": FAILS}.get(kind.verdict, UNKNOWN)
    return Hypothesis(POTENTIAL, status, kind.proof)


def _support(game: MarkovGame) -> Hypothesis:
    """Whether play can begin in every reachable state where there is something to decide."""
    missing = np.flatnonzero(reachable(game) & ~np.asarray(game.absorbing)
                             & (np.asarray(game.initial) == 0))
    if missing.size == 0:
        return Hypothesis(SUPPORT, HOLDS,
                          "play can begin in every reachable state where it goes on")
    shown = (", ".join(map(str, missing[:SHOWN_STATES])) + (", ..." if missing.size > SHOWN_STATES
                                                            else ""))
    return Hypothesis(SUPPORT, FAILS,
                      f"play never begins in {counted(missing.size, 'reachable state')} ({shown})")


def _informed(game: MarkovGame) -> Hypothesis:
    if game.full_information:
        return Hypothesis(INFORMED, HOLDS, "every agent sees the state")
    return Hypothesis(INFORMED, FAILS, "policies see less than the state")


def _discounted(game: MarkovGame) -> Hypothesis:
    if game.undiscounted:
        return Hypothesis(DISCOUNTED, FAILS, "the discount is 1")
    return Hypothesis(DISCOUNTED, HOLDS, f"the discount is {float(game.discount):.6g}")


def _notes(game: MarkovGame, found: Mismatch) -> list[str]:
    notes = []
    if not game.full_information:
        notes.append(
            "M is over full-information joint play: an upper bound for policies that see less")
    if math.isinf(found.upper) and math.isfinite(found.coefficient):
        notes.append(f"M is at least {below(found.lower)}; float64 gives no bound above")
    return notes
