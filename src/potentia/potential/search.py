"""The search for a stage potential, where every agent sees the state.

The game is a Markov potential game if and only if there is a stage potential phi(s, a) such that
for every profile of the others the rest of an agent's reward is a shaping term of theirs alone:

    r_i(s, a_i, pi_-i) - phi(s, a_i, pi_-i) = h(s) - discount sum_s' P(s' | s, a_i, pi_-i) h(s')
    for all s, a_i   (1)

(If (1) holds, V_i - Phi = h, which does not depend on pi_i. Conversely, let D_i = V_i - Phi not
depend on pi_i: then phi = Phi - discount P Phi = r_i - (D_i - discount P D_i) is affine in pi_i(. |
s) and free of pi_i elsewhere, for every i, hence multilinear in the policies at s.) For drawn
profiles of the others (1) is linear in phi and h. With B = I - (I - discount P_a)(I - discount
P_u)^-1 U, U the mean over own actions and P_u its steps, h drops out:

    B (r_i - phi)(., ., pi_-i) = 0      (2)

(2) is a rational identity in pi_-i: where it holds at freshly drawn profiles, it holds at all of
them with probability one. Where no phi fulfils it at the drawn ones, the game is refuted.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import scipy.linalg
import scipy.sparse as sp

from potentia.potential.draws import random_policies
from potentia.potential.residual import relative
from potentia.potential.subject import Subject
from potentia.potential.symmetry import is_symmetric, unknowns

MOST_UNKNOWNS = 2500      # the dense least squares beyond would take minutes
MOST_NUMBERS = 40_000_000
SPARE_DRAWS = 2
FRESH = 3


def cost(subject: Subject) -> tuple[int, int]:
    """The unknowns of the search, and how many numbers its dense least squares holds."""
    columns = unknowns(subject).shape[1]
    return columns, _draws_needed(subject,
                                  columns) * subject.states.size * sum(subject.counts) * columns


def fits(subject: Subject) -> bool:
    """Whether the search can be afforded."""
    columns, numbers = cost(subject)
    return columns <= MOST_UNKNOWNS and numbers <= MOST_NUMBERS


def search(subject: Subject, rng: np.random.Generator) -> np.ndarray:
    """The stage potential [S, J] that comes nearest to (2), by least squares over drawn profiles of
    the others."""
    phi = unknowns(subject)
    agents = [0] if is_symmetric(subject) else range(len(subject.counts))
    rows, right = [], []
    for _ in range(_draws_needed(subject, phi.shape[1])):
        policies = random_policies(subject, rng)
        for agent in agents:
            against = _against(subject, policies, agent)
            rows.append(against.left_of(sp.csr_array(against.mixer @ phi).toarray()))
            right.append(against.left_of(against.mixer @ subject.rewards[:, :, agent].ravel()))
    found, *_ = scipy.linalg.lstsq(np.concatenate(rows), np.concatenate(right),
                                   cond=1e-13,  # pyright: ignore[reportGeneralTypeIssues]
                                   lapack_driver="gelsy", check_finite=False)
    return (phi @ found).reshape(subject.playable.shape)


def _draws_needed(subject: Subject, columns: int) -> int:
    """Profiles of the others that determine phi: enough to tell all their joint actions apart, and
    so many that the A_i - 1 equations of each state and agent that counts are as many as the
    unknowns."""
    n_joint = subject.playable.shape[1]
    if is_symmetric(subject):
        others = math.comb(len(subject.counts) + subject.counts[0] - 2, subject.counts[0] - 1)
        free = subject.counts[0] - 1
    else:
        others, free = max(n_joint // count
                           for count in subject.counts), sum(count - 1 for count in subject.counts)
    return max(others, -(-columns // max(free * subject.states.size, 1))) + SPARE_DRAWS


def left_over(subject: Subject, stage: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """What `stage` [S, J] leaves of (2) at freshly drawn profiles: at most, and relative to the
    largest own gain that one step brings in the state."""
    n_states = subject.states.size
    left, gain, size = np.zeros(n_states), np.zeros(n_states), np.abs(subject.rewards).max(
        axis=(1, 2))
    for _ in range(FRESH):
        policies = random_policies(subject, rng)
        for agent, own in enumerate(policies):
            against = _against(subject, policies, agent)
            reward = against.mixer @ subject.rewards[:, :, agent].ravel()
            rest = np.abs(against.left_of(reward - against.mixer @ stage.ravel()))
            value = against.values(reward, own)
            left = np.maximum(left, rest.reshape(own.shape).max(axis=1))
            gain = np.maximum(gain, against.gains(reward, value))
            size = np.maximum(size, np.abs(value))
    return float(left.max()), relative(left, gain, size)


@dataclasses.dataclass(frozen=True)
class _Against:
    """One agent against drawn policies of the others.

    mixer: [S*A, S*J] averages over the others' actions. next_law: [S, A, S] discounted next-state
    probabilities.
    mask: [S, A] own actions, none where play has ended.
    """

    mixer: sp.csr_array
    next_law: np.ndarray
    mask: np.ndarray

    def left_of(self, rest: np.ndarray) -> np.ndarray:
        """B `rest`, [S*A, ...]: what no shaping term explains; 0 where there is no action."""
        n_states, n_actions = self.mask.shape
        mean = self.mask / np.maximum(self.mask.sum(axis=1, keepdims=True), 1)
        by_action = rest.reshape(n_states, n_actions, -1)
        of_mean = np.einsum("sa,sam->sm", mean, by_action)
        shaping = np.linalg.solve(np.eye(n_states) - np.einsum("sa,sat->st", mean, self.next_law),
                                  of_mean)
        explained = shaping[:, None] - self.next_law @ shaping
        return np.where(self.mask[..., None], by_action - explained, 0.0).reshape(rest.shape)

    def values(self, reward: np.ndarray, own: np.ndarray) -> np.ndarray:
        """[S] under the `own` policy [S, A], paid `reward` [S*A]."""
        step = np.einsum("sa,sat->st", own, self.next_law)
        return np.linalg.solve(np.eye(len(own)) - step,
                               (own * reward.reshape(own.shape)).sum(axis=1))

    def gains(self, reward: np.ndarray, value: np.ndarray) -> np.ndarray:
        """[S] the most that one step of another action changes, given next-state values [S]."""
        q = reward.reshape(self.mask.shape) + self.next_law @ value
        range_ = (np.where(self.mask, q, -np.inf).max(axis=1)
                  - np.where(self.mask, q, np.inf).min(axis=1))
        return np.where(self.mask.any(axis=1), range_, 0.0)


def _against(subject: Subject, policies: list[np.ndarray], agent: int) -> _Against:
    mixer, next_law = subject.marginal(policies, agent)
    return _Against(mixer, subject.discount * next_law,
                    subject.masks[agent] & subject.live[:, None])
