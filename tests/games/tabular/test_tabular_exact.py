"""Exact evaluation of tabular games against loops over joint actions in exact fractions, closed
forms, autodiff."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia import MarkovGame
from potentia.games.tabular.transitions import DenseTransitions, SparseTransitions
from potentia.profile import log_normalise
from slow_markov import SlowGame, exact, random_arrays, random_profile

# two agents each see one bit; the end is known
HALVES = np.array([[0, 0, 1, 1, 2], [0, 1, 0, 1, 2]])
CASES = {
    "one agent": random_arrays(1, (3,), 4, 0.9),
    "two agents, discount 0": random_arrays(2, (2, 3), 3, 0.0),
    "three agents, masked": random_arrays(3, (2, 3, 2), 4, 0.9, masked=True),
    "sparse": random_arrays(4, (3, 2), 7, 0.9, successors=2),
    "next-state index": random_arrays(5, (2, 2), 5, 0.9, certain=True),
    "forward": random_arrays(6, (2, 3), 5, 0.9, play="forward", masked=True),
    "forward, discount 1": random_arrays(7, (2, 1, 2), 5, 1.0, play="forward"),
    "forward, index, discount 1": random_arrays(8, (2, 2), 6, 1.0, play="forward", certain=True),
    "ending, discount 1": random_arrays(9, (3, 2), 5, 1.0, play="ending", masked=True),
    "ending, discount 0.9": random_arrays(10, (2, 2), 5, 0.9, play="ending"),
    "local": random_arrays(11, (2, 3), 5, 0.9, information=HALVES, masked=True),
    "local, forward, discount 1": random_arrays(12, (2, 2), 5, 1.0, play="forward",
                                                information=HALVES),
    "local, ending, discount 1": random_arrays(13, (2, 2), 5, 1.0, play="ending",
                                               information=HALVES),
}


evaluate = jax.jit(MarkovGame.evaluate)
simulate = jax.jit(MarkovGame.simulate, static_argnames=("episodes", "steps"))


@jax.jit
def answers(game: MarkovGame, profile: jax.Array) -> dict:
    evaluation = game.evaluate(profile)
    response = game.best_response(profile)
    return {"q": evaluation.q, "v": evaluation.v, "visitation": evaluation.visitation,
            "best": response.value,
            "current": response.current, "gain": response.gain, "worst": response.worst_gain,
            "potential": game.potential(profile), "welfare": game.welfare(profile)}


@pytest.fixture(scope="module",
                params=[(name, direct) for name in CASES for direct in (True, False)],
                ids=lambda given: f"{given[0]}{'' if given[1] else ', iterated'}")
def case(request):
    """The game, its slow twin, a random profile, a stage potential, and what the game answers by
    either solver."""
    arrays, direct = CASES[request.param[0]], request.param[1]
    shape = np.shape(arrays["rewards"])[1:]
    stage = np.random.default_rng(20).normal(size=shape)
    game = dataclasses.replace(MarkovGame.from_arrays(**arrays, stage_potential=stage),
                               direct=direct)
    profile = random_profile(21, np.asarray(game.mask))
    with jax.enable_x64(True):
        found = jax.tree.map(np.asarray, answers(game, profile))
    slow = SlowGame.of(arrays)
    return game, slow, slow.policies(profile), stage, found


def close(found: object, truth: object) -> None:
    np.testing.assert_allclose(found, np.asarray(truth, float), rtol=1e-11, atol=1e-12)


def visits(slow: SlowGame, step: np.ndarray) -> np.ndarray:
    """Discounted visits [S]; at discount 1 expected visits until absorption, that of the end
    included."""
    kept = slow.until_absorbed(step) if slow.discount == 1 else step
    total = slow.values(exact(np.eye(slow.initial.size)), kept) if slow.discount == 1 else None
    if total is not None:
        return slow.initial @ total.T
    # Absorbing states are left in: one more state-to-state chain, with nothing special about its
    # end.
    plain = dataclasses.replace(slow, absorbing=np.zeros_like(slow.absorbing))
    return ((1 - slow.discount) * (slow.initial @ plain.values(exact(np.eye(slow.initial.size)),
                                                               step).T))


def by_information(slow: SlowGame, agent: int, weights: np.ndarray,
                   columns: np.ndarray) -> np.ndarray:
    """Means over the states behind each information state, [S, M] to [H, M]; 0 where there is no
    weight."""
    seen = slow.information[agent]
    rows = []
    for h in range(slow.information.max() + 1):
        total = weights[seen == h].sum()
        rows.append((weights[seen == h] @ columns[seen == h]) / total if total else columns[0] * 0)
    return np.array(rows)


def test_values_and_visitation(case):
    game, slow, policies, _, found = case
    rewards, step = slow.average(policies)
    value, weight = slow.values(rewards, step), visits(slow, step)
    for agent in range(game.n_agents):
        seen = slow.information[agent]
        close(found["visitation"][agent], [weight[seen == h].sum() for h in range(seen.max() + 1)])
        truth = value[agent] if game.full_information else \
            by_information(slow, agent, weight, value[agent][:, None])[:, 0]
        close(found["v"][agent], truth)
    close(found["current"], value)


def test_marginal_action_values(case):
    game, slow, policies, _, found = case
    rewards, step = slow.average(policies)
    value, weight = slow.values(rewards, step), visits(slow, step)
    for agent in range(game.n_agents):
        reward, steps = slow.marginal(policies, agent)
        q = reward + slow.discount * (slow.until_absorbed(steps) @ value[agent])
        if not game.full_information:
            q = by_information(slow, agent, weight, q)
        exists = np.asarray(game.mask)[agent]
        close(found["q"][agent], np.where(exists, q, found["v"][agent][:, None]))


def test_potential_and_welfare(case):
    _, slow, policies, stage, found = case
    close(found["potential"],
          slow.initial @ slow.values(*slow.average(policies, exact(stage)[None]))[0])
    close(found["welfare"], slow.initial @ slow.values(*slow.average(policies)).sum(axis=0))


def test_best_response_by_value_iteration(case):
    game, slow, policies, _, found = case
    current = np.asarray(slow.values(*slow.average(policies)), float)
    for agent in range(game.n_agents):
        rewards, steps = slow.marginal(policies, agent)
        rewards, steps = rewards.astype(float), slow.until_absorbed(steps).astype(float)
        value = np.zeros(game.n_states)
        for _ in range(600):
            value = np.where(slow.mask[agent], rewards + float(slow.discount) * steps @ value,
                             -np.inf).max(axis=1)
        # Local policies that are not separable are answered with the full-information bound.
        close(found["best"][agent], value)
        close(found["gain"][agent], np.asarray(slow.initial, float) @ (value - current[agent]))
        close(found["worst"][agent], (value - current[agent]).max())


def test_the_cases_take_both_routes_and_all_representations():
    games = {name: MarkovGame.from_arrays(**arrays) for name, arrays in CASES.items()}
    assert [name for name, game in games.items() if game.sweeps is not None] == \
        [name for name in CASES if "forward" in name]
    kinds = {(type(g.transitions), getattr(g.transitions, "probabilities", None) is None)
             for g in games.values()}
    assert kinds == {(DenseTransitions, True), (SparseTransitions, True),
                     (SparseTransitions, False)}
    assert not any(game.separable for name, game in games.items() if "local" in name)


def test_two_state_chain_in_closed_form(x64):
    """One agent, stay or swap at will: V(0) = r / (1 - discount) if it stays where the reward r
    is."""
    rewards = np.array([[[3.0, 0.0], [0.0, 0.0]]])
    game = MarkovGame.from_arrays(rewards, np.array([[0, 1], [1, 0]]), discount=0.75,
                                  initial=[0.0, 1.0])
    stay, swap = np.array([[[1.0, 0], [1, 0]]]), np.array([[[1.0, 0], [0, 1]]])
    stayed, swapped = answers(game, stay), answers(game, swap)
    np.testing.assert_allclose(stayed["v"], [[12, 0]], rtol=1e-15)
    np.testing.assert_allclose(swapped["v"], [[12, 9]], rtol=1e-15)
    np.testing.assert_allclose(swapped["visitation"], [[0.75, 0.25]], rtol=1e-15)
    np.testing.assert_allclose(stayed["gain"], [9], rtol=1e-15)


@pytest.mark.parametrize("leave", [0.5, 0.01])
def test_geometric_time_to_the_end_in_closed_form(x64, leave):
    """At discount 1 a state left with probability p is visited 1/p times: V = r / p."""
    transitions = np.array([[[1 - leave, leave]], [[0.0, 1.0]]])
    game = MarkovGame.from_arrays([[[2.0], [0.0]]], transitions, discount=1.0, initial=[1.0, 0.0])
    evaluation = evaluate(game, np.ones((1, 2, 1)))
    np.testing.assert_allclose(evaluation.v, [[2 / leave, 0]], rtol=1e-13)
    np.testing.assert_allclose(evaluation.visitation, [[1 / leave, 1]], rtol=1e-13)


@jax.jit
def value_gradient(game: MarkovGame, logits: jax.Array) -> jax.Array:
    """Gradient [N, H, A] of each agent's V(mu) in its own softmax logits."""

    def value(logits: jax.Array, agent: int) -> jax.Array:
        alone = dataclasses.replace(game, rewards=game.rewards * jnp.eye(game.n_agents)[agent])
        return alone.welfare(jnp.exp(log_normalise(logits, game.mask)))

    return jnp.stack([jax.grad(value)(logits, agent)[agent] for agent in range(game.n_agents)])


