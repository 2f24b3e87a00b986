"""The kinds of link costs, and what a game asks of any of them: `Costs`.

Means over a random load are found by one of two methods. Where costs are polynomials of the load, a
few power sums hold all that is asked for, whatever the number of agents (`power_sums`). Costs of
any other kind become a table by the number of agents, which is averaged over the distribution of
the load (`load_windows`). `Costs.coefficients` says which: they are there for polynomials, and None
otherwise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from math import comb
from typing import ClassVar, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.console.text import counted
from potentia.errors import InputError
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.runtime.pytree import Leaf, static, tree

WHOLE = 1e-14             # share by which rounding may put a whole number of agents off


MOST_POWER = 7            # that is not whole and whose means are taken by sums over the agents


@runtime_checkable
class Costs(Protocol):
    """Costs of E links, each a function of its own load in vehicles that is not negative and never
    falls."""

    kind: ClassVar[str]                               # as files call it; see `KINDS`

    @property
    def n_links(self) -> int: ...                     # E
    @property
    # [E, K+1] of 1, x, ..., x^K; None where costs are no polynomials
    def coefficients(self) -> Leaf | None: ...
    def at(self, load: Array) -> Array: ...           # [E, ...] costs at loads [E, ...]
    # so many, each so many vehicles
    def of_agents(self, n_agents: int, weight: np.float64) -> Costs: ...
    def kept(self, links: np.ndarray) -> Costs: ...   # of these links alone
    # with further links, whose costs are of the same kind
    def joined(self, more: Costs) -> Costs: ...
    # by a number [E] at any load, such as a toll; a negative one takes it off again
    def raised(self, by: Leaf) -> Costs: ...
    def arrays(self) -> dict[str, np.ndarray]: ...    # all that the class takes, for a file


@tree
class Polynomial:
    """c_e(x) = sum_j coefficients[e, j] x^j; coefficients: [E, K+1], K at least 1."""

    kind: ClassVar[str] = "polynomial"

    coefficients: Leaf

    @property
    def degree(self) -> int:
        """K."""
        return self.coefficients.shape[1] - 1

    @property
    def n_links(self) -> int:
        return self.coefficients.shape[0]

    def at(self, load: Array) -> Array:
        """Costs [E, ...] at loads [E, ...] in vehicles, by Horner's rule."""
        table = self.coefficients
        value = _along(table[:, -1], load) * load + _along(table[:, -2], load)
        for power in reversed(range(self.degree - 1)):
            value = value * load + _along(table[:, power], load)
        return value

    def of_agents(self, n_agents: int, weight: np.float64) -> Polynomial:
        """These costs for so many agents of that weight: as they are, of any load in vehicles."""
        return self

    def kept(self, links: np.ndarray) -> Polynomial:
        """The costs of these links alone."""
        return Polynomial(self.coefficients[links])

    def joined(self, more: Costs) -> Polynomial | PowerLaw:
        """With the polynomials of further links, of any degree; with power laws as power laws.
        Raises InputError for costs of another kind."""
        added = more.coefficients
        if added is None:
            return _power_law(self, more).joined(more)
        width = max(self.coefficients.shape[1], added.shape[1])
        return Polynomial(np.concatenate([np.pad(table, ((0, 0), (0, width - table.shape[1])))
                                          for table in (self.coefficients, added)]))

    def raised(self, by: Leaf) -> Polynomial:
        """With `by` [E] on each link at any load."""
        return Polynomial(self.coefficients + by[:, None] * np.eye(1, self.degree + 1))

    def arrays(self) -> dict[str, np.ndarray]:
        """The coefficients."""
        return _arrays(self)

    def marginal(self, weight: float) -> Polynomial:
        """What a further agent costs all: k c(w k) - (k - 1) c(w (k - 1)) at the load x = w k."""
        degree = self.coefficients.shape[1]
        # k^(j+1) - (k-1)^(j+1) = sum_i C(j+1, i) (-1)^(j-i) k^i, i <= j.
        table = np.array([[comb(j + 1, i) * (-1.0) ** (j - i) * weight ** (j - i) if i <= j else 0.0
                           for i in range(degree)] for j in range(degree)])
        return Polynomial(np.asarray(self.coefficients) @ table)


