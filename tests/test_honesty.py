"""Games built to make a solver flatter itself: whatever it calls CONVERGED, the certificate must
allow."""

import numpy as np
import pytest

import potentia as pt


def two_step(discount, high, cost, extra):
    """Giving up `cost` once buys `extra` more at every second step: hard to see one step at a
    time."""
    rewards = [[[high, high - cost], [high, high + cost + extra]]]
    return pt.MarkovGame.from_arrays(rewards, [[0, 1], [0, 0]], discount=discount, initial=[1, 0])


@pytest.mark.parametrize("game", [
    two_step(.999999, 1.0, 0.01, 5e-7), two_step(.999, 1, 1e-7, 5e-10),
    two_step(.9999, 1, 1e-6, 5e-9),
    two_step(.99, 1e3, 1e-7, 5e-8), two_step(.99, 100, 1e-7, 4e-9)])
def test_an_improvement_too_small_to_see_in_one_step_is_counted(game):
    result = pt.solve(game, pt.rules.INPG(step_size=1e-9), initial=[[[1, 0], [1, 0]]],
                      tolerance=1e-8, max_iterations=3)
    assert pt.certify(game, result.profile).nash_gap_lower > 1e-8
    assert result.status is not pt.Status.CONVERGED


@pytest.mark.parametrize("discount", [.99, .9999, .999999])
def test_a_rare_branch_with_another_belief_is_not_separable(discount):
    rare = 5e-11
    transitions = np.zeros((3, 2, 3))
    transitions[0, 0], transitions[0, 1] = [1 - rare, rare, 0], [1 - rare, 0, rare]
    transitions[1, :, 1] = transitions[2, :, 2] = 1
    rewards = np.array([[[0, 0], [1, 0], [-10, .8]]])
    game = pt.MarkovGame.from_arrays(rewards, transitions, discount=discount, initial=[1, 0, 0],
                                     information=[[0, 1, 1]])
    assert not game.separable
    result = pt.solve(game, pt.rules.INPG(step_size=1e-30), initial=[[[0, 1.], [0, 1]]],
                      max_iterations=0)
    assert result.status is pt.Status.MAX_ITERATIONS or pt.certify(
        game, result.profile).nash_gap_lower <= 1e-8


def test_rows_that_almost_sum_to_one_are_made_to():
    off = np.full((2, 2, 2), .5)
    off[..., 0] += 9e-10
    rewards = np.zeros((1, 2, 2))
    rewards[0, 0, 0] = 1
    game = pt.MarkovGame.from_arrays(rewards, off, discount=1 - 1e-8)
    np.testing.assert_allclose(np.asarray(game.transitions.csr().sum(axis=1)), 1, atol=4e-16)
    profile = np.full((1, 2, 2), .5)
    certificate = pt.certify(game, profile)
    assert 0 <= certificate.nash_gap_lower <= certificate.nash_gap
    assert 0 <= game.welfare(profile) <= 1e8 * (1 + 1e-6)


def test_no_run_converges_on_what_rounding_hides():
    """At values of 1e12 the gap is known to about 1e3: a tolerance of 1e-8 cannot be claimed."""
    game = pt.MarkovGame.from_arrays([[[1e6, 1e6]]], [[0, 0]], discount=.999999)
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=10)
    assert result.status is not pt.Status.CONVERGED
    assert result.history["nash_gap_error"][-1] > 1e-8


def coordination(rewards, discount):
    """Both are paid if they choose the same of the first actions; at the last there is nothing."""
    common = np.diag([*rewards, 0.0])[None, None]
    return pt.MarkovGame.from_arrays(np.concatenate([common, common]),
                                     np.zeros((1, *common.shape[2:]), int), discount=discount)


@pytest.mark.parametrize("game", [
    coordination([2e-309, 1e-309], 0.0),
    coordination([2e-300, 1e-300], 0.5),         # paid too rarely to be seen
    pt.LoadGame.from_loads(np.array([[[2e-309] * 2, [1e-309] * 2, [0.0] * 2]]),
                           np.zeros((1, 6), int), discount=0.5, n_agents=2),
], ids=["table", "products", "loads"])
def test_no_run_converges_on_what_xla_takes_for_0(game):
    start = np.tile([1e-10, 1e-10, 1 - 2e-10], (2, 1, 1))
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), initial=start, tolerance=0.0,
                      max_iterations=3)
    assert pt.certify(game, result.profile).nash_gap_lower > 0
    assert result.status in (pt.Status.SMALL_STEP, pt.Status.MAX_ITERATIONS)
    assert result.history["nash_gap_error"][-1] >= 1e-292 / (1 - float(game.discount))


@pytest.mark.parametrize(("tolerance", "status"), [(1e-290, pt.Status.CONVERGED),
                                                   (1e-300, pt.Status.SMALL_STEP),
                                                   (0.0, pt.Status.SMALL_STEP)])
def test_a_tolerance_has_to_be_larger_than_what_is_hidden(tolerance, status):
    game = pt.MarkovGame.from_arrays(np.zeros((2, 1, 2, 2)), np.zeros((1, 2, 2), int),
                                     discount=0.5)
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), initial="uniform", tolerance=tolerance)
    assert result.status is status


def test_a_gap_asked_for_in_vain_is_not_asked_for_at_every_iteration():
    game = pt.MarkovGame.from_arrays([[[1e6, 1e6]]], [[0, 0]], discount=.999999)
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), pt.Exact(), max_iterations=50,
                      check_every=50,
                      step_tolerance=0.0, initial=[[[.5, .5]]])
    assert len(result.history["check_iteration"]) <= 4


def test_a_sampled_run_does_not_stop_on_a_lucky_batch():
    """A nearly pure profile: most batches try nothing new, and move nothing."""
    rewards = np.array([[[0.0, 1.0]], ])
    game = pt.MarkovGame.from_arrays(rewards, [[0, 0]], discount=.5)
    result = pt.solve(game, pt.rules.MWU(step_size=0.1), pt.Sampled(episodes=2, horizon=3),
                      initial=[[[1 - 1e-9, 1e-9]]], max_iterations=50)
    assert (result.history["policy_step"] == 0).any()
    assert result.status is pt.Status.MAX_ITERATIONS


@pytest.mark.parametrize(("arguments", "message"), [
    ({"horizon": 10**9}, r"1,000,000,001 states need [\d,]+ MB for exact evaluation"),
    ({"horizon": 10**30}, r"states need 10\^\d+ MB for exact evaluation"),
])
def test_games_too_large_are_refused_at_once(arguments, message):
    with pytest.raises(pt.InputError, match=message):
        pt.MarkovGame.from_arrays([[[0.0, 1.0]]], [[0, 0]], discount=.5, **arguments)
