"""Two small results that several files report."""

from __future__ import annotations

import pytest

import potentia as pt

NASTY = "</script><script>window.broken=1</script><b>&amp; 'mine'"


@pytest.fixture(scope="session")
def named() -> pt.Result:
    """Two runs of a 2x2 game whose name is a page's nightmare."""
    game = pt.MarkovGame.from_payoffs([[2, 0], [0, 1]], [[1, 0], [0, 2]], name=NASTY)
    return pt.solve(game, pt.rules.INPG(step_size=0.1), runs=2, max_iterations=60, check_every=5,
                    tolerance=1e-4, snapshots=4)


@pytest.fixture(scope="session")
def walked() -> pt.Result:
    """One run of a congestion game."""
    return pt.solve(pt.games.make("stochastic-congestion", n_agents=2),
                    pt.rules.INPG(step_size=0.1), initial="random", max_iterations=40,
                    tolerance=None, check_every=10, snapshots="logarithmic")
