"""Is it a Markov potential game? PROVEN with the potential, REFUTED with a witness, or UNKNOWN with
what was tried.

A game is a Markov potential game if a function Phi of profiles changes, from every starting state,
as the value of the agent that deviates does (Definition 2 of Fox, McAleer, Overman and Panageas,
arXiv 2110.10614). Tried in this order: structure (see `structure`), four-cycles of mixed profiles
(`cycles`), the search for a stage potential (`search`), and more cycles. A potential for policies
of the state is one for local policies too, but not the other way round, so that for local ones the
search may prove, and does not refute. A second test, which decides nothing by itself but must
agree, compares cross second derivatives (`curvature`); of a game that is refuted by then, only if
asked.

Games stored in floating point have tiny true cycles: REFUTED needs a cycle whose sum is above
`REFUTES` of its largest gain and above rounding, PROVEN a residual below `PROVES` of the largest
gain; between is UNKNOWN. Where the arrays are known to a limited accuracy (payoffs summed in
float32, say), REFUTED needs more than that could explain, and a potential that leaves less proves
nothing either: whether the game that is meant has one, such arrays do not tell.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from potentia.console.bounds import above
from potentia.console.text import counted
from potentia.errors import InputError, shown, truth_value, whole_number
from potentia.game import Game, Performative
from potentia.games.checks import share_of
from potentia.games.roads.game import RoutingGame
from potentia.potential import alpha, cycles, performative, rational, rosenthal, structure
from potentia.potential.classification import (
    ANY_START,
    PROVEN,
    REFUTED,
    UNKNOWN,
    Classification,
    Weighted,
)
from potentia.potential.curvature import asymmetry
from potentia.potential.cycles import Cycle
from potentia.potential.search import cost, fits, left_over, search
from potentia.potential.subject import Subject, subject_of
from potentia.potential.weighted import weighted
from potentia.potential.witness import Witness, witness_of
from potentia.runtime.float64 import float64_on_one_blas_thread

REFUTES, PROVES = 1e-9, 1e-11
ASYMMETRIC = 1e-6  # cross second derivatives that differ by more speak against a potential
CYCLES, MORE_CYCLES = 20, 200
IMPROVEMENTS = 100
MOST_PLAY = 20_000_000  # cells, and steps of elimination, that the improvement of a cycle may visit
MOST_STATES = 1500
# Games whose kind alone says what their potential is, by class: game, policies and seed to the
# verdict.
BY_KIND: dict[type, Callable[[Any, str | None, int], Classification]] = {
    RoutingGame: rosenthal.classified}


def classify(game: Game, policies: str | None = None, *, states: str = "reachable",
             seed: int = 0, accuracy: float | None = None,
             thorough: bool = False) -> Classification:
    """Whether `game` is a Markov potential game.

    policies: "joint" (agents see the whole state) or "local" (their own information); the game's
        own if omitted. A named congestion game knows its local form; a game of the user's own needs
        `information` for it.
    states: "reachable" from the initial distribution, or "all", where every state is a start.
    seed: of the random profiles.
    accuracy: in [0, 1), how far the game's arrays may be from the numbers that are meant, as
        `MarkovGame.from_arrays` says; the game's own if omitted, 0 to take them as they are.
    thorough: compare cross second derivatives of a game that four-cycles have refuted too, which
        may take a hundred times as long as all the rest.

    A performative game is REFUTED if a game that some profile induces is (see
    `potential.performative`).

    Raises InputError for a game that has no table and is no routing game, and unknown `policies` or
    `states`.
    """
    whole_number(seed, "seed")
    truth_value(thorough, "thorough")
    for name, value in (("policies", policies), ("states", states)):
        if not isinstance(value, str | None):
            raise InputError(
                f"{name} is {shown(value)}, but one of the names that classify knows is needed")
    known_to = None if accuracy is None else share_of(accuracy, "accuracy")
    for kind in type(game).__mro__:
        if kind in BY_KIND:
            return BY_KIND[kind](game, policies, seed)
    if isinstance(game, Performative):
        return performative.classified(game, seed, partial(
            classify, policies=policies, states=states, seed=seed, accuracy=accuracy,
            thorough=thorough))
    with float64_on_one_blas_thread():
        inquiry = _Inquiry(subject_of(game, policies, states, known_to), states,
                           np.random.default_rng(seed))
        return inquiry.answer(bool(thorough))


class _Inquiry:
    """One classification on its way: the subject, what was tried, the worst cycles; weights:
    whether a game that is refuted is asked for a weighted potential."""

    def __init__(self, subject: Subject, states: str, rng: np.random.Generator,
                 weights: bool = True) -> None:
        self.subject, self.which, self.rng, self.weights = subject, states, rng, weights
        self.tried: list[tuple[str, str, float]] = []
        self.steepest: Cycle | None = None           # of the largest residual
        self.widest: Cycle | None = None             # of the largest sum from any state
        self.began = time.perf_counter()
        self.cross: float | None = None

    def answer(self, thorough: bool) -> Classification:
        if (found := self._by_structure()) is not None:
            return found
        if len(self.subject.states) > MOST_STATES:
            size = len(self.subject.states)
            why = (f"too large: a four-cycle at {size:,} states solves four systems of "
                   f"{8e-9 * size**2:,.2f} GB each; the limit is {MOST_STATES:,} states")
            self._note("four-cycles of mixed policies", why)
            return self._unknown(why)
        self._cycles("four-cycles of mixed policies", CYCLES)
        refuted = self._is_refuted()
        if thorough or not refuted:
            self.cross = asymmetry(self.subject.game)
            self._note("cross second derivatives", f"differ by {self.cross:.2g} of the largest")
        return self._refuted() if refuted else self._by_search()

    def _by_structure(self) -> Classification | None:
        if len(self.subject.counts) == 1:
            self._note("structure", "one agent")
            return self._proven(self.subject.rewards[:, :, 0] * self.subject.playable,
                                "one agent's value is its own "
                                "potential", 0.0, 0.0)
        found = structure.by_structure(self.subject)
        if found is not None and found.residual <= PROVES:
            self._note("structure", found.why)
            return self._proven(found.stage, f"by structure: {found.why}", found.missed,
                                found.residual)
        if found is not None and found.missed <= self.subject.reward_accuracy:
            return self._within_accuracy(found)
        self._note("structure", "none that helps")
        return None

    def _within_accuracy(self, found: structure.Structural) -> Classification:
        """Rewards that each differ by at most what the potential misses make it one, so that
        nothing can refute."""
        self._note("structure", f"{found.why}, but for {found.missed:.2g} in one step")
        why = (f"a potential game within the accuracy of the rewards, which are known to "
               f"{self.subject.reward_accuracy:.2g}: changes of {found.missed:.2g} would make it "
               f"one, by structure: {found.why}")
        return self._classification(UNKNOWN, why, found.residual,
                                    bounds=(0.0, 2 * self.subject.longest * found.missed))

    def _by_search(self) -> Classification:
        whole = self.subject.of_the_state()
        claimed = self._claimed(whole)
        if claimed is None and not fits(whole):
            columns, numbers = cost(whole)
            why = (f"too large for the search: {columns:,} unknowns, {8e-9 * numbers:,.1f} GB; "
                   "random cycles, which are cheaper, did not refute it")
            self._note("search for a stage potential", why)
            return self._unknown(why)
        stage = search(whole, self.rng) if claimed is None else claimed
        missed, left = left_over(whole, stage, self.rng)
        self._note("search for a stage potential",
                   f"leaves {left:.2g} of the gains at fresh profiles of the state")
        if left <= PROVES and (self.cross or 0.0) <= ASYMMETRIC:
            return self._proven_by_identity(stage, missed, left)
        if self.subject.local:
            return self._unknown("local policies beyond structure and cycles: no potential for "
                                 "policies of the state was found, and one for local policies need "
                                 "not be one for those")
        return self._without_stage(left)

    def _without_stage(self, left: float) -> Classification:
        """The search found no stage potential, which refutes: a cycle is looked for."""
        if left <= REFUTES:
            return self._unknown("in the tolerance band: the best stage potential leaves "
                                 f"{left:.2g} of the gains", left)
        self._cycles("more four-cycles", MORE_CYCLES)
        if self._is_refuted():
            return self._refuted()
        return self._unknown(f"the best stage potential leaves {left:.2g} of the gains, and no "
                             f"cycle is above {REFUTES:g}{self._beyond_accuracy(' ')}", left)

    def _claimed(self, whole: Subject) -> np.ndarray | None:
        """The stage potential that the game was built with, if it stands the test."""
        if self.subject.game.stage_potential is None:
            return None
        stage = np.where(whole.playable, np.asarray(whole.game.stage_potential)[whole.states], 0.0)
        return stage if left_over(whole, stage, self.rng)[1] <= PROVES else None

    def _cycles(self, name: str, count: int) -> None:
        for cycle in cycles.random_cycles(self.subject, self.rng, count):
            if self.steepest is None or _weight(cycle) > _weight(self.steepest):
                self.steepest = cycle
            if self.widest is None or cycle.worst > self.widest.worst:
                self.widest = cycle
        self._note(name, f"{count} tried, the largest sum is {self._residual():.2g} of its gains")

    def _residual(self) -> float:
        return 0.0 if self.steepest is None else self.steepest.residual

    def _is_refuted(self) -> bool:
        return self.steepest is not None and _weight(self.steepest) > REFUTES

    def _proven(self, stage: np.ndarray, proof: str, missed: float,
                residual: float) -> Classification:
        # What is missed in one step, of either policy, over all of play.
        return self._classification(PROVEN, proof, residual, stage=self._everywhere(stage),
                                    bounds=(0.0, 2 * self.subject.longest * missed))

    def _proven_by_identity(self, stage: np.ndarray, missed: float,
                            residual: float) -> Classification:
        proof = (
            "a stage potential fulfils a rational identity at random profiles, hence everywhere "
            "with probability 1")
        estimate, above = 2 * self.subject.longest * missed, self._alpha_above()
        # Shaping that depends on the others' policies is none that the bound from above can use.
        if above > REFUTES * float(np.ptp(self.subject.rewards[self.subject.playable])):
            above = estimate
        return self._classification(PROVEN, proof, residual, stage=self._everywhere(stage),
                                    bounds=(0.0, above),
                                    estimate=estimate)

    def _everywhere(self, stage: np.ndarray) -> np.ndarray:
        """A stage potential [S, A1, ..., AN] of the game, from one [., J] over the states that
        count."""
        whole = np.zeros((self.subject.game.n_states, *self.subject.counts))
        whole[self.subject.states] = stage.reshape(-1, *self.subject.counts)
        return whole

    def _refuted(self) -> Classification:
        assert self.steepest is not None
        exact = self._exactly(self.steepest)
        if exact == 0:
            return self._unknown("the largest cycle is rounding: in exact arithmetic its sum is 0")
        proof = ("a four-cycle whose gains do not cancel, in exact rational arithmetic"
                 if exact is not None else
                 "a four-cycle whose gains do not cancel, beyond what rounding explains")
        return self._classification(REFUTED, f"{proof}{self._beyond_accuracy(', ')}",
                                    self.steepest.residual,
                                    bounds=self._alpha(), weighted=self._weighted(),
                                    witness=witness_of(self.subject, self.steepest, exact))

    def _weighted(self) -> Weighted | None:
        if not self.weights:
            return None
        found = weighted(self.subject, self.rng, lambda scaled: _Inquiry(
            scaled, self.which, self.rng, weights=False).answer(thorough=False))
        self._note("weights of the agents", found.verdict)
        return found

    def _beyond_accuracy(self, link: str) -> str:
        accuracy = self.subject.accuracy
        return (f"{link}beyond what rewards and transitions known to {accuracy:.2g} explain"
                if accuracy else "")

    def _exactly(self, cycle: Cycle) -> Fraction | None:
        if not rational.affordable(self.subject):
            self._note("exact rational arithmetic", "too large a game for it")
            return None
        exact = rational.exact_total(self.subject, cycle)
        self._note("exact rational arithmetic", f"the sum is {float(exact):.6g}")
        return exact

    def _unknown(self, why: str, residual: float = 0.0) -> Classification:
        return self._classification(UNKNOWN, why, max(residual, self._residual()),
                                    bounds=self._alpha())

    def _alpha(self) -> tuple[float, float]:
        """Bounds on alpha: a fourth of the widest cycle, and the best rest that least squares
        found."""
        return self._alpha_below(), self._alpha_above()

    def _alpha_below(self) -> float:
        if self.widest is None:
            return 0.0
        effort = 4 * (self.subject.playable.size + len(self.subject.states)**3 // 100)
        rounds = min(IMPROVEMENTS, MOST_PLAY // effort)
        self.widest = cycles.improved(self.subject, self.widest, self.rng, rounds)
        self._note("larger cycles, for alpha", f"{rounds} tried")
        return max(self.widest.worst - self.widest.rounding, 0.0) / 4

    def _alpha_above(self) -> float:
        if not alpha.affordable(self.subject):
            self._note("alpha from above", "too large a game for it")
            return float("inf")
        upper = alpha.upper_bound(self.subject)
        self._note("alpha from above", above(upper, ".4g"))
        return upper

    def _note(self, what: str, found: str) -> None:
        now = time.perf_counter()
        self.tried.append((what, found, now - self.began))
        self.began = now

    def _classification(self, verdict: str, proof: str, residual: float, *,
                        bounds: tuple[float, float],
                        stage: np.ndarray | None = None, witness: Witness | None = None,
                        weighted: Weighted | None = None,
                        estimate: float | None = None) -> Classification:
        which = ANY_START if self.which == "all" else (
            f"the {counted(self.subject.states.size, 'state')} that play reaches from the initial "
            f"distribution")
        return Classification(
            game=self.subject.game, verdict=verdict, proof=proof, policies="local"
            if self.subject.local else "joint",
            states=which, residual=residual, witness=witness, stage_potential=stage,
            alpha_lower=bounds[0],
            alpha_upper=bounds[1], alpha_estimate=estimate, cross_derivatives=self.cross,
            tried=tuple(self.tried), weighted=weighted,
            accuracy=self.subject.accuracy)


def _weight(cycle: Cycle) -> float:
    """The residual of a cycle that stands out from rounding; else 0."""
    return cycle.residual if abs(cycle.total) > 2 * cycle.rounding else 0.0
