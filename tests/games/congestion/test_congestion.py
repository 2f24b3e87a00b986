"""Congestion games with joint states against their own tables, exact fractions and the zoo's
table."""

from __future__ import annotations

import dataclasses
import itertools

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potentia as pt
from networks import arrays, is_end, network, padded, pays, reached
from potentia.errors import InputError
from potentia.games.congestion import layout
from potentia.games.congestion.game import CongestionGame
from slow_markov import SlowGame, random_profile

ENDING, DISCOUNTED = (1.0,), (0.0, 0.5, 0.95)


@dataclasses.dataclass(frozen=True)
class Case:
    """A network and what goes with it: one shape for JAX, whatever the rewards, the profile and the
    discount."""

    kind: str
    seed: int
    n_agents: int
    discounts: tuple[float, ...] = DISCOUNTED
    given: tuple = ()

    def game(self, seed: int, discount: float, **other) -> CongestionGame:
        moves = network(self.kind, self.seed)
        return pt.CongestionGame.from_network(moves, pays(moves, self.n_agents, seed),
                                              n_agents=self.n_agents,
                                              discount=discount,
                            **dict(self.given), **other)


CASES = {
    "ragged walks": Case("forward", 2, 3),
    "ragged walks without discount": Case("forward", 1, 2, ENDING),
    "one agent": Case("forward", 0, 1),
    "everywhere": Case("forward", 4, 2, given=(("states", "all"),)),
    "two ends, several starts": Case("two ends", 2, 3,
                                     given=(("start", [[0, 0, 0], [0, 1, 3], [2, 1, 1]]),)),
    "there and back": Case("return", 1, 3),
    "anywhere": Case("recurrent", 6, 3),
    "anywhere until caught": Case("caught", 0, 2, given=(("start", [[0, 1], [2, 0]]),)),
}


def close(found: object, truth: object, largest: float) -> None:
    np.testing.assert_allclose(np.asarray(found, float), np.asarray(truth, float), rtol=0,
                               atol=1e-12 * largest)


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_its_own_table(name):
    case = CASES[name]
    evaluate, respond = jax.jit(pt.MarkovGame.evaluate), jax.jit(pt.MarkovGame.best_response)

    @settings(max_examples=6, deadline=None, derandomize=True, database=None)
    @given(seed=st.integers(0, 10**6), discount=st.sampled_from(case.discounts), pure=st.booleans())
    def check(seed: int, discount: float, pure: bool) -> None:
        game = case.game(seed, discount)
        profile = random_profile(seed, np.asarray(game.mask), pure)
        table = game.tabular()
        with jax.enable_x64(True):
            theirs, best = jax.tree.map(np.asarray,
                                        (evaluate(table, profile), respond(table, profile)))
        ours, response = game.evaluate(profile), game.best_response(profile)
        largest = float(np.abs(best.value).max() + np.abs(theirs.v).max() + np.abs(game.pay).max())
        close(ours.v, theirs.v, largest)
        close(ours.q, theirs.q, largest)
        close(ours.visitation, theirs.visitation, float(np.max(theirs.visitation)))
        for field in ("value", "current", "gain", "worst_gain"):
            close(getattr(response, field), getattr(best, field), largest)
        assert (np.abs(response.gain - best.gain) <= response.error + best.error).all()
        np.testing.assert_array_equal(game.absorbing | (game.depth is None),
                                      table.absorbing | (game.depth is None))
        assert game.sweeps == (table.sweeps if game.depth is not None and game.back is None
                               else None)

    check()


def told(game: CongestionGame) -> list[tuple[int, ...]]:
    return [tuple(int(node) for node in row) for row in game.configurations]


