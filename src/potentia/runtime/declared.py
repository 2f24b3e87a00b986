"""How a user declares a rule, an oracle or a schedule: as a frozen dataclass, its fields marked
where it matters.

A plain `@dataclasses.dataclass(frozen=True)` works as well; the decorators say what the class is
for, and compare objects by identity, since fields may be arrays.
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar, dataclass_transform

from potentia.runtime.pytree import static, traced

T = TypeVar("T")

__all__ = ["oracle", "rule", "schedule", "static", "traced"]


@dataclass_transform(frozen_default=True, eq_default=False,
                     field_specifiers=(static, traced, dataclasses.field))
def rule(cls: type[T]) -> type[T]:
    """Class decorator: a rule of one's own, a frozen dataclass with `init` and `update` (see
    `potentia.rules`).

        @pt.rules.rule
        class Scaled:
            step_size: float = 0.1

            def init(self, log_policy, mask, key):
                return ()

            def update(self, log_policy, memory, view, iteration, key):
                moved = log_policy + self.step_size * view.scale * view.advantage
                return jax.nn.log_softmax(jnp.where(view.mask, moved, -jnp.inf)), memory

    Floats and arrays are data: another value needs no other program. Whole numbers, truth values,
    text and functions are part of the program, so that a whole number may be a shape. `static()`
    makes a field part of the program whatever it holds, `traced()` makes whole numbers data. Fields
    and memory may hold further dataclasses, tuples, lists, dicts and arrays. Objects are rebuilt
    inside the program without `__init__` and `__post_init__`.

    The class is never given to JAX, which takes classes with fields of the same names for each
    other. That is out of our hands where a class's author registers it with JAX and passes it into
    a `jax.jit`, `scan` or `vmap` of their own: there, a class defined anew under the same field
    names may run an earlier one's program.
    """
    return _declared(cls)


@dataclass_transform(frozen_default=True, eq_default=False,
                     field_specifiers=(static, traced, dataclasses.field))
def oracle(cls: type[T]) -> type[T]:
    """Class decorator: an oracle of one's own, a frozen dataclass with
    `evaluate(game, profile, key) -> Evaluation`.

    `exact` (its values are the game's own, without which no run ends as CONVERGED) and `batched`
    (many runs side by side) are False unless the class says otherwise, and `check(game)` may refuse
    games. Fields are data or part of the program as those of a rule are
    (`pt.rules.rule`). A function on the host may be called by `jax.pure_callback`: it is given
    float64 arrays and must return what it promised.
    """
    return _declared(cls)


@dataclass_transform(frozen_default=True, eq_default=False,
                     field_specifiers=(static, traced, dataclasses.field))
def schedule(cls: type[T]) -> type[T]:
    """Class decorator: a schedule of one's own, a frozen dataclass with `init` and `move` (see
    `potentia.schedules`).

        @pt.schedules.schedule
        class Pairs:
            def init(self, n_movers, key):
                return ()

            def move(self, memory, iteration, facts, key):
                return jnp.arange(facts.n_movers) // 2 == iteration % (facts.n_movers // 2), memory

    `needs_gains` and `coordinator` are False unless the class says otherwise. Fields are data or
    part of the program as those of a rule are (`pt.rules.rule`).
    """
    return _declared(cls)


def _declared(cls: type[T]) -> type[T]:
    # A class with a __repr__ of its own keeps it.
    return dataclasses.dataclass(frozen=True, eq=False, repr="__repr__" not in vars(cls))(cls)