@tree
class PowerLaw:
    """c_e(x) = base + rise (x / scale)^power, all [E], for powers that are not whole."""

    kind: ClassVar[str] = "power-law"

    base: Leaf
    rise: Leaf
    scale: Leaf
    power: Leaf

    @property
    def n_links(self) -> int:
        return len(self.power)

    @property
    def coefficients(self) -> None:
        """None: no polynomials."""
        return None

    def at(self, load: Array) -> Array:
        """Costs [E, ...] at loads [E, ...] in vehicles."""
        base, rise, scale, power = (_along(column, load)
                                    for column in (self.base, self.rise, self.scale, self.power))
        return base + rise * (load / scale) ** power

    def of_agents(self, n_agents: int, weight: np.float64) -> PowerLaw:
        """These costs for so many agents of that weight: as they are, of any load in vehicles."""
        return self

    def kept(self, links: np.ndarray) -> PowerLaw:
        """The costs of these links alone."""
        return PowerLaw(**{name: column[links] for name, column in _arrays(self).items()})

    def joined(self, more: Costs) -> PowerLaw:
        """With the power laws of further links, or polynomials of one power to a link. Raises
        InputError for costs of another kind."""
        added = _arrays(_power_law(more, self))
        return PowerLaw(**{name: np.concatenate([column, added[name]])
                           for name, column in _arrays(self).items()})

    def raised(self, by: Leaf) -> PowerLaw:
        """With `by` [E] on each link at any load."""
        return dataclasses.replace(self, base=self.base + by)

    def marginal(self) -> PowerLaw:
        """c + x dc/dx, what a further agent of no size costs all: for many agents."""
        return dataclasses.replace(self, rise=np.asarray(self.rise) * (1.0 + self.power))

    def arrays(self) -> dict[str, np.ndarray]:
        """base, rise, scale and power."""
        return _arrays(self)


@tree
class Tabulated:
    """c_e at a load of k agents is table[e, k-1]; table: [E, n]. weight: vehicles of an agent."""

    kind: ClassVar[str] = "tabulated"

    table: Leaf
    weight: Leaf

    @property
    def n_links(self) -> int:
        return self.table.shape[0]

    @property
    def coefficients(self) -> None:
        """None: no polynomials."""
        return None

    def at(self, load: Array) -> Array:
        """Costs [E, ...] at loads [E, ...] in vehicles; linear between whole agents, level before
        the first and after the last."""
        number = (load / self.weight).reshape(len(self.table), -1)
        # Whole agents cost what the table says to the last bit, so that what is level never falls.
        off = jax.lax.stop_gradient(jnp.round(number) - number)
        number = number + jnp.where(jnp.abs(off) < WHOLE * number, off, 0.0)
        loads = jnp.arange(1, self.table.shape[1] + 2)
        table = jnp.pad(jnp.asarray(self.table), ((0, 0), (0, 1)), mode="edge")
        costs = jax.vmap(lambda at, column: jnp.interp(at, loads, column))(number, table)
        return costs.reshape(load.shape)

    def of_agents(self, n_agents: int, weight: np.float64) -> Tabulated:
        """The table with these agents' weight. Raises InputError if it ends before so many
        agents."""
        if self.table.shape[1] < n_agents:
            raise InputError(f"table has costs of up to {counted(self.table.shape[1], 'agent')}, "
                             f"but there are {n_agents:,}")
        return dataclasses.replace(self, weight=weight)

    def kept(self, links: np.ndarray) -> Tabulated:
        """The costs of these links alone."""
        return dataclasses.replace(self, table=self.table[links])

    def joined(self, more: Costs) -> Tabulated:
        """With the table of further links, as long as this one. Raises InputError for costs of
        another kind."""
        if not isinstance(more, Tabulated):
            raise _another_kind(self, more)
        if more.table.shape[1] != self.table.shape[1]:
            raise InputError(f"the links' costs are of up to {self.table.shape[1]:,} agents, the "
                             f"new link's of up to {more.table.shape[1]:,}: give both of as many")
        return dataclasses.replace(self, table=np.concatenate([self.table, more.table]))

    def raised(self, by: Leaf) -> Tabulated:
        """With `by` [E] on each link at any load."""
        return dataclasses.replace(self, table=self.table + by[:, None])

    def arrays(self) -> dict[str, np.ndarray]:
        """table and weight."""
        return _arrays(self)


