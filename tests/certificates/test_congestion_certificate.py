"""`certify` for congestion games: lower <= truth <= upper by exact fractions, and the same as for
their tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potentia as pt
from networks import arrays, network, padded, pays
from potentia.certificates import congestion, linear_solve
from potentia.certificates.decision_problem import value_of
from potentia.errors import InputError
from potentia.games.congestion.data import CongestionData
from slow_markov import SlowGame, random_profile

KINDS = {"forward": (0.5, 0.95, 1.0), "two ends": (0.0, 1.0), "layers": (0.95, 1.0),
         "return": (0.0, 0.95),
         "recurrent": (0.5, 0.95), "caught": (0.95,)}


@st.composite
def games(draw) -> tuple[pt.CongestionGame, int, bool]:
    """A game on a random network, a seed for the profile, and whether the profile is pure."""
    kind, n_agents = draw(st.sampled_from(sorted(KINDS))), draw(st.integers(1, 3))
    moves = network(kind, draw(st.integers(0, 20)))
    n_nodes, seed = len(moves), draw(st.integers(0, 10**6))
    start = draw(st.lists(st.lists(st.integers(0, n_nodes - 1), min_size=n_agents,
                                   max_size=n_agents), max_size=2))
    game = pt.CongestionGame.from_network(
        moves, pays(moves, n_agents, seed), n_agents=n_agents,
        discount=draw(st.sampled_from(KINDS[kind])),
        start=start or None, states=draw(st.sampled_from(["reachable", "all"])),
        shards=draw(st.sampled_from([1, 3])))
    return game, seed, draw(st.booleans())


def tight(certificate: pt.Certificate, game: pt.CongestionGame) -> float:
    return (1e-12 * (1 + np.abs(certificate.values).max() + np.abs(game.pay).max() * 4)
            * float(game.scale))


@settings(max_examples=80, deadline=None, derandomize=True)
@given(games())
def test_says_what_the_certificate_of_the_table_says(drawn):
    game, seed, pure = drawn
    profile = random_profile(seed, np.asarray(game.mask), pure)
    ours, theirs = pt.certify(game, profile), pt.certify(game.tabular(), profile)
    for field in ("nash_gap", "nash_gap_lower", "worst_state_gap", "worst_state_gap_lower",
                  "per_agent",
                  "per_agent_lower", "values"):
        np.testing.assert_allclose(getattr(ours, field), getattr(theirs, field), rtol=0,
                                   atol=tight(ours, game))
    assert ours.method == theirs.method
    assert (ours.per_agent - ours.per_agent_lower <= tight(ours, game)).all()


TINY = {
    "ragged": (padded([[1, 2, 3], [2, 3], [3], [3]]), 2, (1.0, 0.9)),
    "parallel moves of three agents": (padded([[1, 1, 2], [2], [2]]), 3, (1.0, 0.5)),
    "there and back": (padded([[1, 2, 2], [0], [0]]), 2, (0.0, 0.9)),
    "anywhere": (padded([[0, 1], [0, 0]]), 2, (0.9, 0.99)),
}


@pytest.mark.parametrize("pure", [False, True])
@pytest.mark.parametrize("name", TINY)
def test_bounds_hold_without_any_tolerance_and_the_witness_gains_what_it_says(name, pure):
    moves, n_agents, discounts = TINY[name]
    for seed, discount in enumerate(discounts):
        rewards = pays(moves, n_agents, seed)
        game = pt.CongestionGame.from_network(moves, rewards, n_agents=n_agents, discount=discount)
        profile = random_profile(seed, np.asarray(game.mask), pure)
        states = [tuple(row) for row in game.configurations.tolist()]
        slow = SlowGame.of(arrays(moves, rewards, states, discount, game.initial))
        policies = slow.policies(profile)
        current = slow.values(*slow.average(policies))
        gains = np.array([slow.best_values(policies, i) - current[i] for i in range(n_agents)])
        certificate = pt.certify(game, profile)
        assert all(low <= truth <= high for low, truth, high in zip(
            certificate.per_agent_lower, gains @ slow.initial, certificate.per_agent, strict=True))
        assert certificate.worst_state_gap_lower <= gains.max() <= certificate.worst_state_gap
        assert (certificate.per_agent
                - certificate.per_agent_lower <= tight(certificate, game)).all()
        deviation, agent = profile.copy(), certificate.witness_agent
        deviation[agent] = certificate.witness
        after = slow.values(*slow.average(slow.policies(deviation)))[agent]
        assert (after - current[agent]) @ slow.initial >= certificate.nash_gap_lower


def test_a_probability_that_rounds_to_1_hides_nothing():
    """Who meets the other by a probability of 1 - 1e-17 is paid 1e13 where they do not meet: 1e-4,
    not 0."""
    moves, rewards = padded([[1, 1], [1]]), np.zeros((2, 2, 2))
    rewards[0, 0] = 1e13, 0.0
    game = pt.CongestionGame.from_network(moves, rewards, n_agents=2, discount=1.0)
    profile = np.array([[[0.0, 1.0], [1.0, 0.0]], [[1.0, 1e-17], [1.0, 0.0]]])
    certificate = pt.certify(game, profile)
    assert certificate.per_agent_lower[0] <= 1e-4 <= certificate.per_agent[0] + 1e-19
    assert certificate.per_agent[0] - certificate.per_agent_lower[0] <= 1e-15


def test_calls_nothing_that_the_game_computes(monkeypatch):
    moves = network("return", 0)
    game = pt.CongestionGame.from_network(moves, pays(moves, 2, 0), n_agents=2, discount=0.5)
    profile = random_profile(0, np.asarray(game.mask))
    for method in ("evaluate", "best_response", "start_values", "simulate", "tabular"):
        monkeypatch.delattr(pt.CongestionGame, method)
    monkeypatch.delattr(CongestionData, "absorbing")
    assert pt.certify(game, profile).nash_gap > 0


@pytest.mark.parametrize("how", [linear_solve.swept(3),
                                 linear_solve.swept(0), lambda step, rewards: rewards + 1.0])
def test_wrong_values_widen_the_bounds_but_never_break_them(how, monkeypatch):
    """Values from a solver that errs: the bounds still hold what the right ones say."""
    moves = network("recurrent", 1)
    game = pt.CongestionGame.from_network(moves, pays(moves, 2, 0), n_agents=2, discount=0.5)
    profile = random_profile(0, np.asarray(game.mask))
    right = pt.certify(game, profile)
    monkeypatch.setattr(congestion, "_solver", lambda *_: how)
    wrong = pt.certify(game, profile)
    assert (wrong.per_agent_lower <= right.per_agent_lower).all()
    assert (wrong.per_agent >= right.per_agent).all()
    assert (wrong.per_agent - wrong.per_agent_lower > 1e-3).any()


@pytest.mark.parametrize("kind", ["return", "recurrent", "caught"])
def test_values_by_iteration_are_those_by_factoring(kind, monkeypatch):
    moves = network(kind, 1)
    game = pt.CongestionGame.from_network(moves, pays(moves, 3, 0), n_agents=3, discount=0.99)
    profile = random_profile(0, np.asarray(game.mask))
    factored = pt.certify(game, profile)
    problem = next(congestion.problems(game, profile))
    assert problem.solve is None
    monkeypatch.setattr(congestion, "FACTORED", 0)
    iterated, large = pt.certify(game, profile), next(congestion.problems(game, profile))
    assert large.solve is linear_solve.krylov
    values = value_of(problem, profile[0])
    # What iteration leaves open is in proportion to the largest value.
    np.testing.assert_allclose(value_of(large, profile[0]), values, rtol=1e-13,
                               atol=1e-15 * np.abs(values).max())
    np.testing.assert_allclose(iterated.per_agent, factored.per_agent, rtol=0,
                               atol=tight(factored, game))


def test_eight_uniform_agents_on_the_papers_network_are_in_equilibrium():
    """Wherever an agent stands, uniform others load both its edges alike and meet it later with the
    same probabilities.

    E 1/(1 + Bin(7, p)) = (1 - (1-p)^8) / 8p, with p = 1/2, 1/4 and 1/2 in the three steps.
    """
    game = pt.games.make("stochastic-congestion", n_agents=8, representation="congestion")
    certificate = pt.certify(game, np.asarray(game.mask) / game.mask.sum(axis=-1, keepdims=True))
    assert certificate.nash_gap_lower == 0
    assert certificate.worst_state_gap <= 1e-12
    half, quarter = ((1 - (1 - p)**8) / (8 * p) for p in (0.5, 0.25))
    np.testing.assert_allclose(certificate.values, half + 0.99 * quarter + 0.99**2 * half,
                               rtol=1e-14)


@pytest.mark.parametrize(("profile", "message"), [
    (np.full((1, 2, 4, 2), 0.5), "certify one run at a time"),
    (np.full((2, 3, 2), 0.5), r"profile has shape \(2, 3, 2\), but the game needs \(2, 6, 3\)"),
    (np.full((2, 6, 3), 0.5),
     r"profile\[agent=0, information state=\d, action=\d\] = 0.5 is positive, but")])
def test_bad_profiles_are_named(profile, message):
    moves = network("layers", 0)
    game = pt.CongestionGame.from_network(moves, pays(moves, 2, 0), n_agents=2, discount=0.5)
    with pytest.raises(InputError, match=message):
        pt.certify(game, profile)


def test_what_does_not_fit_is_refused_with_the_numbers(monkeypatch):
    game = pt.games.make("stochastic-congestion", n_agents=10)
    profile = np.asarray(game.mask) / game.mask.sum(axis=-1, keepdims=True)
    monkeypatch.setattr(congestion, "physical_memory", lambda: 20_000_000)
    with pytest.raises(InputError,
                       match=r"^to certify a profile of 10 agents here, 1,050,624 joint choices "
                             r"are "
                                         r"written out, which take 42 MB, but this machine has 20 "
                                         r"MB$"):
        pt.certify(game, profile)


def test_values_that_overflow_are_refused():
    moves, rewards = padded([[1], [2], [2]]), np.full((3, 1, 1), 1.7e308)
    rewards[2] = 0.0
    game = pt.CongestionGame.from_network(moves, rewards, n_agents=1, discount=1.0)
    with pytest.raises(InputError,
                       match=r"^agent 0: its values overflow float64: rewards of up to 1.7e\+308"):
        pt.certify(game, np.ones((1, 3, 1)))
