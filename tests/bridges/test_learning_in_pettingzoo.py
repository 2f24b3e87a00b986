"""Learning in PettingZoo environments: curves, gaps, files, and the same as in JAX."""

from __future__ import annotations

import dataclasses
import sys

import jax
import numpy as np
import pytest

import potentia as pt

pytest.importorskip("pettingzoo")
from streets import Faulty, Street, put, raised

LEARNER = pt.learners.IndependentPPO(episodes=16, epochs=2, minibatches=1, learning_rate=0.03,
                                     hidden=())


def trained_in(env, updates=4, **options):
    return pt.train(pt.from_pettingzoo(env), LEARNER, updates=updates, progress=False, **options)


def assert_same_bits(one, other):
    leaves = [jax.tree.leaves((each.returns, each.agent_steps, each.final.memory))
              for each in (one, other)]
    assert all((np.asarray(a) == np.asarray(b)).all() for a, b in zip(*leaves, strict=True))


@pytest.fixture(scope="module")
def learnt():
    return trained_in(Street(), updates=60)


def test_an_own_environment_learns_is_estimated_and_certified(learnt, tmp_path):
    """From no table at all to an exact certificate beside the estimate."""
    table = learnt.to_dataframe()
    assert table["mean_return"].tail(5).mean() > table["mean_return"].head(5).mean() + 0.3
    assert learnt.agent_steps.tolist() == [16 * 3 * 2 * update for update in range(1, 61)]
    sim = learnt.simulator
    estimated = pt.estimate_gap(sim, learnt, learner=LEARNER, updates=30, seeds=1, episodes=300)
    found = pt.bridges.pettingzoo.enumerated(Street())
    certificate = pt.certify(found.game, found.profile(learnt))
    assert (estimated.lower <= certificate.per_agent + 1e-6).all()
    assert estimated.value == pytest.approx(certificate.values, abs=0.15)
    pt.save(learnt, tmp_path / "street")
    again = pt.load(tmp_path / "street", simulator=sim)
    assert_same_bits(again, learnt)
    assert (found.profile(again) == found.profile(learnt)).all()


def test_a_gap_that_is_there_is_estimated_from_below():
    """Of taxis who have learnt nothing: much can be gained, and the estimate sees most of it."""
    begun = trained_in(Street(), updates=0)
    found = pt.bridges.pettingzoo.enumerated(Street())
    exact = pt.certify(found.game, found.profile(begun)).per_agent
    estimated = pt.estimate_gap(begun.simulator, begun, learner=LEARNER, updates=40, seeds=1,
                                episodes=400)
    assert (estimated.lower <= exact).all()
    assert (estimated.lower > 0.5 * exact).all()


def test_the_same_seed_gives_the_same_bits_also_after_a_checkpoint(learnt, tmp_path):
    short = trained_in(Street, updates=6)
    assert_same_bits(short, trained_in(Street(), updates=6))
    assert (short.returns == learnt.returns[:6]).all()
    assert (trained_in(Street(), updates=6, seed=1).returns != short.returns).any()
    options = {"checkpoint": tmp_path / "kept", "checkpoint_every": 2}
    trained_in(Street(), updates=4, **options)
    assert_same_bits(trained_in(Street(), updates=6, resume=True, **options), short)
    first = trained_in(Street(), updates=2)
    assert_same_bits(trained_in(Street(), updates=4, initial=first), short)


def exits(env, answer):
    sys.exit("the engine stopped")


@pytest.mark.parametrize(("wrong", "why"), [
    (raised, "step raised RuntimeError: the engine stopped; what was learnt until then"),
    (exits, "step raised SystemExit: the engine stopped; what was learnt until then"),
    (put(1, "blue", np.nan), "agent 'blue': the reward is nan, not a finite number"),
    (put(2, "red", True), "agent 'red': its play is over, but that of 'blue' goes on"),
])
def test_what_was_learnt_until_an_environment_fails_is_kept(learnt, wrong, why):
    """In the third update, by the first copy, which was reset once to be looked at."""
    result = trained_in(lambda: Faulty(wrong, fine=3), updates=9)
    assert result.status == "failed"
    assert ", step 1 of the episode of seed " in result.message
    assert why in result.message
    assert result.updates == 2
    assert (result.returns == learnt.returns[:result.updates]).all()


def test_an_interrupt_loses_no_more_than_the_update_it_meets(learnt):
    def pressed(env, answer):
        raise KeyboardInterrupt
    result = trained_in(lambda: Faulty(pressed, fine=3), updates=9)
    assert (result.status, result.updates) == ("interrupted", 2)
    assert (result.returns == learnt.returns[:2]).all()


def test_policies_of_masked_actions_fit_the_enumerated_game():
    """Returns [N, H, A] that the certificate takes: nothing on actions that do not exist."""
    env = pt.bridges.pettingzoo.to_parallel_env(pt.games.make("stochastic-congestion", n_agents=2))
    result = trained_in(env, updates=0)
    found = pt.bridges.pettingzoo.enumerated(env)
    profile = found.profile(result)
    assert (profile[~np.asarray(found.game.mask)] == 0).all()
    exact = pt.certify(found.game, profile)
    played = pt.estimate_gap(result.simulator, result, learner=LEARNER, updates=1, seeds=1,
                             episodes=800)
    assert played.value == pytest.approx(exact.values, abs=0.15)


def test_a_game_is_learnt_on_the_host_as_in_jax():
    """The same tables, reached by both ways: near an equilibrium by the exact certificate."""
    game = pt.games.make("pollution-tax")
    env = pt.bridges.pettingzoo.to_parallel_env(game, 12)
    learner = dataclasses.replace(LEARNER, episodes=32)
    gaps = []
    for sim in (pt.from_pettingzoo(env), pt.simulators.of_game(game, 12)):
        assert sim.discount == float(game.discount)
        result = pt.train(sim, learner, updates=60, progress=False)
        gaps.append(pt.certify(game, result.profile).nash_gap)
    uniform = pt.certify(game, game.initial_profile("uniform", 0)).nash_gap
    assert max(gaps) < 0.1 * uniform
