"""Every rule on what the agents of every game see: all rows of all games at once, so that each rule
is compiled once.

What is solved with each rule is in `test_conformance.py`.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from test_conformance import SMALL, small

import potentia as pt
from potentia.rules.base import View
from registered_rules import made

pytestmark = pytest.mark.usefixtures("x64")
STEPS = 4


def seen_in(label: str) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]]:
    """Of each agent in a game, at a random profile: mask, policy and q [H, A], visitation [H],
    scale."""
    game = small(label)
    profile = np.asarray(game.initial_profile("random", jax.random.key(0)))
    told = game.evaluate(profile)
    agents = zip(np.asarray(game.mask), profile, np.asarray(told.q), np.asarray(told.visitation),
                 strict=True)
    return [(*agent, float(game.scale)) for agent in agents]


@pytest.fixture(scope="module")
def seen() -> tuple[Any, np.ndarray]:
    """(policies [M, H, A], the views of all agents of all games), and which rows [M, H] are theirs:
    the others, which fill the shape up, have one action."""
    agents = [agent for label in SMALL for agent in seen_in(label)]
    shape = (len(agents), *np.max([agent[0].shape for agent in agents], axis=0))
    mask, q, policy = np.zeros(shape, bool), np.zeros(shape), np.zeros(shape)
    visitation, real = np.zeros(shape[:2]), np.zeros(shape[:2], bool)
    mask[:, :, 0], policy[:, :, 0] = True, 1.0
    for k, (there, p, values, visits, _) in enumerate(agents):
        rows, actions = there.shape
        real[k, :rows], visitation[k, :rows] = True, visits
        mask[k, :rows, :actions], policy[k, :rows, :actions] = there, p
        q[k, :rows, :actions] = np.where(there, values, 0.0)
    scale = np.array([agent[-1] for agent in agents])
    return (policy, View(q=q, v=(policy * q).sum(axis=-1), visitation=visitation, mask=mask,
                         scale=scale)), real


@jax.jit
def learn(rule: Any, policy: jax.Array, view: View) -> tuple[jax.Array, jax.Array, Any]:
    """Some steps of each agent alone on values that stay: the policies [M, H, A] after the first
    and after the last, and the memory."""

    def one(policy: jax.Array, view: View) -> tuple[jax.Array, jax.Array, Any]:
        def step(carry: Any, iteration: jax.Array) -> tuple[Any, jax.Array]:
            log_policy, memory = carry
            now = View(q=view.q, v=jnp.sum(jnp.exp(log_policy) * view.q, axis=1), mask=view.mask,
                       visitation=view.visitation, scale=view.scale)
            carry = rule.update(log_policy, memory, now, iteration, jax.random.key(1))
            return carry, carry[0]

        start = jnp.log(policy), rule.init(jnp.log(policy), view.mask, jax.random.key(0))
        (_, memory), logs = jax.lax.scan(step, start, jnp.arange(STEPS))
        return jnp.exp(logs[0]), jnp.exp(logs[-1]), memory

    return jax.vmap(one)(policy, view)


@pytest.mark.parametrize("name", pt.rules.names())
def test_every_rule_learns_from_what_every_game_shows(name: str, seen: Any) -> None:
    """Rows stay policies, the memory stays the same kind of arrays of numbers, and what one agent
    sees changes nobody else."""
    (policy, view), real = seen
    first, last, memory = learn(made(name, 1e-3), policy, view)
    for after in (np.asarray(first), np.asarray(last)):
        np.testing.assert_allclose(after.sum(axis=-1), 1, atol=1e-12)
        assert (after >= 0).all()
        assert (after[~view.mask] == 0).all()
    assert not any(np.isnan(leaf).any() for leaf in jax.tree.leaves(memory))
    moved = (np.asarray(last) != policy).any(axis=-1)
    assert moved[real & (view.mask.sum(axis=-1) > 1) & (view.visitation > 0)].any()
    one = np.argmax(real.sum(axis=1))                        # with the most rows that could change
    noise = np.random.default_rng(0).normal(size=view.q[one].shape) * view.mask[one]
    q = view.q.copy()
    q[one] += 1e3 * noise
    other = learn(made(name, 1e-3), policy, View(q=q, v=(policy * q).sum(axis=-1), mask=view.mask,
                                                 visitation=view.visitation, scale=view.scale))
    same = np.all([(np.asarray(before) == np.asarray(after)).reshape(len(q), -1).all(axis=1)
                   for before, after in zip(jax.tree.leaves((last, memory)),
                                            jax.tree.leaves(other[1:]), strict=True)], axis=0)
    assert np.flatnonzero(~same).tolist() == [one]
