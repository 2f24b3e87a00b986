"""Best-response ascent in games with a known answer."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

import potentia as pt
from potentia import equilibria
from potentia.errors import InputError
from slow_markov import random_arrays, random_profile
from small_games import DILEMMA, FAR, PENNIES, static


def found_by(game: pt.MarkovGame) -> set[tuple[int, ...]]:
    """The equilibria as flat tuples of actions."""
    return {tuple(actions.ravel().tolist()) for actions in equilibria.pure(game).actions}


@pytest.mark.parametrize("payoffs", [FAR, np.vstack([FAR[:2], np.full((1, 3), -1e13)])])
@pytest.mark.parametrize("start", list(itertools.product(range(3), range(3))))
def test_ascent_does_not_stop_short_for_a_reward_that_is_never_paid(payoffs, start):
    ascent = equilibria.ascend(static([payoffs, payoffs]), np.eye(3)[list(start)][:, None])
    assert ascent.status == "NASH"
    np.testing.assert_array_equal(ascent.profile.argmax(axis=2), [[0], [0]])


def test_local_ascent_does_not_call_a_gain_beside_a_huge_loss_rounding():
    """Two states that look alike to the only agent; the third action loses 1e13 and hides what the
    second gains."""
    game = pt.MarkovGame.from_arrays([[[0.5, 0.501, -1e13]] * 2], np.array([[0, 1, 0], [1, 0, 1]]),
                                     discount=0.0,
                                     initial=[0.5, 0.5], information=np.zeros((1, 2), int))
    ascent = equilibria.ascend(game, np.eye(3)[[0]][:, None])
    assert ascent.status == "UNPROVEN" or ascent.profile[0, 0, 1] == 1
    assert len(equilibria.pure(game)) == 1
    np.testing.assert_array_equal(equilibria.pure(game).actions, [[[1]]])


def huge(discount: float) -> pt.MarkovGame:
    return static(np.random.default_rng(0).uniform(0.9, 1, size=(2, 2, 2)) * 1.7e308, discount)


def test_ascent_refuses_values_that_overflow_without_a_warning():
    with pytest.raises(InputError, match="agent 0: its values overflow float64"):
        equilibria.ascend(huge(0.9), np.full((2, 1, 2), 0.5))


def random_potential_arrays(seed: int) -> dict:
    """Transitions that actions do not move, and in each state a common part and a part set by the
    others alone."""
    arrays = random_arrays(seed, (2, 3, 2), 3, 0.9)
    rng = np.random.default_rng(seed)
    arrays["transitions"] = np.broadcast_to(rng.dirichlet(np.ones(3), size=3)[:, None, None, None],
                                            (3, 2, 3, 2, 3))
    stage = rng.normal(size=(3, 2, 3, 2))
    arrays["stage_potential"] = stage
    arrays["rewards"] = np.stack([stage + arrays["rewards"][i].mean(axis=i + 1, keepdims=True)
                                  for i in range(3)])
    return arrays


@pytest.mark.parametrize("seed", range(15))
def test_ascent_ends_at_a_pure_nash_profile_of_a_potential_game(seed):
    """Every move raises the potential by the mover's own gain."""
    game = pt.MarkovGame.from_arrays(**random_potential_arrays(seed))
    ascent = equilibria.ascend(game, random_profile(seed, np.asarray(game.mask)))
    assert ascent.status == "NASH"
    assert set(ascent.profile.ravel()) == {0.0, 1.0}
    assert pt.certify(game, ascent.profile).worst_state_gap <= 1e-11
    assert ascent.gap <= 1e-11
    assert ascent.path[:3] == (0, 1, 2)
    own = [after[i] - before[i] for i, before, after in
           zip(ascent.path, ascent.values, ascent.values[1:], strict=False)]
    np.testing.assert_allclose(np.diff(ascent.potential), own, atol=1e-12)
    assert (np.diff(ascent.potential) > -1e-12).all()
    assert (ascent.gains >= np.array(own) - 1e-12).all()
    assert tuple(ascent.profile.argmax(axis=2).ravel()) in found_by(game)


@pytest.mark.parametrize("seed", range(5))
def test_ascent_with_common_rewards_and_moving_states(seed):
    arrays = random_arrays(seed, (2, 2, 2), 4, 0.95, masked=True)
    arrays["rewards"] = np.repeat(arrays["rewards"][:1], 3, axis=0)
    game = pt.MarkovGame.from_arrays(**arrays)
    ascent = equilibria.ascend(game, random_profile(seed, np.asarray(game.mask), pure=True))
    assert ascent.status == "NASH"
    assert (ascent.gains > 0).all()
    np.testing.assert_allclose(ascent.potential, ascent.values[:, 0], rtol=1e-12)


