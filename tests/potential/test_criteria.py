"""The theory behind the verdicts: which rewards make a Markov potential game, for fixed
transitions, is a linear space.

Three descriptions of it are compared by dimension: four-cycles of mixed profiles vanish from the
initial distribution; a stage potential exists; four-cycles of deterministic profiles vanish. The
first two agree, the third is wider.
"""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

import potentia as pt
from potentia.potential import classify
from potentia.potential.cycles import measured
from potentia.potential.draws import grid_policies, random_policies
from potentia.potential.search import _against
from potentia.potential.subject import Subject, subject_of

N, S, COUNTS = 2, 2, (2, 2)
CELLS = S * 4


def game_of(rewards: np.ndarray, transitions: np.ndarray, initial: object = None) -> pt.MarkovGame:
    return pt.MarkovGame.from_arrays(rewards.reshape(N, S, *COUNTS), transitions, discount=0.8,
                                     initial=initial)


def with_rewards(subject: Subject, rewards: np.ndarray) -> Subject:
    return dataclasses.replace(subject, rewards=np.moveaxis(rewards.reshape(N, S, 4), 0, -1))


def cycle_sums(subject: Subject, drawn: list[list[np.ndarray]]) -> np.ndarray:
    """[cycles, N*S*J] what each unit of reward adds to each cycle's sum, from the initial
    distribution."""
    units = [with_rewards(subject, unit) for unit in np.eye(N * CELLS)]
    return np.array([[measured(unit, (0, 1), policies).total for unit in units]
                     for policies in drawn])


def mixed(subject: Subject, rng: np.random.Generator, count: int) -> list[list[np.ndarray]]:
    return [[grid_policies(subject, rng, agent, 2) for agent in range(N)] for _ in range(count)]


def deterministic() -> list[list[np.ndarray]]:
    pure = [np.eye(2)[list(choice)] for choice in itertools.product(range(2), repeat=S)]
    pairs = [np.stack(pair) for pair in itertools.combinations(pure, 2)]
    return [[one, two] for one in pairs for two in pairs]


def kernel_of(matrix: np.ndarray) -> np.ndarray:
    """Orthonormal rows that span the null space."""
    _, size, rows = np.linalg.svd(matrix)
    return rows[int((size > 1e-9 * size[0]).sum()):]


def stage_space(subject: Subject, rng: np.random.Generator) -> int:
    """Dimension of the rewards for which (2) of `search` has a stage potential."""
    rows = []
    for _ in range(8):
        policies = random_policies(subject, rng)
        for agent in range(N):
            against = _against(subject, policies, agent)
            projected = against.left_of(against.mixer.toarray())
            rows.append(np.hstack([projected if k == agent else 0 * projected for k in range(N)]
                                  + [-projected]))
    solutions = kernel_of(np.concatenate(rows))                    # of (r_1, r_2, phi)
    return int(np.linalg.matrix_rank(solutions[:, :N * CELLS], tol=1e-9))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("initial", [[0.5, 0.5], [1.0, 0.0]])
def test_mixed_cycles_from_the_start_and_stage_potentials_describe_the_same_games(seed, initial):
    rng = np.random.default_rng(seed)
    transitions = rng.dirichlet(np.ones(S), size=(S, *COUNTS))
    subject = subject_of(game_of(np.zeros(N * CELLS), transitions, initial), None, "reachable")
    of_cycles = kernel_of(cycle_sums(subject, mixed(subject, rng, 60)))
    assert len(of_cycles) == stage_space(subject, rng)


def test_deterministic_cycles_that_vanish_prove_nothing():
    rng = np.random.default_rng(0)
    transitions = np.eye(S)[rng.integers(S, size=(S, *COUNTS))]
    subject = subject_of(game_of(np.zeros(N * CELLS), transitions), None, "reachable")
    pure, whole = kernel_of(cycle_sums(subject, deterministic())), kernel_of(
        cycle_sums(subject, mixed(subject, rng, 60)))
    assert len(pure) > len(whole)
    beyond = pure - pure @ whole.T @ whole
    rewards = beyond[np.abs(beyond).sum(axis=1).argmax()]
    assert np.abs(cycle_sums(with_rewards(subject, rewards), deterministic())
                  @ rewards).max() < 1e-12
    assert classify(game_of(rewards, transitions)).verdict == "REFUTED"
