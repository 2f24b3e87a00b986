"""Performative games are refuted by an induced game, and proven only where nothing responds."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.potential import PROVEN, REFUTED, UNKNOWN
from small_games import DILEMMA


def loop(omega: float, n_agents: int = 2) -> pt.PerformativeGame:
    return pt.games.make("performative-loop", n_agents=n_agents, omega_r=omega, omega_p=omega)


def test_without_a_response_the_verdict_is_that_of_the_loop() -> None:
    for n_agents, verdict in ((2, PROVEN), (3, REFUTED)):
        ours = pt.potential.classify(loop(0.0, n_agents))
        theirs = pt.potential.classify(pt.games.make("loop-congestion", n_agents=n_agents))
        assert ours.verdict == theirs.verdict == verdict
        assert ours.alpha_lower == pytest.approx(theirs.alpha_lower)
    kind, profile = pt.potential.classify(loop(0.0)), loop(0.0).initial_profile("random", 1)
    assert kind.potential(profile) == pytest.approx(float(loop(0.0).welfare(profile)) / 2)


def test_the_response_refutes_a_game_of_common_rewards_by_a_witness() -> None:
    """Its gains do not cancel in the induced game that the verdict names, by that game's values."""
    game = loop(0.03)
    kind = pt.potential.classify(game)
    assert kind.verdict == REFUTED
    assert "a profile drawn by seed 0 induces" in kind.proof
    assert isinstance(kind.game, pt.MarkovGame)
    witness = kind.witness
    values = [np.asarray(kind.game.start_values(profile)) for profile in witness.profiles]
    first, second = witness.agents
    around = sum(values[(k + 1) % 4][who] - values[k][who]
                 for k, who in enumerate((first, second, first, second)))
    assert around == pytest.approx(witness.total, rel=1e-6)
    assert abs(around) > 1e-3


def test_induced_games_that_are_potential_games_prove_nothing() -> None:
    """One state: each induced game is a dilemma in which an own action pays more or less."""
    game = pt.PerformativeGame.from_moves(
        np.moveaxis(DILEMMA.rewards, -1, 0).reshape(2, 1, 2, 2), [[0], [0]], np.ones((1, 2, 1)),
        np.zeros((1, 2, 1)), pay=1.0, lead=0.0, discount=0.9)
    kind = pt.potential.classify(game)
    assert kind.verdict == UNKNOWN
    assert kind.alpha_upper == np.inf
    with pytest.raises(pt.InputError, match="none of the 4 induced games"):
        kind.potential(game.initial_profile("uniform", None))
