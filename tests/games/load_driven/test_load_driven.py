"""Load-driven games: what they answer is what the same game says with a table of joint actions."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potentia as pt
from potentia.errors import InputError
from potentia.games.counts import count_vectors
from potentia.games.load_driven.game import LoadGame
from slow_markov import random_profile

# agents, states, facilities, rewards for each agent, common rewards, next states that are certain
SHAPES = [(2, 3, 3, True, False, False), (5, 2, 3, False, True, False)]


def random_game(seed: int, shape: tuple[int, int, int, bool, bool, bool],
                discount: float) -> dict[str, Any]:
    """Arguments of `from_loads`: about a third of the facilities do not exist for an agent."""
    n_agents, n_states, n_facilities, by_agent, has_common, certain = shape
    rng = np.random.default_rng(seed)
    table = (n_states, len(count_vectors(n_agents, n_facilities)))
    mask = rng.random((n_agents, n_states, n_facilities)) < 0.65
    mask[..., 0] |= ~mask.any(axis=-1)
    return {"rewards": rng.normal(size=((n_agents,) if by_agent else ())
                                  + (n_states, n_facilities, n_agents)),
            "next_state": rng.integers(n_states, size=table) if certain
            else rng.dirichlet(np.ones(n_states), size=table),
            "discount": discount, "n_agents": n_agents, "initial": rng.dirichlet(
                np.ones(n_states)), "mask": mask,
            "common": rng.normal(size=table) if has_common else None}


def enumerated(rewards: np.ndarray, next_state: np.ndarray, *, discount: float, n_agents: int,
               initial: np.ndarray,
               mask: np.ndarray, common: np.ndarray | None) -> dict[str, Any]:
    """The same game for `MarkovGame.from_arrays`, by counting in every joint action."""
    n_states, n_facilities = mask.shape[1:]
    own = np.broadcast_to(rewards, (n_agents, n_states, n_facilities, n_agents))
    index_of = {tuple(vector): index
                for index, vector in enumerate(count_vectors(n_agents, n_facilities).tolist())}
    joint = (n_states, *[n_facilities] * n_agents)
    pay, following = np.zeros((n_agents, *joint)), np.zeros((*joint, n_states))
    for state, *choices in itertools.product(*map(range, joint)):
        held = [choices.count(k) for k in range(n_facilities)]
        index = index_of[tuple(held)]
        for agent, k in enumerate(choices):
            pay[(agent, state, *choices)] = own[agent, state, k, held[k] - 1]
            pay[(agent, state, *choices)] += 0.0 if common is None else common[state, index]
        following[(state, *choices)] = next_state[state, index] if next_state.ndim == 3 \
            else np.eye(n_states)[next_state[state, index]]
    return {"rewards": pay, "transitions": following, "discount": discount, "initial": initial,
            "mask": mask}


def answers(game: Any, profile: np.ndarray) -> tuple:
    """Evaluation and best response as NumPy, in one program for each shape."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, _answers(game, profile))


@jax.jit
def _answers(game: Any, profile: np.ndarray) -> tuple:
    return game.evaluate(profile), game.best_response(profile)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.sampled_from(SHAPES), st.integers(0, 10**6), st.sampled_from([0.5, 0.95]), st.booleans())
def test_both_representations_agree(shape: tuple, seed: int, discount: float, pure: bool) -> None:
    arguments = random_game(seed, shape, discount)
    game, table = LoadGame.from_loads(**arguments), pt.MarkovGame.from_arrays(
        **enumerated(**arguments))
    profile = random_profile(seed, game.mask, pure)
    (evaluation, response), (true, best) = answers(game, profile), answers(table, profile)
    size = 1e-12 * (1 + np.abs(true.v).max() + np.abs(best.value).max())
    for found, expected in ((evaluation.q, true.q), (evaluation.v, true.v),
                            (evaluation.visitation, true.visitation),
                            (response.value, best.value), (response.gain, best.gain),
                            (response.worst_gain, best.worst_gain)):
        np.testing.assert_allclose(found, expected, rtol=0, atol=size)
    assert (np.abs(response.gain - best.gain) <= response.error + best.error).all()
    assert (response.error < 1e-11 * game.scale * (1 + np.abs(best.value).max())).all()


@pytest.mark.parametrize("shape",
                         [*SHAPES, (1, 2, 3, False, False, True), (3, 2, 2, False, False, False),
                          (4, 1, 2, True, True, True)])
