"""INPG with a step size for each action that adapts to the agent's own advantages. Not the paper's
rule.

    theta_i(s, a) <- theta_i(s, a) + clip(eta_i(s, a) A_i(s, a) / max_b |Q_i(s, b)|)

eta(s, a) grows a little while the action's advantage keeps its sign and shrinks much when it
changes it: the delta-bar-delta rule (Jacobs 1988, "Increased rates of convergence through learning
rate adaptation", Neural Networks 1). A constant step either oscillates where many agents contest a
few actions or takes for ever where an action has lost nearly all its weight. Logits never fall
further behind the row's largest than `floor` says, so that an action that becomes better is back
within a few dozen steps; at an equilibrium that costs no more than `floor` times what the worst
action costs. Advantages are relative to the agent's own largest action value: no step size depends
on the rewards' unit.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError, positive_number
from potentia.profile import log_normalise
from potentia.rules.base import View
from potentia.runtime.pytree import Number, is_concrete, traced, tree

SOURCE = ("Jacobs 1988 (delta-bar-delta) on the logits of Fox et al., arXiv 2110.10614, Lemma 2.1; "
          "the floor and the limits are Potentia's own")


@tree
class StepMemory:
    """What an agent remembers: logits, step sizes and last advantages, [H, A]."""

    logits: Array
    steps: Array
    advantage: Array


@tree
class AdaptiveINPG:
    """INPG whose step sizes adapt to the signs of the agent's own advantages; not the paper's rule.

        theta_i(s, a) <- theta_i(s, a) + clip(eta_i(s, a) A_i(s, a) / max_b |Q_i(s, b)|)

    eta_i(s, a) grows while the action's advantage keeps its sign and shrinks when it changes it.

    step_size: the first one, of logits for each relative advantage; positive. growth, backoff: what
        a step is multiplied by; at least 1, and below 1. most: how much larger than the first a
        step may become, at least 1.
    longest: largest change of a logit in one step. floor: least probability relative to the row's
        most likely action; in (0, 1).

    Source: Jacobs 1988 (delta-bar-delta) on the logits of arXiv 2110.10614, Lemma 2.1; the floor
    and the limits are Potentia's own.

    Raises InputError for values out of range.
    """

    step_size: Number = traced(default=4.0)
    growth: Number = traced(default=1.02)
    backoff: Number = traced(default=0.7)
    most: Number = traced(default=20.0)
    longest: Number = traced(default=1.0)
    floor: Number = traced(default=1e-12)

    def __post_init__(self) -> None:
        for name in ("step_size", "growth", "backoff", "most", "longest", "floor"):
            if is_concrete(getattr(self, name)):
                object.__setattr__(self, name, positive_number(getattr(self, name), name))
        for name, low, high in (("growth", 1, None), ("most", 1, None), ("backoff", None, 1),
                                ("floor", None, 1)):
            value = getattr(self, name)
            if is_concrete(value) and ((low is not None and value < low)
                                       or (high is not None and value >= high)):
                raise InputError(f"{name} is {value:g}, but it must be "
                                 + (f"at least {low}" if low is not None else f"below {high}"))

    def init(self, log_policy: Array, mask: Array, key: Array) -> StepMemory:
        """The logits [H, A], the first step sizes, and no advantage yet."""
        return StepMemory(logits=log_policy, steps=jnp.full(mask.shape, self.step_size),
                          advantage=jnp.zeros(mask.shape))

    def carried(self, memory: StepMemory, log_policy: Array, mask: Array) -> StepMemory:
        """The memory after what may be done, `mask` [H, A], has changed: actions that are new begin
        with the first step size."""
        new = mask & ~jnp.isfinite(memory.logits)
        return StepMemory(logits=log_policy, steps=jnp.where(new, self.step_size, memory.steps),
                    advantage=jnp.where(mask, memory.advantage, 0.0))

    def update(self, log_policy: Array, memory: StepMemory, view: View, iteration: Array,
               key: Array) -> tuple[Array, StepMemory]:
        """One step on the logits [H, A]; the policy is their softmax."""
        size = jnp.max(jnp.abs(view.q), axis=1, keepdims=True, where=view.mask, initial=0.0)
        relative = view.advantage / jnp.where(size > 0, size, 1.0)
        turned = relative * memory.advantage
        steps = (memory.steps * jnp.where(turned > 0, self.growth,
                                          jnp.where(turned < 0, self.backoff, 1.0)))
        steps = jnp.minimum(steps, self.most * self.step_size)
        moved = memory.logits + jnp.clip(steps * relative, -self.longest, self.longest)
        logits = jnp.where(view.mask, moved, -jnp.inf)
        logits = logits - jnp.max(logits, axis=1, keepdims=True)
        logits = jnp.where(view.mask, jnp.maximum(logits, jnp.log(self.floor)), -jnp.inf)
        return log_normalise(logits, view.mask), StepMemory(logits=logits, steps=steps,
                                                            advantage=relative)
