"""What a routing game is refused for: each fault is named in one line."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.roads import link_costs, room

DIAMOND = [(1, 2), (1, 3), (2, 4), (3, 4), (2, 3)]
PLAIN = link_costs.polynomial([[1.0, 1.0]] * 5)
STEEP = link_costs.bpr([1.0] * 5, 1e3, power=9.5)


def function(costs) -> link_costs.Function:
    return link_costs.Function(costs, 5)


REFUSED = {
    "unknown policies": ({"policies": "typ"}, r"^unknown policies 'typ'; did you mean 'type'\?$"),
    "no iterations": ({"reorient_every": 0}, r"^reorient_every is 0, but it must be at least 1$"),
    "half an iteration": ({"reorient_every": 1.5}, r"^reorient_every is 1\.5, not a whole number$"),
    "no weight": ({"weight": 0}, r"^weight is 0, but it must be positive$"),
    "no detour": ({"detour": -1}, r"^detour is -1, but it must be positive$"),
    "no horizon": ({"horizon": 0}, r"^horizon is 0, but it must be at least 1$"),
    "too short a horizon": ({"horizon": 1},
                            r"^destination 4 cannot be reached from origin 1 within 1 steps$"),
    "masked links": ({"links": np.ma.array(DIAMOND, mask=True)},
                     r"^links is a masked array, but every entry must be"),
    "links as text": ({"links": "1 2"}, r"^links holds <U3, not whole numbers$"),
    "links of different lengths": ({"links": [(1, 2), (1,)]},
                                   r"^links is not an array: .*inhomogeneous"),
    "links in halves": ({"links": [(1.5, 2)]}, r"^links holds float64, not whole numbers$"),
    "a list of nodes": ({"links": [1, 2, 3]},
                        r"^links has shape \(3,\), but it must be \[links, 2\], node numbers"),
    "no links": ({"links": np.zeros((0, 2), int)}, r"^links has shape \(0, 2\)"),
    "costs of other links": ({"costs": link_costs.bpr([1.0, 2.0], 1.0)},
                             r"^costs are of 2 links, but there are 5$"),
    "costs as numbers": ({"costs": [1.0] * 5},
                         r"^costs is a list, but it must be made by link_costs, such as bpr$"),
    "a link to itself": ({"links": [*DIAMOND[:4], (3, 3)]},
                         r"^links\[4\] leads from node 3 to itself$"),
    "closed by name": ({"closed": ["1"]}, r"^closed holds <U1, not whole numbers$"),
    "demand as text": ({"demand": "all"}, r"^demand holds <U3, not whole numbers$"),
    "demand in halves": ({"demand": [(1, 4, 0.5)]}, r"^demand holds float64, not whole numbers$"),
    "demand without numbers": ({"demand": [(1, 4)]},
                               r"^demand has shape \(1, 2\), but it must be rows \(origin, "
                               r"destination, agents\)$"),
    "no demand": ({"demand": np.zeros((0, 3), int)}, r"^demand has shape \(0, 3\)"),
    "no such origin": ({"demand": [(1, 4, 1), (9, 4, 1)]},
                       r"^demand\[1\] has the origin 9, which no link touches$"),
    "no such destination": ({"demand": [(1, 0, 1)]},
                            r"^demand\[0\] has the destination 0, which no link touches$"),
    "fewer than no agents": ({"demand": [(1, 4, -2)]},
                             r"^demand\[0\] = \(1, 4, -2\) \(origin, destination, agents\) has a "
                             r"negative number"),
    "nowhere to go": ({"demand": [(1, 4, 1), (4, 4, 2)]},
                      r"^demand\[1\] = \(4, 4, 2\) \(.*\) has nowhere to go$"),
    "no agents": ({"demand": [(1, 4, 0)]}, r"^demand has no agents$"),
    "no way": ({"demand": [(4, 1, 1)]}, r"^destination 1 cannot be reached from origin 4$"),
    "an infinite cost": ({"costs": function(lambda x: x / jnp.zeros(5))},
                         r"^costs\[link=0\] of one agent is inf, but it must be finite and not "
                         r"negative$"),
    "a negative cost": ({"costs": function(lambda x: x - jnp.array([0, 0, 2.5, 0, 0]))},
                        r"^costs\[link=2\] of one agent is -1\.5, but it must be finite and not "
                        r"negative$"),
    "costs of no links": ({"costs": function(lambda x: jnp.sum(x))},
                          r"^costs have shape \(\) at loads \(5,\), but there must be one for each "
                          r"load$"),
    "a cost that ends": ({"costs": function(lambda x: jnp.where(x > 2, jnp.inf, x))},
                         r"^costs\[link=0\] of 3 agents is inf, not finite$"),
    "a cost that turns negative": ({"costs": function(lambda x: jnp.where(x > 3, -x, x))},
                                   r"^costs\[link=0\] of 4 agents is -4, negative$"),
    "a cost that falls": ({"costs": function(lambda x: jnp.where(x == 2, 0.5 * x, 2.0))},
                          r"^costs\[link=0\] of 2 agents is 1, less than at one agent fewer$"),
    "a table that falls": ({"costs": link_costs.Tabulated(np.array([[2.0, 3.0, 3.0]] * 3
                                                                   + [[2.0, 1.0, 3.0]] * 2), 1.0)},
                           r"^table\[link=3\] at load 2 is 1, but it must not be less than at one "
                           r"agent fewer$"),
    "a polynomial that falls": ({"costs": link_costs.Polynomial(np.array([[10.0, -1.05]] * 5))},
                                r"^coefficients\[link=0, power=1\] is -1\.05, but it must be"),
    "a power law that falls": ({"costs": link_costs.PowerLaw(*np.array([[1.0] * 5, [-1.0] * 5,
                                                                        [1.0] * 5, [1.5] * 5]))},
                               r"^rise\[link=0\] is -1, but it must not be negative$"),
    "destinations whose costs are no powers": (
        {"costs": function(lambda x: x), "policies": "destination"},
        r"^policies='destination' needs costs that are polynomials, or powers of at most 7, such "
        r"as BPR costs$"),
    "destinations whose power is too large": (
        {"costs": link_costs.bpr([1.0] * 5, 1.0, power=9.5), "policies": "destination"},
        r"^policies='destination' needs costs that are polynomials, or powers of at most 7, such "
        r"as BPR costs; the powers of 5 links are higher, up to 9\.5; 10,000,000 agents, of less "
        r"weight each, would do$"),
    "too long a table": ({"costs": link_costs.bpr([1.0] * 5, 1.0, power=9.5),
                          "demand": [(1, 4, 10**9)]},
                         r"^costs by load of 5 links and 1,000,000,000 agents need 40,000 MB, but "
                         r"the limit is 2,000 MB; what fits: -p n_agents=50000000$"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_named_in_one_line(case):
    changed, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        pt.RoutingGame.from_links(**{"links": DIAMOND, "costs": PLAIN, "demand": [(1, 4, 3)],
                                     **changed})
    assert "\n" not in str(caught.value)


def test_more_rows_than_fit_into_memory_are_refused(monkeypatch):
    monkeypatch.setattr(room, "physical_memory", lambda: 2 * 10**6)
    demand = [(1, 4, 1)] * 1000
    with pytest.raises(InputError,
                       match=r"^3,000 rows of 2 links need about 2 MB, but this machine has 2 MB; "
                             r"what fits: -p policies=destination$"):
        pt.RoutingGame.from_links(DIAMOND, PLAIN, demand)
    assert len(pt.RoutingGame.from_links(DIAMOND, PLAIN, demand,
                                         policies="destination").rows.node) == 3
    short = ([*DIAMOND, (1, 4)], link_costs.polynomial([[1.0, 1.0]] * 6), demand)
    with pytest.raises(InputError, match=r"-p policies=destination or -p detour=1\.5$"):
        pt.RoutingGame.from_links(*short)
    assert (pt.RoutingGame.from_links(*short, detour=1.5).rows.node >= 0).sum() == 1000


@pytest.mark.parametrize(("asked", "memory", "message"), [
    ({"horizon": 10**9}, None,
     r"4 nodes and 5 links at each of 1,000,000,000 steps .* MB; a shorter horizon needs less$"),
    ({"demand": [(1, 4, 10**12)], "policies": "agent"}, None,
     r" with paths of 10\^12 policies need about .* MB; policies='destination' or policies='type' "
     r"needs less$"),
    ({"demand": [(1, 4, 2000)], "policies": "agent"}, 10**6,
     r"^6,000 rows of 2 links need about 5 MB, .* MB; what fits: -p policies=destination or "
     r"-p policies=type$"),
    ({"demand": [(1, 4, 2000)], "costs": STEEP, "policies": "agent"}, 3 * 10**5,
     r"; what fits: -p policies=type$"),
    ({"demand": [(1, 4, 2000)], "costs": STEEP}, 40_000,
     r"^3 rows of 2 links need about 0 MB, .* MB; what fits: -p n_agents=810$"),
    ({"demand": [(1, 4, 2000)], "costs": STEEP, "detour": 1.0}, 1000,
     r"; no policies, detour or number of agents would make it fit$"),
    ({"horizon": 10**9, "policies": "destination", "detour": 1.0}, None,
     r" MB; a shorter horizon needs less$"),
])
def test_what_cannot_fit_is_refused_before_it_is_made(asked, memory, message, monkeypatch):
    if memory is not None:
        monkeypatch.setattr(room, "physical_memory", lambda: memory)
    with pytest.raises(InputError, match=message):
        pt.RoutingGame.from_links(**{"links": DIAMOND, "costs": PLAIN, "demand": [(1, 4, 3)],
                                     **asked})


@pytest.mark.parametrize("memory", [30_000, 60_000, 100_000])
def test_what_is_advised_fits_and_hardly_more_does(memory, monkeypatch):
    """The number of agents that a refusal names is taken; a third more is not."""
    monkeypatch.setattr(room, "physical_memory", lambda: memory)

    def game(n_agents: int) -> pt.RoutingGame:
        return pt.RoutingGame.from_links(DIAMOND, STEEP, [(1, 4, n_agents)])

    with pytest.raises(InputError, match="what fits: ") as caught:
        game(10**5)
    advised = int(str(caught.value).rpartition("=")[2])
    assert game(advised).n_agents == advised
    with pytest.raises(InputError, match="rows of 2 links"):
        game(4 * advised // 3)


@pytest.mark.parametrize("method", ["evaluate", "best_response", "link_flows", "wardrop_gap",
                                    "expected_travel_time", "relative_gap"])
def test_what_is_no_profile_is_refused_by_every_question(method):
    game = pt.RoutingGame.from_links(DIAMOND, PLAIN, [(1, 4, 3)])
    uniform = np.asarray(game.initial_profile("uniform", 0))
    for profile, message in ((uniform[:1], "profile has shape"), (uniform * 0.5, "sums to 0.5"),
                             (np.full_like(uniform, np.nan), "nan")):
        with pytest.raises(InputError, match=message):
            getattr(game, method)(profile)


COSTS_REFUSED = {
    "a rise beyond float64": (lambda: link_costs.bpr([1.0, 1e300], 1e-3),
                              r"^rise / scale\^power\[link=1\] is inf, beyond float64$"),
    "columns of different lengths": (lambda: link_costs.bpr([1.0, 2.0], [1.0, 2.0, 3.0]),
                                     r"^links have one number each, but free_flow_time has 2, "
                                     r"capacity has 3, b has 1, "
                                     r"power has 1, fixed has 1$"),
    "a table for a column": (lambda: link_costs.bpr([[1.0], [2.0]], 1.0),
                             r"^free_flow_time has shape \(2, 1\), but it must be a number or "
                             r"\[links\]$"),
    "a time of nan": (lambda: link_costs.bpr([1.0, np.nan], 1.0),
                      r"^free_flow_time\[link=1\] is nan, not a finite"),
    "a negative time": (lambda: link_costs.bpr([1.0, -2.0], 1.0),
                        r"^free_flow_time\[link=1\] is -2, but it must not be negative$"),
    "a time by name": (lambda: link_costs.bpr("long", 1.0),
                       r"^free_flow_time holds <U4, not real numbers$"),
    "no room": (lambda: link_costs.bpr([1.0, 1.0], [1.0, 0.0]),
                r"^capacity\[link=1\] is 0, but it must be positive where b is$"),
    "an endless capacity": (lambda: link_costs.bpr(1.0, np.inf),
                            r"^capacity\[link=0\] is inf, not a finite number$"),
    "a negative power": (lambda: link_costs.bpr(1.0, 1.0, power=-1.0),
                         r"^power\[link=0\] is -1, but it must not be"),
    "no scale": (lambda: link_costs.power_law(1.0, 1.0, [1.0, 0.0], 2.0),
                 r"^scale\[link=1\] is 0, but it must be positive$"),
    "a negative rise": (lambda: link_costs.power_law(1.0, -1.0, 1.0, 2.0),
                        r"^rise\[link=0\] is -1, but it must not"),
    "a list of coefficients": (lambda: link_costs.polynomial([1.0, 2.0]),
                               r"^coefficients has shape \(2,\), but it must be \[links, 1 to "
                               r"9\]$"),
    "too high a degree": (lambda: link_costs.polynomial(np.ones((2, 10))),
                          r"^coefficients has shape \(2, 10\), but"),
    "no coefficients": (lambda: link_costs.polynomial(np.ones((2, 0))),
                        r"^coefficients has shape \(2, 0\), but"),
    "a negative coefficient": (lambda: link_costs.polynomial([[1.0, 1.0], [1.0, -1.0]]),
                               r"^coefficients\[link=1, power=1\] is -1, but it must be finite and "
                               r"not negative$"),
    "a coefficient of nan": (lambda: link_costs.polynomial([[np.nan]]),
                             r"^coefficients\[link=0, power=0\] is nan, b"),
    "a list of costs": (lambda: link_costs.tabulated([1.0, 2.0]),
                        r"^table has shape \(2,\), but it must be \[links, loads 1\.\.n\]$"),
    "no costs": (lambda: link_costs.tabulated(np.ones((2, 0))), r"^table has shape \(2, 0\)"),
    "a negative tabulated cost": (lambda: link_costs.tabulated([[1.0, 2.0], [1.0, -2.0]]),
                                  r"^table\[link=1\] at load 2 is -2, but it must be finite and "
                                  r"not negative$"),
}


@pytest.mark.parametrize("case", COSTS_REFUSED)
def test_bad_costs_are_named_in_one_line(case):
    build, message = COSTS_REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        build()
    assert "\n" not in str(caught.value)
