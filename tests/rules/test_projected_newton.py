"""Projected Newton steps: by hand on one state, and on roads, whose slopes are told."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import bush_update
from potentia.rules.base import View

MASK = np.array([[True, True, True, False]])
POLICY = np.array([[0.5, 0.3, 0.2, 0.0]])
Q = np.array([[1.0, 2.0, 4.0, 0.0]])
SLOPE = np.array([[6.0, 18.0, 4.0, 0.0]])


def view_of(q: np.ndarray, slope: np.ndarray | None, mask: np.ndarray = MASK) -> View:
    v = np.sum(POLICY[:, :q.shape[1]] * q, axis=1)
    return View(*map(jnp.asarray, (q, v, np.ones(1), mask, 1.0)),
                slope=None if slope is None else jnp.asarray(slope))


def stepped(rule: pt.rules.ProjectedNewton, view: View, policy: np.ndarray = POLICY,
            memory: object = None) -> tuple[np.ndarray, object]:
    with np.errstate(divide="ignore"):
        log_policy = jnp.asarray(np.log(policy))
    memory = rule.init(log_policy, view.mask, jax.random.key(0)) if memory is None else memory
    log_policy, memory = rule.update(log_policy, memory, view, jnp.zeros((), int), None)
    return np.exp(np.asarray(log_policy)), memory


def test_each_gives_up_what_makes_it_cost_the_same(x64) -> None:
    """The third is best: the first is to give (4 - 1) / (6 + 4), the second (4 - 2) / (18 + 4)."""
    found, _ = stepped(pt.rules.ProjectedNewton(step_size=1), view_of(Q, SLOPE))
    given = np.array([0.3, 1 / 11])
    np.testing.assert_allclose(found[0], [0.5 - given[0], 0.3 - given[1], 0.2 + given.sum(), 0.0],
                               rtol=1e-14)
    half, _ = stepped(pt.rules.ProjectedNewton(step_size=0.5), view_of(Q, SLOPE))
    np.testing.assert_allclose(half[0], [0.35, 0.3 - 1 / 22, 0.35 + 1 / 22, 0.0], rtol=1e-14)


def test_no_action_gives_more_than_it_has_and_all_go_where_costs_do_not_answer(x64) -> None:
    for slope in (SLOPE / 100, np.zeros((1, 4))):
        found, _ = stepped(pt.rules.ProjectedNewton(step_size=1), view_of(Q, slope))
        np.testing.assert_array_equal(found, [[0.0, 0.0, 1.0, 0.0]])


def test_what_rounding_may_explain_moves_nobody(x64) -> None:
    same = np.array([[1.0, 1.0 + 1e-15, 1.0, 0.0]])
    found, _ = stepped(pt.rules.ProjectedNewton(step_size=1), view_of(same, np.zeros((1, 4))))
    np.testing.assert_allclose(found, POLICY, rtol=1e-15)


def test_without_slopes_the_largest_value_stands_for_them(x64) -> None:
    found, _ = stepped(pt.rules.ProjectedNewton(step_size=1), view_of(Q, None))
    given = np.array([3 / 8, 2 / 8])
    np.testing.assert_allclose(found[0], [0.125, 0.05, 0.2 + given.sum(), 0.0], rtol=1e-14)
    scaled, _ = stepped(pt.rules.ProjectedNewton(step_size=1), view_of(1e6 * Q, None))
    np.testing.assert_allclose(scaled, found, rtol=1e-14)


def test_momentum_is_nesterovs_and_begins_anew_where_it_leads_astray(x64) -> None:
    rule, slope = pt.rules.ProjectedNewton(), 50 * SLOPE
    first, memory = stepped(rule, view_of(Q, slope))
    pace = (1 + np.sqrt(5)) / 2
    np.testing.assert_allclose(memory.pace, [pace])
    second, later = stepped(rule, view_of(Q, slope), first, memory)
    plain, _ = stepped(rule, view_of(Q, slope), first)
    weight = (pace - 1) / ((1 + np.sqrt(1 + 4 * pace**2)) / 2)
    np.testing.assert_allclose(second, plain + weight * (plain - first), rtol=1e-12)
    turned, anew = stepped(rule, view_of(-Q * MASK, 1e9 * SLOPE), second, later)
    np.testing.assert_allclose(anew.pace, [1.0])
    np.testing.assert_allclose(turned, second, atol=1e-7)


def test_other_actions_begin_without_momentum(x64) -> None:
    rule = pt.rules.ProjectedNewton()
    _, memory = stepped(rule, view_of(Q, SLOPE))
    kept = rule.carried(memory, jnp.log(jnp.asarray(POLICY)), jnp.asarray(MASK))
    np.testing.assert_array_equal(kept.pace, memory.pace)
    np.testing.assert_array_equal(kept.before, memory.before)
    four = np.full((1, 4), 0.25)
    anew = rule.carried(memory, jnp.log(jnp.asarray(four)), jnp.ones((1, 4), bool))
    np.testing.assert_array_equal(anew.pace, [1.0])
    np.testing.assert_allclose(anew.before, four)


def test_slopes_of_roads_are_tolls_to_go_and_what_passes_the_row(x64) -> None:
    """Two roads from 1 to 2, costs 3 + 2 x and 1 + x^2, then one to 3 of cost 5 x; six agents of
    half a vehicle, four of whom go on to 3."""
    game = pt.RoutingGame.from_links(
        [(1, 2), (1, 2), (2, 3)], pt.link_costs.polynomial([[3, 2, 0], [1, 0, 1], [0, 5, 0]]),
        [(1, 2, 2), (1, 3, 4)], weight=0.5)
    chosen = np.asarray(game.initial_profile("uniform", None)).copy()
    rows, starts = np.asarray(game.rows.link), np.asarray(game.trips.row)
    chosen[starts, 0] = np.where(rows[starts] == 0, 0.25, 0.75) * (rows[starts] < 3)
    slope = np.asarray(game.evaluate(chosen).slope)[:, 0]
    flow = 3 * np.array([0.25, 0.75])
    beyond = 2 * 5.0
    for kind, passing in enumerate((1.0, 2.0)):
        rise = np.array([2.0, 2 * flow[1]])
        expected = (flow + passing) * rise + (kind == 1) * (beyond + passing * 5.0)
        np.testing.assert_allclose(slope[starts[kind]][np.argsort(rows[starts[kind]])[:2]],
                                   expected, rtol=1e-14)


def test_few_iterations_reach_what_others_need_hundreds_for(x64) -> None:
    """Sioux Falls as drivers who are a millionth of a vehicle see it: a certified relative gap of
    1e-5 within 80 iterations, where steps that adapt to signs alone need more than 300."""
    game = pt.games.make("sioux-falls", n_agents=360_600_000_000, policies="destination")
    found = pt.solve(game, pt.rules.ProjectedNewton(), initial="uniform", max_iterations=80,
                     check_every=20, tolerance=None, relative_tolerance=1e-5, progress=False)
    assert found.status is pt.Status.CONVERGED
    assert pt.certify(game, found.profile).relative_gap <= 1e-5
    assert game.wardrop_gap(found.profile) < 1e-5


def test_many_alike_who_move_at_once_shorten_their_steps(x64) -> None:
    """Each of twelve agents knows of its own step alone; whole steps of all would send them from
    one road to the other for ever."""
    game = pt.RoutingGame.from_links(
        [(1, 2)] * 3, pt.link_costs.polynomial([[1, 1], [2, 2], [3, 2]]), [(1, 2, 12)],
        policies="agent")
    start = np.broadcast_to([0.2, 0.3, 0.5], np.shape(game.mask))
    found = pt.solve(game, pt.rules.ProjectedNewton(), initial=start, max_iterations=200,
                     check_every=50, tolerance=1e-8, progress=False)
    assert found.status is pt.Status.CONVERGED


def test_steps_that_were_too_much_do_not_grow_all_the_way_back(x64) -> None:
    """Costs that turn right round each time halve the step and lower its limit by a tenth."""
    rule, steep = pt.rules.ProjectedNewton(), 50 * SLOPE
    policy, memory = stepped(rule, view_of(Q, steep))
    memory = dataclasses.replace(memory, pace=jnp.ones(1))
    policy, memory = stepped(rule, view_of(-Q * MASK, steep), policy, memory)
    np.testing.assert_allclose([memory.step, memory.share], [[1.0], [0.9]])
    for _ in range(20):
        policy, memory = stepped(rule, view_of(0 * Q, steep), policy, memory)
    np.testing.assert_allclose(memory.step, [1.8])


def test_steep_costs_do_not_keep_steps_too_long(x64) -> None:
    """A grid of four by four whose links hold far less than their load: without a limit
    that comes down, steps of 2 went to and fro for ever at a relative gap above 1e-5."""
    nodes = np.arange(16).reshape(4, 4) + 1
    ways = [*zip(nodes[:, :-1].flat, nodes[:, 1:].flat, strict=True),
            *zip(nodes[:-1].flat, nodes[1:].flat, strict=True)]
    links = sorted((int(a), int(b)) for pair in ways for a, b in (pair, pair[::-1]))
    draws = np.random.default_rng(1)
    costs = pt.link_costs.bpr(draws.uniform(1, 5, len(links)), draws.uniform(1, 6, len(links)))
    game = pt.RoutingGame.from_links(links, costs, [
        (1, 16, 200), (4, 13, 150), (13, 4, 100), (16, 1, 120), (2, 15, 90), (8, 9, 60)])
    found = pt.solve(game, pt.rules.ProjectedNewton(), initial="uniform", max_iterations=1500,
                     check_every=20, tolerance=None, relative_tolerance=1e-6, progress=False)
    assert found.status is pt.Status.CONVERGED


def test_a_new_link_begins_with_as_much_as_it_is_better_by() -> None:
    before, allowed = np.array([[True, True, False, False]]), np.array([[True, False, True, True]])
    log_policy = np.log(np.array([[0.6, 0.4, 1.0, 1.0]]))
    better = np.array([[0.0, 0.0, 1e-5, -0.3]])
    found = np.exp(bush_update.carried(log_policy, before, allowed, better))
    np.testing.assert_allclose(found, [[1 - 1e-5 - 1e-12, 0.0, 1e-5, 1e-12]], rtol=1e-9)


def test_shares_are_stale_by_what_they_may_change() -> None:
    loads = np.full(10, 1e6)
    assert bush_update.is_stale(np.zeros(10), loads / 1e3)
    assert not bush_update.is_stale(loads, loads * 1.001)
    assert bush_update.is_stale(loads / 1e3, loads * 1.01 / 1e3)


def test_a_row_that_runs_empty_again_and_again_shortens_its_steps(x64) -> None:
    """A link with a power of 8, on a grid: too dear if nobody leaves it, cheap once some have. What
    momentum takes besides is no more than is there, so that steps are at fault."""
    mask = np.array([[True, True]])
    full = view_of(np.array([[-4.155, -8.675]]), np.array([[0.25, 102.0]]), mask)
    left = view_of(np.array([[-4.19, -2.6]]), np.array([[0.32, 9.86]]), mask)
    rule, policy, memory = pt.rules.ProjectedNewton(step_size=2), np.array([[0.0, 1.0]]), None
    for _ in range(20):
        policy, memory = stepped(rule, left if policy[0, 0] > 0 else full, policy, memory)
    assert memory.step[0] < 1


def test_no_step_vanishes_where_others_undo_it_each_time(x64) -> None:
    """What a step of next to nothing gains is for others to decide, who would halve it for ever."""
    rule, policy, memory = pt.rules.ProjectedNewton(step_size=2), POLICY, None
    for turn in range(60):
        policy, memory = stepped(rule, view_of(Q if turn % 2 else -Q * MASK, 50 * SLOPE), policy,
                                 memory)
    np.testing.assert_allclose(memory.step, [0.02], rtol=1e-12)


@pytest.mark.parametrize("step_size", [0.0, -1.0, 4.5, float("nan")])
def test_steps_out_of_range_are_refused(step_size: float) -> None:
    with pytest.raises(pt.InputError, match="step_size is"):
        pt.rules.ProjectedNewton(step_size=step_size)
