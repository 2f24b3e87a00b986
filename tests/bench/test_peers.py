"""The implementations that benchmarks measure against give what Potentia gives: they share no code
with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.bench.enumeration import (
    AGREED,
    LIMIT,
    interior,
    judged,
    learners,
    refuse_disagreement,
)
from potentia.bench.peers import peer

PEERS = Path(__file__).resolve().parents[2] / "benchmarks" / "peers"
TABLES = peer(PEERS, "game").tables(3)
LEARNERS, ABSENT = learners(PEERS)


@pytest.fixture(scope="module")
def tabular() -> pt.MarkovGame:
    return pt.games.make("stochastic-congestion", n_agents=3, representation="tabular")


def test_the_tables_are_the_games(tabular: pt.MarkovGame) -> None:
    for state, count in enumerate(TABLES.counts):
        joint = [0] if count == 1 else range(8)
        np.testing.assert_allclose(TABLES.rewards[state, joint],
                                   np.asarray(tabular.rewards)[state, joint], atol=1e-15)
        np.testing.assert_array_equal(TABLES.following[state, joint],
                                      np.asarray(tabular.transitions.targets)[state, joint, 0])
    assert TABLES.discount == tabular.discount


def test_numba_is_here_with_the_tests() -> None:
    assert ABSENT == {}
    assert len(LEARNERS) == 5


@pytest.mark.parametrize("name", LEARNERS)
def test_every_peer_learns_as_we_do(name: str, tabular: pt.MarkovGame) -> None:
    profile = interior(TABLES.counts, 3)
    ours = pt.solve(tabular, pt.rules.INPG(step_size=0.01), initial=profile, max_iterations=30,
                    tolerance=None).profile
    theirs = LEARNERS[name](TABLES, profile, 0.01, 30)
    assert np.max(np.abs(theirs - profile)) > 0.1
    np.testing.assert_allclose(theirs, ours, atol=AGREED)


def test_a_peer_that_disagrees_is_refused(tabular: pt.MarkovGame) -> None:
    profile = interior(TABLES.counts, 3)
    wrong = {"wrong": lambda tables, profile, step_size, iterations: profile}
    with pytest.raises(AssertionError, match=r"wrong ends .* away from our profile"):
        refuse_disagreement(tabular, TABLES, wrong, profile)


def test_the_limit_is_against_the_fastest_peer() -> None:
    """Whichever it is: threads in each other's way make all cores slower than one on a busy
    machine."""
    first, *others = judged("x", 1.0, {"one core": 3.0, "all cores": 12.0}, {})
    assert (first.value, first.note, first.limit, first.holds) == (3.0, "one core", LIMIT, False)
    assert [(figure.value, figure.holds) for figure in others] == [(3.0, False), (12.0, True)]


def test_nothing_holds_against_peers_that_are_missing() -> None:
    first, _, other = judged("x", 1.0, {"NumPy": 50.0},
                             {"numba": "not measured: No module named 'numba'"})
    assert (first.value, first.holds, first.note) == (None, None, "not measured: without numba")
    assert other.note == "not measured: No module named 'numba'"


STANDS_IN = """
import types
import numpy as np
__version__ = "0"

class SGame:
    def __init__(self, payoffs, transitions, discount):
        self.shapes = [payoff.shape for payoff in payoffs]
        assert discount == 0.99
        for payoff, transition in zip(payoffs, transitions):
            assert transition.shape == (*payoff.shape[1:], len(payoffs))
            assert np.all(transition.sum(axis=-1) == 1)

    def random_strategy(self, zeros, seed):
        return np.random.default_rng(seed).random((len(self.shapes), self.shapes[0][0], 2))

class LogTracing:
    def __init__(self, game, rho, implementation):
        self.rho, self.equilibrium = rho, None

    def solver_setup(self):
        self.solver = types.SimpleNamespace(verbose=1)

    def solve(self):
        self.equilibrium = types.SimpleNamespace(strategies=self.rho)
"""


def test_sgamesolvers_script_hands_over_the_game_and_prints_what_it_found(tmp_path: Path) -> None:
    """With a module in sgamesolver's place, since sgamesolver itself cannot live in this
    environment."""
    (tmp_path / "sgamesolver").mkdir()
    (tmp_path / "sgamesolver" / "__init__.py").write_text(STANDS_IN)
    (tmp_path / "sgamesolver" / "homotopy.py").write_text("from sgamesolver import LogTracing")
    ran = subprocess.run([sys.executable, str(PEERS / "sgamesolver_run.py"), "2", "7"],
                         capture_output=True, text=True,
                         check=True, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    told = json.loads(ran.stdout)
    assert told["agents"] == 2
    assert told["seed"] == 7
    assert told["seconds"] >= 0
    np.testing.assert_array_equal(told["profile"],
                                  np.random.default_rng(7).random((10, 2, 2)).swapaxes(0, 1))
