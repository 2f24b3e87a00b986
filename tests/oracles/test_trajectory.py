"""Temporal differences along one trajectory: where they come to, and that play is never set
back."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from test_sampled import cyclic, exactly, network, random_profile

import potentia as pt


def told(oracle: Any, game: Any, profile: Any, iterations: int, seed: int = 0) -> Any:
    """What the oracle tells of one profile in each iteration, and what it keeps in the end."""
    def step(memory: Any, key: Any) -> Any:
        evaluation, memory = oracle.evaluate_from(game, profile, key, memory)
        return memory, evaluation

    @jax.jit
    def run(key: Any) -> Any:
        begin_key, key = jax.random.split(key)
        return jax.lax.scan(step, oracle.begin(game, begin_key), jax.random.split(key, iterations))

    return jax.tree.map(np.asarray, run(jax.random.key(seed)))


def ring(size: int, **options: Any) -> pt.MarkovGame:
    """One agent with one action goes round; state k pays k."""
    return pt.MarkovGame.from_arrays(np.arange(float(size)).reshape(1, size, 1),
                                     ((np.arange(size) + 1) % size)[:, None], **options)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize(("game", "power", "bound"), [
    (cyclic(), 0.75, 0.06), (cyclic(0.5), 1.0, 0.05), (network(discount=0.9), 0.7, 0.15),
    (pt.games.make("stag-hunt"), 0.8, 0.04)], ids=["cyclic", "counted", "ends", "one state"])
def test_estimates_of_a_profile_that_stays_come_to_its_values(game: Any, power: float,
                                                              bound: float) -> None:
    profile = np.asarray(random_profile(game))
    _, found = told(pt.oracles.Trajectory(steps=100, power=power), game, profile, 1000)
    exact = exactly(game, profile)
    likely = np.asarray(game.mask) & (np.asarray(exact.visitation)[..., None] * profile > 0.01)
    off = np.abs(found.q - exact.q)[:, likely].max(axis=1)
    assert off[900:].max() < bound
    assert off[900:].max() < off[0] / 2
    assert np.abs(found.v[-1] - exact.v)[:, 0].max() < bound


@pytest.mark.usefixtures("x64")
def test_play_goes_on_where_it_stopped() -> None:
    game = ring(5, discount=0.5, initial=[0, 0, 1.0, 0, 0])
    memory, found = told(pt.oracles.Trajectory(steps=1), game, np.ones((1, 5, 1)), 13)
    assert memory.state == (2 + 13) % 5
    assert memory.plays.ravel().tolist() == [2, 2, 3, 3, 3]
    np.testing.assert_allclose(found.visitation[-1, 0], memory.plays.ravel() / 13)
    assert np.isinf(found.q_stderr).all()
    assert np.isinf(found.v_stderr).all()
    assert np.isinf(found.bias).all()
    assert (found.agent_steps == 1).all()


@pytest.mark.usefixtures("x64")
def test_play_that_has_ended_begins_again() -> None:
    game = network(discount=1.0)
    memory, _ = told(pt.oracles.Trajectory(steps=300), game, np.asarray(random_profile(game)), 1)
    assert memory.plays.sum(axis=(1, 2)).tolist() == [300] * 3
    assert memory.plays[:, 0].sum(axis=1).tolist() == [100] * 3     # of three steps to the end
    ended = np.flatnonzero(game.absorbing)
    assert not memory.plays[:, ended].any()
    assert memory.state not in ended


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("power", [0.6, 1.0])
def test_steps_fall_with_the_counts(power: float) -> None:
    """An agent that sees nothing is paid 0, 1, 2, 0, ... in turn, and nothing later counts."""
    game = ring(3, discount=0.0, initial=[1.0, 0, 0], information=np.zeros((1, 3), int))
    _, found = told(pt.oracles.Trajectory(steps=1, power=power), game, np.ones((1, 1, 1)), 20)
    expected, estimate = [], 0.0
    for count in range(20):
        estimate += (1.0 + count) ** -power * (count % 3 - estimate)
        expected.append(estimate)
    np.testing.assert_allclose(found.q.ravel(), expected, rtol=1e-12)


@pytest.mark.usefixtures("x64")
def test_with_a_floor_what_is_told_is_of_the_own_policy() -> None:
    """Alone, an agent that explores learns what its policy is worth without that."""
    rng = np.random.default_rng(2)
    game = pt.MarkovGame.from_arrays(rng.random((1, 3, 2)), rng.dirichlet(np.ones(3), size=(3, 2)),
                                     discount=0.7)
    sure = np.tile([1.0, 0.0], (1, 3, 1))
    _, found = told(pt.oracles.Trajectory(steps=1000, power=0.8, explore=0.4), game, sure, 100)
    np.testing.assert_allclose(found.q[-1], exactly(game, sure).q, atol=0.03)
    floor = exactly(game, 0.6 * sure + 0.2)
    assert np.abs(found.q[-1] - floor.q).max() > 0.05           # so that it would be seen


@pytest.mark.usefixtures("x64")
def test_what_was_never_played_is_told_apart() -> None:
    game = cyclic()
    profile = np.zeros((2, 3, 3))
    profile[..., 0] = 1.0
    memory, found = told(pt.oracles.Trajectory(steps=200), game, profile, 1)
    unplayed = np.broadcast_to(found.v[0][..., None], profile.shape)[profile == 0]
    np.testing.assert_array_equal(found.q[0][profile == 0], unplayed)
    np.testing.assert_array_equal(found.v[0], memory.q[..., 0])


@pytest.mark.parametrize(("parameters", "message"), [
    ({"steps": 0}, "steps is 0, but it must be at least 1"),
    ({"power": 0.5}, "power is 0.5, but it must be above 0.5 and at most 1"),
    ({"power": 1.1}, "power is 1.1, but it must be above 0.5 and at most 1"),
    ({"power": float("nan")}, "power is nan, not a finite number"),
    ({"power": lambda iteration: 0.6}, "power is a function, but an oracle's is one number"),
    ({"explore": 1.0}, "explore is 1, but it must be at least 0 and below 1"),
])
def test_bad_parameters_are_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(pt.InputError, match=f"^{message}$"):
        pt.oracles.Trajectory(**parameters)


@pytest.mark.parametrize(("game", "message"), [
    ("braess", "^the trajectory oracle learns from play .* RoutingGame has no n_states, "),
    ("anonymous-congestion", "SymmetricCongestionGame has no simulate_from: use the exact oracle"),
])
def test_games_that_cannot_go_on_are_refused(game: str, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.solve(pt.games.make(game), pt.rules.INPG(step_size=0.1), pt.oracles.Trajectory())


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("name", ["distancing", "loop-congestion", "performative-loop"])
def test_play_from_a_state_is_the_games_own(name: str) -> None:
    """Play from where an episode stands has the same law: the means agree."""
    game: Any = pt.games.make(name, n_agents=2)
    profile, count = random_profile(game), 4000
    whole = game.simulate(profile, jax.random.key(0), count, 4)
    again = game.simulate_from(profile, jax.random.key(1), whole.states[:, 2].astype(np.int16), 2)
    np.testing.assert_array_equal(again.states[:, 0], whole.states[:, 2])
    for one, other in ((whole.rewards[:, 2:], again.rewards),
                       (whole.states[:, 4:], again.states[:, 2:])):
        error = jnp.sqrt((jnp.var(one, axis=0) + jnp.var(other, axis=0)) / count)
        assert (jnp.abs(one.mean(axis=0) - other.mean(axis=0)) <= 5 * error + 1e-12).all()
