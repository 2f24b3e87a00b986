"""Means of powers that are not whole, against the distribution of the load; and what every kind of
costs says of its gaps, against the certificate."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

import potentia as pt
from potentia import link_costs
from potentia.games.roads.power_means import NODES, PowerMeans
from potentia.games.roads.rows import Rows
from potentia.runtime.float64 import float64_on_one_blas_thread

KINDS = {  # probabilities of eight types of agents
    "rare": np.linspace(0.005, 0.01, 8),
    "mixed": np.linspace(0.05, 0.95, 8) ** 3,
    "often": np.linspace(0.3, 0.7, 8),
    "nearly sure or never": np.array([1 - 1e-4, 1 - 1e-3, 1 - 5e-4, 1e-3, 1e-4, 5e-4, 2e-3, 1.0]),
}


def distribution(agents: np.ndarray, probability: np.ndarray) -> np.ndarray:
    found = np.ones(1)
    for many, x in zip(agents, probability, strict=True):
        found = np.convolve(found, scipy.stats.binom.pmf(np.arange(many + 1), many, x))
    return found


def loads(kind: str, mean: float) -> tuple[np.ndarray, tuple[np.ndarray, ...], np.ndarray,
                                           np.ndarray]:
    """Probabilities of types, their power sums, and the distributions of the load of all of them
    and of all but one agent of the first."""
    x = np.linspace(0.85, 0.9, 8) if kind == "nearly all" else KINDS[kind]
    agents = np.clip(np.round(mean / 8 / x), 1, 2000).astype(int)
    sums = tuple(np.array([(agents * x**j).sum()]) for j in range(1, NODES + 1))
    return x, sums, distribution(agents, x), distribution(agents - (np.arange(8) == 0), x)


@partial(jax.jit, static_argnums=2)
def asked(sums: tuple, power: np.ndarray, order: int, own: float) -> dict:
    means = PowerMeans(sums, np.zeros(1), np.ones(1), power, order)
    one = Rows(group=np.zeros(1, int), node=np.zeros(1, int), following=np.ones((1, 1), int),
               usable=np.ones((1, 1), bool), links=np.zeros((1, 1), int), size=1, n_links=1)
    return {"joining": means.joining()[0], "leaving": means.leaving()[0],
            "total": means.total_cost(), "potential": means.potential(), "error": means.error()[0],
            "own": means.own_costs(one, jnp.full((1, 1), own))[0, 0]}


@pytest.mark.parametrize("power", [0.3, 6.5])
@pytest.mark.parametrize("mean", [1, 10, 300])
@pytest.mark.parametrize("kind", KINDS)
def test_means_are_those_of_the_distribution(kind: str, mean: float, power: float) -> None:
    """Within what is stated, and to 1e-10 at loads of hundreds."""
    x, sums, chance, without = loads(kind, mean)
    number = np.arange(len(chance))
    rising = np.append(0.0, np.cumsum(number[1:] ** power))
    true = {"joining": chance @ (1.0 + number) ** power,
            "leaving": chance @ (1.0 * number) ** power,
            "own": without @ (1.0 + number[:-1]) ** power,
            "total": chance @ number ** (power + 1.0), "potential": chance @ rising}
    with float64_on_one_blas_thread():
        found = {name: float(value) for name, value in asked(sums, np.array([power]),
                                                             int(power) + 2, x[0]).items()}
    for name in ("joining", "leaving", "own"):
        assert abs(found[name] - true[name]) <= found["error"], name
    for name in true:
        assert found[name] == pytest.approx(true[name], rel=1e-4 if mean < 300 else 1e-10), name


@pytest.mark.parametrize("order", [6, 8])
@pytest.mark.parametrize("mean", [25, 65, 300])
@pytest.mark.parametrize("kind", [*KINDS, "nearly all"])
def test_errors_say_something(kind: str, mean: float, order: int) -> None:
    """An error that covers everything would not."""
    x, sums, chance, _ = loads(kind, mean)
    number = np.arange(len(chance))
    with float64_on_one_blas_thread():
        found = {name: float(value) for name, value in asked(sums, np.array([4.6]), order,
                                                             x[0]).items()}
    true = chance @ (1.0 + number) ** 4.6
    assert abs(found["joining"] - true) <= found["error"] <= 1e-4 * true


@pytest.mark.parametrize("power", [0.0, 0.3, 1.0, 1.5, 3.2])
@pytest.mark.parametrize("mean", [1, 10, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_errors_hold_beside_links_of_high_powers(kind: str, mean: float, power: float) -> None:
    """The order is one for all links; far above a power the quadrature is coarse."""
    x, sums, chance, without = loads(kind, mean)
    number = np.arange(len(chance))
    with float64_on_one_blas_thread():
        found = {name: float(value) for name, value in asked(sums, np.array([power]), 8,
                                                             x[0]).items()}
    assert abs(found["joining"] - chance @ (1.0 + number) ** power) <= found["error"]
    assert abs(found["own"] - without @ (1.0 + number[:-1]) ** power) <= found["error"]
    if power:      # at the load itself 0 agents cost 0^0
        assert abs(found["leaving"] - chance @ (1.0 * number) ** power) <= found["error"]


LINKS = [(1, 2), (1, 3), (2, 3), (2, 4), (3, 4), (1, 4), (3, 5), (4, 5)]
FEW, MANY = [(1, 5, 30), (2, 5, 10), (1, 4, 20)], [(1, 5, 700), (2, 5, 500), (1, 4, 300)]


def curved(load: np.ndarray) -> np.ndarray:
    return 1.0 + 0.01 * load**1.5


def by_kind(kind: str, rng: np.random.Generator) -> tuple[link_costs.Costs, list]:
    """Random costs of a kind, and the demand that takes their means by the method for it."""
    time, capacity = rng.uniform(1, 10, 8), rng.uniform(5, 60, 8)
    if kind == "whole powers":
        return link_costs.bpr(time, capacity, 0.15, rng.integers(1, 5, 8) * 1.0), MANY
    if kind == "powers":
        power = np.append(rng.uniform(0.3, 5.9, 7), 5.5)
        return link_costs.bpr(time, 25 * capacity, 0.15, power), MANY
    if kind == "powers of few agents":
        return link_costs.bpr(time, capacity, 0.15, rng.uniform(0.3, 5.9, 8)), FEW
    if kind == "high powers":
        return link_costs.bpr(time, 25 * capacity, 0.15, rng.uniform(8.5, 17, 8)), MANY
    if kind == "tables":
        return link_costs.tabulated(np.sort(rng.integers(0, 30, (8, 60)), axis=1)), FEW
    if kind == "functions":
        return link_costs.Function(curved, 8), FEW
    return link_costs.polynomial(rng.uniform(0, 1, (8, 4)) / 60.0 ** np.arange(4)), MANY


@pytest.mark.parametrize(("kind", "policies"), [
    ("whole powers", "type"), ("whole powers", "destination"), ("powers", "type"),
    ("powers", "destination"), ("powers of few agents", "type"), ("high powers", "type"),
    ("tables", "type"), ("functions", "type"), ("polynomials", "type")])
def test_gaps_with_their_errors_meet_the_certificate(kind: str, policies: str) -> None:
    """56 random networks of each kind, 504 in all, at profiles from even to nearly pure."""
    rng = np.random.default_rng(0)
    for draw in range(56):
        costs, demand = by_kind(kind, rng)
        game = pt.RoutingGame.from_links(LINKS, costs, demand, policies=policies)
        mask = np.asarray(game.mask)
        weights = rng.exponential(size=mask.shape) ** (0.2 + draw % 7) * mask
        profile = weights / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-300)
        response, certificate = game.best_response(profile), pt.certify(game, profile)
        gain, error = np.asarray(response.gain), np.asarray(response.error)
        assert (gain + error >= certificate.per_agent_lower).all()
        if policies == "type":
            assert (gain - error <= certificate.per_agent).all()
        # An error that covers everything would say nothing.
        assert (error <= 1e-6 * np.abs(certificate.values)).all() or policies == "destination" \
            or kind == "high powers"


@pytest.mark.parametrize("power", [12.0, 16.83])
def test_no_noise_of_dear_costs_is_called_converged(power: float) -> None:
    """Near an equilibrium the gap is less than what the transform's noise leaves of it."""
    n = 5000
    costs = link_costs.bpr([10.0, 9.0, 5.0, 6.0], [0.8 * n, 20.0, 50.0, 60.0], 0.15, power)
    game = pt.RoutingGame.from_links([(1, 2), (1, 2), (1, 3), (3, 2)], costs, [(1, 2, n)])
    result = pt.solve(game, pt.rules.AdaptiveINPG(), initial="uniform", tolerance=1e-6,
                      max_iterations=150, progress=False)
    response, certificate = game.best_response(result.profile), pt.certify(game, result)
    assert (response.gain + response.error >= certificate.per_agent_lower).all()
    assert result.status is not pt.Status.CONVERGED or certificate.nash_gap_lower <= 1e-6