TINY = {
    "ragged": (padded([[1, 2, 3], [2, 3], [3], [3]]), 2, (1.0, 0.9), [0, 0]),
    "parallel moves of three agents": (padded([[1, 1, 2], [2], [2]]), 3, (1.0, 0.5), [0, 0, 0]),
    "apart": (padded([[1, 2], [3, 2], [3], [3]]), 3, (0.5,), [0, 1, 3]),
    "there and back": (padded([[1, 2, 2], [0], [0]]), 2, (0.0, 0.9), [0, 0]),
    "anywhere": (padded([[0, 1], [0, 0]]), 2, (0.9,), [0, 1]),
    "on a loop that pays": (padded([[0, 0]]), 3, (0.75,), [0, 0, 0]),
}


@pytest.mark.parametrize("name", TINY)
def test_agrees_with_exact_fractions(name):
    moves, n_agents, discounts, start = TINY[name]
    for seed, discount in enumerate(discounts):
        rewards = pays(moves, n_agents, seed)
        game = pt.CongestionGame.from_network(moves, rewards, n_agents=n_agents, discount=discount,
                                              start=start)
        assert set(told(game)) == reached(moves, [tuple(start)])
        assert len(told(game)) == len(set(told(game)))
        profile = random_profile(seed, np.asarray(game.mask))
        slow = SlowGame.of(arrays(moves, rewards, told(game), discount, game.initial))
        policies = slow.policies(profile)
        mean, step = slow.average(policies)
        values = slow.values(mean, step)
        found, response = game.evaluate(profile), game.best_response(profile)
        largest = float(np.abs(values).max()) + float(np.abs(rewards).max())
        close(found.v, values, largest)
        for agent in range(n_agents):
            paid, steps = slow.marginal(policies, agent)
            q = paid + slow.discount * slow.until_absorbed(steps) @ values[agent]
            close(np.where(game.mask[agent], found.q[agent], 0), np.where(game.mask[agent], q, 0),
                  largest)
            best = slow.best_values(policies, agent)
            close(response.value[agent], best, largest)
            close(response.gain[agent], slow.initial @ (best - values[agent]), largest)


@pytest.mark.parametrize("given", [
    {"ending": "absorbing"}, {"ending": "loop", "discount": 0.95, "loop_reward": -0.5,
                              "start": "uniform"}])
def test_the_papers_game_in_both_representations(given):
    table = pt.games.make("stochastic-congestion", n_agents=3, representation="tabular", **given)
    game = pt.games.make("stochastic-congestion", n_agents=3, representation="congestion", **given)
    by_code = np.asarray(game.position)  # the table's states are in the order of the codes
    profile = np.asarray(game.initial_profile("random", jax.random.key(1)))
    theirs, best = table.evaluate(profile[:, by_code]), table.best_response(profile[:, by_code])
    ours, response = game.evaluate(profile), game.best_response(profile)
    largest = float(np.abs(best.value).max())
    close(game.initial[by_code], table.initial, 1.0)
    close(ours.v[:, by_code], theirs.v, largest)
    close(ours.q[:, by_code], theirs.q, largest)
    close(ours.visitation[:, by_code], theirs.visitation, float(np.max(theirs.visitation)))
    close(response.value[:, by_code], best.value, largest)
    close(response.gain, best.gain, largest)


@pytest.mark.parametrize("name", ["ragged walks", "there and back"])
def test_one_answer_however_the_states_are_laid_out(name, monkeypatch):
    """In parts for several devices, in large blocks, and state by state."""
    case = CASES[name]
    game = case.game(7, 0.5)
    by_code = np.asarray(game.position)
    profile = random_profile(7, np.asarray(game.mask))[:, by_code]
    values, response = game.evaluate(profile_at(profile, game)), game.best_response(
        profile_at(profile, game))
    others = [case.game(7, 0.5, shards=3)]
    monkeypatch.setattr(layout, "LARGE", 1)
    others.append(case.game(7, 0.5, shards=2))
    monkeypatch.setattr(layout, "MOST_SHAPES", 0)
    others.append(case.game(7, 0.5))
    assert len({tuple(group.block.shape for group in other.groups) for other in others}) > 1
    for other in others:
        at = np.asarray(other.position)
        np.testing.assert_array_equal(other.configurations[at], game.configurations[by_code])
        mine = profile_at(profile, other)
        found, best = other.evaluate(mine), other.best_response(mine)
        largest = float(np.abs(response.value).max())
        for field in ("q", "v", "visitation"):
            close(getattr(found, field)[:, at], getattr(values, field)[:, by_code], largest)
        close(best.value[:, at], response.value[:, by_code], largest)
        close(best.gain, response.gain, largest)
        close(best.worst_gain, response.worst_gain, largest)