@pytest.mark.parametrize("n_agents", [2, 3])
def test_ascent_with_local_policies(n_agents):
    game = pt.games.make("stochastic-congestion", n_agents=n_agents, observe="own")
    ascent = equilibria.ascend(game, random_profile(n_agents, np.asarray(game.mask)))
    assert ascent.status == "NASH"
    np.testing.assert_allclose(np.diff(ascent.potential), ascent.gains, atol=1e-12)
    assert pt.certify(game, ascent.profile).nash_gap <= 1e-12


def test_an_equilibrium_moves_nobody():
    ascent = equilibria.ascend(DILEMMA, np.array([[[0.0, 1.0]], [[0.0, 1.0]]]))
    assert (ascent.status, ascent.path, ascent.gains.size) == ("NASH", (), 0)
    np.testing.assert_allclose(ascent.values, [[10.0, 10.0]])
    assert ascent.potential is None


@pytest.mark.parametrize("payoff", [0.0, 1.0, 1e-8, 1e8])
def test_a_pure_nash_profile_is_one_at_any_scale(payoff):
    """Nobody alone can change anything, and everybody has nothing: still an equilibrium."""
    hunt = static(np.array([[[1.0, 0.0], [0.0, 0.0]]] * 2) * payoff, 0.9)
    ascent = equilibria.ascend(hunt, np.array([[[0.0, 1.0]], [[0.0, 1.0]]]))
    assert (ascent.status, ascent.path) == ("NASH", ())


def test_a_mixed_equilibrium_is_made_pure():
    battle = static([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    ascent = equilibria.ascend(battle, np.array([[[2 / 3, 1 / 3]], [[1 / 3, 2 / 3]]]))
    assert ascent.status == "NASH"
    assert ascent.path == (0, 1)
    assert ascent.gains[0] == pytest.approx(0, abs=1e-15)


def test_matching_pennies_goes_in_cycles():
    ascent = equilibria.ascend(PENNIES, np.array([[[1.0, 0.0]], [[1.0, 0.0]]]))
    assert ascent.status == "CYCLED"
    assert ascent.path == (1, 0, 1, 0)
    np.testing.assert_allclose(ascent.gains, 20)
    np.testing.assert_array_equal(ascent.values[0], ascent.values[-1])
    assert ascent.gap >= 20
    assert equilibria.ascend(PENNIES, np.full((2, 1, 2), 0.5)).status == "CYCLED"
    assert len(equilibria.pure(PENNIES)) == 0


def test_the_limit_counts_moves():
    start = np.array([[[1.0, 0.0]], [[1.0, 0.0]]])
    cut = equilibria.ascend(DILEMMA, start, limit=1)
    assert (cut.status, cut.path) == ("LIMIT", (0,))
    assert cut.gap == pytest.approx(10, rel=1e-9)
    assert equilibria.ascend(DILEMMA, start, limit=2).status == "NASH"


def test_an_ascent_prints_what_it_found():
    text = str(equilibria.ascend(DILEMMA, np.array([[[1.0, 0.0]], [[1.0, 0.0]]]))).splitlines()
    assert text[:6] == [f"{label:<40}{said}" for label, said in (
        ("best-response ascent:", "NASH: nobody gains beyond rounding"),
        ("moves:", "2, by agents 0, 1"),
        ("gains of the movers:", "20, 10"),
        ("welfare (sum of the agents' values):", "from 60 to 20"),
        ("value of each agent at the end:", "10, 10"),
        ("what any agent could still gain:", text[5][40:]))]
    game = pt.games.make("stochastic-congestion", n_agents=2)
    climbed = equilibria.ascend(game, game.initial_profile("uniform", None))
    assert f"{'potential:':<40}from {climbed.potential[0]:.6g} to 2.9701" in str(
        climbed).splitlines()
    still = equilibria.ascend(game, climbed.profile)
    assert f"{'moves:':<40}none" in str(still).splitlines()


def test_a_gain_below_0_by_rounding_is_shown_as_0_and_a_loss_as_it_is():
    ascent = equilibria.ascend(DILEMMA, np.array([[[1.0, 0.0]], [[1.0, 0.0]]]))
    tiny, lost = (str(dataclasses.replace(ascent, gains=np.array([gain, 1.0])))
                  for gain in (-5.9e-15, -0.5))
    assert f"{'gains of the movers:':<40}0, 1 (up to rounding)" in tiny.splitlines()
    assert f"{'gains of the movers:':<40}-0.5, 1" in lost.splitlines()