def test_its_table_is_the_enumerated_one(shape: tuple) -> None:
    arguments = random_game(7, shape, 0.9)
    game, table = LoadGame.from_loads(**arguments), pt.MarkovGame.from_arrays(
        **enumerated(**arguments))
    own = game.tabular()
    np.testing.assert_allclose(own.rewards, table.rewards, rtol=1e-15)
    np.testing.assert_allclose(own.transitions.csr().toarray(), table.transitions.csr().toarray(),
                               rtol=1e-15)
    for name in ("initial", "mask", "information", "absorbing"):
        np.testing.assert_array_equal(getattr(own, name), getattr(table, name))
        if name != "initial":
            np.testing.assert_array_equal(getattr(game, name), getattr(table, name))
    assert (own.discount, own.action_counts) == (game.discount, game.action_counts)


def test_distancing_is_distancing() -> None:
    loads, table = (pt.games.make("distancing", n_agents=5, representation=kind)
                    for kind in ("loads", "tabular"))
    assert isinstance(loads, LoadGame)
    assert isinstance(table, pt.MarkovGame)
    profile = random_profile(3, loads.mask)
    ours, theirs = loads.evaluate(profile), table.evaluate(profile)
    # Values are sums over about 1/(1 - discount) = 100 steps.
    for found, expected in ((ours.q, theirs.q), (ours.v, theirs.v)):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.abs(theirs.v).max())
    np.testing.assert_allclose(ours.visitation, theirs.visitation, rtol=1e-11)
    assert loads.welfare(profile) == pytest.approx(theirs.v.sum(axis=0) @ table.initial, rel=1e-11)


def test_more_agents_than_any_table_holds() -> None:
    game = pt.games.make("distancing", n_agents=20)
    assert isinstance(game, LoadGame)
    assert repr(
        game) == "<LoadGame distancing: 20 agents on 4 facilities, 2 states, 1,771 count vectors>"
    evaluation = game.evaluate(game.initial_profile("uniform", jax.random.key(0)))
    np.testing.assert_allclose(evaluation.visitation.sum(axis=1), 1, rtol=1e-13)
    # Alike agents that play alike are alike, and worth the mean of 20 fair choices in the safe
    # state.
    np.testing.assert_allclose(evaluation.q, evaluation.q[:1].repeat(20, axis=0), rtol=1e-12)
    stage = (1 + 2 + 4 + 6) / 4 * (1 + 19 / 4)
    step = 0.99 * np.array([_spread_odds(20, 10), _spread_odds(20, 5)])
    values = np.linalg.solve(np.eye(2) - np.stack([1 - step / 0.99, step / 0.99], axis=1) * 0.99,
                             [stage, stage - 100])
    np.testing.assert_allclose(evaluation.v[0], values, rtol=1e-12)


def _spread_odds(n_agents: int, threshold: int) -> float:
    """Probability that four fair choices of so many agents put more than `threshold` somewhere."""
    counts = count_vectors(n_agents, 4)
    factorials = np.cumprod([1.0, *range(1, n_agents + 1)])
    weights = factorials[n_agents] / factorials[counts].prod(axis=1) / 4.0**n_agents
    return float(weights[counts.max(axis=1) > threshold].sum())


def test_a_function_says_what_an_array_says() -> None:
    arguments = random_game(1, (3, 2, 2, False, True, True), 0.5)
    table, vectors = arguments["next_state"], count_vectors(3, 2).tolist()
    called = LoadGame.from_loads(**{**arguments,
                                    "next_state": lambda z, c: table[z, vectors.index(c.tolist())]})
    probabilities = LoadGame.from_loads(**{**arguments,
                                           "next_state": lambda z, c: np.eye(2)[table[z, c[0]]]})
    for game in (called, probabilities):
        np.testing.assert_array_equal(game.following, LoadGame.from_loads(**arguments).following)


@pytest.mark.parametrize(("common", "moves", "discount", "has_one"), [
    (False, True, 0.5, False), (False, True, 0.0, True), (False, False, 0.5, True),
    (True, False, 0.5, True)])
def test_its_potential_is_one(common: bool, moves: bool, discount: float, has_one: bool) -> None:
    arguments = random_game(4, (3, 2, 2, False, common, False), discount)
    if not moves:
        arguments["next_state"] = np.broadcast_to([[[0.3, 0.7]], [[0.6, 0.4]]], (2, 4, 2))
    _check_potential(LoadGame.from_loads(**arguments), has_one)


