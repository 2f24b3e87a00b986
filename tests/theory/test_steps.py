"""Step sizes: the theorem's formula, and the measured step against plain NumPy dynamics and against
`solve`."""

from __future__ import annotations

import dataclasses
import math

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.theory.dynamics import starts
from potentia.theory.mismatch import mismatch
from potentia.theory.steps import measure, reward_range, smoothness, theorem_step
from slow_markov import random_arrays


def watched(game: pt.MarkovGame, stage_potential: np.ndarray | None = None) -> pt.MarkovGame:
    """The game with a stage potential [S, J]; common rewards are their own."""
    stage = np.asarray(game.rewards)[:, :, 0] if stage_potential is None else stage_potential
    return dataclasses.replace(game, stage_potential=stage)


def common(seed: int, discount: float = 0.9, factor: float = 1.0, **options) -> pt.MarkovGame:
    """A random common-interest game."""
    arrays = random_arrays(seed, (2, 3), 3, discount, **options)
    arrays["rewards"] = factor * np.stack([arrays["rewards"][0]] * 2)
    return watched(pt.MarkovGame.from_arrays(**arrays))


def two_links(slope: float = 1.0) -> pt.MarkovGame:
    """Two agents on two links, each paid -slope x load once: common interest, and chaotic at large
    steps (Remark 1)."""
    table = -slope * np.array([[2.0, 1.0], [1.0, 2.0]])
    return watched(pt.MarkovGame.from_arrays(np.stack([table, table])[:, None],
                                             np.zeros((1, 2, 2), int), discount=0.0))


def test_distancing_numbers():
    """FACTS: below 3.6e-11/M with rewards in [0, 1], and 1.2e-15 in raw units."""
    game = pt.games.make("distancing")
    spread = reward_range(game)
    smooth = smoothness(game, mismatch(game).coefficient)
    assert spread == 147
    assert smooth == pytest.approx(27 * 8**2 * 4**2 * 199 / 0.01**3, rel=1e-9)
    assert 1 / smooth == pytest.approx(1.8175e-13, rel=1e-4)
    assert theorem_step(game, smooth, spread) == pytest.approx(1.2364e-15, rel=1e-4)


def test_congestion_step_at_a_range_of_one():
    """FACTS: below 5.8e-10/M for four agents."""
    game = pt.games.make("stochastic-congestion", n_agents=4, start="uniform")
    assert 1 / smoothness(game, 1.0) == pytest.approx(5.787e-10, rel=1e-3)


@pytest.mark.parametrize(("game", "mismatch"), [
    (pt.games.make("stochastic-congestion", n_agents=2, observe="own"), 3.0),
    (pt.games.make("stochastic-congestion", n_agents=2, discount=1.0), 3.0),
    (pt.games.make("stochastic-congestion", n_agents=2), math.inf)],
                         ids=["local", "discount 1", "infinite M"])
def test_not_covered(game, mismatch):
    assert theorem_step(game, smoothness(game, mismatch), 1.0) == 0


def test_nothing_at_stake():
    game = dataclasses.replace(common(1), rewards=np.full((3, 6, 2), 0.3),
                               stage_potential=np.full((3, 6), 0.3))
    assert reward_range(game) == 0
    assert theorem_step(game, 5.0, 0.0) == math.inf
    found = measure(game, updates=5)
    assert found.step_size == math.inf
    assert found.fell_at is None


def test_range_counts_what_can_be_played_where_play_comes():
    """State 2 is out of reach and action 1 of state 1 does not exist; rewards of 5 and 6 remain in
    state 0."""
    rewards = [[[5.0, 6.0], [5.5, 99.0], [-99.0, 0.0]]]
    mask = [[[True, True], [True, False], [True, True]]]
    game = pt.MarkovGame.from_arrays(rewards, [[0, 1], [0, 0], [0, 2]], discount=0.9,
                                     initial=[1, 0, 0], mask=mask)
    assert reward_range(game) == 1


def test_range_counts_0_where_play_can_end():
    ending = pt.MarkovGame.from_arrays([[[5.0, 6.0], [0.0, 0.0]]], [[0, 1], [1, 1]], discount=0.9,
                                       initial=[1.0, 0.0])
    assert reward_range(ending) == 6


def test_range_is_the_widest_agents():
    rewards = np.stack([np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[-1.0, 2.0], [0.5, 0.0]])])
    assert reward_range(pt.MarkovGame.from_arrays(rewards[:, None], np.zeros((1, 2, 2), int),
                                                  discount=0.5)) == 3


