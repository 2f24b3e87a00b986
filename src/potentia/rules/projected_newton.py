"""Projected Newton steps with momentum: each agent scales its step by how its own costs answer.

    y(s, a) = pi(s, a) - min(pi(s, a), eta (Q(s, b) - Q(s, a)) / (T(s, a) + T(s, b))),    a != b
    pi'     = [y + beta (y - y_before)], clipped at 0 and scaled to sum to 1

b is the agent's best action, which gets what the others give up. T(s, a) says how fast Q(s, a)
falls as more agents do as this one does (`View.slope`): on roads the expected (x + f) dc/dx along
the rest of the trip, f what passes the row itself, so that a step of eta = 1 does not overshoot if
all who share these links move alike. They seldom do: steps of eta = 2, halved where that was too
much, come to a relative gap of 1e-8 on Sioux Falls in 110 iterations instead of 180, on Anaheim in
300 instead of 420 (by destination, so many agents that their number no longer counts).
A path that lost all its agents has exactly 0, and one that becomes better fills at once, where
steps on logits would need one for each power of e.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array

from potentia.rules.base import Stepped, View, check_range
from potentia.runtime.pytree import Number, traced, tree

SOURCE = ("Bertsekas 1982 (projected Newton methods), on roads Jayakrishnan et al. 1994; momentum "
          "of Nesterov 1983 with the restarts of O'Donoghue and Candes 2015")

BACKOFF, GROWTH = 0.5, 1.1
LOWERED, LEAST = 0.9, 0.25  # of the longest step, after one that was too much; at least
SHORTEST = 0.01           # of `step_size`: what little a step does, others can undo each time
CARRIED = 0.05            # of a change: where momentum added less, it had no part in it
TOO_MUCH = 0.5            # of what a change promised to gain, lost


@tree
class Momentum:
    """What an agent remembers: the policy before the last extrapolation [H, A], the last change of
    the policy [H, A] and what it promised to gain [H], Nesterov's t and the step of each state [H],
    the share of `step_size` that it may grow to [H], and which actions there were [H, A]."""

    before: Array
    change: Array
    promised: Array
    pace: Array
    step: Array
    share: Array
    mask: Array


@tree
class ProjectedNewton(Stepped):
    """Projected Newton steps with momentum, by the agent's own costs and their own slopes; not the
    paper's rule.

        y(s, a) = pi(s, a) - min(pi(s, a), eta (Q(s, b) - Q(s, a)) / (T(s, a) + T(s, b))),  a != b
        pi'     = [y + beta (y - y_before)], clipped at 0 and scaled to sum to 1

    b is the best action, which gets what the others give up; beta is Nesterov's, and begins anew
    at a state where the course leads against the agent's own values. Where the last change of the
    policy would now lose half of what it promised to gain, or more, it was too much, as where many
    move alike at once: momentum begins anew there or, where it had none, eta is halved; else eta
    grows by a tenth, up to a limit: `step_size` at first, a tenth less each time eta is halved,
    though never below a quarter of `step_size`. Eta is at least a hundredth of `step_size`.

    step_size: the first and largest eta, in (0, 4]; 1 is the whole Newton step of agents who all
        move alike, 2 what was measured best on roads.

    T is what the game tells of its slopes, as routing games do; where it tells none, the agent's
    largest action value stands for it, so that no step depends on the rewards' unit.

    Source: Bertsekas 1982, "Projected Newton methods for optimization problems with simple
    constraints", SIAM J. Control Optim. 20(2); on roads, gradient projection of Jayakrishnan et al.
    1994. Momentum: Nesterov 1983; O'Donoghue and Candes 2015, eq. 13. Guarantee: none here; on
    roads it is held against measured gaps.

    Raises InputError for values out of range.
    """

    step_size: Number = traced(default=2.0)

    def __post_init__(self) -> None:
        check_range(self, "step_size", most=4.0)

    def init(self, log_policy: Array, mask: Array, key: Array) -> Momentum:
        """No momentum yet."""
        rows = jnp.ones(mask.shape[0])
        return Momentum(before=jnp.exp(log_policy), change=jnp.zeros(mask.shape),
                        promised=0 * rows, pace=rows, step=self.step_size * rows,
                        share=rows, mask=mask)

    def carried(self, memory: Momentum, log_policy: Array, mask: Array) -> Momentum:
        """The memory after what may be done, `mask` [H, A], has changed: momentum begins anew where
        it did."""
        same = jnp.all(memory.mask == mask, axis=1)
        return Momentum(before=jnp.where(same[:, None], memory.before, jnp.exp(log_policy)),
                        change=jnp.where(same[:, None], memory.change, 0.0),
                        promised=jnp.where(same, memory.promised, 0.0),
                        pace=jnp.where(same, memory.pace, 1.0), step=memory.step,
                        share=memory.share, mask=mask)

    def update(self, log_policy: Array, memory: Momentum, view: View, iteration: Array,
               key: Array) -> tuple[Array, Momentum]:
        """One step [H, A], and the way on."""
        policy, q = jnp.exp(log_policy), jnp.where(view.mask, view.q, -jnp.inf)
        best = jnp.arange(policy.shape[1]) == jnp.argmax(q, axis=1)[:, None]
        highest = jnp.max(q, axis=1, keepdims=True)
        value = jnp.where(view.mask, view.q, 0.0)
        too_much = jnp.sum(memory.change * value, axis=1) < -TOO_MUCH * memory.promised
        # Where momentum had a part in it, that alone begins anew. It has none, however large, where
        # all that it would take is taken: there a row could go to and fro for ever.
        carried = jnp.sum(jnp.abs(policy - memory.before), axis=1)
        shorter = too_much & (carried <= CARRIED * jnp.sum(jnp.abs(memory.change), axis=1))
        # Where costs are steep, steps would else grow back again and again to where they overshoot.
        share = jnp.where(shorter, jnp.maximum(memory.share * LOWERED, LEAST), memory.share)
        step = jnp.where(shorter, jnp.maximum(memory.step * BACKOFF, SHORTEST * self.step_size),
                         jnp.where(too_much, memory.step,
                                   jnp.minimum(memory.step * GROWTH,
                                               share * self.step_size)))
        wanted = step[:, None] * self._wanted(view, highest - q, best)
        given = jnp.where(best | ~view.mask, 0.0, jnp.minimum(policy, wanted))
        moved = policy - given + best * jnp.sum(given, axis=1, keepdims=True)
        course = moved - memory.before
        against = jnp.sum(course * value, axis=1) < 0
        held = jnp.where(too_much, 1.0, memory.pace)
        pace = jnp.where(against, 1.0, (1 + jnp.sqrt(1 + 4 * held**2)) / 2)
        weight = jnp.where(against, 0.0, (held - 1) / pace)
        ahead = jnp.where(view.mask, jnp.maximum(moved + weight[:, None] * course, 0.0), 0.0)
        ahead = ahead / jnp.sum(ahead, axis=1, keepdims=True)
        change = ahead - policy
        return jnp.log(ahead), Momentum(before=moved, change=change,
                                        promised=jnp.abs(jnp.sum(change * value, axis=1)),
                                        pace=pace, step=step, share=share, mask=view.mask)

    def _wanted(self, view: View, loss: Array, best: Array) -> Array:
        """[H, A] probability that each action should give up; all of it where costs do not
        answer."""
        slope = (jnp.max(jnp.abs(view.q), axis=1, keepdims=True, where=view.mask, initial=0.0)
                 * view.mask if view.slope is None else view.slope)
        both = slope + jnp.sum(jnp.where(best, slope, 0.0), axis=1, keepdims=True)
        clear = loss > view.rounding
        return jnp.where(both > 0, jnp.where(clear, loss, 0.0) / jnp.where(both > 0, both, 1.0),
                         clear)
