"""The distancing game of arXiv 2106.01969: rewards by company, thresholds between safe and
spread."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from potentia import InputError, MarkovGame, games
from potentia.games.zoo.distancing import build

SAFE, SPREAD = 0, 1


@pytest.fixture(scope="module")
def paper() -> MarkovGame:
    return build()


def joint(game: MarkovGame, *choices: int) -> int:
    return int(np.ravel_multi_index(choices, game.action_counts))


def following(game: MarkovGame, state: int, *choices: int) -> int:
    return int(game.transitions.targets[state, joint(game, *choices), 0])


def test_the_papers_constants(paper: MarkovGame) -> None:
    assert (paper.n_agents, paper.n_states, paper.action_counts) == (8, 2, (4,) * 8)
    assert paper.discount == 0.99
    assert paper.initial.tolist() == [0.5, 0.5]
    assert (paper.rewards.min(), paper.rewards.max()) == (1 - 100, 48)
    assert paper.stage_potential is None
    assert paper.mask.all()


def test_rewards_by_hand(paper: MarkovGame) -> None:
    choices = (0, 3, 3, 1, 1, 1, 2, 3)
    expected = [1, 18, 18, 6, 6, 6, 4, 18]
    assert paper.rewards[SAFE, joint(paper, *choices)].tolist() == expected
    assert paper.rewards[SPREAD, joint(paper, *choices)].tolist() == [reward - 100
                                                                      for reward in expected]


@pytest.mark.parametrize(("state", "choices", "expected"), [
    (SAFE, (0, 0, 0, 0, 1, 1, 1, 1), SAFE),            # four at a facility are not more than four
    (SAFE, (0, 0, 0, 0, 0, 1, 2, 3), SPREAD),
    (SAFE, (3, 3, 3, 3, 3, 3, 3, 3), SPREAD),
    (SPREAD, (0, 0, 1, 1, 2, 2, 3, 3), SAFE),          # two at each facility, and only so
    (SPREAD, (3, 2, 1, 0, 0, 1, 2, 3), SAFE),
    (SPREAD, (0, 0, 0, 1, 1, 2, 2, 3), SPREAD),
    (SPREAD, (0, 0, 0, 0, 1, 1, 1, 1), SPREAD)])
def test_transitions_at_the_thresholds(paper: MarkovGame, state: int, choices: tuple,
                                       expected: int) -> None:
    assert following(paper, state, *choices) == expected


def test_ways_back_to_safe_are_the_even_spreads(paper: MarkovGame) -> None:
    targets = paper.transitions.targets[:, :, 0]
    assert (targets[SPREAD] == SAFE).sum() == 2520                    # 8! / 2!^4


@pytest.mark.parametrize(("n_agents", "weights", "spread_at", "safe_at"), [
    (3, (1.5, 2.0), None, None), (4, (1, 2), 3, 2), (5, (3, 1, 2), 2.5, 0), (1, (2,), 0, 1)])
def test_small_games_against_plain_counting(n_agents: int, weights: tuple, spread_at: float | None,
                                            safe_at: float | None) -> None:
    game = build(n_agents, weights, penalty=7, spread_threshold=spread_at, safe_threshold=safe_at)
    crowded = n_agents / 2 if spread_at is None else spread_at
    thin = n_agents / 4 if safe_at is None else safe_at
    table = game.transitions.targets[:, :, 0]
    for place, chosen in enumerate(itertools.product(range(len(weights)), repeat=n_agents)):
        fullest = max(chosen.count(k) for k in chosen)
        pay = [weights[k] * chosen.count(k) for k in chosen]
        assert game.rewards[SAFE, place].tolist() == pay
        assert game.rewards[SPREAD, place].tolist() == [reward - 7 for reward in pay]
        assert table[:, place].tolist() == [int(fullest > crowded), int(fullest > thin)]


@pytest.mark.parametrize(("parameters", "message"), [
    ({"n_agents": 0}, r"n_agents is 0, but it must be at least 1"),
    ({"n_agents": 20, "representation": "tabular"},
     r"n_agents=20 needs a table of at least 2 states x 10\^12 joint actions"),
    ({"weights": ()}, r"weights is \(\), but it must be a sequence of positive numbers"),
    ({"weights": 3}, r"weights is 3, but it must be a sequence"),
    ({"weights": np.array(3)}, r"weights is array\(3\), but it must be a sequence"),
    ({"weights": b"12"}, r"weights is b'12', but it must be a sequence"),
    ({"weights": "1246"}, r"weights is '1246', but it must be a sequence"),
    ({"weights": (1, 2, 0, 4)}, r"weights\[2\] is 0, but it must be positive"),
    ({"weights": (1, "b")}, r"weights\[1\] is 'b', not a number"),
    ({"penalty": -1}, r"penalty is -1, but it must not be negative"),
    ({"penalty": np.inf}, r"penalty is inf, not a finite number"),
    ({"spread_threshold": -0.5}, r"spread_threshold is -0\.5, but it must not be negative"),
    ({"safe_threshold": np.nan}, r"safe_threshold is nan, not a finite number"),
    ({"discount": 1.0}, r"discount is 1, but play need not end"),
    ({"discount": 2}, r"discount is 2, but it must lie in \[0, 1\)"),
    ({"representation": "load"}, r"unknown representation 'load'; did you mean 'loads'\?"),
    ({"n_agents": 400},
     r"n_agents=400 on 4 facilities with 2 states have 10,827,401 count vectors, which need")])
def test_bad_parameters_are_refused_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(**{"n_agents": 4, **parameters})


def test_the_registry_builds_it() -> None:
    assert games.make("distancing", n_agents=2, weights=(1, 2)).name == "distancing"
