"""Markov games evaluated slowly, plainly and without rounding: loops over joint actions, exact
fractions.

Nothing here knows Potentia. Arrays of `Fraction` hold the very float64 numbers of a game, so what
these functions return is the truth that float64 code has to approach, or to bracket.
"""

from __future__ import annotations

import dataclasses
import itertools
from fractions import Fraction

import numpy as np

exact = np.vectorize(Fraction, otypes=[object])


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """matrix^-1 right by elimination, [n, n] and [n, m] of fractions."""
    work = np.concatenate([matrix, right], axis=1)
    for k in range(len(work)):
        pivot = next(row for row in range(k, len(work)) if work[row, k] != 0)
        work[[k, pivot]] = work[[pivot, k]]
        work[k] = work[k] / work[k, k]
        for row in range(len(work)):
            if row != k and work[row, k] != 0:
                work[row] = work[row] - work[row, k] * work[k]
    return work[:, len(matrix):]


@dataclasses.dataclass
class SlowGame:
    """rewards [N, S, A1..AN], transitions [S, A1..AN, S], initial [S], all of fractions; mask
    [N, S, A] bool; information [N, S]; absorbing [S] bool."""

    rewards: np.ndarray
    transitions: np.ndarray
    discount: Fraction
    initial: np.ndarray
    mask: np.ndarray
    information: np.ndarray
    absorbing: np.ndarray

    @classmethod
    def of(cls, arrays: dict) -> SlowGame:
        """From the float arrays that `MarkovGame.from_arrays` takes (probabilities or next-state
        index)."""
        rewards, transitions = np.asarray(arrays["rewards"],
                                          float), np.asarray(arrays["transitions"])
        n_agents, n_states, *counts = rewards.shape
        if transitions.ndim == len(counts) + 1:
            transitions = np.eye(n_states)[transitions]
        everything = np.arange(max(counts)) < np.array(counts)[:, None]
        mask = arrays.get("mask")
        information = arrays.get("information")
        initial = arrays["initial"] / np.sum(arrays["initial"])
        game = cls(exact(rewards), exact(transitions), Fraction(arrays["discount"]), exact(initial),
                   np.repeat(everything[:, None], n_states, 1) if mask is None
                   else np.asarray(mask),
                   np.tile(np.arange(n_states), (n_agents, 1)) if information is None
                   else information,
                   np.zeros(n_states, bool))
        game.absorbing = np.array([game._keeps(state) for state in range(n_states)])
        return game

    def _keeps(self, state: int) -> bool:
        return all(self.transitions[(state, *a, state)] == 1
                   and not self.rewards[(slice(None), state, *a)].any()
                   for a in self.joint_actions(state))

    def joint_actions(self, state: int) -> list[tuple[int, ...]]:
        """The joint actions that exist in a state."""
        return list(
            itertools.product(*[np.flatnonzero(mask[state]).tolist() for mask in self.mask]))

    def policies(self, profile: np.ndarray) -> np.ndarray:
        """Policies by state [N, S, A], exactly normalised."""
        fractions = exact(profile)
        by_information = fractions / fractions.sum(axis=-1, keepdims=True)
        return np.stack([rows[seen] for rows, seen in zip(by_information, self.information,
                                                          strict=True)])

    def average(self, policies: np.ndarray,
                stage: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Mean rewards [M, S] (those of `stage` [M, S, A1..AN], else the agents') and step matrix
        [S, S]."""
        table = self.rewards if stage is None else stage
        rewards = exact(np.zeros(table.shape[:2]))
        step = exact(np.zeros((self.initial.size, self.initial.size)))
        for state in range(self.initial.size):
            for actions in self.joint_actions(state):
                weight = np.prod([policies[i, state, a] for i, a in enumerate(actions)])
                rewards[:, state] += weight * table[(slice(None), state, *actions)]
                step[state] += weight * self.transitions[(state, *actions)]
        return rewards, step

    def marginal(self, policies: np.ndarray, agent: int) -> tuple[np.ndarray, np.ndarray]:
        """Rewards [S, A] and steps [S, A, S] of one agent against the others; 0 where there is no
        action."""
        n_states, n_actions = self.mask[agent].shape
        rewards, steps = exact(np.zeros((n_states, n_actions))), exact(
            np.zeros((n_states, n_actions, n_states)))
        for state in range(n_states):
            for actions in self.joint_actions(state):
                weight = np.prod([policies[j, state, a] for j, a in enumerate(actions)
                                  if j != agent] or [1])
                rewards[state, actions[agent]] += weight * self.rewards[(agent, state, *actions)]
                steps[state, actions[agent]] += weight * self.transitions[(state, *actions)]
        return rewards, steps

    def until_absorbed(self, step: np.ndarray) -> np.ndarray:
        """The step matrix [..., S] with the rows of absorbing states set to 0: they are worth 0."""
        kept = step.copy()
        kept[self.absorbing] = Fraction(0)
        return kept

    def values(self, rewards: np.ndarray, step: np.ndarray) -> np.ndarray:
        """[M, S] rewards to [M, S] values."""
        identity = exact(np.eye(self.initial.size))
        return solve(identity - self.discount * self.until_absorbed(step), rewards.T).T

    def best_values(self, policies: np.ndarray, agent: int) -> np.ndarray:
        """[S] the best value over all deterministic stationary policies of the agent, by trying
        them all."""
        rewards, steps = self.marginal(policies, agent)
        choices = itertools.product(*[np.flatnonzero(row).tolist() for row in self.mask[agent]])
        states = np.arange(self.initial.size)
        found = [self.values(rewards[states, list(c)][None], steps[states, list(c)])[0]
                 for c in choices]
        return np.max(found, axis=0)

    def best_local_value(self, policies: np.ndarray, agent: int) -> Fraction:
        """The best V(mu) over all deterministic local policies of the agent, by trying them all."""
        rewards, steps = self.marginal(policies, agent)
        seen, states = self.information[agent], np.arange(self.initial.size)
        first_state = [int(np.flatnonzero(seen == h)[0]) if (seen == h).any() else None
                       for h in range(seen.max() + 1)]
        choices = itertools.product(*[[0] if s is None
                                      else np.flatnonzero(self.mask[agent, s]).tolist()
                                      for s in first_state])
        chosen = (np.array(choice)[seen] for choice in choices)
        return max(self.initial @ self.values(rewards[states, c][None], steps[states, c])[0]
                   for c in chosen)


def random_arrays(seed: int, counts: tuple[int, ...], n_states: int, discount: float, *,
                  play: str = "cyclic",
                  successors: int | None = None, certain: bool = False, masked: bool = False,
                  information: np.ndarray | None = None) -> dict:
    """A random game for `from_arrays`.

    play: "cyclic"; "forward" (each state leads to later ones only and the last absorbs); or
    "ending" (cyclic, but every step is absorbed in the last state with a probability of at least
    .2).
    successors: how many next states each joint action has at most. certain: next-state index.
    """
    rng = np.random.default_rng(seed)
    shape = (n_states, *counts)
    rewards = rng.normal(size=(len(counts), *shape))
    weights = rng.random((*shape, n_states)) + 0.05
    if play == "forward":
        weights *= (np.arange(n_states) > np.arange(n_states)[:, None]).reshape(
            n_states, *[1] * len(counts), n_states)
    if successors is not None:
        ranks = np.argsort(np.argsort(weights, axis=-1), axis=-1)
        weights *= ranks >= n_states - successors
    if play != "cyclic":
        rewards[:, -1] = 0.0
        weights[-1] = np.arange(n_states) == n_states - 1
    transitions = weights / weights.sum(axis=-1, keepdims=True)
    if play == "ending":
        transitions = 0.8 * transitions
        transitions[..., -1] += 0.2
        transitions[-1] = np.arange(n_states) == n_states - 1
    arrays = {"rewards": rewards, "transitions": transitions.argmax(-1) if certain else transitions,
              "discount": discount, "initial": rng.dirichlet(np.ones(n_states))}
    if masked:
        arrays["mask"] = random_mask(rng, counts, n_states, information)
    if information is not None:
        arrays["information"] = information
    return arrays


def random_mask(rng: np.random.Generator, counts: tuple[int, ...], n_states: int,
                information: np.ndarray | None) -> np.ndarray:
    """[N, S, A]: about a third of the actions do not exist; the same within an information
    state."""
    widest = max(counts)
    mask = np.zeros((len(counts), n_states, widest), bool)
    for agent, count in enumerate(counts):
        by_information = rng.random((n_states, widest)) < 0.65
        by_information[np.arange(n_states), rng.integers(count, size=n_states)] = True
        mask[agent] = by_information[np.arange(n_states) if information is None
                                     else information[agent]]
        mask[agent, :, count:] = False
    return mask


def random_profile(seed: int, mask: np.ndarray, pure: bool = False) -> np.ndarray:
    """A random profile over the existing actions [N, H, A]; pure if asked for."""
    rng = np.random.default_rng(seed)
    weights = rng.exponential(size=mask.shape) * mask
    if pure:
        return np.eye(mask.shape[-1])[weights.argmax(axis=-1)]
    return weights / weights.sum(axis=-1, keepdims=True)
