"""Best responses, smoothed best responses, and natural steps within a trust region."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from views import MASK, one_step, random_view, steps, view_of

import potentia as pt

pytestmark = pytest.mark.usefixtures("x64")


def divergence(policy: np.ndarray, other: np.ndarray, visitation: np.ndarray) -> float:
    """Mean KL(policy | other), from its definition."""
    return float(visitation @ scipy.special.rel_entr(policy, other).sum(axis=1))


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_best_response_takes_a_part_of_the_way(share: float) -> None:
    policy, view = random_view(1)
    expected = (1 - share) * policy
    for s, there in enumerate(MASK):
        expected[s, max(np.flatnonzero(there), key=lambda a, s=s: view.q[s, a])] += share
    np.testing.assert_allclose(one_step(pt.rules.BestResponseDynamics(share), policy, view),
                               expected, rtol=1e-14)


def test_of_several_best_actions_the_most_played_one_is_taken_then_the_first() -> None:
    policy = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2], [0.0, 0.0, 1.0]])
    q = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    found = one_step(pt.rules.BestResponseDynamics(), policy,
                     view_of(policy, q, np.ones((3, 3), bool)))
    np.testing.assert_array_equal(found, np.eye(3)[[1, 0, 2]])


def test_what_rounding_explains_moves_nobody() -> None:
    policy = np.array([[0.0, 1.0, 0.0]])
    view = view_of(policy, np.array([[1.0 + 1e-14, 1.0, 0.0]]), np.ones((1, 3), bool))
    for rule in (pt.rules.BestResponseDynamics(), pt.rules.TrustRegion(),
                 pt.rules.RegretMatching(), pt.rules.RegretMatchingPlus()):
        np.testing.assert_allclose(one_step(rule, policy, view), policy, rtol=1e-14)


def test_one_agent_alone_is_policy_iteration() -> None:
    """It ends at the optimum of SciPy's linear program within a few steps, and stays."""
    rng = np.random.default_rng(5)
    rewards = rng.normal(size=(1, 6, 4))
    transitions = rng.dirichlet(0.3 * np.ones(6), size=(6, 4))
    game = pt.MarkovGame.from_arrays(rewards, transitions, discount=0.9)
    found = pt.solve(game, pt.rules.BestResponseDynamics(), max_iterations=12, tolerance=1e-9)
    assert found.status is pt.Status.CONVERGED
    bounds = (np.eye(6)[:, None] - 0.9 * transitions).reshape(-1, 6)
    optimum = scipy.optimize.linprog(np.ones(6) / 6, A_ub=-bounds, b_ub=-rewards.ravel(),
                                     bounds=(None, None))
    assert pt.certify(game, found.profile).nash_gap < 1e-9
    value = np.asarray(game.evaluate(found.profile).v)[0]
    np.testing.assert_allclose(value, optimum.x, atol=1e-7)


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_a_smoothed_response_is_a_softmax(share: float) -> None:
    policy, view = random_view(2)
    expected = (1 - share) * policy
    for s, there in enumerate(MASK):
        expected[s, there] += share * scipy.special.softmax(view.q[s, there] / 0.3)
    found = one_step(pt.rules.SmoothedBestResponse(share, 0.3), policy, view)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


def test_a_cold_response_is_a_best_one() -> None:
    policy, view = random_view(2)
    cold = one_step(pt.rules.SmoothedBestResponse(1.0, 1e-300), policy, view)
    np.testing.assert_array_equal(cold, one_step(pt.rules.BestResponseDynamics(), policy, view))


def test_smoothed_responses_rest_at_the_quantal_response_equilibrium() -> None:
    """Of a coordination game against oneself, with the root that SciPy finds: each action pays its
    own probability times its worth, so that all who play alike are in equilibrium."""
    worth = np.array([[1.0, 0.8, 0.5]])
    rule = pt.rules.SmoothedBestResponse(0.5, 0.7)
    found = steps(rule, np.ones((1, 3)) / 3, lambda p, t: worth * p, 120)[-1]
    root = scipy.optimize.root(lambda p: scipy.special.softmax(worth[0] * p / 0.7) - p,
                               np.ones(3) / 3, tol=1e-14)
    np.testing.assert_allclose(found[0], root.x, atol=1e-12)
    gap = (worth * found).max() - (worth * found**2).sum()
    assert 0.01 < gap <= 0.7 * np.log(3)


@pytest.mark.parametrize("radius", [1e-6, 1e-3, 0.1, 10.0])
def test_a_trusted_step_is_natural_and_within_its_radius(radius: float) -> None:
    """The policy is the old one times exp(beta A), with beta found by halving in a loop; and it is
    half the largest beta, which SciPy finds, at least."""
    halved = 0
    for seed in range(4):
        policy, view = random_view(seed)
        if seed > 1:                    # rare actions are good: the divergence grows fast
            view = view_of(policy, -np.log(np.where(MASK, policy, 1.0)))
        found = one_step(pt.rules.TrustRegion(radius), policy, view)
        advantage = np.where(MASK, view.q - view.v[:, None], 0.0)

        def moved(beta: float, p: np.ndarray = policy, a: np.ndarray = advantage) -> np.ndarray:
            weights = np.where(MASK, p * np.exp(beta * (a - a.max(axis=1, keepdims=True))), 0.0)
            return weights / weights.sum(axis=1, keepdims=True)

        def change(beta: float, view: object = view, p: np.ndarray = policy) -> float:
            return divergence(p, moved(beta), view.visitation)

        beta = first = np.sqrt(2 * radius / (view.visitation @ (policy * advantage**2).sum(axis=1)))
        while change(beta) > radius:
            beta /= 2
        np.testing.assert_allclose(found, moved(beta), rtol=1e-9)
        assert divergence(policy, found, view.visitation) <= radius * (1 + 1e-9)
        if beta < first:
            halved += 1
            exact = scipy.optimize.brentq(lambda b: change(b) - radius, 0.0, first)
            assert exact / 2 <= beta <= exact * (1 + 1e-9)
    assert (halved > 0) == (radius < 1)          # far away the divergence grows by beta only


def test_a_small_trusted_step_is_inpg_of_that_length() -> None:
    policy, view = random_view(4)
    advantage = np.where(MASK, view.q - view.v[:, None], 0.0)
    length = np.sqrt(2e-10 / (view.visitation @ (policy * advantage**2).sum(axis=1)))
    steps_by = [one_step(rule, policy, view) - policy for rule in (
        pt.rules.TrustRegion(1e-10), pt.rules.INPG(length / view.scale))]
    ratio = np.linalg.norm(steps_by[0]) / np.linalg.norm(steps_by[1])
    assert min(abs(ratio - 1), abs(ratio - 0.5)) < 1e-3


def test_a_policy_with_nothing_to_gain_stays() -> None:
    policy, _ = random_view(0)
    found = one_step(pt.rules.TrustRegion(), policy, view_of(policy, np.ones(MASK.shape)))
    np.testing.assert_allclose(found, policy, rtol=1e-14)


@pytest.mark.parametrize(("name", "given", "message"), [
    ("best-response", {"step_size": 1.5}, r"^step_size is 1\.5, but it must be at most 1$"),
    ("smoothed-best-response", {"temperature": 0}, "^temperature is 0, but it must be positive$"),
    ("smoothed-best-response", {"step_size": 2}, "^step_size is 2, but it must be at most 1$"),
    ("trust-region", {"radius": -1}, "^radius is -1, but it must be positive$")])
def test_a_parameter_out_of_range_is_named(name: str, given: dict, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make(name, **given)
