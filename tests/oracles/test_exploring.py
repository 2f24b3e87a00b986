"""The share of play at random of oracles that play."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.oracles.playing import played

ORACLES = {"one-sample": {"episodes": 4000, "horizon": 12},
           "rollouts": {"episodes": 8000, "cap": 12},
           "sampled": {"episodes": 4000, "horizon": 12}}
GAME = pt.MarkovGame.from_arrays(
    np.random.default_rng(5).normal(size=(2, 3, 2, 3)),
    np.random.default_rng(6).dirichlet(np.ones(3), size=(3, 2, 3)), discount=0.4)
SURE = np.zeros((2, 3, 3))
SURE[..., 0] = 1.0                       # the first action always


def told(name: str, **parameters: Any) -> Any:
    oracle = pt.oracles.make(name, **(ORACLES[name] | parameters))
    evaluation = jax.jit(lambda key: oracle.evaluate(GAME, SURE, key))(jax.random.key(1))
    return jax.tree.map(np.asarray, evaluation)


@pytest.mark.usefixtures("x64")
def test_the_floor_leaves_out_what_does_not_exist() -> None:
    mask = np.asarray(GAME.mask)
    floor = np.asarray(played(SURE, mask, 0.3))
    np.testing.assert_allclose(floor.sum(axis=-1), 1.0, atol=1e-15)
    assert (floor[~mask] == 0).all()
    np.testing.assert_allclose(floor[0, :, 1], 0.15)
    np.testing.assert_allclose(floor[1, :, 1], 0.1)
    np.testing.assert_array_equal(played(SURE / 3, mask, 0.0), SURE / 3)


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("name", ORACLES)
def test_with_a_floor_every_action_is_told_of(name: str) -> None:
    mask, sure, tried = np.asarray(GAME.mask), told(name), told(name, explore=0.3)
    unplayed = mask & (SURE == 0)
    assert np.isinf(sure.q_stderr[unplayed]).all()
    np.testing.assert_array_equal(sure.q[unplayed],
                                  np.broadcast_to(sure.v[..., None], mask.shape)[unplayed])
    assert np.isfinite(tried.q_stderr[mask]).all()
    truth = jax.jit(GAME.evaluate)(played(SURE, mask, 0.3))
    off = np.abs(tried.q - truth.q)[mask] - tried.bias
    assert (off <= 5 * tried.q_stderr[mask]).all()


@pytest.mark.parametrize("name", ORACLES)
@pytest.mark.parametrize(("value", "message"), [
    (1.0, "explore is 1, but it must be at least 0 and below 1"),
    (-0.1, "explore is -0.1, but it must not be negative"),
    (float("nan"), "explore is nan, not a finite number"),
    ("much", "explore is 'much', not a number"),
    (lambda iteration: 0.1, "explore is a function, but an oracle's is one number"),
])
def test_a_bad_share_is_named(name: str, value: Any, message: str) -> None:
    with pytest.raises(pt.InputError, match=f"^{message}$"):
        pt.oracles.make(name, explore=value)
