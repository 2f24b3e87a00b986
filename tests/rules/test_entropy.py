"""INPG with entropy regularisation: its step, and what is proven of it."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest
import scipy.special
from views import MASK, logged, one_step, random_view, view_of

import potentia as pt
from slow_soft import as_profile, random_arrays, random_policies, soft_values

ETA, TAU = 0.3, 0.5                 # 1/(1-gamma) of a view is 4
GAME = pt.games.make("markov-routing", n_agents=2)                  # 1/(1-gamma) is 2


def solved(game: object, step: float, tau: float, **options: Any) -> pt.Result:
    return pt.solve(game, pt.rules.EntropyINPG(step, tau), pt.oracles.Soft(tau),
                    **{"tolerance": None, "initial": "uniform", **options})


def test_the_step_follows_its_equation(x64: None) -> None:
    policy, view = random_view(1)
    weights = np.zeros(MASK.shape)
    for s, a in np.argwhere(MASK):
        weights[s, a] = policy[s, a] ** (1 - ETA * TAU * 4) * np.exp(ETA * 4 * view.q[s, a])
    found = one_step(pt.rules.EntropyINPG(ETA, TAU), policy, view)
    np.testing.assert_allclose(found, weights / weights.sum(axis=1, keepdims=True), rtol=1e-13)


def test_the_longest_step_is_a_softmax_and_brings_lost_actions_back(x64: None) -> None:
    policy, view = random_view(2)
    policy[0] = [1, 0, 0]
    found = one_step(pt.rules.EntropyINPG(1 / (4 * TAU), TAU), policy, view)
    for s, there in enumerate(MASK):
        np.testing.assert_allclose(found[s, there],
                                   scipy.special.softmax(view.q[s, there] / TAU), rtol=1e-13)


def test_without_temperature_it_is_inpg(x64: None) -> None:
    policy, view = random_view(3)
    np.testing.assert_allclose(one_step(pt.rules.EntropyINPG(ETA, 1e-300), policy, view),
                               one_step(pt.rules.INPG(ETA), policy, view), rtol=1e-14)


def test_the_step_is_the_natural_gradient_of_the_regularised_value() -> None:
    """Derivatives in logits along the imaginary axis, of an evaluation that knows nothing of
    Potentia; the Fisher matrix of each state inverted by NumPy's pseudo-inverse."""
    arrays, step, tau, h = random_arrays(6), 0.05, 0.6, 1e-30
    game = pt.MarkovGame.from_arrays(**arrays)
    policies = random_policies(7, arrays)
    found = solved(game, step, tau, initial=as_profile(policies), max_iterations=1).profile
    d = np.asarray(game.evaluate(as_profile(policies)).visitation)[0]
    for agent, policy in enumerate(policies):
        gradient = np.zeros(policy.shape)
        for s, a in np.ndindex(policy.shape):
            logits = np.log(policy).astype(complex)
            logits[s, a] += 1j * h
            moved = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            v, _ = soft_values(arrays, [moved if i == agent else p
                                        for i, p in enumerate(policies)], tau)
            gradient[s, a] = (arrays["initial"] @ v[agent]).imag / h
        for s, p in enumerate(policy):
            fisher = d[s] * (np.diag(p) - np.outer(p, p))
            weights = p * np.exp(step * np.linalg.pinv(fisher, rcond=1e-12) @ gradient[s])
            np.testing.assert_allclose(found[agent, s, :len(p)], weights / weights.sum(),
                                       rtol=1e-9)