@pytest.mark.parametrize("name", ["three agents, masked", "sparse", "forward, discount 1",
                                  "ending, discount 1",
                                  "local", "local, forward, discount 1",
                                  "local, ending, discount 1"])
def test_gradient_is_visitation_times_policy_times_advantage(x64, name):
    game = MarkovGame.from_arrays(**CASES[name])
    profile = random_profile(22, np.asarray(game.mask))
    logits = np.log(np.where(game.mask, profile, 1.0))
    evaluation = evaluate(game, profile)
    claimed = (game.scale * evaluation.visitation[..., None] * profile
               * (evaluation.q - evaluation.v[..., None]))
    gradient = np.asarray(value_gradient(game, logits))
    np.testing.assert_allclose(claimed, gradient, rtol=1e-10, atol=1e-10 * np.abs(gradient).max())


@pytest.mark.parametrize("name", ["three agents, masked", "sparse", "ending, discount 1"])
def test_simulated_visits_and_returns_agree_with_exact_ones(x64, name):
    game = MarkovGame.from_arrays(**CASES[name])
    profile = random_profile(23, np.asarray(game.mask))
    episodes = simulate(game, profile, jax.random.key(4), episodes=4000, steps=120)
    weights = np.asarray(game.discount) ** np.arange(120)
    weights = weights if game.undiscounted else weights * (1 - np.asarray(game.discount))
    evaluation = jax.tree.map(np.asarray, evaluate(game, profile))
    states = np.asarray(episodes.states)[:, :-1]
    for state in np.flatnonzero(~np.asarray(game.absorbing)):
        _within_five_errors((states == state) @ weights, evaluation.visitation[0, state])
    returns = np.einsum("etn,t->en", episodes.rewards, weights) * float(game.scale)
    for agent in range(game.n_agents):
        _within_five_errors(returns[:, agent], game.initial @ evaluation.v[agent])


