"""INPG with steps that adapt: they grow, shrink and end where they are said to, whatever the
rewards' unit is."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.rules.adaptive_inpg import StepMemory
from potentia.rules.base import View

pytestmark = pytest.mark.usefixtures("x64")
MASK = np.array([[True, True, True], [True, True, False]])
POLICY = np.array([[0.5, 0.3, 0.2], [0.25, 0.75, 0.0]])
Q = np.array([[-1.0, -2.0, -4.0], [-3.0, -1.0, -9.0]])


def view_of(policy, q=Q, mask=MASK) -> View:
    v = (policy * np.where(mask, q, 0.0)).sum(axis=1)
    return View(q=q, v=v, visitation=np.ones(len(q)), mask=mask, scale=np.float64(1.0))


def started(rule, policy=POLICY, mask=MASK) -> tuple[np.ndarray, StepMemory]:
    with np.errstate(divide="ignore"):
        log_policy = jnp.asarray(np.log(policy))
    return log_policy, rule.init(log_policy, mask, jax.random.key(0))


def updated(rule, log_policy, memory, view) -> tuple[np.ndarray, StepMemory]:
    log_policy, memory = rule.update(log_policy, memory, view, 0, jax.random.key(0))
    return np.asarray(log_policy), memory


def relative(view: View) -> np.ndarray:
    """Advantages by the largest action value of the row."""
    size = np.where(view.mask, np.abs(view.q), 0.0).max(axis=1, keepdims=True)
    return np.where(view.mask, view.q - view.v[:, None], 0.0) / size


def test_the_first_step_is_one_of_inpg_on_relative_advantages():
    rule, view = pt.rules.AdaptiveINPG(step_size=0.5), view_of(POLICY)
    after, memory = updated(rule, *started(rule), view)
    weights = POLICY * np.exp(0.5 * relative(view))
    np.testing.assert_allclose(np.exp(after), weights / weights.sum(axis=1, keepdims=True),
                               rtol=1e-14)
    np.testing.assert_array_equal(memory.steps[MASK], 0.5)
    np.testing.assert_allclose(memory.advantage, relative(view), rtol=1e-14)
    # Row 1 is told apart by its own actions' values, not by one that is not there.
    assert np.isneginf(after[1, 2])


def test_steps_grow_while_advantages_keep_their_sign_and_shrink_when_they_turn():
    rule = pt.rules.AdaptiveINPG(step_size=0.5, growth=1.25, backoff=0.5)
    log_policy, memory = started(rule)
    before = np.array([[0.1, 0.1, 0.0], [-0.1, -0.1, 0.0]])
    memory = StepMemory(logits=memory.logits, steps=memory.steps, advantage=before)
    view = view_of(POLICY)
    assert (np.sign(relative(view)) == [[1, -1, -1], [-1, 1, 0]]).all()
    after, memory = updated(rule, log_policy, memory, view)
    expected = 0.5 * np.array([[1.25, 0.5, 1.0], [1.25, 0.5, 1.0]])
    np.testing.assert_array_equal(memory.steps, expected)
    moved = POLICY * np.exp(expected * relative(view))
    np.testing.assert_allclose(np.exp(after), moved / moved.sum(axis=1, keepdims=True), rtol=1e-14)


def test_steps_grow_to_so_many_times_the_first_one_and_no_further():
    rule = pt.rules.AdaptiveINPG(step_size=0.01, growth=2.0, most=6.0)
    log_policy, memory = started(rule)
    found = []
    for _ in range(5):
        log_policy, memory = updated(rule, log_policy, memory, view_of(np.exp(log_policy)))
        found.append(float(memory.steps[1, 0]))
    np.testing.assert_allclose(found, [0.01, 0.02, 0.04, 0.06, 0.06], rtol=1e-15)


def test_no_logit_changes_by_more_than_the_longest_step():
    rule, view = pt.rules.AdaptiveINPG(step_size=100.0, longest=0.25), view_of(POLICY)
    after, _ = updated(rule, *started(rule), view)
    weights = POLICY * np.exp(0.25 * np.sign(relative(view)))
    np.testing.assert_allclose(np.exp(after), weights / weights.sum(axis=1, keepdims=True),
                               rtol=1e-14)


def test_no_probability_falls_below_the_floor_and_all_come_back():
    rule, view = pt.rules.AdaptiveINPG(floor=1e-6), view_of(POLICY)
    log_policy, memory = started(rule)
    for _ in range(200):
        log_policy, memory = updated(rule, log_policy, memory, view_of(np.exp(log_policy)))
    p = np.exp(log_policy)
    np.testing.assert_allclose(p[0, 1:] / p[0, 0], 1e-6, rtol=1e-9)
    np.testing.assert_allclose(p[1, 0] / p[1, 1], 1e-6, rtol=1e-9)
    assert p[1, 2] == 0
    better = -5.0 - Q                                  # what was worst is best now
    for _ in range(60):
        view = view_of(np.exp(log_policy), better)
        log_policy, memory = updated(rule, log_policy, memory, view)
    assert (np.exp(log_policy)[[0, 1], [2, 0]] > 0.99).all()


@pytest.mark.parametrize("factor", [1e-9, 1000.0, 1e12])
def test_rewards_in_another_unit_make_no_difference(factor):
    rule, rng = pt.rules.AdaptiveINPG(), np.random.default_rng(0)
    ours, theirs = started(rule), started(rule)
    for _ in range(20):
        q = rng.normal(size=Q.shape)
        ours = updated(rule, *ours, view_of(np.exp(ours[0]), q))
        theirs = updated(rule, *theirs, view_of(np.exp(theirs[0]), factor * q))
        np.testing.assert_allclose(np.exp(theirs[0]), np.exp(ours[0]), rtol=1e-11)


def test_where_everything_is_worth_nothing_nothing_changes():
    rule = pt.rules.AdaptiveINPG()
    after, memory = updated(rule, *started(rule), view_of(POLICY, 0.0 * Q))
    np.testing.assert_allclose(np.exp(after), POLICY, rtol=1e-14)
    assert (np.asarray(memory.advantage) == 0).all()


def test_memory_is_carried_over_to_other_actions():
    """Actions that stay keep their steps; those that come begin with the first one, as if nothing
    had been seen."""
    rule = pt.rules.AdaptiveINPG(step_size=2.0)
    log_policy, memory = started(rule)
    memory = StepMemory(logits=memory.logits, steps=jnp.full(MASK.shape, 0.3),
                        advantage=jnp.where(MASK, 0.7, 0.0))
    mask = np.array([[True, False, True], [True, True, True]])
    carried = rule.carried(memory, log_policy, mask)
    np.testing.assert_array_equal(carried.steps[mask], [0.3, 0.3, 0.3, 0.3, 2.0])
    np.testing.assert_array_equal(carried.advantage, [[0.7, 0, 0.7], [0.7, 0.7, 0]])
    assert carried.logits is log_policy


def gap(result: pt.Result) -> float:
    gaps = result.history["nash_gap"]
    return float(gaps[np.isfinite(gaps)][-1])


def test_it_converges_where_a_constant_step_a_hundred_times_as_long_goes_to_and_fro():
    """On two links, from the same start, by action values of up to 2.8."""
    game = pt.games.make("two-link-congestion")
    start = np.array([[[0.5, 0.5]], [[0.5, 0.5]]])
    options = {"initial": start, "max_iterations": 2000, "tolerance": 1e-9, "check_every": 50}
    adaptive = pt.solve(game, pt.rules.AdaptiveINPG(step_size=1.0), **options)
    constant = pt.solve(game, pt.rules.INPG(step_size=100.0), **options)
    assert adaptive.status == pt.Status.CONVERGED
    assert gap(adaptive) <= 1e-9
    assert constant.status == pt.Status.MAX_ITERATIONS
    assert gap(constant) > 0.1


def test_a_solve_of_the_game_in_another_unit_takes_the_same_steps():
    """Powers of two leave every digit as it is."""
    found = [pt.solve(pt.games.make("two-link-congestion", costs=(unit, 1.5 * unit)),
                      pt.rules.AdaptiveINPG(),
                      initial=np.array([[[0.3, 0.7]],
                                        [[0.6, 0.4]]]), max_iterations=40, tolerance=0.0).profile
             for unit in (1.0, 1024.0)]
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("name", ["step_size", "growth", "backoff", "most", "longest", "floor"])
@pytest.mark.parametrize(("value", "message"), [
    (0, "is 0, but it must be positive$"), (-1.0, "is -1, but it must be positive$"),
    (float("nan"), "is nan, not a finite number$"), ("fast", "is 'fast', not a number$")])
def test_a_bad_number_is_named(name, value, message):
    with pytest.raises(pt.InputError, match=f"^{name} {message}"):
        pt.rules.make("inpg-adaptive", **{name: value})


@pytest.mark.parametrize(("given", "message"), [
    ({"growth": 0.9}, r"^growth is 0\.9, but it must be at least 1$"),
    ({"most": 0.5}, r"^most is 0\.5, but it must be at least 1$"),
    ({"backoff": 1.0}, r"^backoff is 1, but it must be below 1$"),
    ({"floor": 1.0}, r"^floor is 1, but it must be below 1$"),
    ({"speed": 1.0}, r"^unknown parameter of inpg-adaptive 'speed'")])
def test_a_number_out_of_range_is_named(given, message):
    with pytest.raises(pt.InputError, match=message):
        pt.rules.make("inpg-adaptive", **given)
