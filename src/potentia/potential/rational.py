"""A cycle's sum in exact rational arithmetic: what then is not 0 is a proof.

Every float64 is a fraction, and the policies of a cycle are fractions by construction, so values
are computed without any rounding, for the very numbers that the game stores.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from potentia.potential.cycles import Cycle
from potentia.potential.subject import Subject

MOST_STATES, MOST_CELLS = 40, 20_000


def affordable(subject: Subject) -> bool:
    """Whether exact elimination and sums over the joint actions take seconds, not hours."""
    return (len(subject.states) <= MOST_STATES and subject.playable.sum() * len(subject.counts)
            <= MOST_CELLS)


def exact_total(subject: Subject, cycle: Cycle) -> Fraction:
    """The sum of the cycle's four gains, exactly."""
    return sum(exact_sums(subject, cycle), Fraction(0))


def exact_sums(subject: Subject, cycle: Cycle) -> tuple[Fraction, Fraction]:
    """What each of the cycle's two agents gains in its two moves, exactly."""
    values = [_values(subject, cycle.profile(corner), cycle.agents) for corner in range(4)]
    gains = [values[(corner + 1) % 4][corner % 2] - values[corner][corner % 2]
             for corner in range(4)]
    return gains[0] + gains[2], gains[1] + gains[3]


def _values(subject: Subject, policies: list[np.ndarray],
            agents: tuple[int, int]) -> list[Fraction]:
    """Values of the two agents from the initial distribution, under policies by state [S, A]."""
    discount = Fraction(subject.discount)
    system = []
    for state in range(len(subject.states)):
        weights = _joint(policies, state) if subject.live[state] else {}
        row = [Fraction(int(column == state)) for column in range(len(subject.states))]
        for cell, weight in weights.items():
            line = state * subject.rewards.shape[1] + cell
            for entry in range(subject.kernel.indptr[line], subject.kernel.indptr[line + 1]):
                row[subject.kernel.indices[entry]] -= discount * weight * Fraction(
                    float(subject.kernel.data[entry]))
        paid = [sum((weight * Fraction(float(subject.rewards[state, cell, agent]))
                     for cell, weight in weights.items()),
                    Fraction(0)) for agent in agents]
        system.append(row + paid)
    solved = _solved(system)
    start = [Fraction(float(weight)) for weight in subject.initial]
    return [sum((weight * row[k] for weight, row in zip(start, solved, strict=True)), Fraction(0))
            for k in range(2)]


def _joint(policies: list[np.ndarray], state: int) -> dict[int, Fraction]:
    """The joint actions played in a state and their probabilities."""
    weights = {0: Fraction(1)}
    for policy in policies:
        own = [(action, Fraction(float(p))) for action, p in enumerate(policy[state]) if p > 0]
        weights = {cell * policy.shape[1] + action: weight * p for cell, weight in weights.items()
                   for action, p in own}
    return weights


def _solved(system: list[list[Fraction]]) -> list[list[Fraction]]:
    """The right-hand columns of the reduced system, by elimination; (I - discount P) needs no
    pivoting."""
    size = len(system)
    for k in range(size):
        pivot = 1 / system[k][k]
        system[k] = [entry * pivot if entry else entry for entry in system[k]]
        for row in range(size):
            factor = system[row][k]
            if row != k and factor:
                system[row] = [a - factor * b if b else a
                               for a, b in zip(system[row], system[k], strict=True)]
    return [row[size:] for row in system]
