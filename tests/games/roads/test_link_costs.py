"""The kinds of link costs answer alike what a game asks of any of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.game import HasLinks, HasNormalForm
from potentia.games.roads import link_costs
from potentia.games.roads.cost_kinds import KINDS, Costs
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.welfare import traffic

LOADS = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
COSTS = {
    "polynomial": lambda: link_costs.polynomial([[1.0, 2.0, 0.0], [0.5, 0.0, 3.0],
                                                 [2.0, 0.0, 0.0]]),
    "power-law": lambda: link_costs.power_law([1.0, 0.0, 2.0], [0.0, 1.0, 3.0], 2.0,
                                              [0.5, 1.5, 2.5]),
    "tabulated": lambda: link_costs.tabulated([[1.0, 2.0, 4.0, 8.0], [0.0, 0.0, 1.0, 1.0],
                                               [3.0] * 4]),
}


def at(costs: Costs, loads: np.ndarray = LOADS) -> np.ndarray:
    with float64_on_one_blas_thread():
        return np.asarray(costs.at(np.broadcast_to(loads, (costs.n_links, len(loads)))))


def test_the_table_of_kinds_is_of_those_that_files_can_hold() -> None:
    assert KINDS.keys() == COSTS.keys()
    function = link_costs.Function(lambda load: 1.0 + load, 2)
    assert function.kind not in KINDS
    assert isinstance(function, Costs)
    with pytest.raises(InputError, match="a Python function cannot be written to a file"):
        function.arrays()


@pytest.mark.parametrize("kind", COSTS)
def test_costs_are_built_again_from_their_arrays(kind: str) -> None:
    costs = COSTS[kind]()
    assert isinstance(costs, Costs)
    assert costs.kind == kind
    assert (costs.coefficients is not None) == (kind == "polynomial")
    np.testing.assert_array_equal(at(KINDS[kind](**costs.arrays())), at(costs))


@pytest.mark.parametrize("kind", COSTS)
def test_links_are_kept_joined_and_raised_each_by_itself(kind: str) -> None:
    costs, tolls = COSTS[kind](), np.array([0.25, 0.0, 2.0])
    np.testing.assert_array_equal(at(costs.kept(np.array([2, 0]))), at(costs)[[2, 0]])
    np.testing.assert_array_equal(at(costs.joined(costs.kept(np.array([1])))),
                                  at(costs)[[0, 1, 2, 1]])
    np.testing.assert_allclose(at(costs.raised(tolls)), at(costs) + tolls[:, None], rtol=1e-15)


def test_polynomials_of_different_degrees_are_joined() -> None:
    straight, cubic = link_costs.polynomial([[1.0, 2.0]]), link_costs.polynomial(
        [[0.0, 1.0, 0.0, 4.0]])
    for one, other in ((straight, cubic), (cubic, straight)):
        np.testing.assert_array_equal(at(one.joined(other)), np.concatenate([at(one), at(other)]))


def test_links_of_one_power_are_joined_with_power_laws() -> None:
    """A road whose power is not whole may be built on a network of BPR's fourth powers, and the
    other way round: each costs what it did."""
    whole = link_costs.polynomial([[1.0, 0.0, 0.5], [2.0, 0.0, 0.0], [0.0, 3.0, 0.0]])
    broken = link_costs.power_law([1.0], [0.5], [2.0], [4.5])
    for one, other in ((whole, broken), (broken, whole)):
        np.testing.assert_allclose(at(one.joined(other)), np.concatenate([at(one), at(other)]),
                                   rtol=1e-15)
    built = pt.games.make("braess", n_agents=10).joined((1, 4), link_costs.bpr(0.5, 4.0, power=4.5))
    done = pt.solve(built, pt.rules.ProjectedNewton(), initial="uniform", tolerance=1e-9)
    assert pt.certify(built, done.profile).nash_gap < 1e-9


@pytest.mark.parametrize(("one", "other"), [pair for pair in itertools.permutations(COSTS, 2)
                                            if "tabulated" in pair])
def test_costs_of_another_kind_are_not_joined(one: str, other: str) -> None:
    with pytest.raises(InputError, match=r"^costs of kind [\w-]+ and of kind [\w-]+ do not go"):
        COSTS[one]().joined(COSTS[other]())


def test_polynomials_of_several_powers_are_no_power_laws() -> None:
    several, law = link_costs.polynomial([[1.0, 1.0, 1.0]]), COSTS["power-law"]()
    for one, other in ((several, law), (law, several)):
        with pytest.raises(InputError, match=r"^a link whose cost is a polynomial of several"):
            one.joined(other)


def test_a_function_of_all_links_is_raised_but_not_taken_apart() -> None:
    function = link_costs.Function(lambda load: 1.0 + load, 2)
    np.testing.assert_array_equal(at(function.raised(np.array([0.5, 2.0]))),
                                  at(function) + np.array([[0.5], [2.0]]))
    with pytest.raises(InputError, match="one function of all links cannot be told apart"):
        function.kept(np.array([0]))
    with pytest.raises(InputError, match="one function of all links cannot be joined"):
        function.joined(function)


def test_a_table_is_of_these_agents() -> None:
    table = COSTS["tabulated"]().of_agents(4, np.float64(2.0))
    np.testing.assert_array_equal(at(table, np.array([2.0, 8.0])),
                                  [[1.0, 8.0], [0.0, 1.0], [3.0, 3.0]])
    with pytest.raises(InputError, match=r"^table has costs of up to 4 agents, but there are 5$"):
        table.of_agents(5, np.float64(2.0))
    with pytest.raises(InputError,
                       match=r"^the links' costs are of up to 4 agents, the new link's of up to 2: "
                             r"give"):
        table.joined(link_costs.tabulated([[1.0, 2.0]]))


@pytest.mark.parametrize("weight", [1.0, 0.6933439138350554, 1e-3])
def test_whole_agents_cost_what_the_table_says_to_the_last_bit(weight: float) -> None:
    costs = np.sort(np.random.default_rng(0).random((20, 30)).round(2), axis=1) + 0.1
    costs[:, 20:] = costs[:, 20:21]
    game = pt.RoutingGame.from_links([(1, 2)] * 20, link_costs.tabulated(costs), [(1, 2, 30)],
                                     weight=weight)
    np.testing.assert_array_equal(game.table[:, 1:-1], costs)
    np.testing.assert_array_equal(game.table[:, -1], costs[:, -1])


def test_a_link_is_joined_only_with_costs() -> None:
    game = pt.games.make("pigou", n_agents=3)
    with pytest.raises(InputError,
                       match=r"^costs is a float, but it must be made by link_costs, such as bpr$"):
        game.joined((1, 2), 1.0)


def test_what_has_links_and_other_tables_is_said_by_the_game() -> None:
    roads, table = pt.games.make("braess", n_agents=2), pt.games.make("two-link-congestion")
    assert isinstance(roads, HasLinks)
    assert isinstance(roads, HasNormalForm)
    assert not isinstance(table, HasLinks)
    assert not isinstance(table, HasNormalForm)
    with pytest.raises(InputError, match=r"^game is a MarkovGame, but a RoutingGame is needed"):
        traffic.report(table, table.initial_profile("uniform", None))
