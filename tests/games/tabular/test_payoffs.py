"""Games of payoffs, played once: the same as by arrays, and refused by agent and action."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia import InputError, MarkovGame

A = [[3, 0], [4, 1]]
B = [[3, 4], [0, 1]]


def test_a_bimatrix_game_as_it_is_written() -> None:
    game = MarkovGame.from_payoffs(A, B, name="dilemma")
    assert (game.n_agents, game.n_states, game.action_counts) == (2, 1, (2, 2))
    assert (game.name, game.discount, game.stage_potential) == ("dilemma", 0.0, None)
    assert game.rewards[0].tolist() == [[3, 3], [0, 4], [4, 0], [1, 1]]
    assert not game.absorbing.any()
    q = np.asarray(game.evaluate(np.full((2, 1, 2), 0.5)).q)[:, 0]
    assert q.tolist() == [[1.5, 2.5], [1.5, 2.5]]


def test_three_agents_with_different_actions_against_sums_over_joint_actions() -> None:
    rng = np.random.default_rng(5)
    tables = rng.normal(size=(3, 2, 3, 2))
    game = MarkovGame.from_payoffs(*tables)
    assert game.action_counts == (2, 3, 2)
    policies = [rng.dirichlet(np.ones(count)) for count in (2, 3, 2)]
    profile = np.zeros((3, 1, 3))
    for agent, policy in enumerate(policies):
        profile[agent, 0, :policy.size] = policy
    expected = np.einsum("nabc,a,b,c->n", tables, *policies)
    np.testing.assert_allclose(np.asarray(game.evaluate(profile).v)[:, 0], expected, rtol=1e-13)


def test_common_interest_and_a_stage_potential_of_ones_own() -> None:
    same = MarkovGame.from_payoffs(A, A)
    assert np.asarray(same.stage_potential).tolist() == [[3, 0, 4, 1]]
    given = MarkovGame.from_payoffs(A, B, stage_potential=[[-1, 0], [0, 1]])
    assert np.asarray(given.stage_potential).tolist() == [[-1, 0, 0, 1]]


def test_narrow_numbers_are_known_for_what_they_are() -> None:
    narrow = np.array([[0.1, 0.2], [0.3, 0.4]], np.float32)
    assert MarkovGame.from_payoffs(narrow, np.array(B)).accuracy == pytest.approx(8 * 2**-23)
    assert MarkovGame.from_payoffs(A, B).accuracy == 0


def test_it_has_a_file(tmp_path) -> None:
    game = MarkovGame.from_payoffs(A, B)
    pt.io.save_game(game, tmp_path / "game.npz")
    read = pt.io.load_game(tmp_path / "game.npz")
    assert isinstance(read, MarkovGame)
    assert read.rewards.tolist() == game.rewards.tolist()
    assert read.discount == 0


@pytest.mark.parametrize(("payoffs", "named", "message"), [
    ((), {}, "there are no payoffs, but there must be an array for each agent"),
    ((A, [[1, 2]]), {},
     r"payoffs of agent 1 have shape \(1, 2\), but those of agent 0 have \(2, 2\)"),
    ((A, B, A), {}, r"payoffs have shape \(2, 2\), which is of 2 agents, but there are 3 arrays"),
    ((A,), {}, r"there is 1 array, one for each agent; if .* the same: from_payoffs\(A, A\)$"),
    ((np.ones((3, 3, 3)),), {}, r"the same: from_payoffs\(\*\[A\] \* 3\)$"),
    (([A, B],), {}, r"give the agents' arrays one by one: from_payoffs\(\*payoffs\)$"),
    ((3,), {}, r"payoffs have shape \(\), which is of 0 agents, but there is 1 array"),
    ((A, [[1, 2], [np.nan, 0]]), {},
     r"payoffs of agent 1 at actions \(1, 0\) are nan, not a finite number"),
    ((A, "text"), {}, r"payoffs of agent 1 holds <U4, not real numbers"),
    ((A, [[1], [1, 2]]), {}, r"payoffs of agent 1 is not an array"),
    ((np.ones((0, 2)), np.ones((0, 2))), {}, r"\(0, 2\), but every agent needs an action"),
    ((A, B), {"stage_potential": [1, 2]},
     r"stage_potential has shape \(2,\), but payoffs have \(2, 2\)"),
    ((A, B), {"name": 3}, r"name is 3, but it must be text")])
def test_what_is_refused(payoffs: tuple, named: dict, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        MarkovGame.from_payoffs(*payoffs, **named)
    assert "\n" not in str(refused.value)