def slow_potentials(table: np.ndarray, rows: list[np.ndarray], step: float,
                    updates: int) -> np.ndarray:
    """The potential along MWU in a one-state common-interest game of two agents at discount 0, in
    NumPy."""
    found = []
    for _ in range(updates + 1):
        first, second = rows
        found.append(first @ table @ second)
        rows = [first * np.exp(step * table @ second), second * np.exp(step * table.T @ first)]
        rows = [row / row.sum() for row in rows]
    return np.array(found)


def test_two_links_against_plain_numpy():
    game, table = two_links(), -np.array([[2.0, 1.0], [1.0, 2.0]])
    found = measure(game, seed=3, runs=2, updates=200)
    with jax.enable_x64(True):
        begin = np.exp(np.asarray(starts(game.mask, 3, 2)))
    rising = [slow_potentials(table, list(profile[:, 0]), found.step_size, 200)
              for profile in begin]
    falling = [slow_potentials(table, list(profile[:, 0]), found.fell_at, 200) for profile in begin]
    assert min(np.diff(path).min() for path in rising) >= -1e-11
    first_falls = [int((np.diff(path) < -1e-11).argmax()) + 1 for path in falling
                   if np.diff(path).min() < -1e-11]
    assert found.at_update in first_falls
    assert found.fell_at / found.step_size <= 4 ** (1 / 2**8) * (1 + 1e-9)


def test_solve_sees_the_potential_rise_at_the_step_and_fall_above():
    """With local policies: the rule, the game and the loop that users run."""
    game = pt.games.make("stochastic-congestion", n_agents=2, observe="own")
    found = measure(game, seed=1, runs=1, updates=60)
    with jax.enable_x64(True):
        start = np.exp(np.asarray(starts(game.mask, 1, 1)))[0]
    for step_size, rises in ((found.step_size, True), (found.fell_at, False)):
        result = pt.solve(game, pt.rules.INPG(step_size=step_size), initial=start,
                          max_iterations=60, check_every=1,
                          tolerance=None)
        path = result.history["potential"]
        falls = np.flatnonzero(np.diff(path[~np.isnan(path)]) < -1e-10)
        assert (falls.size == 0) == rises
        if not rises:
            assert falls[0] + 1 == found.at_update


def test_the_theorems_step_is_far_below():
    game = common(1)
    stated = theorem_step(game, smoothness(game, mismatch(game).coefficient), reward_range(game))
    found = measure(game, updates=100)
    assert found.step_size > 1e3 * stated


def test_the_unit_of_the_rewards_is_the_unit_of_the_step():
    """Rewards 1000 times as large bear steps a thousandth as large."""
    small, large = (measure(common(4, factor=factor), updates=100) for factor in (1.0, 1000.0))
    assert small.step_size == pytest.approx(1000 * large.step_size, rel=1e-9)
    assert small.at_update == large.at_update


def alone(counts: tuple[int, ...]) -> np.ndarray:
    """[N, S, A]: only the last agent has a choice."""
    mask = np.zeros((len(counts), 3, max(counts)), bool)
    mask[..., 0] = True
    mask[-1] = True
    return mask


def test_one_agent_alone_never_falls():
    """Natural gradient of one agent improves at any step."""
    arrays = random_arrays(5, (2, 3), 3, 0.9)
    arrays["rewards"] = np.stack([arrays["rewards"][0]] * 2)
    game = watched(pt.MarkovGame.from_arrays(**arrays, mask=alone((2, 3))))
    found = measure(game, updates=100)
    assert found.fell_at is None
    assert found.at_update is None
    assert found.step_size > 10


def test_a_potential_of_the_wrong_sign_falls_at_every_step():
    game = common(1)
    found = measure(watched(game, -game.stage_potential), updates=20)
    assert found.step_size is None
    assert found.at_update == 1


def test_a_step_too_large_at_first_is_searched_downwards(monkeypatch):
    monkeypatch.setattr("potentia.theory.steps.SMALL_MOVE", 400.0)
    found = measure(two_links(), seed=3, updates=200)
    assert found.step_size is not None
    assert found.fell_at / found.step_size <= 4 ** (1 / 2**8) * (1 + 1e-9)


def test_the_same_seed_gives_the_same_bits():
    assert measure(common(1), seed=9, updates=50) == measure(common(1), seed=9, updates=50)
    assert measure(common(1), seed=9, updates=50) != measure(common(1), seed=10, updates=50)
