"""The loop that responds, against the formulas of its source, worked out by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

import potentia as pt


def rows(game: pt.PerformativeGame, probability: float) -> np.ndarray:
    """[S, J, S] next states where every agent plays its first action with that probability."""
    profile = np.broadcast_to([probability, 1 - probability], game.mask.shape)
    induced = game.induced(profile)
    return induced.transitions.csr().toarray().reshape(game.n_states, -1, game.n_states)


def test_strengths_are_those_of_the_source() -> None:
    game = pt.games.make("performative-loop", omega_r=0.1, omega_p=0.03)
    assert game.n_states == 33
    assert float(game.pay) == pytest.approx(0.1 / (0.01 * math.sqrt(33 * 2)))
    assert float(game.lead) == pytest.approx(0.03 / (0.01 * math.sqrt(33 * 2)))


def test_an_agent_alone_comes_to_either_node_by_what_it_deploys() -> None:
    """Played with probability 0.9, an action adds 0.4 c to both nodes; with 0.1 it takes that off
    the node that it leads to, and leaves it certain."""
    game = pt.games.make("performative-loop", n_agents=1)
    at = {int(node): state for state, node in enumerate(game.places[0])}
    moved = 0.4 * 0.03 / (0.01 * math.sqrt(10))
    table = rows(game, 0.9)
    for node, nodes in ((0, (1, 2)), (1, (3, 4)), (2, (4, 3))):
        often, seldom = table[at[node], 0], table[at[node], 1]
        assert often[at[nodes[0]]] == pytest.approx((1 + moved) / (1 + 2 * moved))
        assert often[at[nodes[1]]] == pytest.approx(moved / (1 + 2 * moved))
        assert seldom[at[nodes[1]]] == 1
    assert (table[[at[3], at[4]]][:, :, at[0]] == 1).all()


def test_agents_are_led_independently_and_paid_for_their_own_habits() -> None:
    game, alone = (pt.games.make("performative-loop", n_agents=n) for n in (2, 1))
    alone = dataclasses.replace(alone, pay=game.pay, lead=game.lead)
    table, single = rows(game, 0.8), rows(alone, 0.8)
    own = {int(node): state for state, node in enumerate(alone.places[0])}
    for state, (here, there) in enumerate(game.places.T):
        for following, (first, second) in enumerate(game.places.T):
            expected = (single[own[here], 0, own[first]] * single[own[there], 1, own[second]])
            assert table[state, 1, following] == pytest.approx(expected, abs=1e-15)
    profile = np.broadcast_to([0.8, 0.2], game.mask.shape)
    paid = game.induced(profile).rewards - game.rewards
    np.testing.assert_allclose(paid[:, 1], [[0.3 * game.pay, -0.3 * game.pay]] * 9, atol=1e-13)


@pytest.mark.parametrize("n_agents", [2, 3])
def test_uniform_play_induces_the_loop_itself(n_agents: int) -> None:
    game = pt.games.make("performative-loop", n_agents=n_agents)
    table = pt.games.make("loop-congestion", n_agents=n_agents).tabular()
    induced = game.induced(game.initial_profile("uniform", None))
    np.testing.assert_array_equal(induced.rewards, table.rewards)
    np.testing.assert_array_equal(induced.transitions.csr().toarray(),
                                  table.transitions.csr().toarray())


@pytest.mark.parametrize(("parameters", "said"), [
    ({"n_agents": 0}, "n_agents is 0"),
    ({"n_agents": 9, "paid": [1.0] * 9}, "n_agents=9 in 1,025 states with 512 joint actions need "
                                         "8,606 MB for what a profile induces"),
    ({"n_agents": 10**9}, "n_agents is 1,000,000,000"),
    ({"omega_r": -0.1}, "omega_r is -0.1"),
    ({"omega_p": 1.0}, "omega_p is 1, at which an action that is never played would lead nowhere"),
    ({"paid": [1.0]}, "paid is"),
])
def test_what_cannot_be_is_refused(parameters: dict[str, object], said: str) -> None:
    with pytest.raises(pt.InputError, match=said):
        pt.games.make("performative-loop", **parameters)
