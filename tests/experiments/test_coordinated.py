"""Moves of the agent that gains most, against a loop over payoffs, and what the counts rest on."""

import itertools

import numpy as np
import pytest

import potentia as pt
from potentia.experiments.coordinated import NashCA, potentials, pure_profiles
from potentia.experiments.papers import paper

AGENTS = 4


def makespan(machines):
    """What each job is paid, one machine a job: minus the jobs on its machine."""
    return [-float(machines.count(machine)) for machine in machines]


def moves_by_hand():
    """Nash-CA on jobs of equal size and two equal machines, from all on one of them."""
    machines, moves = [0] * AGENTS, 0
    while True:
        others = [[*machines[:job], 1 - machines[job], *machines[job + 1:]]
                  for job in range(AGENTS)]
        gains = [makespan(other)[job] - makespan(machines)[job]
                 for job, other in enumerate(others)]
        if max(gains) <= 0:
            return moves
        machines, moves = others[int(np.argmax(gains))], moves + 1


def test_moves_are_those_of_a_loop_over_payoffs():
    found = NashCA("load-balancing", {"n_agents": AGENTS, "speeds": (1, 1)}, 0.1).measured(0)
    assert found.numbers == {"moves": moves_by_hand(), "moves at most": 20, "ended": 1}
    assert found.nash_gap["at the end"] < 1e-12


def test_pure_profiles_are_all_of_them_once():
    mask = np.array([[[1, 1, 0], [1, 1, 1]], [[1, 0, 0], [0, 0, 0]]], bool)
    profiles = pure_profiles(mask)
    assert profiles.shape == (6, 2, 2, 3)
    assert len(np.unique(profiles.reshape(6, -1), axis=0)) == 6
    assert not profiles[:, ~mask].any()
    np.testing.assert_array_equal(profiles.sum(axis=-1), np.broadcast_to(mask.any(-1), (6, 2, 2)))


def test_potentials_change_as_values_do():
    game = pt.games.make("random-cooperative", actions=(2, 3), seed=1)
    profiles = pure_profiles(np.asarray(game.mask))
    common = [pt.certify(game, profile).values[0] for profile in profiles]
    np.testing.assert_allclose(np.ptp(potentials(game, profiles)), np.ptp(common), rtol=1e-12)
    assert [tuple(profile.argmax(-1)[:, 0]) for profile in profiles] == list(
        itertools.product(range(2), range(3)))


@pytest.mark.parametrize("statement", paper("song2021").statements, ids=lambda one: one.id)
def test_each_claim_can_fail(statement):
    found = {"moves": 3, "moves at most": 200, "ended": 1}
    assert statement.holds(found)
    assert not statement.holds({**found, "moves": 201})
    assert not statement.holds({**found, "ended": 0})
