"""The textbooks' games that are played once: payoffs as printed, equilibria by enumeration and by
hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import potentia as pt
from potentia import InputError
from potentia.games.load_driven.game import LoadGame

# Rows: agent 0's action; pairs of payoffs, as in Osborne and Rubinstein, section 2.3, and Osborne,
# section 2.5.
PRINTED = {
    "prisoners-dilemma": [[(3, 3), (0, 4)], [(4, 0), (1, 1)]],
    "stag-hunt": [[(2, 2), (0, 1)], [(1, 0), (1, 1)]],
    "battle-of-the-sexes": [[(2, 1), (0, 0)], [(0, 0), (1, 2)]],
    "matching-pennies": [[(1, -1), (-1, 1)], [(-1, 1), (1, -1)]],
    "chicken": [[(3, 3), (1, 4)], [(4, 1), (0, 0)]],
    "coordination": [[(2, 2), (0, 0)], [(0, 0), (1, 1)]],
    "rock-paper-scissors": [[(0, 0), (-1, 1), (1, -1)], [(1, -1), (0, 0), (-1, 1)],
                            [(-1, 1), (1, -1), (0, 0)]],
}
# What each agent plays in the equilibrium that is mixed, as the docstrings say.
MIXED = {
    "stag-hunt": ([1 / 2, 1 / 2], [1 / 2, 1 / 2]),
    "battle-of-the-sexes": ([2 / 3, 1 / 3], [1 / 3, 2 / 3]),
    "matching-pennies": ([1 / 2, 1 / 2], [1 / 2, 1 / 2]),
    "chicken": ([1 / 2, 1 / 2], [1 / 2, 1 / 2]),
    "coordination": ([1 / 3, 2 / 3], [1 / 3, 2 / 3]),
    "rock-paper-scissors": ([1 / 3] * 3, [1 / 3] * 3),
}
NO_POTENTIAL = {"matching-pennies", "rock-paper-scissors"}
MANY = {"public-goods": {}, "el-farol": {}, "load-balancing": {"speeds": (1.0, 2.0, 1.5)}}


def pure_equilibria(payoffs: np.ndarray) -> set[tuple[int, ...]]:
    """Of payoffs [N, A1, ..., AN], by comparing each with what its agent could have had."""
    best = [payoffs[i] >= payoffs[i].max(axis=i, keepdims=True) for i in range(len(payoffs))]
    return {tuple(joint) for joint in np.argwhere(np.logical_and.reduce(best)).tolist()}


def payoffs_of(game: pt.MarkovGame) -> np.ndarray:
    """[N, A1, ..., AN]."""
    return np.moveaxis(np.asarray(game.rewards)[0], -1, 0).reshape(game.n_agents,
                                                                   *game.action_counts)


@pytest.mark.parametrize("name", PRINTED)
def test_payoffs_are_as_printed(name: str) -> None:
    game = pt.games.make(name)
    printed = np.moveaxis(np.array(PRINTED[name], float), -1, 0)
    np.testing.assert_array_equal(payoffs_of(game), printed)
    found = pt.equilibria.pure(game).actions[:, :, 0].tolist()
    assert set(map(tuple, found)) == pure_equilibria(printed)


@pytest.mark.parametrize("name", MIXED)
def test_the_mixed_equilibrium(name: str) -> None:
    profile = np.array(MIXED[name])[:, None]
    assert pt.certify(pt.games.make(name), profile).nash_gap < 1e-13


@pytest.mark.parametrize(("name", "parameters", "profile"), [
    ("stag-hunt", {"stag": 5, "hare": 2}, [[2 / 5, 3 / 5]] * 2),
    ("battle-of-the-sexes", {"preferred": 3, "other": 1}, [[3 / 4, 1 / 4], [1 / 4, 3 / 4]]),
    ("chicken", {"daring": 7, "shared": 6, "yielding": 2}, [[2 / 3, 1 / 3]] * 2),
    ("coordination", {"better": 4, "worse": 1}, [[1 / 5, 4 / 5]] * 2),
    ("rock-paper-scissors", {"win": 2, "loss": 1}, [[1 / 3] * 3] * 2)])
def test_the_mixed_equilibrium_moves_with_the_payoffs(name: str, parameters: dict,
                                                      profile: list) -> None:
    game = pt.games.make(name, **parameters)
    assert pt.certify(game, np.array(profile)[:, None]).nash_gap < 1e-13


@pytest.mark.parametrize("name", [*PRINTED, *MANY])
def test_the_potential_moves_as_the_payoff_of_whoever_moves(name: str) -> None:
    game = pt.games.make(name, **MANY.get(name, {}))
    assert (game.stage_potential is None) == (name in NO_POTENTIAL)
    verdict = pt.potential.classify(game).verdict
    assert verdict == ("REFUTED" if name in NO_POTENTIAL else "PROVEN")
    if game.stage_potential is None:
        return
    payoffs = payoffs_of(game)
    potential = np.asarray(game.stage_potential).reshape(game.action_counts)
    for agent, paid in enumerate(payoffs):
        rest = np.moveaxis(paid - potential, agent, 0)    # does not depend on the own action
        np.testing.assert_allclose(rest, np.broadcast_to(rest[0], rest.shape), atol=1e-13)


def test_a_public_good_by_hand() -> None:
    game = pt.games.make("public-goods", n_agents=3, multiplier=1.5, endowment=2.0)
    payoffs = payoffs_of(game)
    for joint in itertools.product(range(2), repeat=3):
        share = 1.5 * 2.0 * sum(joint) / 3
        assert payoffs[:, *joint].tolist() == pytest.approx([2 * (1 - own) + share
                                                             for own in joint])
    assert pure_equilibria(payoffs) == {(0, 0, 0)}
    assert payoffs[:, 1, 1, 1].tolist() == pytest.approx([3, 3, 3])


def test_at_the_bar_exactly_its_capacity_is_an_equilibrium() -> None:
    payoffs = payoffs_of(pt.games.make("el-farol"))
    assert payoffs[:, 1, 1, 1, 0, 0].tolist() == [1, 1, 1, 0, 0]
    assert payoffs[:, 1, 1, 1, 1, 0].tolist() == [-1, -1, -1, -1, 0]
    assert pure_equilibria(payoffs) == {joint for joint in itertools.product(range(2), repeat=5)
                                        if sum(joint) == 3}


def test_jobs_by_counting() -> None:
    speeds = (1.0, 2.0, 1.5)
    payoffs = payoffs_of(pt.games.make("load-balancing", speeds=speeds))
    stable = set()
    for joint in itertools.product(range(3), repeat=4):
        load = [joint.count(machine) for machine in range(3)]
        assert payoffs[:, *joint].tolist() == pytest.approx([-load[k] / speeds[k] for k in joint])
        if all(load[j] / speeds[j] <= (load[k] + 1) / speeds[k] for j in joint for k in range(3)
               if k != j):
            stable.add(joint)
    assert pure_equilibria(payoffs) == stable


@pytest.mark.parametrize("name", MANY)
def test_of_many_agents_no_table_is_made(name: str) -> None:
    game = pt.games.make(name, n_agents=40)
    assert isinstance(game, LoadGame)
    assert game.stage_potential is not None


@pytest.mark.parametrize(("name", "parameters", "message"), [
    ("prisoners-dilemma", {"reward": 5}, "temptation, reward, .* are 4, 5, 1 and 0, but in a dil"),
    ("prisoners-dilemma", {"sucker": "x"}, "sucker is 'x', not a number"),
    ("stag-hunt", {"hare": 2}, "stag is 2, but it must be above hare, 2"),
    ("stag-hunt", {"hare": 0}, "hare is 0, but it must be positive"),
    ("battle-of-the-sexes", {"other": 3}, "preferred is 2, but it must be above other, 3"),
    ("matching-pennies", {"stake": -1}, "stake is -1, but it must be positive"),
    ("chicken", {"crash": 2}, "daring, shared, yielding and crash are 4, 3, 1 and 2, but in chick"),
    ("coordination", {"worse": 2}, "better is 2, but it must be above worse, 2"),
    ("rock-paper-scissors", {"win": 0}, "win is 0, but it must be positive"),
    ("public-goods", {"n_agents": 1}, "n_agents is 1, but it must be at least 2"),
    ("public-goods", {"multiplier": 4}, "multiplier is 4, but it must lie between 1 and n_agents"),
    ("public-goods", {"n_agents": 40, "representation": "tabular"}, "needs a table of at least"),
    ("el-farol", {"capacity": 6}, "capacity is 6, but it must be at most 5"),
    ("el-farol", {"home": 2}, "good, home and crowded are 1, 2 and -1, but they must fall"),
    ("load-balancing", {"speeds": (1,)}, r"speeds is \(1,\), but it must be two or more positive"),
    ("load-balancing", {"speeds": (1, 0)}, r"speeds\[1\] is 0, but it must be positive"),
    ("load-balancing", {"speeds": "12"}, "speeds is '12', but it must be two or more")])
def test_bad_parameters_are_refused_by_name(name: str, parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pt.games.make(name, **parameters)


@pytest.mark.parametrize(("n_agents", "capacity"), [(1, 1), (4, 3), (5, 3), (6, 4)])
def test_three_fifths_of_all_fit_in_the_bar(n_agents: int, capacity: int) -> None:
    usual, told = (pt.games.make("el-farol", n_agents=n_agents, **given)
                   for given in ({}, {"capacity": capacity}))
    np.testing.assert_array_equal(payoffs_of(usual), payoffs_of(told))
