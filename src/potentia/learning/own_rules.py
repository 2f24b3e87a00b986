"""A user's own rule: its memory as arrays by name, and what it returns checked as it is traced."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from potentia.game import Game, HasLinks
from potentia.learning.contract import called, refuse_other
from potentia.learning.own_memory import KeepsPlain
from potentia.profile import SAME, defect
from potentia.rules.base import CarriesMemory, Rule, View, at
from potentia.runtime.own import Token


class PlainRule(KeepsPlain):
    """A user's rule whose memory is arrays by name."""

    def init(self, log_policy: Array, mask: Array, key: Array) -> dict[str, Any]:
        """The first memory."""
        rule = at(self.own, jnp.zeros((), jnp.int64))
        return self.first(called(rule, "init", log_policy, mask, key))

    def update(self, log_policy: Array, memory: dict[str, Any], view: View, iteration: Array,
               key: Array) -> tuple[Array, dict[str, Any]]:
        """The rule's own step."""
        rule = at(self.own, iteration)
        moved, after = self.pair(
            called(rule, "update", log_policy, self.as_kept(memory), view, iteration, key),
            "update", "log_policy")
        refuse_other(f"{self.name}.update", "log_policy", moved, log_policy.shape)
        return _normalised(moved, view.mask), self.after(memory, after, "update")


class PlainCarryingRule(PlainRule):
    """A user's rule with its memory as arrays by name, which has `carried` too."""

    def carried(self, memory: dict[str, Any], log_policy: Array, mask: Array) -> dict[str, Any]:
        """The memory after what may be done has changed."""
        rule = at(self.own, jnp.zeros((), jnp.int64))
        found = called(rule, "carried", self.as_kept(memory), log_policy, mask)
        return self.after(memory, found, "carried")


def _normalised(log_policy: Array, mask: Array) -> Array:
    """Rows that are a policy up to the allowance as exactly one, so that what is judged is what is
    kept; others as they are, for the loop to refuse."""
    policy = jnp.exp(log_policy)
    total = jnp.sum(jnp.where(mask, policy, 0.0), axis=-1, keepdims=True)
    close = (defect(policy, mask) <= SAME)[..., None] & (total > 0)
    return jnp.where(close, jnp.where(mask, log_policy - jnp.log(total), -jnp.inf), log_policy)


def plain(rule: Rule, token: Token | None = None) -> PlainRule:
    """A user's rule with its memory as arrays by name."""
    return (PlainCarryingRule if isinstance(rule, CarriesMemory) else PlainRule)(rule, token)


def refuse_bad_rule(rule: PlainRule, game: Game) -> None:
    """Raise InputError unless the user's rule keeps its contract on `game`. Sets the token of its
    memory."""
    mask = jnp.asarray(game.mask)
    profile = jnp.zeros(mask.shape)
    keys = jax.random.split(jax.random.key(0), mask.shape[0])
    memory = jax.vmap(rule.init)(profile, mask, keys)

    def update(log_policy: Array, memory: Any, mask: Array, key: Array) -> Any:
        rows = jnp.sum(log_policy, axis=-1)
        view = View(q=log_policy, v=rows, visitation=rows, mask=mask, scale=jnp.asarray(game.scale),
                    slope=log_policy if isinstance(game, HasLinks) else None)
        return rule.update(log_policy, memory, view, jnp.zeros((), jnp.int64), key)

    jax.vmap(update)(profile, memory, mask, keys)
    if isinstance(rule, PlainCarryingRule):
        jax.vmap(rule.carried)(memory, profile, mask)


