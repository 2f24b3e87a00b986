"""Games of published scripts: their tables by hand, and what is known of them by code of our
own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from four_cycles import Pure
from scipy.optimize import linprog

import potentia as pt
from potentia import InputError
from potentia.games.congestion.game import CongestionGame
from potentia.games.load_driven.game import LoadGame


def table(name: str, **parameters: object) -> pt.MarkovGame:
    game = pt.games.make(name, **parameters)
    return game if isinstance(game, pt.MarkovGame) else game.tabular()


def joint(game: pt.MarkovGame, *actions: int) -> int:
    return int(np.ravel_multi_index(actions, game.action_counts))


def following(game: pt.MarkovGame) -> np.ndarray:
    """[S, J, S]."""
    return game.transitions.csr().toarray().reshape(game.n_states, -1, game.n_states)


def test_the_cooperative_game_of_eight_agents_is_filled_as_matlab_fills_arrays() -> None:
    """R(1 + a_1, ..., 1 + a_8) is the number drawn as 1 + a_1 + 3 a_2 + ... + 3^7 a_8."""
    drawn = np.random.RandomState(19765).random_sample(3**8)
    game = pt.games.make("random-cooperative", actions=(3,) * 8, seed=19765, order="F")
    paid = np.asarray(game.rewards).reshape(*(3,) * 8, 8)
    for joint in np.random.default_rng(0).integers(3, size=(50, 8)):
        np.testing.assert_array_equal(paid[tuple(joint)], drawn[joint @ 3 ** np.arange(8)])
    with pytest.raises(pt.InputError, match=r"unknown order 'Fortran'"):
        pt.games.make("random-cooperative", order="Fortran")


def test_the_cooperative_game_that_the_script_draws_and_its_gaps() -> None:
    """Gaps of the published runs: 1.4470e-5 after 1,000 updates with step .1, 37.6616 in all."""
    legacy = np.random.RandomState(10)
    drawn = legacy.uniform(0, 1, size=(3, 4, 5))
    game = table("random-cooperative")
    np.testing.assert_array_equal(np.asarray(game.rewards).reshape(3, 4, 5, 3),
                                  drawn[..., None].repeat(3, axis=3))
    policies = [weights / weights.sum() for weights in map(legacy.rand, (3, 4, 5))]
    total = gap = 0.0
    for _ in range(1001):
        a, b, c = policies
        values = [drawn @ c @ b, np.einsum("abc,a,c->b", drawn, a, c), a @ (b @ drawn)]
        advantages = [q - q @ p for q, p in zip(values, policies, strict=True)]
        gap = sum(advantage.max() for advantage in advantages)
        total += gap
        raised = [p * np.exp(.1 * x) for p, x in zip(policies, advantages, strict=True)]
        policies = [weights / weights.sum() for weights in raised]
    assert gap == pytest.approx(1.4470e-5, rel=1e-4)
    assert total - gap == pytest.approx(37.6616, abs=5e-5)


def test_beside_the_flat_region() -> None:
    game = table("flat-region")
    assert np.asarray(game.rewards)[0, :, 1] == pytest.approx([-1, .14, .16, .15, .2, -1])
    assert pt.equilibria.pure(game).actions[:, :, 0].tolist() == [[2, 0]]
    stuck = np.array([[[0.0, 1, 0]], [[1, 0, 0]]])
    assert pt.certify(game, stuck).nash_gap == pytest.approx(.04, abs=1e-12)


@pytest.mark.parametrize(("state", "actions", "paid"), [
    (0, (1, 0, 0), [0, 0, 0]),                                     # one of three is no half
    (0, (1, 1, 0), [1 - .1 * 2 / 3, 1 - .1 * 3 / 3, 1 + .1 * 5 / 3]),
    (1, (1, 1, 0), [1 + .1 * (5 - 2 / 3), 1 + .1 * (10 / 3 - 1), 1])])
def test_pay_of_the_perturbed_team_by_hand(state: int, actions: tuple, paid: list) -> None:
    game = table("perturbed-team")
    assert np.asarray(game.rewards)[state, joint(game, *actions)] == pytest.approx(paid)
    assert game.initial.tolist() == [1, 0]


def test_excitement_by_who_approves() -> None:
    game = table("perturbed-team")
    high = following(game)[:, :, 1]
    for actions in itertools.product(range(2), repeat=3):
        count = sum(actions)
        expected = [.8 if count >= 2 else .2, .8 if count >= 1 else .2]
        assert high[:, joint(game, *actions)] == pytest.approx(expected)


@pytest.mark.parametrize(("epsilon", "alpha"), [(.1, 1.3531), (.05, .6765)])
def test_how_far_the_perturbed_team_is_from_a_potential_game(epsilon: float, alpha: float) -> None:
    """The least alpha over pure stationary profiles is a linear program, linear in epsilon."""
    game = table("perturbed-team", epsilon=epsilon)
    pure = Pure(game)
    policies = list(pure.policies(0))
    profiles = list(itertools.product(policies, repeat=3))
    values = {profile: pure.values(*profile) for profile in profiles}
    rows, limits = [], []
    for agent, profile in itertools.product(range(3), profiles):
        for policy in policies:
            other = (*profile[:agent], policy, *profile[agent + 1:])
            row = np.zeros(len(profiles) + 1)
            row[profiles.index(profile)], row[profiles.index(other)] = 1.0, -1.0
            row[-1] = -1.0
            rows.append(row)
            limits.append(values[profile][agent] - values[other][agent])
    found = linprog(np.eye(len(profiles) + 1)[-1], np.array(rows), np.array(limits),
                    bounds=[(None, None)] * len(profiles) + [(0, None)])
    assert found.fun == pytest.approx(alpha, abs=1e-4)
    kind = pt.potential.classify(game)
    assert kind.verdict == "REFUTED"
    assert kind.alpha_upper >= found.fun


@pytest.mark.parametrize("steepness", [None, 25.0])
def test_facilities_turn_unsafe_by_themselves(steepness: float | None) -> None:
    game = table("facility-congestion", n_agents=3, weights=(1, 2), steepness=steepness)

    def unsafe(status: int, load: int) -> float:
        if steepness is None:
            return float(load > 3 / 2 if status == 0 else load > 3 / 4)
        middle = (1 / 2 if status == 0 else 1 / 4) + 1 / 6
        return 1 / (1 + np.exp(-steepness * (load / 3 - middle)))

    rows, statuses = following(game), list(itertools.product(range(2), repeat=2))
    for (state, status), actions in itertools.product(enumerate(statuses),
                                                      itertools.product(range(2), repeat=3)):
        risk = [unsafe(status[k], actions.count(k)) for k in range(2)]
        paid = [(k + 1) * actions.count(k) + (1 - risk[k]) * (k + 1) - 100 * risk[k]
                for k in actions]
        assert np.asarray(game.rewards)[state, joint(game, *actions)] == pytest.approx(paid)
        for target, turned in enumerate(statuses):
            expected = np.prod([risk[k] if turned[k] else 1 - risk[k] for k in range(2)])
            assert rows[state, joint(game, *actions), target] == pytest.approx(expected)


def test_the_energy_market_as_published() -> None:
    game = table("energy-demand-response")
    assert game.initial.tolist() == [0, 0, 0, 0, 1]
    rows = following(game)
    for state, actions in itertools.product(range(5), itertools.product(range(5), repeat=2)):
        paid = [a**2 * 2 - a**2 * .25 * sum(actions) - a * 1.25**state for a in actions]
        assert np.asarray(game.rewards)[state, joint(game, *actions)] == pytest.approx(paid)
        ends = [max(min(round(2 * sum(actions) / 2 + w), 4), 0) for w in range(5)]
        expected = [ends.count(target) / 5 for target in range(5)]
        assert rows[state, joint(game, *actions)] == pytest.approx(expected)


def test_energy_is_rounded_half_to_even() -> None:
    rows = following(table("energy-demand-response", n_agents=4))[0].reshape(5, 5, 5, 5, 5)
    assert rows[1, 0, 0, 0].tolist() == [.2, 0, .4, 0, .4]        # .5, 1.5, 2.5, 3.5, 4.5
    assert rows[1, 1, 1, 0].tolist() == pytest.approx([0, 0, .4, 0, .6])


def test_neither_game_called_a_potential_game_is_one() -> None:
    """By four-cycles of pure policies; a fourth of the sum bounds alpha."""
    energy = Pure(table("energy-demand-response"))
    found = energy.cycle((0, 0, 4, 0, 0), (4, 2, 0, 3, 4), (4, 4, 4, 4, 0), (0, 0, 0, 0, 2))
    assert abs(found) == pytest.approx(91.878, abs=1e-3)
    tax = Pure(table("pollution-tax"))
    pairs = list(itertools.combinations(tax.policies(0), 2))
    worst = max(abs(tax.cycle(*one, *two)) for one, two in itertools.product(pairs, pairs))
    assert worst == pytest.approx(21.4105, abs=1e-4)
    for name in ("energy-demand-response", "pollution-tax"):
        assert pt.potential.classify(pt.games.make(name)).verdict == "REFUTED"


def test_pollution_is_taxed_whoever_pollutes() -> None:
    game = table("pollution-tax", n_agents=4)
    rewards = np.asarray(game.rewards)
    assert rewards[0, joint(game, 0, 1, 0, 1)].tolist() == [2, 4, 2, 4]
    assert rewards[1, joint(game, 0, 1, 0, 1)].tolist() == [-6, -4, -6, -4]
    assert following(game)[:, :, 1].tolist() == [[0.0] + [1.0] * 15] * 2
    assert game.initial.tolist() == pytest.approx([0.7, 0.3])
    assert np.asarray(table("pollution-tax", n_agents=3, tax=1).rewards)[1, 0].tolist() == [1] * 3


def test_the_loop_by_walking_it() -> None:
    game = pt.games.make("loop-congestion")
    assert isinstance(game, CongestionGame)
    assert len(game.configurations) == 33
    walk = game.tabular()
    places, paid = [tuple(row) for row in np.asarray(game.configurations).tolist()], [50, 15, 5, 1]
    moves = {0: (1, 2), 1: (3, 4), 2: (4, 3), 3: (0, 0), 4: (0, 0)}
    rows, rewards = following(walk), np.asarray(walk.rewards)
    assert walk.initial.tolist() == [float(place == (0, 0, 0, 0)) for place in places]
    for state, place in enumerate(places):
        for actions in itertools.product(range(2), repeat=4):
            edges = list(zip(place, actions, strict=True))
            assert rewards[state, joint(walk, *actions)].tolist() == [
                paid[edges.count(edge) - 1] for edge in edges]
            ahead = tuple(moves[node][action] for node, action in edges)
            assert rows[state, joint(walk, *actions), places.index(ahead)] == 1


def test_distancing_with_the_penalty_of_the_next_state() -> None:
    game = table("distancing", n_agents=4, weights=(4, 3, 2, 1), penalised="next")
    rewards, rows = np.asarray(game.rewards), following(game)
    for actions in itertools.product(range(4), repeat=4):
        fullest = max(map(actions.count, actions))
        for state, spread in enumerate((fullest > 2, fullest > 1)):
            paid = [(4 - k) * actions.count(k) - 100 * spread for k in actions]
            assert rewards[state, joint(game, *actions)] == pytest.approx(paid)
            assert rows[state, joint(game, *actions), 1] == spread


@pytest.mark.parametrize("name", ["perturbed-team", "facility-congestion"])
def test_of_many_agents_no_table_is_made(name: str) -> None:
    game = pt.games.make(name, n_agents=30, representation="loads")
    assert isinstance(game, LoadGame)


@pytest.mark.parametrize(("name", "parameters", "message"), [
    ("random-cooperative", {"actions": 3}, "actions is 3, but it must be whole numbers"),
    ("random-cooperative", {"actions": (2, 0)}, r"actions\[1\] is 0, but it must be at least 1"),
    ("random-cooperative", {"seed": 2**32}, "seed is 4294967296, but it must be at most"),
    ("random-cooperative", {"actions": (99,) * 9}, "needs a table of at least"),
    ("flat-region", {"scale": 0}, "scale is 0, but it must be positive"),
    ("perturbed-team", {"epsilon": "x"}, "epsilon is 'x', not a number"),
    ("perturbed-team", {"discount": 1}, "discount is 1, but play need not end"),
    ("facility-congestion", {"weights": ()}, r"weights is \(\), but it must be 1 to 6 positive"),
    ("facility-congestion", {"weights": (1, -1)}, r"weights\[1\] is -1, but it must be positive"),
    ("facility-congestion", {"steepness": 0}, "steepness is 0, but it must be positive"),
    ("energy-demand-response", {"n_agents": 20}, "needs a table of at least"),
    ("energy-demand-response", {"discount": 2}, "discount is 2, but it must lie in"),
    ("pollution-tax", {"n_agents": 3}, "n_agents is 3, but the source has taxes of 2, 4 and 8"),
    ("pollution-tax", {"tax": None, "profit": None}, "profit is None, not a number"),
    ("loop-congestion", {"n_agents": 5}, r"paid is \(50.0, .*, but it must be numbers for"),
    ("loop-congestion", {"paid": (1, 2, 3, "x")}, r"paid\[3\] is 'x', not a number"),
    ("distancing", {"penalised": "later"}, "unknown penalised 'later'")])
def test_bad_parameters_are_refused_by_name(name: str, parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pt.games.make(name, **parameters)
