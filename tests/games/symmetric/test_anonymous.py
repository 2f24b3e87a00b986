"""Games of identical agents: what they answer is what the table of the same game says of symmetric
profiles."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potentia as pt
from potentia.errors import InputError
from potentia.games.graphs import layered
from potentia.games.symmetric.characteristic_functions import (
    characteristic,
    spectrum,
    total_distribution,
    waves,
)
from potentia.games.symmetric.game import SymmetricCongestionGame
from potentia.games.zoo import stochastic_congestion
from slow_markov import random_profile

SHAPES = [(5, 2, 2, True), (3, 2, 3, False)]           # agents, layers, width, loops


def pair(seed: int, shape: tuple[int, int, int, bool],
         discount: float) -> tuple[SymmetricCongestionGame, pt.MarkovGame, np.ndarray]:
    """The game with random pay, its table, and what each agent sees [N, S] in each state of the
    table."""
    n_agents, layers, width, loops = shape
    rng = np.random.default_rng(seed)
    rewards, at_sink = rng.normal(size=(1 + layers * width, width, n_agents)), float(rng.normal())
    game = SymmetricCongestionGame.from_layers(rewards, n_agents=n_agents, layers=layers,
                                               width=width,
                                               discount=discount,
                                     loop_reward=at_sink if loops else None)
    network, ending = layered(layers, width), "loop" if loops else "absorbing"
    by_edge = {(network.nodes[node], network.nodes[following]): list(rewards[node, move])
               for node, row in enumerate(network.successors) for move, following in enumerate(row)
               if following >= 0}
    table = stochastic_congestion.build(n_agents, layers, width, ending=ending, loop_reward=at_sink,
                                        reward=by_edge,
                                        discount=discount, representation="tabular")
    index_of = {tuple(row): index for index, row in enumerate(game.information_states().tolist())}
    configurations = stochastic_congestion.configurations(n_agents, layers, width, ending=ending)
    nodes = np.array([[network.nodes.index(name) for name in row] for row in configurations])
    within = np.where((nodes == 0) | (nodes == 1 + layers * width), 0, (nodes - 1) % width)
    steps = np.where(nodes == 0, 0, (nodes - 1) // width + 1)
    seen = [[index_of[(steps[s, i], row[i],
                       *np.bincount(np.delete(row, i), minlength=width).tolist())]
             for s, row in enumerate(within)] for i in range(n_agents)]
    return game, table, np.array(seen)


def answers(game: Any, profile: np.ndarray) -> tuple:
    """Evaluation and best response as NumPy, in one program for each shape."""
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, _answers(game, profile))


@jax.jit
def _answers(game: Any, profile: np.ndarray) -> tuple:
    return game.evaluate(profile), game.best_response(profile)


@settings(max_examples=24, deadline=None, derandomize=True)
@given(st.sampled_from(SHAPES), st.integers(0, 10**6), st.sampled_from([0.5, 0.95]), st.booleans())
def test_both_representations_agree(shape: tuple, seed: int, discount: float, pure: bool) -> None:
    game, table, seen = pair(seed, shape, discount)
    profile = random_profile(seed, game.mask, pure)
    by_agent = profile[0][seen][..., :table.mask.shape[2]]
    (ours, best), (theirs, their_best) = answers(game, profile), answers(table, by_agent)
    size = 1e-12 * (1 + np.abs(theirs.v).max() + np.abs(their_best.value).max())
    for agent, rows in enumerate(seen):
        visits = np.bincount(rows, theirs.visitation[agent], minlength=game.n_states)
        for found, expected in ((ours.q[0, rows][:, :table.mask.shape[2]], theirs.q[agent]),
                                (ours.v[0, rows], theirs.v[agent]), (ours.visitation[0], visits),
                                (best.value[0, rows], their_best.value[agent]),
                                (best.gain[0], their_best.gain[agent]),
                                (best.worst_gain[0], their_best.worst_gain[agent])):
            np.testing.assert_allclose(found, expected, rtol=0, atol=size)
    # No agent's deviation gains more than the one that stands for all.
    assert (np.abs(their_best.gain - best.gain) <= best.error + their_best.error).all()
    assert best.error[0] < 1e-10 * (1 + np.abs(best.value).max())


def test_undiscounted_play_that_ends() -> None:
    game, table, seen = pair(3, (2, 3, 2, False), 1.0)
    profile = random_profile(3, game.mask)
    (ours, best), (theirs, their_best) = answers(game, profile), answers(table, profile[0][seen])
    np.testing.assert_allclose(ours.v[0, seen], theirs.v, rtol=0, atol=1e-13)
    np.testing.assert_allclose(ours.visitation.sum(), 5, rtol=1e-14)  # source, three layers, sink
    np.testing.assert_allclose(best.gain[0], their_best.gain, rtol=1e-12)
    assert game.welfare(profile) == pytest.approx(theirs.v[:, 0].sum(), rel=1e-13)
    assert (game.scale, game.sweeps, game.potential(profile)) == (1, 5, None)


def test_alone_every_edge_pays_for_one() -> None:
    game, _, _ = pair(0, (1, 2, 2, False), 0.5)
    first, second = 0, 1
    profile = np.zeros((1, 6, 2))
    profile[0, [0, 1, 2, 3, 4, 5], [second, first, first, 0, 0, 0]] = 1.0
    evaluation = game.evaluate(profile)
    expected = game.pay[0, second, 1] + 0.5 * game.pay[2, first, 1] + 0.25 * game.pay[3, 0, 1]
    assert evaluation.v[0, 0] == pytest.approx(expected, rel=1e-15)
    np.testing.assert_allclose(evaluation.visitation[0], [0.5, 0, 0.25, 0.125, 0, 0.125],
                               rtol=1e-15)


def test_without_a_choice_every_edge_pays_for_all() -> None:
    game, _, _ = pair(0, (4, 1, 1, False), 0.5)
    evaluation = game.evaluate(np.ones((1, 3, 1)))
    assert evaluation.v[0].tolist() == [game.pay[0, 0, 4] + 0.5 * game.pay[1, 0, 4],
                                        game.pay[1, 0, 4], 0]


def shared(others: int, probability: float) -> float:
    """E 1/(1 + Bin(m, p)) = (1 - (1-p)^(m+1)) / ((m+1) p)."""
    return (1 - (1 - probability) ** (others + 1)) / ((others + 1) * probability)


def test_a_thousand_agents() -> None:
    """Under the uniform policy everybody's place is a fair draw in every layer, on its own: closed
    forms."""
    game = pt.games.make("anonymous-congestion", n_agents=1000)
    assert repr(
        game) == ("<SymmetricCongestionGame anonymous-congestion: 1,000 identical agents, "
                  "symmetric profiles only, 2 "
                  "layers of 2, 4,002 information states>")
    uniform = game.initial_profile("uniform", jax.random.key(0))
    evaluation, response = answers(game, uniform)
    value = shared(999, 1 / 2) + 0.99 * shared(999, 1 / 4) + 0.99**2 * shared(999, 1 / 2)
    assert evaluation.v[0, 0] == pytest.approx(value, rel=1e-12)
    assert game.welfare(uniform) == pytest.approx(1000 * value, rel=1e-12)
    # Both ways are worth the same, so that uniform play is an equilibrium.
    assert abs(response.gain[0]) <= response.error[0] < 1e-10
    states, visits = game.information_states(), evaluation.visitation[0]
    assert visits.sum() == pytest.approx(1, rel=1e-13)
    for step in (1, 2):
        here = states[:, 0] == step
        assert visits[here].sum() == pytest.approx(0.01 * 0.99**step, rel=1e-12)
        expected = 0.01 * 0.99**step / 2 * binomial_half(999)[states[here, 2]]
        np.testing.assert_allclose(visits[here], expected, rtol=0, atol=1e-16)
    layer = (states[:, 0] == 1) & (states[:, 1] == 0)
    q = evaluation.q[0, layer, 1]
    np.testing.assert_allclose(q, [shared(others, 1 / 2) + 0.99 * shared(999, 1 / 2)
                                   for others in range(1000)],
                               rtol=0, atol=1e-12)


def binomial_half(number: int) -> np.ndarray:
    """[number+1] probabilities of fair coins, correctly rounded."""
    probabilities, ways = [], 1
    for heads in range(number + 1):
        probabilities.append(float(Fraction(ways, 2**number)))
        ways = ways * (number - heads) // (heads + 1)
    return np.array(probabilities)


@pytest.mark.parametrize(("width", "numbers"), [(2, (3, 4)), (3, (2, 0, 4)), (1, (5,))])
def test_crowds_spread_as_in_exact_fractions(x64: None, width: int,
                                             numbers: tuple[int, ...]) -> None:
    """One agent after another, in fractions, on rows of random and of certain choices."""
    rng = np.random.default_rng(width)
    points = sum(numbers) + 1
    probabilities = np.concatenate([rng.dirichlet(np.ones(width), size=(len(numbers), 2)),
                                    np.eye(width)[:1][None].repeat(len(numbers), axis=0)], axis=1)
    flat = np.arange(points ** (width - 1))
    function = rng.normal(size=(flat.size, 1))
    wave = waves(points, width - 1)

    @jax.jit
    def both(number: np.ndarray, probabilities: np.ndarray) -> tuple[jax.Array, jax.Array]:
        crowds = characteristic(number, probabilities, wave)
        return crowds @ spectrum(function, flat, wave), total_distribution(crowds, np.eye(3), flat,
                                                                           wave)

    means, spreads = both(np.repeat(np.array(numbers)[:, None], 3, axis=1), probabilities)
    for row in range(3):
        expected = slow_distribution(numbers, probabilities[:, row], points, width)
        np.testing.assert_allclose(spreads[:, row], expected, rtol=0, atol=1e-15)
        assert means[row, 0] == pytest.approx(expected @ function[:, 0], rel=1e-13, abs=1e-14)


def slow_distribution(numbers: tuple[int, ...], probabilities: np.ndarray, points: int,
                      width: int) -> np.ndarray:
    """[points^(width-1)] probabilities of how many choose each move but the last."""
    found = {(0,) * (width - 1): Fraction(1)}
    for choices in np.repeat(probabilities, numbers, axis=0):
        grown: dict[tuple[int, ...], Fraction] = {}
        for counts, probability in found.items():
            for move in range(width):
                after = tuple(count + (move == k) for k, count in enumerate(counts))
                grown[after] = grown.get(after, Fraction(0)) + probability * Fraction(choices[move])
        found = grown
    array = np.zeros([points] * (width - 1))
    for counts, probability in found.items():
        array[counts] = float(probability)
    return array.ravel()


@pytest.mark.parametrize("shape", SHAPES)
def test_simulated_play_is_the_game(shape: tuple[int, int, int, bool]) -> None:
    """Mean returns are the value, within four standard errors, and shares of visits the
    visitation."""
    game, _, _ = pair(1, shape, 0.5)
    profile, episodes, steps = random_profile(1, game.mask), 4000, 30
    play = game.simulate(profile, jax.random.key(0), episodes, steps)
    assert (play.states.shape, play.actions.shape, play.rewards.shape) == \
        ((episodes, steps + 1), (episodes, steps, 1), (episodes, steps, 1))
    returns = play.rewards[..., 0] @ 0.5 ** np.arange(steps)
    evaluation, _ = answers(game, profile)
    assert abs(returns.mean() - evaluation.v[0, 0]) < 4 * returns.std() / np.sqrt(episodes)
    weights = np.tile(0.5 ** np.arange(1, steps + 1), episodes)
    share = np.bincount(play.states[:, :steps].ravel(), weights, game.n_states)
    np.testing.assert_allclose(share / episodes, evaluation.visitation[0], atol=0.01)


def test_learning_ends_at_a_certified_equilibrium() -> None:
    game = pt.games.make("anonymous-congestion", n_agents=6)
    result = pt.solve(game, pt.rules.INPG(step_size=0.02), seed=1, max_iterations=4000,
                      tolerance=1e-8)
    assert result.status is pt.Status.CONVERGED
    assert result.profile.shape == (1, 26, 2)
    certificate = pt.certify(game, result.profile)
    assert certificate.nash_gap < 2e-8
    assert game.start_values(result.profile) == pytest.approx(certificate.values)


def good(**changed: object) -> dict[str, Any]:
    return {"rewards": np.zeros((5, 2, 3)), "n_agents": 3, "layers": 2, "width": 2, "discount": 0.5,
            **changed}


def at(value: float, *index_of: int) -> np.ndarray:
    array = np.zeros((5, 2, 3))
    array[index_of] = value
    return array


REFUSED = {
    "no agents": (good(n_agents=0), r"n_agents is 0, but it must be at least 1"),
    "no layers": (good(layers=0), r"layers is 0, but it must be at least 1"),
    "wide": (good(width=1.5), r"width is 1\.5, not a whole number"),
    "another shape": (good(rewards=np.zeros((5, 2, 4))),
                      r"rewards has shape \(5, 2, 4\), but it must be \(5, 2, 3\)"),
    "not finite": (good(rewards=at(np.inf, 2, 1, 2)),
                   r"rewards\[node=2, move=1\] at load 3 is inf, not a finite number"),
    "discount": (good(discount=-0.1), r"discount is -0\.1, but it must lie in \[0, 1\]"),
    "endless": (good(discount=1.0, loop_reward=0.0),
                r"discount is 1, but play that loops never ends"),
    "loop reward": (good(loop_reward=np.nan), r"loop_reward is nan, not a finite number"),
    "too many": (good(n_agents=20_000),
                 r"n_agents=20000 on layers of 2 nodes have 40,000 information states a layer"),
    "too wide": (good(n_agents=100, width=5),
                 r"n_agents=100 on layers of 5 nodes have .* MB, but the limit is 2,000"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses_in_one_line(name: str) -> None:
    arguments, message = REFUSED[name]
    with pytest.raises(InputError, match=message) as caught:
        SymmetricCongestionGame.from_layers(**arguments)
    assert "\n" not in str(caught.value)


def test_moves_that_do_not_exist_are_not_asked_for() -> None:
    game = SymmetricCongestionGame.from_layers(**good(rewards=at(np.nan, 3, 1, 0)))
    assert np.isfinite(game.pay).all()
    assert game.mask[0, 0].all()
    assert game.mask[0, -1].tolist() == [True, False]


@pytest.mark.parametrize(("parameters", "message"), [
    ({"n_agents": 10**6}, r"n_agents=1000000 on layers of 2 nodes"),
    ({"ending": "lop"}, r"unknown ending 'lop'"),
    ({"ending": "loop", "discount": 1}, r"discount is 1, but with ending='loop'"),
    ({"reward": [1, 2], "n_agents": 3},
     r"reward has length 2, but it needs a value for each load 1\.\.3"),
    ({"reward_scale": 0}, r"reward_scale is 0, but it must be positive")])
def test_the_named_game_refuses_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pt.games.make("anonymous-congestion", **parameters)


def test_profiles_are_symmetric() -> None:
    game = pt.games.make("anonymous-congestion", n_agents=3)
    with pytest.raises(InputError,
                       match=r"initial is 'best', but .* 'uniform', 'random' or a profile \[N, H, "
                             r"A\]"):
        game.initial_profile("best", jax.random.key(0))
    with pytest.raises(InputError,
                       match=r"profile has shape \(3, 14, 2\), but the game needs \(1, 14, 2\)"):
        game.initial_profile(np.repeat(game.mask / game.mask.sum(axis=-1, keepdims=True), 3,
                                       axis=0), jax.random.key(0))
