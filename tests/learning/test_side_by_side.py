"""On an accelerator runs go side by side, as many as keep it busy; the runs are the same."""

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.learning import side_by_side
from potentia.learning.side_by_side import BUSY, runs_at_once


@pytest.fixture
def accelerator(monkeypatch):
    """Whatever we compute on passes for one."""
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")


def test_a_processor_takes_one_after_another(monkeypatch):
    monkeypatch.setattr(jax, "default_backend", lambda: "cpu")
    assert runs_at_once(pt.games.make("stag-hunt"), 1000) == 1


def test_as_many_go_at_once_as_keep_an_accelerator_busy(accelerator):
    small, large = (pt.games.make("stochastic-congestion", n_agents=n) for n in (2, 12))
    assert runs_at_once(small, 1000) == 1000
    assert runs_at_once(large, 1000) == int(BUSY / large.work()[0]) < 1000
    assert runs_at_once(pt.games.make("stag-hunt"), 3) == 3


@pytest.mark.parametrize("most", [BUSY, 6e3], ids=["all at once", "some at a time"])
def test_the_runs_are_the_same(accelerator, monkeypatch, most):
    game = pt.games.make("stochastic-congestion", n_agents=2)

    def solved():
        return pt.solve(game, pt.rules.INPG(step_size=0.1), runs=5, seed=3, max_iterations=200,
                        check_every=10, tolerance=1e-2)

    monkeypatch.setattr(side_by_side, "BUSY", most)
    beside = solved()
    monkeypatch.setattr(side_by_side, "BUSY", 0.0)
    one_by_one = solved()
    assert beside.statuses == one_by_one.statuses
    assert len(set(beside.iterations)) > 1
    np.testing.assert_array_equal(beside.iterations, one_by_one.iterations)
    np.testing.assert_allclose(beside.profile, one_by_one.profile, rtol=1e-9, atol=1e-12)
