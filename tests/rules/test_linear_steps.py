"""Rules whose steps are linear: Frank-Wolfe and linear multiplicative weights."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import numpy as np
import pytest
from views import MASK, logged, one_step, random_policy, random_view, view_of

import potentia as pt

pytestmark = pytest.mark.usefixtures("x64")


def test_frank_wolfe_follows_its_equations() -> None:
    """Five steps on values that change, in loops, with the constants of the authors' code."""
    rng = np.random.default_rng(0)
    rule, policy = pt.rules.FrankWolfe(), random_policy(rng)
    expected, g = policy.copy(), np.zeros(MASK.shape)
    log_policy = logged(policy)
    memory = rule.init(log_policy, MASK, None)
    for t in range(5):
        q = rng.normal(size=MASK.shape)
        view = view_of(expected, q)
        log_policy, memory = rule.update(log_policy, memory, view, t, None)
        weight = 0.9 / (t + 1)**0.6
        for s, a in np.argwhere(MASK):
            told = view.scale * view.visitation[s] * q[s, a]
            g[s, a] = (1 - weight) * g[s, a] + weight * told
        for s in range(len(MASK)):
            best = max(np.flatnonzero(MASK[s]), key=lambda a, s=s: (g[s, a], -a))
            expected[s] *= 0.9
            expected[s, best] += 0.1
        np.testing.assert_allclose(memory, g, rtol=1e-13)
        np.testing.assert_allclose(np.exp(log_policy), expected, rtol=1e-13)


def test_frank_wolfe_takes_the_first_of_equals() -> None:
    """Also where nobody comes, the last row."""
    policy, _ = random_view(0)
    found = one_step(pt.rules.FrankWolfe(step_size=1.0), policy, view_of(policy, np.ones((5, 3))))
    np.testing.assert_array_equal(found.argmax(axis=1), [0, 0, 1, 0, 0])
    np.testing.assert_array_equal(found.max(axis=1), 1)


def test_frank_wolfe_finds_the_largest_value_of_a_smooth_function() -> None:
    """With the classical weights 2/(t+2), the gap of a concave function falls as 1/t: here
    -(p - centre)^2 over the simplex, whose curvature is 2, so that it is at most 4/(t+2)."""
    centre, mask = np.array([[0.6, 0.3, 0.1]]), np.ones((1, 3), bool)
    rule = pt.rules.FrankWolfe(averaging=1.0, decay=0.0)
    log_policy, memory = logged(np.ones((1, 3)) / 3), np.zeros((1, 3))
    step = jax.jit(lambda log, g, view, eta: pt.rules.FrankWolfe(eta, 1.0, 0.0).update(
        log, g, view, 0, None))
    assert rule.averaging == 1
    for t in range(60):
        p = np.exp(np.asarray(log_policy))
        assert ((p - centre)**2).sum() <= 4 / (t + 2)
        view = view_of(p, -2 * (p - centre), mask, scale=1.0)
        log_policy, memory = step(log_policy, memory, view, 2 / (t + 2))
    assert ((np.exp(log_policy) - centre)**2).sum() < 2e-3


@pytest.mark.parametrize("zero", [np.inf, 5.0])
def test_linear_weights_follow_their_equation(zero: float) -> None:
    policy, view = random_view(1)
    expected = np.zeros(MASK.shape)
    for s, there in enumerate(MASK):
        q = view.q[s, there]
        cost = (q.max() if np.isinf(zero) else zero) - q
        weights = policy[s, there] * (1 - 0.1 * cost)
        expected[s, there] = weights / weights.sum()
    np.testing.assert_allclose(one_step(pt.rules.LinearMWU(0.1, zero), policy, view), expected,
                               rtol=1e-13)


