"""Certificates of performative games: lower <= truth <= upper, the truth of the game that the
profile induces, in exact fractions over joint actions and all policies of each agent."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from slow_markov import random_profile
from slow_performative import enumerated, random_arguments

# agents, places, actions, discount, strength of the response
CASES = [(1, 3, 2, 0.9, 0.99), (2, 2, 2, 0.0, 0.9), (2, 2, 2, 0.9, 0.9), (2, 2, 3, 0.9, 0.999999),
         (2, 2, 2, 0.99, 0.0)]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("pure", [False, True])
def test_bounds_hold_and_are_tight(case: tuple[int, int, int, float, float], pure: bool) -> None:
    game = pt.PerformativeGame.from_moves(**random_arguments(11, *case))
    profile = random_profile(12, game.mask, pure)
    slow = enumerated(game, profile)
    policies = slow.policies(profile)
    current = slow.values(*slow.average(policies))
    gains = np.array([slow.best_values(policies, i) - current[i] for i in range(game.n_agents)])
    truth = gains @ slow.initial
    certificate = pt.certify(game, profile)
    assert (certificate.per_agent_lower <= truth).all()
    assert (truth <= certificate.per_agent).all()
    assert certificate.worst_state_gap_lower <= gains.max() <= certificate.worst_state_gap
    # Near the strength that would leave no next place little is left to be divided by.
    loose = 1e-5 if case[-1] > 0.9 else 1e-11
    assert certificate.nash_gap - certificate.nash_gap_lower < loose * game.scale**2
    assert "the game that the profile induces" in certificate.method
    response = game.best_response(profile)
    assert (truth <= np.asarray(response.gain) + np.asarray(response.error)).all()


def test_a_deviation_does_not_change_what_is_induced() -> None:
    """The witness gains what is certified in the induced game; deployed it would gain something
    else."""
    game = pt.PerformativeGame.from_moves(**random_arguments(13, 2, 2))
    profile = random_profile(14, game.mask)
    certificate, who = pt.certify(game, profile), pt.certify(game, profile).witness_agent
    deviating = profile.copy()
    deviating[who] = certificate.witness
    before = game.start_values(profile)[who]
    there = game.induced(profile).start_values(deviating)[who] - before
    deployed = game.start_values(deviating)[who] - before
    assert there == pytest.approx(certificate.nash_gap, abs=1e-9)
    assert abs(deployed - there) > 0.01


def test_without_a_response_the_certificate_is_that_of_the_table() -> None:
    game = pt.games.make("performative-loop", n_agents=2, omega_r=0.0, omega_p=0.0)
    base = pt.games.make("loop-congestion", n_agents=2)
    profile = np.asarray(game.initial_profile("random", 3))
    ours, theirs = pt.certify(game, profile), pt.certify(base, profile)
    np.testing.assert_allclose(ours.per_agent, theirs.per_agent, rtol=1e-9)
    np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-12)


@pytest.mark.parametrize("seed", [0, 2])
def test_what_cancels_is_counted(seed: int) -> None:
    """The response takes all but a share of 1e-11 off the moves by actions that are not played, so
    that five digits are left of where deviations lead."""
    arguments = random_arguments(seed, 2, 2)
    moves = np.random.default_rng(seed).dirichlet([1.0, 1.0], size=(2, 2))
    game = pt.PerformativeGame.from_moves(
        **arguments | {"moves": moves, "support": moves, "lead": 2 * (1 - 1e-11)})
    profile = random_profile(seed, game.mask, pure=True)
    slow = enumerated(game, profile)
    policies = slow.policies(profile)
    current = slow.values(*slow.average(policies))
    truth = np.array([slow.best_values(policies, i) - current[i] for i in (0, 1)]) @ slow.initial
    certificate, response = pt.certify(game, profile), game.best_response(profile)
    assert (certificate.per_agent_lower <= truth).all()
    assert (truth <= certificate.per_agent).all()
    off = np.abs((truth - np.asarray(response.gain)).astype(float))
    assert off.max() > 1e-8, "nothing was lost, and nothing is tried"
    assert (truth <= np.asarray(response.gain) + np.asarray(response.error)).all()
