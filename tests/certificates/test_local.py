"""Certificates for agents that see less than the state: exact where lumping is, an honest bracket
elsewhere."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.certificates.equilibrium import BRACKET, LUMPED
from slow_markov import SlowGame, random_arrays, random_profile


def walkers(seed: int, steps: int, discount: float) -> tuple[pt.MarkovGame, SlowGame]:
    """Two agents, each on its own two places, moved by its own action and chance; each sees its own
    place and time.

    The places start independent and stay so, hence what an agent sees tells nothing that its own
    policy decides. The slow twin is unrolled by hand: state 4 t + 2 x + y, and an end.
    """
    rng = np.random.default_rng(seed)
    rewards = rng.normal(size=(2, 4, 2, 2))
    moves = rng.dirichlet(np.ones(2), size=(2, 2, 2))  # agent, place, action -> next place
    transitions = np.einsum("xap,ybq->xyabpq", *moves).reshape(4, 2, 2, 4)
    initial = np.outer(*rng.dirichlet(np.ones(2), size=2)).ravel()
    places = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
    game = pt.MarkovGame.from_arrays(rewards, transitions, discount=discount, initial=initial,
                                     information=places,
                                     horizon=steps)
    total = 4 * steps + 1
    unrolled = np.zeros((total, 2, 2, total))
    for time in range(steps):
        rows = slice(4 * time, 4 * time + 4)
        if time < steps - 1:
            unrolled[rows, ..., 4 * time + 4:4 * time + 8] = transitions
        else:
            unrolled[rows, ..., -1] = 1
    unrolled[-1, ..., -1] = 1
    arrays = {"rewards": np.concatenate([rewards] * steps + [np.zeros((2, 1, 2, 2))], axis=1),
              "transitions": unrolled, "discount": discount, "mask": np.ones((2, total, 2), bool),
              "initial": np.append(initial, np.zeros(total - 4)),
              "information": np.column_stack([places + 2 * time for time in range(steps)]
                                             + [[2 * steps] * 2])}
    arrays["mask"][:, -1, 1] = False
    return game, SlowGame.of(arrays)


def true_gains(slow: SlowGame, profile: np.ndarray) -> np.ndarray:
    """Gains from the start over deterministic local policies, in fractions."""
    policies = slow.policies(profile)
    current = slow.values(*slow.average(policies)) @ slow.initial
    return np.array([slow.best_local_value(policies, agent) - current[agent] for agent in range(2)])


@pytest.mark.parametrize("discount", [0.0, 0.8, 1.0])
@pytest.mark.parametrize("pure", [False, True])
def test_independent_walkers_are_certified_exactly(discount, pure):
    game, slow = walkers(3, 2, discount)
    profile = random_profile(4, np.asarray(game.mask), pure)
    certificate, truth = pt.certify(game, profile), true_gains(slow, profile)
    assert certificate.method == LUMPED
    assert all(low <= gain <= high for low, gain, high in
               zip(certificate.per_agent_lower, truth, certificate.per_agent, strict=True))
    assert (certificate.per_agent - certificate.per_agent_lower <= 1e-12).all()
    assert certificate.worst_state_gap is None
    assert certificate.worst_state_gap_lower is None
    assert "not defined for local policies" in str(certificate)


def test_local_best_responses_know_how_far_off_they_are():
    """They are worse than the profile in some states, which the agent cannot tell apart: that is no
    error, and a run may converge."""
    game, slow = walkers(3, 2, 1.0)
    profile = random_profile(4, np.asarray(game.mask))
    response = game.best_response(np.asarray(profile, float))
    assert (np.asarray(response.value) < np.asarray(response.current) - 0.01).any()
    gain, truth = np.asarray(response.gain), true_gains(slow, profile).astype(float)
    np.testing.assert_allclose(gain, truth, atol=1e-13)
    assert (np.asarray(response.error) <= 1e-12).all()


def test_full_information_would_promise_more():
    """The same play with the state in sight: the local bound is strictly the smaller."""
    game, slow = walkers(3, 2, 1.0)
    profile = random_profile(4, np.asarray(game.mask))
    policies = slow.policies(profile)
    current = slow.values(*slow.average(policies)) @ slow.initial
    rewards, steps = slow.marginal(policies, 0)
    value = 0 * rewards[:, 0]
    for _ in range(2):
        value = (rewards + slow.until_absorbed(steps) @ value).max(axis=1)
    assert pt.certify(game, profile).per_agent[0] < float(slow.initial @ value - current[0]) - 0.01


@pytest.mark.parametrize("seed", range(4))
def test_beliefs_that_depend_on_the_own_policy_are_bracketed(seed):
    """Three states of which each agent tells only two apart; truth over mixed policies too, on a
    fine grid."""
    information = np.array([[0, 0, 1], [0, 1, 1]])
    arrays = random_arrays(seed, (2, 2), 3, 0.9, information=information)
    game, slow = pt.MarkovGame.from_arrays(**arrays), SlowGame.of(arrays)
    profile = random_profile(seed, np.asarray(game.mask))
    certificate, deterministic = pt.certify(game, profile), true_gains(slow, profile)
    assert certificate.method == BRACKET
    policies = slow.policies(profile)
    current = slow.values(*slow.average(policies)) @ slow.initial
    for agent in range(2):
        best = _best_mixed(slow, policies, agent) - float(current[agent])
        assert deterministic[agent] <= certificate.per_agent[agent]
        assert best <= certificate.per_agent[agent]
        # The climb ends within a hair of the best grid point; a lower bound may pass it by the
        # grid's width only.
        assert best - 1e-3 <= certificate.per_agent_lower[agent] <= best + 1e-3
        full = slow.best_values(policies, agent) @ slow.initial - current[agent]
        assert certificate.per_agent[agent] <= float(full) + 1e-11
    assert certificate.nash_gap > certificate.nash_gap_lower >= 0


def test_the_witness_leaves_a_local_optimum():
    """The first agent's policy of this game cannot be improved by small steps, yet it is 4.5 short
    of the best."""
    information = np.array([[0, 0, 1], [0, 1, 1]])
    arrays = random_arrays(43, (2, 2), 3, 0.9, information=information)
    game, slow = pt.MarkovGame.from_arrays(**arrays), SlowGame.of(arrays)
    profile = random_profile(43, np.asarray(game.mask), pure=True)
    policies = slow.policies(profile)
    best = (_best_mixed(slow, policies, 0)
            - float((slow.values(*slow.average(policies)) @ slow.initial)[0]))
    assert best > 4
    assert pt.certify(game, profile).per_agent_lower[0] == pytest.approx(best, abs=1e-9)


def _best_mixed(slow: SlowGame, policies: np.ndarray, agent: int) -> float:
    """Largest V(mu) over the grid of mixed local policies of an agent with two information states
    and actions."""
    rewards, steps = (array.astype(float) for array in slow.marginal(policies, agent))
    share = np.linspace(0, 1, 101)
    # [G, S]
    grid = np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2)[:, slow.information[agent]]
    own = np.stack([grid, 1 - grid], axis=-1)
    step = np.einsum("gsa,sat->gst", own, steps)
    values = np.linalg.solve(np.eye(3) - 0.9 * step,
                             np.einsum("gsa,sa->gs", own, rewards)[..., None])[..., 0]
    return float((values @ slow.initial.astype(float)).max())


def test_only_a_mixed_policy_is_best():
    """Two states that look alike, the right action pays 1 and swaps them, the wrong one costs 1 and
    stays.

    Singh, Jaakkola and Jordan (ICML 1994): no deterministic memoryless policy is best. Started
    evenly at discount d, a fair coin is worth 0; a fixed action is worth (1 - d/(1-d) - 1/(1-d))/2
    = -d/(1-d); with the state in sight every step pays 1.
    """
    rewards, transitions = np.array([[[1.0, -1.0], [-1.0, 1.0]]]), np.array([[1, 0], [1, 0]])
    game = pt.MarkovGame.from_arrays(rewards, transitions, discount=0.75, initial=[0.5, 0.5],
                                     information=np.zeros((1, 2), int))
    fixed = pt.certify(game, np.array([[[1.0, 0.0]]]))
    assert fixed.nash_gap_lower == pytest.approx(3, rel=1e-9)
    assert fixed.nash_gap == pytest.approx(7, rel=1e-9)
    np.testing.assert_allclose(fixed.witness, [[0.5, 0.5]], atol=1e-4)
    fair = pt.certify(game, np.array([[[0.5, 0.5]]]))
    assert fair.nash_gap_lower <= 1e-12
    assert fair.nash_gap == pytest.approx(4, rel=1e-9)


def test_a_start_unlike_the_belief_is_allowed_for():
    """Start in the first of two states that look alike: staying pays 1 there and 0 in the other,
    leaving costs 1.

    At discount 1/5 always staying is worth 5/4 and always leaving -5/4. The belief gives the first
    state 8/9 only, so that lumping alone would promise 8/9 of the 5/4.
    """
    game = pt.MarkovGame.from_arrays([[[1.0, -1.0], [0.0, -1.0]]], np.array([[0, 1], [1, 1]]),
                                     discount=0.2,
                                     initial=[1.0, 0.0], information=np.zeros((1, 2), int))
    certificate = pt.certify(game, np.array([[[0.0, 1.0]]]))
    assert certificate.nash_gap_lower <= 2.5 <= certificate.nash_gap
    assert certificate.nash_gap - certificate.nash_gap_lower <= 1e-13


def test_each_agent_has_its_own_method():
    """The first agent is blind, the second sees the state: only the first one's gain is a
    bracket."""
    arrays = random_arrays(5, (2, 2), 3, 0.9, information=np.array([[0, 0, 0], [0, 1, 2]]))
    game, slow = pt.MarkovGame.from_arrays(**arrays), SlowGame.of(arrays)
    profile = random_profile(6, np.asarray(game.mask))
    certificate, truth = pt.certify(game, profile), true_gains(slow, profile)
    assert certificate.method == f"{BRACKET} (agents 0); {LUMPED} (agents 1)"
    assert certificate.per_agent_lower[1] <= truth[1] <= certificate.per_agent[1]
    assert certificate.per_agent[1] - certificate.per_agent_lower[1] <= 1e-11


def test_ended_play_that_looks_like_play_hides_nothing():
    """One state to play in, left with probability 1/2, and an end that the agent cannot tell from
    it."""
    transitions = np.full((2, 2, 2), 0.5)
    transitions[1] = [0.0, 1.0]
    game = pt.MarkovGame.from_arrays([[[1.0, 3.0], [0.0, 0.0]]], transitions, discount=1.0,
                                     initial=[1.0, 0.0],
                                     information=np.zeros((1, 2), int))
    certificate = pt.certify(game, np.array([[[1.0, 0.0]]]))
    assert certificate.method == LUMPED
    assert certificate.nash_gap_lower <= 4 <= certificate.nash_gap <= 4 + 1e-12


def test_unequal_actions_unseen_information_and_an_end():
    """What an agent never sees keeps an existing action; ended play hides nothing."""
    information = np.array([[1, 1, 3, 3], [0, 1, 2, 3]])
    arrays = random_arrays(7, (3, 2), 4, 1.0, play="ending", information=information, masked=True)
    game, slow = pt.MarkovGame.from_arrays(**arrays), SlowGame.of(arrays)
    mask = np.asarray(game.mask)
    profile = random_profile(8, mask)
    certificate, truth = pt.certify(game, profile), true_gains(slow, profile)
    assert (truth <= certificate.per_agent).all()
    assert (certificate.per_agent_lower <= certificate.per_agent).all()
    assert not certificate.witness[~mask[certificate.witness_agent]].any()
    np.testing.assert_allclose(certificate.witness.sum(axis=1), 1, atol=1e-15)


@pytest.mark.parametrize("n_agents", [2, 3])
def test_own_position_congestion_in_one_layer_is_certified_exactly(x64, n_agents):
    game = pt.games.make("stochastic-congestion", n_agents=n_agents, observe="own")
    profile = random_profile(9, np.asarray(game.mask))
    certificate, own = pt.certify(game,
                                  profile), jax.jit(pt.MarkovGame.best_response)(game, profile)
    assert game.separable
    assert certificate.method == LUMPED
    np.testing.assert_allclose(certificate.per_agent, own.gain, rtol=1e-11)


@pytest.mark.parametrize("start", [[1.0, 0.0, 0.0, 0.0], [0.25] * 4])
@pytest.mark.parametrize("probability", [0.5, 1e-6, 9e-11, 1e-13])
def test_rare_states_that_pay_much_do_not_make_a_bracket_exact(probability, start):
    """The first action chooses which of two look-alike states is reached, with a small probability,
    then the second action pays +-1/probability by state. From the first state, fair coins are worth
    0 and the best policy, local or not, 1; the belief that lumping takes, half and half, shows none
    of it.
    """
    transitions, rewards = np.zeros((4, 2, 4)), np.zeros((1, 4, 2))
    transitions[0] = [[0, probability, 0, 1 - probability], [0, 0, probability, 1 - probability]]
    transitions[1:, :, 3] = 1
    rewards[0, 1:3] = np.array([[1, -1], [-1, 1]]) / probability
    game = pt.MarkovGame.from_arrays(rewards, transitions, discount=1.0, initial=start,
                                     information=np.array([[0, 1, 1, 2]]))
    certificate = pt.certify(game, np.full((1, 3, 2), 0.5))
    assert certificate.method == BRACKET
    assert certificate.nash_gap_lower <= start[0] <= certificate.nash_gap