def profile_at(by_code: np.ndarray, game: CongestionGame) -> np.ndarray:
    """A profile by ascending code as one of `game`; states that stand for nothing play their only
    move."""
    profile = np.zeros(np.asarray(game.mask).shape)
    profile[..., 0] = 1.0
    profile[:, np.asarray(game.position)] = by_code
    return profile


@pytest.mark.parametrize("name", ["ragged walks", "ragged walks without discount", "there and back",
                                  "anywhere"])
def test_play_is_somewhere_at_every_step(name):
    case = CASES[name]
    game = case.game(3, case.discounts[-1])
    visitation = game.evaluate(random_profile(3, np.asarray(game.mask))).visitation
    np.testing.assert_array_equal(visitation, visitation[:1].repeat(case.n_agents, 0))
    assert (visitation >= 0).all()
    reaches_the_end = visitation[0] @ game.absorbing if game.undiscounted else visitation[0].sum()
    assert reaches_the_end == pytest.approx(1, abs=1e-13)


@pytest.mark.parametrize("name", ["ragged walks", "there and back"])
def test_welfare_is_the_sum_of_the_values_at_the_start(name):
    game = CASES[name].game(4, 0.5)
    profile = random_profile(4, np.asarray(game.mask))
    values = game.evaluate(profile).v @ game.initial
    close(game.start_values(profile), values, np.abs(values).max())
    close(game.welfare(profile), values.sum(), np.abs(values).max())


def test_starts_do_not_depend_on_the_layout():
    one, three = (CASES["ragged walks"].game(0, 0.5, shards=shards) for shards in (1, 3))
    drawn = [np.asarray(game.initial_profile("random", jax.random.key(5)))[:, game.position]
             for game in (one, three)]
    np.testing.assert_array_equal(*drawn)
    assert np.ptp(drawn[0][0, np.asarray(one.mask)[0, one.position].sum(axis=1) > 1],
                  axis=0).min() > 0
    np.testing.assert_array_equal(one.initial_profile("uniform", jax.random.key(0)),
                                  one.mask / one.mask.sum(axis=-1, keepdims=True))
    with pytest.raises(InputError,
                       match="initial is 'unifrom', but it must be 'uniform', 'random' or a "
                             "profile"):
        one.initial_profile("unifrom", jax.random.key(0))


def test_simulated_play_follows_the_probabilities_and_the_pay():
    """Each state's frequency and each agent's mean return within five standard errors of the exact
    ones."""
    game = CASES["ragged walks"].game(11, 0.5)
    profile, episodes = random_profile(11, np.asarray(game.mask)), 20_000
    played = game.simulate(profile, jax.random.key(0), episodes, game.depth)
    assert played.states.shape == (episodes, game.depth + 1)
    nodes = np.asarray(game.configurations)[played.states]
    moved = np.asarray(game.moves)[nodes[:, :-1], played.actions]
    np.testing.assert_array_equal(nodes[:, 1:], moved)
    together = ((nodes[:, :-1, :, None] == nodes[:, :-1, None]) & (
        played.actions[..., None] == played.actions[:, :, None])).sum(axis=-1)
    np.testing.assert_array_equal(played.rewards,
                                  np.asarray(game.pay)[nodes[:, :-1], played.actions, together])
    assert game.absorbing[played.states[:, -1]].all()
    visits = game.evaluate(profile).visitation[0] / np.where(game.absorbing, 1.0, 0.5)
    weights = 0.5 ** np.arange(game.depth + 1)
    for state in np.flatnonzero(~game.absorbing):
        drawn = (played.states == state) @ weights
        assert abs(drawn.mean() - visits[state]) <= 5 * drawn.std() / episodes**0.5 + 1e-12
    returns = np.einsum("etn,t->en", played.rewards, weights[:-1])
    off = np.abs(returns.mean(axis=0) - game.start_values(profile))
    assert (off <= 5 * returns.std(axis=0) / episodes**0.5).all()