def test_one_agent_alone_comes_to_the_soft_optimum_as_fast_as_is_proven() -> None:
    """|Q* - Q_(t+1)| <= C gamma (1 - eta tau)^t for steps up to (1-gamma)/tau, with C = |Q* - Q_0|
    + 2 tau (1 - eta tau/(1-gamma)) |log pi* - log pi_0| (Cen et al. 2020, Theorem 1); Q* by soft
    value iteration."""
    arrays = random_arrays(8, counts=(3,))
    rewards, transitions, gamma = (arrays[key] for key in ("rewards", "transitions", "discount"))
    game, tau = pt.MarkovGame.from_arrays(**arrays), 0.4
    best = np.zeros(rewards.shape[1:])
    for _ in range(400):
        soft = tau * scipy.special.logsumexp(best / tau, axis=1)
        best = rewards[0] + gamma * transitions @ soft
    optimum = scipy.special.log_softmax(best / tau, axis=1)
    for share in (0.3, 1.0):
        step = share * (1 - gamma) / tau
        policy = np.full(best.shape, 1 / 3)
        _, (q,) = soft_values(arrays, [policy], tau)
        start = (np.abs(best - q.real).max()
                 + 2 * tau * (1 - share) * np.abs(optimum - np.log(policy)).max())
        for t in range(8):
            after = solved(game, step, tau, max_iterations=t + 1).profile[0]
            _, (q,) = soft_values(arrays, [after], tau)
            assert np.abs(best - q.real).max() <= start * gamma * (1 - step * tau)**t + 1e-12
    end = solved(game, step, tau, max_iterations=300).profile[0]
    np.testing.assert_allclose(end, np.exp(optimum), rtol=1e-9)


def test_the_regularised_potential_never_falls_by_short_steps(x64: None) -> None:
    """Of common rewards in one state: the mean reward and tau times all entropies (Cen, Chen and
    Chi 2022)."""
    rng = np.random.default_rng(9)
    reward, profile, found = rng.uniform(size=(3, 3, 3)), rng.dirichlet(np.ones(3), 3), []
    rule, mask = pt.rules.EntropyINPG(0.3, 0.05), np.ones((1, 3), bool)
    update = jax.jit(lambda log, view: rule.update(log, None, view, 0, None)[0])
    for _ in range(25):
        found.append(np.einsum("abc,a,b,c", reward, *profile)
                     + 0.05 * scipy.special.entr(profile).sum())
        q = [np.einsum("abc,b,c->a", reward, profile[1], profile[2]),
             np.einsum("abc,a,c->b", reward, profile[0], profile[2]),
             np.einsum("abc,a,b->c", reward, profile[0], profile[1])]
        profile = np.stack([np.exp(update(logged(p[None]), view_of(p[None], own[None], mask,
                                                                   scale=1.0)))[0]
                            for p, own in zip(profile, q, strict=True)])
    assert (np.diff(found) > 0).all()
    assert found[-1] - found[0] > 0.02


@pytest.mark.parametrize(("rule", "oracle", "message"), [
    (pt.rules.EntropyINPG(0.1, 0.2), pt.Exact(),
     r"^EntropyINPG learns from soft values, which Exact does not give: use the oracle Soft\(temp"),
    (pt.rules.EntropyINPG(0.1, 0.2), pt.oracles.Soft(0.3),
     r"^EntropyINPG has the temperature 0\.2, but Soft gives values of the temperature 0\.3$"),
    (pt.rules.EntropyINPG(2.6, 0.2), pt.oracles.Soft(0.2),
     r"^step_size is 2\.6, but at temperature 0\.2 it must be at most 2\.5 here"),
    (pt.rules.EntropyINPG(lambda t: 2.45 + 0.01 * t, 0.2), pt.oracles.Soft(0.2),
     r"^step_size is 2\.54, but .* at most 2\.5 here, .*, in iteration 9$")])
def test_what_does_not_go_together_is_refused(rule: Any, oracle: Any, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, rule, oracle, max_iterations=10)


def test_the_longest_step_is_allowed_whatever_rounding_makes_of_it() -> None:
    for discount in (0.1, 0.7, 0.9, 0.99):
        game = pt.MarkovGame.from_arrays(np.zeros((1, 1, 2)), np.zeros((1, 2), int),
                                         discount=discount)
        pt.rules.EntropyINPG((1 - discount) / 0.3, 0.3).check_scale(float(game.scale))


@pytest.mark.parametrize(("temperature", "message"), [
    (0, "^temperature is 0, but it must be positive$"),
    (lambda t: 1.0, "^temperature is a function, but the oracle's values are of one number$")])
def test_a_bad_temperature_is_named(temperature: object, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make("inpg-entropy", step_size=0.1, temperature=temperature)