@pytest.mark.parametrize("n_agents", [1, 2, 3])
def test_who_takes_a_link_for_sure_leaves_no_hole_in_its_mean(n_agents: int) -> None:
    """Where 1 - x (1 - e^-t) is 0 to rounding, nothing is divided by it."""
    with float64_on_one_blas_thread():
        law = PowerMeans((jnp.full(1, float(n_agents)),) * NODES, jnp.zeros(1), jnp.ones(1),
                         jnp.full(1, 5.5), 7)
        joining, leaving = float(law.joining()[0]), float(law.leaving()[0])
    assert joining == pytest.approx((1.0 + n_agents) ** 5.5, rel=1e-9)
    assert leaving == pytest.approx(n_agents ** 5.5, rel=1e-9)


@pytest.mark.parametrize("power", [0.3, 5.5])
def test_links_that_nobody_takes_cost_nothing_more(power: float) -> None:
    """Beside one that is taken: links are columns of one program, and do not meet in it."""
    x, sums, _, _ = loads("mixed", 300)
    order = int(power) + 2
    with float64_on_one_blas_thread():
        alone = asked(sums, np.array([power]), order, x[0])
        beside = PowerMeans(tuple(jnp.array([0.0, total[0]]) for total in sums), jnp.zeros(2),
                            jnp.ones(2), jnp.full(2, power), order)
        for name in ("joining", "leaving", "error"):
            empty, taken = getattr(beside, name)()
            assert float(taken) == pytest.approx(float(alone[name]),
                                                 rel=0.5 if name == "error" else 1e-12), name
            assert float(empty) == pytest.approx(float(name == "joining"), abs=1e-5), name
        assert float(beside.total_cost()) == pytest.approx(float(alone["total"]), rel=1e-12)
        assert float(beside.potential()) == pytest.approx(float(alone["potential"]), rel=1e-12)
        assert float(beside.total_error()) == pytest.approx(
            float(alone["error"] * sums[0][0]), rel=0.5)
