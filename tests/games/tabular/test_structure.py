"""What the arrays of a game imply: where play ends, how long it lasts, what information tells."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from potentia import MarkovGame
from potentia.games.tabular import structure


def one_agent(following: list[list[int]], rewards: object = 0.0, **fields: object) -> MarkovGame:
    """A game of one agent from its next states [S, A]."""
    target = np.array(following)
    pay = np.broadcast_to(rewards, target.shape)[None]
    return MarkovGame.from_arrays(pay, target, **{"discount": 0.9, **fields})


def chain(length: int) -> MarkovGame:
    return one_agent([[min(state + 1, length - 1)] for state in range(length)])


def test_absorbing_states_keep_every_action_at_reward_0() -> None:
    following = [[0, 0], [1, 1], [2, 0], [3, 3]]
    rewards = [[0, 0], [0, 1], [0, 0], [0, 0]]
    assert one_agent(following, rewards).absorbing.tolist() == [True, False, False, True]


def test_a_masked_way_out_does_not_count() -> None:
    assert one_agent([[0, 1], [0, 1]], mask=[[[1, 0], [1, 1]]]).absorbing.tolist() == [True, False]


def test_a_small_probability_to_leave_is_not_absorbing() -> None:
    moves = np.array([[[1 - 1e-12, 1e-12]], [[0.0, 1.0]]])
    game = MarkovGame.from_arrays(np.zeros((1, 2, 1)), moves, discount=0.9)
    assert game.absorbing.tolist() == [False, True]


def test_rewards_of_one_agent_are_enough_to_go_on() -> None:
    rewards = np.zeros((2, 1, 1, 1))
    rewards[1] = 1.0
    assert MarkovGame.from_arrays(rewards, np.zeros((1, 1, 1), int),
                                  discount=0.9).absorbing.tolist() == [False]


@pytest.mark.parametrize("length", [1, 2, 5, 8])
def test_depth_of_a_chain_is_its_length(length: int) -> None:
    assert chain(length).sweeps == length


def test_depth_is_that_of_the_longest_play() -> None:
    assert one_agent([[1, 3], [2, 3], [3, 3], [3, 3]]).sweeps == 4
    assert one_agent([[3, 3], [3, 3], [3, 3], [3, 3]]).sweeps == 2


def test_many_steps_are_left_to_the_direct_solver() -> None:
    assert chain(9).sweeps is None


@pytest.mark.parametrize("following",
                         [[[1], [0], [2]], [[1, 2], [2, 0], [2, 2]], [[0, 1], [2, 2], [2, 2]]],
                         ids=["cycle", "cycle by choice", "waiting"])
def test_play_that_can_cycle_has_no_depth(following: list[list[int]]) -> None:
    assert one_agent(following).sweeps is None


def test_a_masked_cycle_does_not_count() -> None:
    assert one_agent([[1, 2], [2, 0], [2, 2]], mask=[[[1, 1], [1, 0], [1, 1]]]).sweeps == 3


# Two agents, each with a place 0 or 1 of its own; state = 2 x (place of the first) + place of the
# second.
OWN_PLACE = np.array([[0, 0, 1, 1], [0, 1, 0, 1]])
FIRST, SECOND = np.arange(2)[:, None], np.arange(2)[None, :]
EACH_MOVES_ITSELF = np.broadcast_to(2 * FIRST + SECOND, (4, 2, 2))
EACH_MOVES_THE_OTHER = np.broadcast_to(2 * SECOND + FIRST, (4, 2, 2))
INDEPENDENT_START = np.outer([0.3, 0.7], [0.6, 0.4]).ravel()


def places(following: np.ndarray, initial: object, horizon: int | None,
           information: object = OWN_PLACE) -> MarkovGame:
    return MarkovGame.from_arrays(np.zeros((2, 4, 2, 2)), following, discount=0.9, initial=initial,
                                  horizon=horizon,
                                  information=information)


def test_full_information_is_separable() -> None:
    game = places(EACH_MOVES_THE_OTHER, INDEPENDENT_START, None, None)
    assert game.separable
    assert game.full_information


def test_independent_agents_that_know_the_time_are_separable() -> None:
    game = places(EACH_MOVES_ITSELF, INDEPENDENT_START, 3)
    assert game.separable
    assert not game.full_information


@pytest.mark.parametrize(("following", "initial", "horizon"), [
    (EACH_MOVES_ITSELF, [0.5, 0.0, 0.0, 0.5], 3),
    (EACH_MOVES_ITSELF, [1.0, 0.0, 0.0, 0.0], None),
    (EACH_MOVES_THE_OTHER, INDEPENDENT_START, 3),
], ids=["a start that ties the agents", "a place that does not tell the time",
        "agents that move each other"])
def test_information_that_depends_on_the_own_policy_is_not_separable(
        following: np.ndarray, initial: object, horizon: int | None) -> None:
    assert not places(following, initial, horizon).separable


def by_rounds(table: sp.csr_array, playable: np.ndarray,
              absorbing: np.ndarray) -> tuple[int | None, bool]:
    """The depth, and whether there is a trap, by looking at every state again in every round."""
    lead = [[set(table[[state * playable.shape[1] + action]].indices)
             for action in np.flatnonzero(playable[state])]
            for state in range(len(absorbing))]
    inside, rounds = set(np.flatnonzero(~absorbing)), 1
    while inside:
        remaining = {state for state in inside if any(to & inside for to in lead[state])}
        if remaining == inside:
            break
        inside, rounds = remaining, rounds + 1
    trap = set(np.flatnonzero(~absorbing))
    while trap != (kept := {state for state in trap if any(to <= trap for to in lead[state])}):
        trap = kept
    return (None if inside else rounds), bool(trap)


@pytest.mark.parametrize("seed", range(60))
def test_depth_and_traps_of_random_games(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_states, n_joint = int(rng.integers(2, 9)), int(rng.integers(1, 4))
    ahead = np.arange(n_states)[:, None, None] < np.arange(n_states)
    probabilities = rng.random((n_states, n_joint, n_states)) * (ahead if seed % 2 else True) * (
        rng.random((n_states, n_joint, n_states)) < 0.4)
    absorbing = np.arange(n_states) == n_states - 1
    probabilities[..., -1] += (probabilities.sum(axis=-1) == 0)
    playable = rng.random((n_states, n_joint)) < 0.8
    playable[:, 0] = True
    table = sp.csr_array(probabilities.reshape(-1, n_states))
    depth, has_trap = by_rounds(table, playable, absorbing)
    assert structure.depth(table, playable, absorbing) == depth
    trap = structure.find_trap(table, playable, absorbing)
    assert (trap is not None) == has_trap
    assert trap is None or playable[trap]


def test_a_corridor_takes_as_many_looks_as_it_has_states() -> None:
    """Twenty thousand states, each looked at once: rounds over all of them would take a minute."""
    length = 20_000
    table = sp.csr_array((np.ones(length),
                          (np.arange(length), np.minimum(np.arange(length) + 1, length - 1))))
    absorbing = np.arange(length) == length - 1
    assert structure.depth(table, np.ones((length, 1), bool), absorbing) == length
    assert structure.find_trap(table, np.ones((length, 1), bool), absorbing) is None
