"""The witness of a refutation: four profiles that anyone can evaluate."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np

from potentia.console.text import Line, Readable
from potentia.names import NONE, Names, names_of
from potentia.potential.cycles import Cycle
from potentia.potential.subject import Subject


@dataclasses.dataclass(frozen=True)
class Witness(Readable):
    """Four mixed profiles of which the deviating agents' gains should sum to 0, and do not.

    agents: (i, j): i moves from profile 0 to 1 and from 2 to 3, j from 1 to 2 and from 3 to 0.
    profiles: [4, N, H, A]; probabilities are whole multiples of a power of two, so float64 holds
        them exactly. Where play does not come they are the first existing action.
    initial: [S] distribution of the first state: the game's own, or even over all states if every
    one is a start.
    values: [4, 2] values of i and j from there. gains: [4] of the agent that moves.
    total: sum of the gains. residual: |total| relative to the largest gain.
    exact_total: the same in exact rational arithmetic, None where the game is too large for it.
    names: what the game calls its agents.
    """

    agents: tuple[int, int]
    profiles: np.ndarray
    initial: np.ndarray
    values: np.ndarray
    gains: np.ndarray
    total: float
    residual: float
    exact_total: Fraction | None
    names: Names = NONE

    def lines(self) -> list[Line]:
        """What it says, for people."""
        i, j = (self.names.agent(agent) for agent in self.agents)
        rows = [("witness",
                 f"{i} and {j} deviate in turn and come back; the others keep their policies")]
        for corner in range(4):
            worth = (
                f"worth {self.values[corner, 0]:.8g} to {i}, {self.values[corner, 1]:.8g} to {j}")
            move = f"{(i, j)[corner % 2]} moves and gains {self.gains[corner]:.8g}"
            rows.append((f"witness, profile {corner}", f"{worth}; then {move}"))
        exactly = "" if self.exact_total is None else f"; exactly {_short(self.exact_total)}"
        return [*rows, ("witness, sum of the gains",
                        f"{self.total:.8g}, not 0 ({self.residual:.2g} of the largest "
                        f"gain){exactly}")]


def witness_of(subject: Subject, cycle: Cycle, exact: Fraction | None) -> Witness:
    """The cycle as profiles of the game, [4, N, H, A]."""
    profiles = np.stack([_profile(subject, cycle.profile(corner)) for corner in range(4)])
    initial = np.zeros(subject.game.n_states)
    initial[subject.states] = subject.initial
    return Witness(cycle.agents, profiles, initial, cycle.values, cycle.gains, cycle.total,
                   cycle.residual, exact, names_of(subject.game))


def _profile(subject: Subject, policies: list[np.ndarray]) -> np.ndarray:
    """Policies by state that counts [S, A] as a profile [N, H, A]; elsewhere the first existing
    action."""
    mask = np.asarray(subject.game.mask)
    profile = np.zeros(mask.shape)
    np.put_along_axis(profile, mask.argmax(axis=-1)[..., None], 1.0, axis=-1)
    for agent, policy in enumerate(policies):
        profile[agent, subject.seen[agent]] = 0.0
        profile[agent, subject.seen[agent], :policy.shape[1]] = policy
    return profile


def _short(number: Fraction) -> str:
    text = str(number)
    return (text if len(text) <= 60
            else f"a fraction with {len(str(number.denominator))} digits below the line")