@tree
class Function:
    """A JAX function of the user's own, from loads [E, ...] in vehicles to costs [E, ...].

    added: [E] what each link costs besides, whatever the load is; nothing if None.
    """

    kind: ClassVar[str] = "function"

    function: Callable[[Array], Array] = static()
    n_links: int = static()
    added: Leaf | None = None

    @property
    def coefficients(self) -> None:
        """None: whether it is a polynomial cannot be seen."""
        return None

    def at(self, load: Array) -> Array:
        """Costs [E, ...] at loads [E, ...]."""
        own = self.function(load)
        return own if self.added is None else own + _along(self.added, load)

    def of_agents(self, n_agents: int, weight: np.float64) -> Function:
        """These costs for so many agents of that weight: as they are, of any load in vehicles."""
        return self

    def kept(self, links: np.ndarray) -> Function:
        """Raises InputError: a function of all links gives none of some."""
        raise InputError(
            "costs that are one function of all links cannot be told apart: build the game anew")

    def joined(self, more: Costs) -> Function:
        """Raises InputError: a function of all links gives none of more."""
        raise InputError(
            "costs that are one function of all links cannot be joined: build the game anew")

    def raised(self, by: Leaf) -> Function:
        """With `by` [E] on each link at any load."""
        return dataclasses.replace(self, added=by if self.added is None else self.added + by)

    def arrays(self) -> dict[str, np.ndarray]:
        """Raises InputError: a function is no array."""
        raise InputError(
            "costs that are a Python function cannot be written to a file; `tabulated` ones can")


# What a file may hold, by the name that it gives the kind: `KINDS[costs.kind](**costs.arrays())`
# are the same costs.
KINDS: dict[str, type[Polynomial | PowerLaw | Tabulated]] = {
    cls.kind: cls for cls in (Polynomial, PowerLaw, Tabulated)}


def summed(costs: Costs) -> bool:
    """Whether a few sums over the agents give all means, however many agents there are; other costs
    take a table by the number of agents."""
    return costs.coefficients is not None or (isinstance(costs, PowerLaw)
                                              and float(np.max(costs.power)) <= MOST_POWER)


def on_host(costs: Costs, load: np.ndarray) -> np.ndarray:
    """Costs [E, ...] at loads [E, ...] in vehicles, by NumPy where that needs no program."""
    if isinstance(costs, Polynomial | PowerLaw):
        with np.errstate(all="ignore"):         # as JAX has it: what is not finite is the caller's
            return np.asarray(costs.at(load))  # pyright: ignore[reportArgumentType]
    with float64_on_one_blas_thread():
        return np.asarray(costs.at(jnp.asarray(load)))


def steep_links(costs: Costs) -> str:
    """Which powers are beyond `MOST_POWER`, for a message that ends with it; "" where none is."""
    if not isinstance(costs, PowerLaw) or summed(costs):
        return ""
    power = np.asarray(costs.power)
    return (f"; the powers of {counted(int((power > MOST_POWER).sum()), 'link')} are higher, up "
            f"to {power.max():g}")


def _arrays(costs: Polynomial | PowerLaw | Tabulated) -> dict[str, np.ndarray]:
    return {field.name: np.asarray(getattr(costs, field.name))
            for field in dataclasses.fields(costs)}


def _another_kind(costs: Costs, more: Costs) -> InputError:
    return InputError(f"costs of kind {costs.kind} and of kind {more.kind} do not go on one "
                      f"network, where a link is joined to others: give both in the same kind")


def _power_law(costs: Costs, beside: Costs) -> PowerLaw:
    """The same costs as power laws. Raises InputError where they are none, for a network on which
    the costs `beside` are."""
    if isinstance(costs, PowerLaw):
        return costs
    table = costs.coefficients
    if table is None or not isinstance(beside, PowerLaw):
        raise _another_kind(beside, costs)
    rising = np.asarray(table)[:, 1:]
    if (np.count_nonzero(rising, axis=1) > 1).any():
        raise InputError("a link whose cost is a polynomial of several powers and one whose cost "
                         "is a power law do not go on one network")
    power = np.where(rising.any(axis=1), (rising != 0).argmax(axis=1) + 1.0, 1.0)
    return PowerLaw(base=np.asarray(table)[:, 0], rise=rising.sum(axis=1),
                    scale=np.ones(len(power)), power=power)


def _along(column: Leaf, load: Array) -> Array:
    """A column [E] that broadcasts against loads [E, ...]."""
    return column.reshape(-1, *[1] * (load.ndim - 1))