def _within_five_errors(samples: np.ndarray, truth: float) -> None:
    # What lies beyond 120 steps is below .9^120 = 3e-6 of the whole.
    error = samples.std(ddof=1) / np.sqrt(samples.size)
    assert 0 < error < 0.1 * (1 + abs(truth))
    assert abs(samples.mean() - truth) < 5 * error + 1e-4 * (1 + abs(truth))


def test_simulation_plays_existing_actions_and_possible_transitions(x64):
    arrays = CASES["three agents, masked"]
    game = MarkovGame.from_arrays(**arrays)
    profile = random_profile(24, np.asarray(game.mask))
    episodes = simulate(game, profile, jax.random.key(0), episodes=4000, steps=120)
    states, actions = np.asarray(episodes.states), np.asarray(episodes.actions)
    for agent in range(game.n_agents):
        assert arrays["mask"][agent][states[:, :-1], actions[..., agent]].all()
        paid = arrays["rewards"][agent][(states[:, :-1], *np.moveaxis(actions, -1, 0))]
        np.testing.assert_array_equal(episodes.rewards[..., agent], paid)
    assert (arrays["transitions"][(states[:, :-1], *np.moveaxis(actions, -1, 0), states[:, 1:])]
            > 0).all()


def test_one_program_serves_all_profiles_and_all_games_of_one_shape(x64):
    program = jax.jit(lambda game, profile: (game.evaluate(profile), game.best_response(profile)))
    for seed in (1, 2):
        game = MarkovGame.from_arrays(**random_arrays(seed, (2, 2), 3, 0.5 + seed / 10))
        for start in (3, 4):
            program(game, jnp.asarray(random_profile(start, np.asarray(game.mask))))
    assert program._cache_size() == 1


def test_a_local_best_response_may_lose_in_a_state_that_looks_like_others(x64):
    """The state is drawn and neither seen nor left. Action 0 pays 2 in the first and -1 in the
    second, action 1 nothing: playing 0 gains 1/2 on average over playing 1, and loses 1 in the
    second, which is no error."""
    rewards = np.array([[[2.0, 0.0], [-1.0, 0.0]]])
    game = MarkovGame.from_arrays(rewards, np.array([[0, 0], [1, 1]]), discount=0.5,
                                  information=[[0, 0]])
    response = game.best_response(np.array([[[0.0, 1.0]]]))
    np.testing.assert_allclose(response.value, [[4.0, -2.0]])
    np.testing.assert_allclose(response.gain, [1.0])
    assert response.error < 1e-13


@pytest.mark.parametrize("start", range(4))
def test_local_gaps_have_no_error_but_rounding(start, x64):
    game = pt.games.make("stochastic-congestion", n_agents=3, observe="own")
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), seed=start, tolerance=1e-9,
                      progress=False)
    assert result.status is pt.Status.CONVERGED
    assert np.max(result.history["nash_gap_error"]) < 1e-12
    assert pt.certify(game, result.profile).nash_gap <= 1e-9
