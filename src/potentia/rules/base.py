"""What a rule is, what one agent sees, and what a step size must be."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError, positive_number
from potentia.runtime.own import functions_of
from potentia.runtime.pytree import Number, is_concrete, tree

ROUNDING = 1e-12         # of an agent's largest action value


@tree
class View:
    """One agent's own data at one iteration.

    q: [H, A] marginal action values. v: [H] values. visitation: [H] discounted visitation d.
    mask: [H, A] actions that exist. scale: 1/(1-discount), or 1 at discount 1.
    slope: [H, A] how fast each action's value falls as more do it, not negative, as
        `Evaluation.slope` says; None where nobody tells.
    """

    q: Array
    v: Array
    visitation: Array
    mask: Array
    scale: Array
    slope: Array | None = None

    @property
    def advantage(self) -> Array:
        """[H, A] marginal advantage, q - v; 0 where there is no action."""
        return (self.q - self.v[:, None]) * self.mask

    @property
    def rounding(self) -> Array:
        """Differences of action values that rounding may explain: of rules whose steps do not
        shrink with them, these are to be none."""
        return ROUNDING * jnp.max(jnp.abs(self.q), where=self.mask, initial=0.0)

    @property
    def clear_advantage(self) -> Array:
        """[H, A] `advantage`, 0 where rounding may explain it."""
        return jnp.where(jnp.abs(self.advantage) > self.rounding, self.advantage, 0.0)


@runtime_checkable
class Rule(Protocol):
    """How one agent learns from its own data: a frozen dataclass, mapped over the agents by vmap.

    No rule can see another agent's data. Memory is any pytree of arrays, the same in every
    iteration.
    """

    def init(self, log_policy: Array, mask: Array, key: Array) -> Any:
        """The agent's memory before its first step. log_policy, mask: [H, A]."""
        ...

    def update(self, log_policy: Array, memory: Any, view: View, iteration: Array,
               key: Array) -> tuple[Array, Any]:
        """One step: the log-policy [H, A], float64, whose rows are distributions over the actions
        in `view.mask`, and the memory.

        iteration: updates made before, a whole number: 0 at the first.
        """
        ...


@runtime_checkable
class CarriesMemory(Protocol):
    """A rule that keeps what it has learnt when the actions that may be used change; any other
    begins anew."""

    def carried(self, memory: Any, log_policy: Array, mask: Array) -> Any:
        """The memory for the new `log_policy` and `mask` [H, A]."""
        ...


@runtime_checkable
class PerAgent(Protocol):
    """A rule some of whose numbers are each agent's own, such as features that it has of what it
    sees."""

    def for_agents(self, n_agents: int) -> Any:
        """The rule with a leading axis N on all its arrays, an entry for each agent, whose methods
        take one of them. Raises InputError where they are of other agents."""
        ...


@runtime_checkable
class NeedsSoftValues(Protocol):
    """A rule that learns from soft values of its own temperature and from no others: any oracle
    that does not give them is refused."""

    @property
    def needs_temperature(self) -> float: ...


@runtime_checkable
class LimitedByScale(Protocol):
    """A rule whose parameters have limits that depend on the discount."""

    def check_scale(self, scale: float) -> None:
        """Raise InputError naming a parameter that is out of range where `View.scale` is that;
        called once, before the first iteration."""
        ...


def for_agents(rule: Any, n_agents: int) -> Any:
    """What is mapped over the agents beside their data: the rule of each, or None where all have
    the same."""
    return rule.for_agents(n_agents) if isinstance(rule, PerAgent) else None


def at(rule: Any, iteration: Array) -> Any:
    """One of Potentia's rules with the values that its parameters have in this iteration, from 0
    on, where they are functions of it. A user's own rule is left as it is: it calls its functions
    itself."""
    values = {name: jnp.asarray(function(iteration), dtype=jnp.float64)
              for name, function in functions_of(rule).items()}
    return dataclasses.replace(rule, **values) if values else rule


class Stepped:
    """Base of rules with a `step_size` (eta), in (0, inf), a number or a function of the iteration:
    coerced to float64, checked once."""

    step_size: Number

    def __post_init__(self) -> None:
        if is_concrete(self.step_size):
            object.__setattr__(self, "step_size", positive_number(self.step_size, "step_size"))


def check_range(rule: Any, name: str, check: Callable[[object, str], Any] = positive_number, *,
                most: float = math.inf, unlimited: bool = False) -> None:
    """Coerce a parameter of a rule that a user gave as a number to float64, and check it.

    check: what it must be at least, of `potentia.errors`. most: the largest that it may be.
    unlimited: whether inf will do. Raises InputError that names the parameter.
    """
    value = getattr(rule, name)
    if not is_concrete(value) or (unlimited and isinstance(value, float) and value == math.inf):
        return
    number = check(value, name)
    if number > most:
        raise InputError(f"{name} is {number:g}, but it must be at most {most:g}")
    object.__setattr__(rule, name, number)


def visited(view: View, policy: Array) -> Array:
    """[H, A] where the agent came, by its own data: the state has visitation, and the value differs
    from v, which is what an oracle that plays tells of an action that was not played. A sure action
    is worth v and was played. A state where one of several actions alone was played tells v of all,
    and counts as not visited."""
    # The one action there is may come out of logits at a rounding below 1.
    told = (view.q != view.v[:, None]) | (policy > 1 - ROUNDING)
    return view.mask & (view.visitation > 0)[:, None] & told
