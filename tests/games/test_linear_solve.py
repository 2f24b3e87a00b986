"""Values of play that need not end, by iteration: against closed forms, and where Krylov directions
do not help."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg

import potentia as pt
from potentia.games import linear_solve
from potentia.games.tabular import chains
from potentia.games.tabular.chains import MOST_DIRECT


def cycle(n_states: int, discount: float) -> pt.MarkovGame:
    """One agent in a cycle, paid 1 on arrival at state 0 and nothing elsewhere; idling costs 1."""
    rewards = np.zeros((1, n_states, 2))
    rewards[0, -1, 0], rewards[0, :, 1] = 1.0, -1.0
    next_states = np.column_stack([np.roll(np.arange(n_states), -1), np.arange(n_states)])
    return pt.MarkovGame.from_arrays(rewards, next_states, discount=discount,
                                     initial=np.eye(n_states)[0])


@pytest.mark.parametrize("discount", [0.9, 0.999])
def test_a_long_cycle_in_closed_form(discount):
    """From state s the payment comes after S - s steps, and every S steps again."""
    n_states = MOST_DIRECT + 100
    game = cycle(n_states, discount)
    going = np.zeros((1, n_states, 2))
    going[..., 0] = 1.0
    evaluation, response = game.evaluate(going), game.best_response(going)
    expected = discount ** (n_states - 1.0 - np.arange(n_states)) / (1 - discount**n_states)
    left = 16 * linear_solve.CLOSE / (1 - discount)  # of what the residual may be, over all of play
    np.testing.assert_allclose(evaluation.v[0], expected, rtol=1e-12, atol=left)
    visits = (1 - discount) * discount ** np.arange(n_states) / (1 - discount**n_states)
    np.testing.assert_allclose(evaluation.visitation[0], visits, rtol=1e-12, atol=left)
    assert response.gain[0] <= response.error[0] < 1e-9


def test_the_residual_is_that_of_what_is_returned(x64):
    draws = np.random.default_rng(0)
    matrix = draws.random((300, 300))
    matrix *= 0.99 / matrix.sum(axis=1, keepdims=True)
    right = draws.normal(size=(300, 2))
    found, rest = jax.jit(lambda right: linear_solve.solve(lambda x: jnp.asarray(matrix) @ x,
                                                           right))(right)
    np.testing.assert_allclose(found, np.linalg.solve(np.eye(300) - matrix, right), rtol=1e-11)
    np.testing.assert_allclose(rest, right + matrix @ np.asarray(found) - np.asarray(found),
                               atol=1e-13)


def test_what_cannot_be_solved_says_so(x64, monkeypatch):
    """The error of a gap includes what the values left open, if nothing could be done about it."""
    game = cycle(MOST_DIRECT + 7, 0.999)  # of a size for which nothing is compiled yet
    monkeypatch.setattr(chains.linear_solve, "solve", lambda apply, right: (right, apply(right)))
    response = game.best_response(game.initial_profile("uniform", jax.random.key(0)))
    assert response.error[0] > 1.0


def test_a_sparse_game_that_no_matrix_could_hold_is_certified():
    n_states = 6_000
    draws = np.random.default_rng(1)
    next_states = ((np.arange(n_states)[:, None, None]
                    + draws.integers(-5, 50, (n_states, 2, 2))) % n_states)
    game = pt.MarkovGame.from_arrays(draws.random((2, n_states, 2, 2)), next_states, discount=0.95)
    certificate = pt.certify(game, game.initial_profile("uniform", None))
    middle = (certificate.per_agent + certificate.per_agent_lower) / 2
    np.testing.assert_allclose(game.best_response(game.initial_profile("uniform", None)).gain,
                               middle, rtol=1e-9)
    assert certificate.nash_gap - certificate.nash_gap_lower < 1e-10


def test_play_that_lasts_long_is_factored_and_never_flattered():
    """A walk of 1,500 states, up or down alike, ends after two million steps or so: no iteration
    comes near."""
    n_states = 1_500
    up, down = np.minimum(np.arange(n_states) + 1,
                          n_states - 1), np.maximum(np.arange(n_states) - 1, 0)
    table = np.zeros((n_states, 1, n_states))
    table[np.arange(n_states), 0, up] += 0.5
    table[np.arange(n_states), 0, down] += 0.5
    table[-1] = np.eye(n_states)[-1]
    rewards = np.ones((1, n_states, 1))
    rewards[0, -1] = 0.0
    game = pt.MarkovGame.from_arrays(rewards, table, discount=1.0, initial=np.eye(n_states)[0])
    assert game.direct
    steps = (n_states - 1.0) * n_states  # of a walk from 0, which stays there by half, to the end
    np.testing.assert_allclose(game.start_values(np.ones((1, n_states, 1))), [steps], rtol=1e-9)


def test_a_circle_with_chords_is_certified():
    """Policies that are all but pure on a cycle of 6,000 states: GMRES, started again after 30,
    stays far off."""
    n_states = 6_000
    states = np.arange(n_states)
    next_states = np.stack([np.roll(states, -1), (7 * states + 3) % n_states], axis=1)
    rewards, discount = np.random.default_rng(1).random((1, n_states, 2)), 0.999
    game = pt.MarkovGame.from_arrays(rewards, next_states, discount=discount)
    profile = np.broadcast_to([0.99, 0.01], (1, n_states, 2))
    played = sp.csc_array((profile[0].ravel(), (np.repeat(states, 2), next_states.ravel())))
    values = scipy.sparse.linalg.spsolve(sp.eye_array(n_states, format="csc") - discount * played,
                                         (profile[0] * rewards[0]).sum(axis=1))
    certificate = pt.certify(game, profile)
    np.testing.assert_allclose(certificate.values, [values.mean()], rtol=1e-11)
    np.testing.assert_allclose(game.evaluate(profile).v[0], values, rtol=1e-11)
    assert certificate.nash_gap - certificate.nash_gap_lower < 1e-9 / (1 - discount)
