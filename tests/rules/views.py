"""What one agent may be shown, at random, and the steps that rules take from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.rules.base import View

# Five information states: all three actions, two, and one; nobody comes to the last.
MASK = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 1, 0], [1, 1, 1]], bool)
Update = Callable[..., Any]


def random_policy(rng: np.random.Generator, mask: np.ndarray = MASK) -> np.ndarray:
    """[H, A], interior."""
    policy = rng.exponential(size=mask.shape) * mask
    return policy / policy.sum(axis=1, keepdims=True)


def view_of(policy: np.ndarray, q: np.ndarray, mask: np.ndarray = MASK,
            scale: float = 4.0) -> View:
    """Unequal visitation, none of the last row; what is not there has a value of 1e3, for no rule
    to read."""
    share = np.arange(len(mask), 0, -1.0) - 1 if len(mask) > 1 else np.ones(1)
    return View(q=np.where(mask, q, 1e3), v=(policy * np.where(mask, q, 0)).sum(axis=1),
                visitation=share / share.sum(), mask=mask, scale=np.float64(scale))


def random_view(seed: int, mask: np.ndarray = MASK) -> tuple[np.ndarray, View]:
    rng = np.random.default_rng(seed)
    policy = random_policy(rng, mask)
    return policy, view_of(policy, rng.normal(size=mask.shape), mask)


def logged(policy: np.ndarray) -> jax.Array:
    with np.errstate(divide="ignore"):
        return jnp.asarray(np.log(policy))


def one_step(rule: Any, policy: np.ndarray, view: View, iteration: int = 0) -> np.ndarray:
    """The policy [H, A] after the rule's first step."""
    log_policy = logged(policy)
    memory = rule.init(log_policy, view.mask, jax.random.key(0))
    return np.asarray(jnp.exp(rule.update(log_policy, memory, view, iteration, None)[0]))


def steps(rule: Any, policy: np.ndarray, q_of: Update, count: int, *,
          mask: np.ndarray | None = None) -> list[np.ndarray]:
    """Policies [H, A] before each of `count` steps and after the last; q_of(policy, t) says what
    actions are worth. Each state is visited equally often, and scale is 1."""
    mask = np.ones(policy.shape, bool) if mask is None else mask
    log_policy = logged(policy)
    memory, found = rule.init(log_policy, mask, None), [policy]
    update = jax.jit(rule.update)
    for t in range(count):
        q = np.asarray(q_of(found[-1], t))
        view = View(q=q, v=(found[-1] * q).sum(axis=1), mask=mask, scale=np.float64(1.0),
                    visitation=np.full(len(mask), 1 / len(mask)))
        log_policy, memory = update(log_policy, memory, view, t, None)
        found.append(np.asarray(jnp.exp(log_policy)))
    return found
