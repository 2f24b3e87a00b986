"""What training gains over uniform play, and when that is enough."""

from __future__ import annotations

import numpy as np

import potentia as pt
from potentia.bench import training
from potentia.bench.training import ERRORS, MARGIN, Gains, gained

GRID = pt.simulators.make("crowded-grid", n_agents=3, size=3, horizon=6)
QUICK = pt.learners.IndependentPPO(episodes=16, hidden=(16,), learning_rate=0.01)


def test_a_seed_counts_only_where_every_agent_gains_enough() -> None:
    error = np.full((3, 2), 0.1)
    just = MARGIN + ERRORS * 0.1 + 1e-9
    gain = np.array([[just, 5.0], [just - 1e-3, 5.0], [-1.0, -1.0]])
    assert Gains(gain, error, np.zeros((3, 2))).enough() == 1


def test_who_has_not_learnt_gains_nothing_and_who_has_does() -> None:
    """Policies begin near the uniform one, and episodes begin alike."""
    begun, trained = (pt.train(GRID, QUICK, updates=updates, runs=2) for updates in (0, 40))
    none, some = gained(begun, 400), gained(trained, 400)
    assert none.gain.shape == none.error.shape == (2, 3)
    assert (np.abs(none.gain) <= 4 * none.error + 0.02).all()
    assert (some.mean[:, 0] > 10 * some.mean[:, 1]).all()
    np.testing.assert_allclose(some.mean[:, 0], some.gain.mean(axis=1))


def test_limits_are_those_of_ppo_and_steps_are_counted() -> None:
    figures = training.measure(training.Asked(), n_agents=2, seeds=2, ppo_updates=1, npg_updates=1,
                               fresh=8, copies=2)
    limited = [figure.what.split(":")[0] for figure in figures if figure.limit]
    assert limited == ["IndependentPPO"] * 2
    assert sum("200 agent-steps" in figure.note for figure in figures) == 2     # 2 x 2 x 2 x 25
