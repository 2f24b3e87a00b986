"""What a classification says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from potentia.console.bounds import between
from potentia.console.text import Line, Readable
from potentia.errors import InputError
from potentia.game import Game
from potentia.names import names_of
from potentia.potential.road_witness import RoadWitness
from potentia.potential.witness import Witness
from potentia.profile import checked

PROVEN, REFUTED, UNKNOWN = "PROVEN", "REFUTED", "UNKNOWN"
# what `states` says where the answer is for every initial distribution
ANY_START = "every state a start"
RESIDUAL = {PROVEN: "what the potential leaves unexplained",
            REFUTED: "the sum of the witness's gains, 0 in a potential game",
            UNKNOWN: "the largest that was seen"}
ALPHA = (
    "the largest difference between a deviating agent's gain and the change of the best potential")


@dataclasses.dataclass(frozen=True)
class Weighted(Readable):
    """Whether a game is a weighted potential game: V_i moves w_i times as much as one potential.

    verdict: "PROVEN", "REFUTED" or "UNKNOWN". proof: how it was found, in words.
    weights: if PROVEN, w_i: [N] of the agents, or of a routing game's types [T]; positive. Those of
        agents that matter to each other are told up to a common factor, the least being 1; of
        others they may be anything, and are 1.
    residual: what the potential leaves unexplained, relative to the largest gain.
    stage_potential: [S, A1, ..., AN] rewards whose value is the weighted potential, as
        `Classification` has it, if PROVEN of a table. own_potential: the function, if PROVEN.
    """

    verdict: str
    proof: str
    weights: np.ndarray | None = None
    residual: float = 0.0
    stage_potential: np.ndarray | None = None
    own_potential: Callable[[object], float] | None = None

    @property
    def potential(self) -> Callable[[object], float]:
        """The weighted potential from the initial distribution, a function of a profile.

        Raises InputError unless PROVEN.
        """
        if self.own_potential is None:
            raise InputError(f"no weighted potential is known: {self.verdict}, {self.proof}")
        return self.own_potential

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("weighted potential game", f"{self.verdict}: {self.proof}")]


@dataclasses.dataclass(frozen=True)
class Classification(Readable):
    """What kind of game it is. It is neither true nor false, since there are three verdicts.

    verdict: "PROVEN", "REFUTED" or "UNKNOWN". proof: how it was found, in words. policies: "joint"
        or "local".
    states: which states the verdict is about, in words.
    residual: relative to the largest gain: what the potential leaves unexplained if PROVEN, the
        witness's sum if REFUTED, else the largest of what was seen.
    witness: a four-cycle whose gains do not cancel, if REFUTED.
    stage_potential: [S, A1, ..., AN] rewards whose value is the potential, 0 at states that do not
        count, if PROVEN: as `MarkovGame.from_arrays` takes it.
    alpha_lower, alpha_upper: bounds on the largest |dPhi - dV_i| that the best Phi leaves, in the
        unit of the rewards; the upper one is inf where it was not to be had, and the estimate where
        a rational identity proves the game although no shaping that is free of the others' policies
        explains it.
    alpha_estimate: what the search's potential leaves at most at the profiles drawn, over all of
        play; no bound. None where no search proved the game.
    cross_derivatives: relative asymmetry of d^2 V_i and d^2 V_j at a random profile; None where
        structure or cycles decided.
    tried: what was tried, what it found, and its seconds.
    accuracy: how far the game's arrays may be from the numbers that are meant, as
        `MarkovGame.from_arrays` says. REFUTED and alpha_lower hold for every game within it, the
        witness's numbers and alpha_upper for the arrays as they are.
    own_potential: the game's own potential of a profile, where it is proven and no stage potential
    says it.
    """

    game: Game
    verdict: str
    proof: str
    policies: str
    states: str
    residual: float
    witness: Witness | RoadWitness | None
    stage_potential: np.ndarray | None
    alpha_lower: float
    alpha_upper: float
    alpha_estimate: float | None
    cross_derivatives: float | None
    tried: tuple[tuple[str, str, float], ...]
    accuracy: float = 0.0
    own_potential: Callable[[object], float] | None = None
    weighted: Weighted | None = None

    def __bool__(self) -> NoReturn:
        """Raises InputError: what is REFUTED would be as true as what is PROVEN."""
        raise InputError(f"a classification, here {self.verdict}, is neither true nor false; ask "
                         f"kind.verdict == pt.potential.PROVEN")

    @property
    def potential(self) -> Callable[[object], float]:
        """The potential from the initial distribution, a function of a profile [N, H, A].

        Unless PROVEN, a function that raises InputError and says why there is none.
        """
        if self.verdict != PROVEN:
            return self._without_potential
        if self.stage_potential is None:
            assert self.own_potential is not None
            return self.own_potential
        tabular: Any = self.game
        by_joint_action = self.stage_potential.reshape(len(self.stage_potential), -1)
        game = dataclasses.replace(tabular, stage_potential=by_joint_action)
        return lambda profile: float(game.potential(checked(profile, np.asarray(game.mask),
                                                             names_of(game))))

    def _without_potential(self, _: object) -> NoReturn:
        lack = "has no potential" if self.verdict == REFUTED else "has no known potential"
        raise InputError(f"{self.game.name} {lack}: {self.verdict}, {self.proof}")

    def lines(self) -> list[Line]:
        """What it says, for people; the seconds are what each step took."""
        return [("Markov potential game", f"{self.verdict}: {self.proof}"),
                *([] if self.weighted is None else self.weighted.lines()),
                ("for", f"{self.policies} policies, {self.states}"),
                *([("accuracy of rewards and transitions", f"{self.accuracy:.2g}")] if self.accuracy
                  else []),
                ("residual, relative to the gains",
                 f"{self.residual:.3g}: {RESIDUAL[self.verdict]}"),
                ("alpha, distance from a potential game",
                 between(self.alpha_lower, self.alpha_upper)
                 + ("" if self.alpha_estimate is None
                    else f"; {self.alpha_estimate:.3g} at the profiles drawn")),
                ("", f"alpha: {ALPHA}, in the unit of the rewards"),
                *([] if self.witness is None else self.witness.lines()),
                *[(f"tried: {what}", f"{found} ({seconds:.2f} s)")
                  for what, found, seconds in self.tried]]
