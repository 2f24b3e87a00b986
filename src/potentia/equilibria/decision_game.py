"""A small game laid out for many pure profiles at once: values by batched solves, one-shot
deviations by look-up.

Two pure profiles are told apart by what agents do in `decision_states`, where they have a choice.
Elsewhere, where play never comes or has ended, every profile keeps the first action.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from potentia.certificates.decision_problem import ENDLESS, Problem, horizon
from potentia.certificates.joint_actions import decision_states, live_kernel, playable
from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame

CHUNK_NUMBERS = 2**20         # about how many numbers the largest array of a chunk may hold

Choice = tuple[int, int, np.ndarray]


def choices(game: MarkovGame) -> list[Choice]:
    """Where pure profiles differ: (agent, information state, its two or more actions), agent by
    agent."""
    mask, seen = np.asarray(game.mask), np.asarray(game.information)[:, decision_states(game)]
    found = [(i, int(h), np.flatnonzero(mask[i, h])) for i in range(game.n_agents)
             for h in np.unique(seen[i])]
    return [choice for choice in found if choice[2].size > 1]


@dataclasses.dataclass(frozen=True)
class DecisionGame:
    """A game on its L decision states.

    rewards: [L*J, N]. targets, probabilities: [L*J, K] next states among them. initial: [L].
    seen: [N, L] information states. allowed: [N, L, A] actions that exist. first: [N, H] each first
    action.
    strides: [N] what an agent's action counts in the number of the joint action.
    slack: [L] of `decision_problem.horizon`. precision: see `rounding`.
    """

    rewards: np.ndarray
    targets: np.ndarray
    probabilities: np.ndarray
    initial: np.ndarray
    seen: np.ndarray
    allowed: np.ndarray
    first: np.ndarray
    strides: np.ndarray
    choices: list[Choice]
    discount: float
    slack: np.ndarray
    precision: float

    @classmethod
    def of(cls, game: MarkovGame) -> DecisionGame:
        """Raises InputError where play lasts too long for float64."""
        live, mask, counts = decision_states(game), np.asarray(game.mask), game.action_counts
        seen, rewards = np.asarray(game.information)[:, live], np.asarray(game.rewards)[live]
        rows = (live[:, None] * rewards.shape[1] + np.arange(rewards.shape[1])).ravel()
        kernel = sp.csr_array(live_kernel(game)[rows][:, live])
        targets, probabilities = _padded(kernel)
        slack, precision = _precision(rewards[:, :, 0], kernel, playable(game)[live],
                                      float(game.discount))
        return cls(
            rewards=rewards.reshape(-1, len(counts)), targets=targets, probabilities=probabilities,
            initial=np.asarray(game.initial)[live], seen=seen,
            allowed=np.stack([exists[states] for exists, states in zip(mask, seen, strict=True)]),
            first=mask.argmax(axis=2),
            strides=np.array([math.prod(counts[i + 1:]) for i in range(len(counts))]),
            choices=choices(game), discount=float(game.discount), slack=slack, precision=precision)

    def chunks(self, count: int) -> Iterator[np.ndarray]:
        """The numbers 0..count-1, some at a time."""
        n_live, widest = self.initial.size, self.allowed.shape[2]
        size = max(1, CHUNK_NUMBERS // max(self.first.size, n_live * n_live, n_live * widest, 1))
        return (np.arange(start, min(start + size, count)) for start in range(0, count, size))

    def actions(self, numbers: np.ndarray) -> np.ndarray:
        """Actions [B, N, H] of the pure profiles of these numbers [B]; the last choice changes
        fastest."""
        actions = np.repeat(self.first[None].astype(np.int32), numbers.size, axis=0)
        rest = numbers
        for agent, information, choice in reversed(self.choices):
            actions[:, agent, information] = choice[rest % choice.size]
            rest = rest // choice.size
        return actions

    def rows(self, actions: np.ndarray) -> np.ndarray:
        """The row of state and joint action [B, L] that profiles [B, N, H] play in each state."""
        n_live = self.initial.size
        first_rows = np.arange(n_live) * (len(self.rewards) // max(n_live, 1))
        rows = np.repeat(first_rows[None], len(actions), axis=0)
        for agent, seen in enumerate(self.seen):
            rows += self.strides[agent] * actions[:, agent, seen]
        return rows

    def values(self, rows: np.ndarray) -> np.ndarray:
        """Values [B, L, N] of pure profiles that play `rows` [B, L]."""
        system = np.tile(np.eye(self.initial.size), (len(rows), 1, 1))
        profile, state = np.ogrid[:rows.shape[0], :rows.shape[1]]
        # One successor after the other: within each, no entry of the system is met twice.
        for targets, probabilities in zip(self.targets.T, self.probabilities.T, strict=True):
            system[profile, state, targets[rows]] -= self.discount * probabilities[rows]
        return np.linalg.solve(system, self.rewards[rows])

    def rounding(self, rows: np.ndarray) -> np.ndarray:
        """Bound [B, N] on the rounding of values and one-shot gains of pure profiles that play
        `rows` [B, L].

        It follows what they are paid, and no reward that is never paid. That of a deviation needs
        no part: either it is about as large as the values, or it is far from a gain.
        """
        return (self.precision * (np.abs(self.rewards[rows]) / self.slack[:, None]).max(
            axis=1, initial=0.0))

    def at_start(self, values: np.ndarray) -> np.ndarray:
        """V_i(mu) [B, N] of values [B, L, N]."""
        return np.einsum("l,bln->bn", self.initial, values)

    def best_deviation(self, rows: np.ndarray, own: np.ndarray, values: np.ndarray,
                       agent: int) -> np.ndarray:
        """The most that one other action, once, gains the agent in any state, [B].

        rows: [B, L]. own: [B, L] the agent's actions. values: [B, L] its values.
        """
        change = np.arange(self.allowed.shape[2]) - own[:, :, None]
        deviating = (rows[:, :, None] + self.strides[agent] * np.where(self.allowed[agent], change,
                                                                       0))
        profile, next_values = np.arange(len(rows))[:, None, None], np.zeros(deviating.shape)
        for targets, probabilities in zip(self.targets.T, self.probabilities.T, strict=True):
            next_values += probabilities[deviating] * values[profile, targets[deviating]]
        q = self.rewards[deviating, agent] + self.discount * next_values
        return (q - values[:, :, None]).max(axis=(1, 2), initial=0.0)


def _padded(kernel: sp.csr_array) -> tuple[np.ndarray, np.ndarray]:
    """Columns [rows, K] and entries [rows, K] of a sparse matrix; unused slots have entry 0."""
    held = np.diff(kernel.indptr)
    row = np.repeat(np.arange(held.size), held)
    slot = np.arange(kernel.nnz) - np.repeat(kernel.indptr[:-1], held)
    targets = np.zeros((held.size, int(held.max(initial=0))), np.int32)
    probabilities = np.zeros(targets.shape)
    targets[row, slot], probabilities[row, slot] = kernel.indices, kernel.data
    return targets, probabilities


def _precision(stage: np.ndarray, kernel: sp.csr_array, allowed: np.ndarray,
               discount: float) -> tuple[np.ndarray, float]:
    """Slack [L] and a factor: rewards of at most c * slack lead to rounding of at most c times the
    factor."""
    n_live = len(stage)
    if n_live == 0:
        return np.ones(0), 0.0
    problem = Problem(stage, kernel, allowed, discount, np.ones(n_live),
                      operations=n_live + int(np.diff(kernel.indptr).max(initial=0)))
    reach = horizon(problem)
    # A solve and a backup: each errs by so much in one step, and over the length of play by `bound`
    # of it.
    precision = (4 * problem.relative_error * reach.weights.max()
                 * reach.bound(np.ones(n_live)).max())
    if not np.isfinite(precision):
        raise InputError(ENDLESS)
    return reach.slack, float(precision)
