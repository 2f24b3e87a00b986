"""Learning from samples comes to where exact learning does: over many short runs the mean of the
potential lies within two standard errors of the exact run's, in every game of the registry that is
proven to be a potential game and can be played through."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np
import pytest
from test_conformance import ORACLES, SMALL

import potentia as pt
from potentia.game import Evaluation

RUNS, ITERATIONS, START = 20, 4, 4
SAMPLED = pt.Sampled(episodes=1000, horizon=8)
# Steps short enough for what noise does to the mean, of second order, to be less than its error.
GAMES = {
    "two-link-congestion": ({}, 0.5),
    "stochastic-congestion": ({"n_agents": 2}, 0.02),
    "stochastic-congestion own": ({"n_agents": 2, "observe": "own"}, 0.02),
    "stochastic-congestion-published": ({"n_agents": 2}, 2e-4),
    "markov-routing common": ({"n_agents": 2, "pay": "common"}, 0.05),
    "battle-of-the-sexes": ({}, 0.2),
    "chicken": ({}, 0.2),
    "constrained-grid": ({"size": 3, "horizon": 2}, 0.1),
    "coordination": ({}, 0.2),
    "el-farol": ({"n_agents": 2, "capacity": 1}, 0.2),
    "flat-region": ({}, 0.01),
    "load-balancing": ({"n_agents": 2}, 0.2),
    "loop-congestion": ({"n_agents": 2}, 1e-4),
    "prisoners-dilemma": ({}, 0.2),
    "public-goods": ({"n_agents": 2}, 0.2),
    "random-cooperative": ({"actions": (2, 2)}, 0.2),
    "stag-hunt": ({}, 0.2),
}


def made(label: str) -> Any:
    """The game without its name, so that games of one shape share their programs."""
    game: Any = pt.games.make(label.split()[0], **GAMES[label][0])
    return dataclasses.replace(game, name="game", recipe=None)


def lands(game: Any, rule: Any, oracle: Any) -> tuple[float, float, float]:
    """By how much the mean potential of runs that learn from the oracle differs from the exact
    run's, its standard error, and how far the exact run went."""
    potential = pt.potential.classify(game).potential
    weights = np.random.default_rng(START).uniform(0.1, 1, game.mask.shape) * game.mask
    start = weights / weights.sum(axis=-1, keepdims=True)
    options = {"initial": start, "tolerance": None, "max_iterations": ITERATIONS,
               "check_every": ITERATIONS, "seed": 3, "runs": RUNS}
    exact = pt.solve(game, rule, **options).profile[0]    # as many, to share what is compiled
    found = pt.solve(game, rule, oracle, **options).profile
    ends = np.array([float(potential(profile)) for profile in found])
    went = float(potential(exact)) - float(potential(start))
    return (float(ends.mean() - potential(exact)), float(ends.std(ddof=1) / np.sqrt(RUNS)), went)


def test_every_proven_potential_game_that_can_be_sampled_is_in_the_table() -> None:
    for label in ORACLES["sampled"] - {"anonymous-congestion"}:       # cannot be classified
        game = pt.games.make(label.split()[0], **SMALL[label])
        if pt.potential.classify(game).verdict == "PROVEN":
            assert label.split()[0] in {known.split()[0] for known in GAMES}


@pytest.mark.parametrize("label", GAMES)
def test_inpg_lands_where_it_would_with_exact_values(label: str) -> None:
    off, error, went = lands(made(label), pt.rules.INPG(GAMES[label][1]), SAMPLED)
    assert abs(off) <= 2 * error
    assert 2 * error < 0.05 * went                    # so that a tenth too much would be seen


def test_a_rule_that_reads_visits_does_so_too() -> None:
    off, error, went = lands(made("two-link-congestion"), pt.rules.IPG(0.2), SAMPLED)
    assert abs(off) <= 2 * error
    assert 2 * error < 0.05 * went


@dataclasses.dataclass(frozen=True)
class Faulty:
    """The sampled oracle with values that are too large, or without the key that it is given."""

    factor: float = 1.0
    keyed: bool = True

    def evaluate(self, game: Any, profile: jax.Array, key: jax.Array) -> Evaluation:
        told = SAMPLED.evaluate(game, profile, key if self.keyed else jax.random.key(0))
        return dataclasses.replace(told, q=self.factor * told.q, v=self.factor * told.v)


@pytest.mark.parametrize("oracle", [Faulty(factor=1.1), Faulty(keyed=False)], ids=repr)
def test_a_fault_of_the_oracle_would_be_seen(oracle: Any) -> None:
    off, error, _ = lands(made("two-link-congestion"), pt.rules.INPG(0.5), oracle)
    assert abs(off) > 2 * error
