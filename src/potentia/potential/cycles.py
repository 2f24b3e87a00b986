"""Four-cycles: two agents deviate in turn and come back, and their gains do not cancel.

    (pi_i, pi_j) -> (pi_i', pi_j) -> (pi_i', pi_j') -> (pi_i, pi_j') -> (pi_i, pi_j),
    the others' policies fixed

In a potential game the deviating agents' gains along it sum to 0, whatever the policies, mixed ones
included (Monderer and Shapley, Games and Economic Behavior 14, 1996, Theorem 2.8, read for values
of policies). Cycles of deterministic policies may all vanish in a game that is no potential game: a
policy of a Markov game enters its value as a fraction, not linearly. Whatever Phi is, the four
gains differ from its changes by at most alpha each: |sum| / 4 <= alpha.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from potentia.potential.draws import grid_policies
from potentia.potential.subject import Subject

CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))           # which of the two policies agents i and j play


@dataclasses.dataclass(frozen=True)
class Cycle:
    """A four-cycle of agents i and j, from the initial distribution of the subject.

    agents: (i, j). policies: each agent's policies by state, [2, S, A] for i and j, [1, S, A] for
    the others.
    values: [4, 2] values of i and j at the four profiles, in the order of `CORNERS`. gains: [4]
    gain of the agent that moves. total: their sum. residual: |total| relative to the largest gain.
    rounding: bound on the error of `total`, that of arrays of limited accuracy included.
    worst: largest |total| over the starting states.
    """

    agents: tuple[int, int]
    policies: list[np.ndarray]
    values: np.ndarray
    gains: np.ndarray
    total: float
    residual: float
    rounding: float
    worst: float

    def profile(self, corner: int) -> list[np.ndarray]:
        """The policies by state [S, A] at one of the four corners."""
        which = dict(zip(self.agents, CORNERS[corner], strict=True))
        return [policy[which.get(agent, 0)] for agent, policy in enumerate(self.policies)]


def random_cycles(subject: Subject, rng: np.random.Generator, count: int) -> Iterator[Cycle]:
    """`count` cycles of random agents and mixed policies on a grid of binary fractions; in every
    other one the two agents deviate at one information state only, so that a state where little is
    at stake is seen too."""
    n_agents = len(subject.counts)
    for number in range(count):
        i, j = (int(k) for k in rng.choice(n_agents, size=2, replace=False))
        policies = [grid_policies(subject, rng, k, 2 if k in (i, j) else 1)
                    for k in range(n_agents)]
        if number % 2:
            state = rng.integers(len(subject.states))
            for k in (i, j):
                here = subject.seen[k] == subject.seen[k][state]
                policies[k][1] = np.where(here[:, None], policies[k][1], policies[k][0])
        yield measured(subject, (i, j), policies)


def improved(subject: Subject, cycle: Cycle, rng: np.random.Generator, rounds: int) -> Cycle:
    """A cycle of larger |total| by random changes of one agent's policies at a time."""
    for _ in range(rounds):
        agent = int(rng.integers(len(subject.counts)))
        drawn = grid_policies(subject, rng, agent, len(cycle.policies[agent]))
        kept = rng.random((len(drawn), len(subject.states), 1)) < 0.5
        # Alike wherever the agent sees the same.
        kept = kept[:, _first_seen(subject.seen[agent])]
        policies = list(cycle.policies)
        policies[agent] = np.where(kept, policies[agent], drawn)
        trial = measured(subject, cycle.agents, policies)
        cycle = max(cycle, trial, key=lambda one: one.worst)
    return cycle


def measured(subject: Subject, agents: tuple[int, int], policies: list[np.ndarray]) -> Cycle:
    """The cycle of these two agents, by policies [2, S, A] of each, [1, S, A] of the others."""
    by_corner = [np.stack([policy[dict(zip(agents, corner, strict=True)).get(agent, 0)]
                           for corner in CORNERS])
                 for agent, policy in enumerate(policies)]
    values = subject.values(by_corner)[:, :, list(agents)]  # [4, S, 2]
    movers = np.array([0, 1, 0, 1])
    gains = (np.roll(values, -1, axis=0) - values)[np.arange(4), :, movers]               # [4, S]
    from_start = gains @ subject.initial
    total, largest = float(from_start.sum()), float(np.abs(from_start).max())
    return Cycle(agents=agents, policies=policies,
                 values=values.transpose(0, 2, 1) @ subject.initial, gains=from_start,
                 total=total, residual=abs(total) / largest if largest > 0 else 0.0,
                 rounding=_rounding(subject, values), worst=float(np.abs(gains.sum(axis=0)).max()))


def _rounding(subject: Subject, values: np.ndarray) -> float:
    """Bound on what rounding adds to a sum of eight values: each is off by a few units of the
    largest value and reward, over the length of play that a solve multiplies errors by; and by what
    the accuracy of the arrays says."""
    largest = float(np.abs(values).max())
    return float(64 * np.finfo(np.float64).eps * subject.longest
                 * (largest + np.abs(subject.rewards).max())
                 + 8 * subject.value_accuracy(largest))


def _first_seen(seen: np.ndarray) -> np.ndarray:
    """[S] the first state with the same information."""
    _, first, inverse = np.unique(seen, return_index=True, return_inverse=True)
    return first[inverse]
