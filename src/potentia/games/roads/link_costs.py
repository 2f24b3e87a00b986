"""What links cost by their load, in vehicles, from what users give: checked, and of the kind that
fits (`cost_kinds`).

BPR costs (Bureau of Public Roads, 1964) are t0 (1 + b (x / capacity)^power) + fixed. With whole
powers they are polynomials, whose means follow from as many cumulants of the load as the power; any
other power, a table and a function of the user's own take the distribution (`load_windows`).
"""

from __future__ import annotations

import jax
import numpy as np

from potentia.errors import InputError
from potentia.games.checks import array_of
from potentia.games.roads.cost_kinds import Costs, Function, Polynomial, PowerLaw, Tabulated

__all__ = ["Costs", "Function", "Polynomial", "PowerLaw", "Tabulated", "bpr", "checked",
           "polynomial",
           "power_law", "tabulated"]

MOST_DEGREE = 8           # of polynomials; cumulants of a higher order lose digits


def bpr(free_flow_time: object, capacity: object, b: object = 0.15, power: object = 4.0,
        fixed: object = 0.0) -> Costs:
    """BPR costs free_flow_time (1 + b (x / capacity)^power) + fixed; each argument a number or [E].

    free_flow_time: not negative. capacity: positive, in vehicles; may be 0 where b is 0. b, power:
    not negative.
    fixed: time that passes whatever the load is, such as that of a crossing; not negative. Tolls
        are no time: `RoutingGame.from_links` takes them as `tolls`.

    Raises InputError naming the link.
    """
    time, space, factor, exponent, extra = _columns(free_flow_time=free_flow_time,
                                                    capacity=capacity, b=b, power=power,
                                                    fixed=fixed)
    _refuse_at("capacity", space, (space <= 0) & (factor > 0),
               ", but it must be positive where b is")
    return power_law(time + extra, time * factor, np.where(factor > 0, space, 1.0), exponent)


def power_law(base: object, rise: object, scale: object, power: object) -> Costs:
    """Costs base + rise (x / scale)^power; each argument a number or [E], not negative, and scale
    positive.

    Raises InputError naming the link.
    """
    constant, slope, unit, exponent = _columns(base=base, rise=rise, scale=scale, power=power)
    _refuse_at("scale", unit, unit <= 0, ", but it must be positive")
    exponent = np.where(slope > 0, exponent, 1.0)
    if (exponent != np.round(exponent)).any() or exponent.max() > MOST_DEGREE:
        return PowerLaw(base=constant, rise=slope, scale=unit, power=exponent)
    coefficients = np.zeros((constant.size, max(int(exponent.max()), 1) + 1))
    coefficients[:, 0] = constant
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        steep = slope / unit ** exponent
    _refuse_at("rise / scale^power", steep, ~np.isfinite(steep), ", beyond float64")
    coefficients[np.arange(constant.size), exponent.astype(int)] += steep
    return Polynomial(coefficients)


def polynomial(coefficients: object) -> Polynomial:
    """c_e(x) = sum_j coefficients[e, j] x^j, coefficients [E, K+1] not negative, so that costs
    never fall.

    Raises InputError naming the entry at fault.
    """
    table = array_of(coefficients, "coefficients").astype(np.float64)
    if table.ndim != 2 or not 1 <= table.shape[1] <= MOST_DEGREE + 1:
        raise InputError(
            f"coefficients has shape {table.shape}, but it must be [links, 1 to {MOST_DEGREE + 1}]")
    bad = ~np.isfinite(table) | (table < 0)
    if bad.any():
        link, power = (int(k) for k in np.argwhere(bad)[0])
        raise InputError(f"coefficients[link={link}, power={power}] is {table[link, power]:g}, but "
                         f"it must be finite and not negative")
    return Polynomial(np.pad(table, ((0, 0), (0, max(2 - table.shape[1], 0)))))


def tabulated(table: object) -> Tabulated:
    """Costs by the number of agents: table [E, n], entry k-1 at a load of k; finite, not negative,
    never falling. What an agent weighs is the game's.

    Raises InputError naming the link and the load.
    """
    costs = array_of(table, "table").astype(np.float64)
    if costs.ndim != 2 or not costs.size:
        raise InputError(f"table has shape {costs.shape}, but it must be [links, loads 1..n]")
    falls = np.pad(costs[:, 1:] < costs[:, :-1], ((0, 0), (1, 0)))
    for bad, why in ((~np.isfinite(costs) | (costs < 0), "must be finite and not negative"),
                     (falls, "must not be less than at one agent fewer")):
        if bad.any():
            link, load = (int(k) for k in np.argwhere(bad)[0])
            raise InputError(f"table[link={link}] at load {load + 1} is {costs[link, load]:g}, but "
                             f"it {why}")
    return Tabulated(costs, np.float64(1.0))


def checked(costs: object) -> Costs:
    """`costs`, if that is what they are, whoever made them. Raises InputError naming the link whose
    costs are negative or fall; those of a function are found out by the game."""
    if not isinstance(costs, Costs):
        raise InputError(
            f"costs is a {type(costs).__name__}, but it must be made by link_costs, such as bpr")
    if jax.tree_util.all_leaves([costs]):
        raise InputError(f"costs is a {type(costs).__name__}, a class that JAX does not know: "
                         f"register it as a pytree, or give a function as link_costs.Function")
    if isinstance(costs, Polynomial):
        polynomial(costs.coefficients)
    elif isinstance(costs, PowerLaw):
        power_law(**costs.arrays())
    elif isinstance(costs, Tabulated):
        tabulated(costs.table)
    return costs


def _columns(**numbers: object) -> list[np.ndarray]:
    """Numbers or columns [E] as columns of one length, finite and not negative."""
    columns = {name: np.atleast_1d(array_of(value, name).astype(np.float64))
               for name, value in numbers.items()}
    for name, column in columns.items():
        if column.ndim > 1:
            raise InputError(f"{name} has shape {column.shape}, but it must be a number or [links]")
    try:
        shaped = np.broadcast_arrays(*columns.values())
    except ValueError:
        lengths = ", ".join(f"{name} has {column.size}" for name, column in columns.items())
        raise InputError(f"links have one number each, but {lengths}") from None
    for name, column in zip(columns, shaped, strict=True):
        _refuse_at(name, column, ~np.isfinite(column), ", not a finite number")
        _refuse_at(name, column, column < 0, ", but it must not be negative")
    return [np.array(column) for column in shaped]


def _refuse_at(name: str, column: np.ndarray, bad: np.ndarray, why: str) -> None:
    if bad.any():
        link = int(np.flatnonzero(bad)[0])
        raise InputError(f"{name}[link={link}] is {column[link]:g}{why}")