def test_too_long_a_linear_step_is_cut_to_the_agents_largest_cost() -> None:
    policy, view = random_view(1)
    largest = max(np.ptp(view.q[s, there]) for s, there in enumerate(MASK))
    cut = one_step(pt.rules.LinearMWU(50.0), policy, view)
    np.testing.assert_allclose(cut, one_step(pt.rules.LinearMWU(0.99 / largest), policy, view),
                               rtol=1e-13)
    assert (cut[MASK] > 0).all()


def test_a_small_linear_step_is_an_exponential_one() -> None:
    policy, view = random_view(1)
    linear, exponential = (one_step(rule, policy, view) for rule in (
        pt.rules.LinearMWU(1e-5), pt.rules.MWU(1e-5 / view.scale)))
    np.testing.assert_allclose(linear, exponential, atol=1e-9)


class Links:
    """Three agents on three links with costs c_e(load), by enumeration."""

    def __init__(self, rng: np.random.Generator):
        self.cost = np.sort(rng.uniform(0.2, 3.0, (3, 3)), axis=1)          # [link, load - 1]
        self.choices = np.array(list(itertools.product(range(3), repeat=3)))
        self.loads = (self.choices[:, :, None] == np.arange(3)).sum(axis=1)     # [27, link]

    def chances(self, profile: np.ndarray) -> np.ndarray:
        """[27, agent] of each agent's own choice."""
        return np.stack([profile[k, self.choices[:, k]] for k in range(3)], axis=1)

    def potential(self, profile: np.ndarray) -> float:
        """Rosenthal's, expected."""
        sums = np.concatenate([np.zeros((3, 1)), np.cumsum(self.cost, axis=1)], axis=1)
        each = sum(sums[link, self.loads[:, link]] for link in range(3))
        return float(self.chances(profile).prod(axis=1) @ each)

    def values(self, profile: np.ndarray, agent: int) -> np.ndarray:
        """[3] minus what each link costs the agent."""
        others = np.delete(self.chances(profile), agent, axis=1).prod(axis=1)
        own = self.choices[:, agent]
        paid = self.cost[own, self.loads[np.arange(27), own] - 1]
        return -np.array([(others * paid)[own == link].sum() for link in range(3)])


def potentials(rule: Any, links: Links, start: np.ndarray, count: int) -> list[float]:
    """Of the profiles of `count` steps of all agents at once."""
    profile, mask, found = start, np.ones((1, 3), bool), []
    update = jax.jit(lambda log, view: rule.update(log, None, view, 0, None)[0])
    for _ in range(count):
        found.append(links.potential(profile))
        profile = np.stack([np.exp(update(logged(profile[k:k + 1]), view_of(
            profile[k:k + 1], links.values(profile, k)[None], mask, scale=1.0)))[0]
            for k in range(3)])
    return found


def test_the_potential_of_links_never_rises_by_linear_weights() -> None:
    """At the longest step that the theorem allows, where costs are what they are; the exponential
    form has it rise."""
    rng = np.random.default_rng(0)
    rose, settled = 0.0, []
    for _ in range(4):
        links, start = Links(rng), rng.dirichlet(np.ones(3), 3)
        step = 0.99 / links.cost.max()
        linear = potentials(pt.rules.LinearMWU(step, zero=0.0), links, start, 60)
        assert (np.diff(linear) <= 1e-12).all()
        settled.append(linear[-2] - linear[-1])
        rose = max(rose, np.diff(potentials(pt.rules.MWU(20.0), links, start, 60)).max())
    assert max(settled) < 0.01
    assert rose > 0.1


@pytest.mark.parametrize(("name", "given", "message"), [
    ("frank-wolfe", {"step_size": 1.5}, r"^step_size is 1\.5, but it must be at most 1$"),
    ("frank-wolfe", {"averaging": 0}, "^averaging is 0, but it must be positive$"),
    ("frank-wolfe", {"decay": -1}, "^decay is -1, but it must not be negative$"),
    ("mwu-linear", {"step_size": 1, "zero": "low"}, "^zero is 'low', not a number$")])
def test_a_parameter_out_of_range_is_named(name: str, given: dict, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make(name, **given)