def test_common_pay_alone_is_its_own_potential() -> None:
    arguments = random_game(4, (3, 2, 2, False, True, False), 0.5)
    game = LoadGame.from_loads(**{**arguments, "rewards": np.zeros((2, 2, 3))})
    _check_potential(game, True)
    profile = random_profile(2, game.mask)
    assert game.potential(profile) == pytest.approx(game.start_values(profile)[0], rel=1e-13)


def _check_potential(game: LoadGame, has_one: bool) -> None:
    """One agent's change of policy changes its value and the potential alike."""
    profile, other = random_profile(0, game.mask), random_profile(1, game.mask)
    assert (game.potential(profile) is not None) == has_one
    for agent in range(game.n_agents if has_one else 0):
        deviation = np.where(np.arange(game.n_agents)[:, None, None] == agent, other, profile)
        gained = game.start_values(deviation)[agent] - game.start_values(profile)[agent]
        assert game.potential(deviation) - game.potential(profile) == pytest.approx(
            gained, rel=1e-11, abs=1e-12)


def test_simulated_play_is_the_game() -> None:
    """Every reward is the one at the drawn counts, and mean returns are the values, within four
    standard errors."""
    arguments = random_game(5, SHAPES[1], 0.5)
    game = LoadGame.from_loads(**arguments)
    profile, episodes = random_profile(5, game.mask), 4000
    play = game.simulate(profile, jax.random.key(3), episodes, 20)
    assert (play.states.shape, play.actions.shape) == ((episodes, 21), (episodes, 20, 5))
    vectors = count_vectors(5, 3).tolist()
    for state, choices, paid in zip(play.states[:20, 0], play.actions[:20, 0], play.rewards[:20, 0],
                                    strict=True):
        held = np.bincount(choices, minlength=3)
        expected = arguments["rewards"][state, choices, held[choices] - 1]
        np.testing.assert_allclose(paid, expected
                                   + arguments["common"][state, vectors.index(held.tolist())])
    returns = np.einsum("etn,t->en", play.rewards, 0.5 ** np.arange(20))
    error = returns.std(axis=0) / np.sqrt(episodes)
    values = answers(game, profile)[0].v @ game.initial
    assert (np.abs(returns.mean(axis=0) - values) < 4 * error).all()
    share = np.bincount(play.states[:, 0], minlength=2) / episodes
    np.testing.assert_allclose(share, game.initial, atol=0.03)


def test_learning_ends_at_a_certified_equilibrium() -> None:
    game = pt.games.make("markov-routing", representation="loads", pay="common")
    result = pt.solve(game, pt.rules.INPG(step_size=0.02), seed=1, max_iterations=3000)
    assert result.status is pt.Status.CONVERGED
    assert result.profile.shape == (4, 4, 2)
    assert (np.diff(result.history["potential"]) > 0).all()
    assert pt.certify(game, result.profile).nash_gap < 2e-8


def good(**changed: object) -> dict[str, Any]:
    return {"rewards": np.zeros((2, 2, 3)), "next_state": np.zeros((2, 4), int), "discount": 0.5,
            "n_agents": 3,
            **changed}


def at(value: object, shape: tuple[int, ...], *place: int, kind: type = float) -> np.ndarray:
    array = np.zeros(shape, kind)
    array[place] = value
    return array