def test_many_nodes_side_by_side():
    """More nodes, and more moves of one, than a byte can number."""
    wide = 300
    moves = np.full((wide + 2, wide), -1)
    moves[0], moves[1:-1, 0], moves[1:-1, 1], moves[-1, 0] = np.arange(
        1, wide + 1), wide + 1, wide + 1, wide + 1
    rewards = np.zeros((*moves.shape, 1))
    rewards[1:-1, 0, 0] = np.arange(wide)
    game = CongestionGame.from_network(moves, rewards, n_agents=1, discount=1.0)
    assert set(told(game)) == {(node,) for node in range(wide + 2)}
    uniform = game.initial_profile("uniform", jax.random.key(0))
    at = np.asarray(game.position)
    np.testing.assert_allclose(game.evaluate(uniform).v[0, at],
                               [(wide - 1) / 4, *np.arange(wide) / 2, 0], rtol=1e-13)
    played = game.simulate(uniform, jax.random.key(0), 50, 2)
    np.testing.assert_array_equal(np.asarray(game.configurations)[played.states[:, 1], 0],
                                  played.actions[:, 0, 0] + 1)


def test_a_game_says_what_it_is():
    game = CASES["ragged walks"].game(0, 0.5)
    assert repr(game) == f"<CongestionGame congestion: 3 agents on 4 nodes, {game.n_states} states>"
    assert (game.n_agents, game.action_counts, game.full_information,
            game.separable) == (3, (3, 3, 3), True, True)
    assert game.potential(np.zeros(1)) is None
    np.testing.assert_array_equal(game.information, np.tile(np.arange(game.n_states), (3, 1)))
    assert game.scale == 2
    assert CASES["ragged walks without discount"].game(0, 1.0).scale == 1


def test_rewards_may_be_infinite_where_the_load_cannot_be():
    """Two agents that start apart and never meet before the end."""
    moves = padded([[2, 3], [4], [5], [5], [5], [5]])
    rewards = pays(moves, 2, 0)
    rewards[[0, 1, 2, 3, 4], :, 1] = np.inf
    apart = pt.CongestionGame.from_network(moves, rewards, n_agents=2, discount=1.0, start=[0, 1])
    assert np.isfinite(apart.evaluate(apart.initial_profile("uniform", jax.random.key(0))).q).all()
    with pytest.raises(InputError, match=r"rewards\[node=0, move=0\] at load 2 is inf, not finite"):
        pt.CongestionGame.from_network(moves, rewards, n_agents=2, discount=1.0)


def test_a_table_that_does_not_fit_is_refused():
    game = pt.games.make("stochastic-congestion", n_agents=12, representation="congestion")
    with pytest.raises(InputError,
                       match=r"n_agents=12 needs a table of at least 8,194 states x 4,096 joint "
                             r"actions"):
        game.tabular()


@pytest.mark.parametrize("kind", ["forward", "two ends", "caught"])
def test_ends_are_silent_in_the_networks_of_these_tests(kind):
    for seed, n_agents in itertools.product(range(5), (1, 2)):
        moves = network(kind, seed)
        assert not pays(moves, n_agents, seed)[is_end(moves)].any()
        assert is_end(moves)[-1]