REFUSED = {
    "no agents": (good(n_agents=0), r"n_agents is 0, but it must be at least 1"),
    "rewards of another number": (good(n_agents=2),
                                  r"rewards has shape \(2, 2, 3\), but it must be \[S, A, 2\] or "),
    "rewards that are text": (good(rewards="abc"), r"rewards holds <U3, not real numbers"),
    "reward at a load": (good(rewards=at(np.nan, (2, 2, 3), 1, 0, 2)),
                         r"rewards\[state=1, facility=0\] at load 3 is nan, not a finite number "
                         r"\(where an action does "
                         r"not exist, say so by mask\)"),
    "reward of an agent": (good(rewards=at(np.inf, (3, 2, 2, 3), 2, 0, 1, 0)),
                           r"rewards\[agent=2, state=0, facility=1\] at load 1 is inf, not a "
                           r"finite number"),
    "state past the table": (good(next_state=at(2, (2, 4), 1, 3, kind=int)),
                             r"next_state\[state=1, counts=\(3, 0\)\] is 2, but states run from 0 "
                             r"to 1"),
    "state before the table": (good(next_state=lambda z, c: -1),
                               r"next_state\[state=0, counts=\(0, 3\)\] is -1, but states run from "
                               r"0 to 1"),
    "half a state": (good(next_state=lambda z, c: 0.5),
                     r"next_state\[.*\] is 0\.5, but states run from 0 to 1"),
    "not whole": (good(next_state=np.zeros((2, 4))),
                  r"holds next-state indices, but they are float64"),
    "next states of another shape": (good(next_state=np.zeros((2, 5), int)),
                                     r"next_state has shape \(2, 5\), but it must be \(2, 4\) .* "
                                     r"or \(2, 4, 2\)"),
    "probabilities of another shape": (good(next_state=lambda z, c: [1, 0, 0]),
                                       r"next_state\[state=0, counts=\(0, 3\)\] has shape \(3,\), "
                                       r"but it must be a "
                                       r"state"),
    "probabilities that do not add up": (good(next_state=lambda z, c: [0.5, 0.4]),
                                         r"next_state\[state=0, counts=\(0, 3\)\] sums to 0\.9, "
                                         r"not 1"),
    "negative probability": (good(next_state=lambda z, c: [1.5, -0.5]),
                             r"next_state\[state=0, counts=\(0, 3\)\] leads to state 1 with "
                             r"probability -0\.5, but"),
    "a function that fails": (good(next_state=lambda z, c: c[7]),
                              r"next_state\[state=0, counts=\(0, 3\)\] cannot be computed: "
                              r"IndexError"),
    "common of another shape": (good(common=np.zeros(4)),
                                r"common has shape \(4,\), but it must be \(2, 4\)"),
    "common that is not finite": (good(common=at(np.nan, (2, 4), 0, 1)),
                                  r"common\[state=0, counts=\(1, 2\)\] is nan, not a finite "
                                  r"number"),
    "discount 1": (good(discount=1.0), r"discount is 1, but play need not end"),
    "discount above 1": (good(discount=1.5), r"discount is 1\.5, but it must lie in \[0, 1\)"),
    "nowhere to go": (good(mask=np.zeros((3, 2, 2))), r"mask\[agent=0, state=0\] allows no action"),
    "initial": (good(initial=[0.5, 0.6]), r"initial sums to 1\.1, not 1"),
    "too large": (good(rewards=np.zeros((1, 10, 60)), n_agents=60),
                  r"n_agents=60 on 10 facilities with 1 states have 56,672,074,888 count vectors, "
                  r"which need .* MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_in_one_line(name: str) -> None:
    arguments, message = REFUSED[name]
    with pytest.raises(InputError, match=message) as caught:
        LoadGame.from_loads(**arguments)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_reached_is_not_asked_for() -> None:
    """Agent 0 must go to facility 0, agent 1 to facility 1: load 2 and all but one count vector are
    out of reach."""
    mask = np.array([[[True, False]], [[False, True]]])
    game = LoadGame.from_loads([[[1.0, np.nan], [2.0, np.inf]]], lambda z, c: 0
                               if tuple(c) == (1, 1) else 9,
                               discount=0.5, n_agents=2, mask=mask)
    assert game.pay.tolist() == [[[[0, 1, 0], [0, 2, 0]]]]
    assert game.following.tolist() == [[[1.0]] * 3]


def test_a_table_too_large_is_refused_with_the_way_out() -> None:
    with pytest.raises(InputError,
                       match=r"n_agents=20 needs a table .* MB; representation='loads' needs no "
                             r"table$"):
        pt.games.make("distancing", n_agents=20).tabular()
    with pytest.raises(InputError,
                       match=r"initial is 'best', but it must be 'uniform', 'random' or a profile"):
        pt.games.make("markov-routing",
                      representation="loads").initial_profile("best", jax.random.key(0))


def test_next_state_rows_of_float32_are_normalised():
    """By table and by function."""
    rows = np.random.default_rng(0).dirichlet(np.ones(3), (3, 4)).astype(np.float32)
    assert np.abs(rows.astype(float).sum(axis=2) - 1).max() > 1e-9
    vectors = [(n, 3 - n) for n in range(4)]
    for following in (rows, lambda state, counts: rows[state, vectors.index(tuple(counts))]):
        game = LoadGame.from_loads(np.zeros((3, 2, 3)), following, n_agents=3, discount=0.5)
        np.testing.assert_allclose(np.asarray(game.following).sum(axis=2), 1, rtol=1e-15)
    with pytest.raises(InputError, match=r"next_state.* sums to .*, not 1"):
        LoadGame.from_loads(np.zeros((3, 2, 3)), rows.astype(float), n_agents=3, discount=0.5)
