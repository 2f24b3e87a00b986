"""Starts, normalisation, projection, distance: against closed forms and an independent solver."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from potentia import profile as profiles
from potentia.errors import InputError

MASK = np.array([[[True, True, True], [True, False, True]]])


@pytest.mark.parametrize("make",
                         [profiles.uniform, lambda mask: profiles.random(mask, jax.random.key(3))])
def test_starts_are_interior_distributions_over_existing_actions(x64, make):
    profile = np.asarray(make(jnp.asarray(MASK)))
    np.testing.assert_allclose(profile.sum(axis=-1), 1, atol=1e-15)
    assert (profile[MASK] > 0).all()
    assert (profile[~MASK] == 0).all()


def test_log_normalise_keeps_probabilities_that_underflow(x64):
    row = jnp.array([0.0, -800.0, 5.0])
    log = np.asarray(profiles.log_normalise(row, jnp.array([True, True, False])))
    assert log[1] == pytest.approx(-800)          # exp of it is an exact 0
    assert log[2] == -np.inf


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_projection_solves_its_own_minimisation(point):
    with jax.enable_x64(True):
        ours = np.asarray(profiles.project(jnp.asarray([[point]]), jnp.asarray(MASK[:, :1])))[0, 0]
    point = np.array(point)
    best = minimize(lambda x: ((x - point) ** 2).sum(), np.full(3, 1 / 3), method="SLSQP",
                    bounds=[(0, 1)] * 3,
                    constraints={"type": "eq",
                                 "fun": lambda x: x.sum() - 1}, options={"ftol": 1e-14}).x
    assert ((ours - point) ** 2).sum() <= ((best - point) ** 2).sum() + 1e-9
    assert ours.sum() == pytest.approx(1, abs=1e-12)
    assert (ours >= 0).all()


def test_projection_gives_missing_actions_nothing(x64):
    ours = np.asarray(profiles.project(jnp.array([[[0.2, 9.0, 0.4]]]),
                                       jnp.asarray(MASK[:, 1:])))[0, 0]
    np.testing.assert_allclose(ours, [0.4, 0.0, 0.6], atol=1e-15)


def test_distance_is_the_papers_l1_accuracy(x64):
    a = jnp.array([[[1.0, 0.0]], [[0.5, 0.5]]])
    b = jnp.array([[[0.0, 1.0]], [[0.5, 0.5]]])
    assert float(profiles.distance(a, b)) == 1.0      # (2 + 0) / 2 agents


@pytest.mark.parametrize(("change", "message"), [
    (lambda p: p[:, :1], r"profile has shape \(1, 1, 3\), but the game needs \(1, 2, 3\)"),
    (lambda p: np.where(np.arange(3) == 0, np.nan, p), r"action=0\] = nan is not finite"),
    (lambda p: p * 0.5, r"profile\[agent=0, information state=0\] sums to 0.5, not 1"),
    (lambda p: p * np.array([-1.0, 1, 1]), r"action=0\] = -0.333333 is negative"),
    (lambda p: np.full_like(p, 1 / 3),
     r"information state=1, action=1\] = 0.333333 is positive, but the action"),
])
def test_a_bad_profile_is_named(change, message):
    good = MASK / MASK.sum(axis=-1, keepdims=True)
    with pytest.raises(InputError, match=message):
        profiles.checked(change(good), MASK)


@pytest.mark.parametrize(("profile", "message"), [
    (np.full((1, 2, 3), 1 / 3 + 0j), "is not an array of numbers"),
    (np.ma.masked_array(np.full((1, 2, 3), 1 / 3), mask=True), "is a masked array"),
    ([[["0.5", "0", "0.5"]] * 2], "is not an array of numbers"),
    (np.array([[["0.5", 0, 0.5]] * 2], dtype=object), "is not an array of numbers"),
    ([[[10**400, 0, 0]] * 2], "holds a number that is too large"),
])
def test_what_numpy_would_bend_into_numbers_is_refused(profile, message):
    with pytest.raises(InputError, match=f"^profile {message}"):
        profiles.checked(profile, MASK)


NARROW = [np.float32, np.float16, jnp.bfloat16]


@pytest.mark.parametrize("dtype", NARROW)
def test_rows_of_a_narrow_type_are_normalised_within_its_precision(dtype):
    """Softmax rows as a user's own program makes them; in float64 the same numbers are refused."""
    rng = np.random.default_rng(0)
    rows = rng.dirichlet(np.ones(7), size=(2, 40)).astype(dtype)
    sums = rows.astype(np.float64).sum(axis=-1)
    assert np.abs(sums - 1).max() > 1e-9
    mask = np.ones(rows.shape, bool)
    taken = profiles.checked(rows, mask)
    np.testing.assert_allclose(taken, rows.astype(np.float64) / sums[..., None], rtol=1e-15)
    with pytest.raises(InputError, match=r"sums to .*, not 1"):
        profiles.checked(rows.astype(np.float64), mask)
    rows[0, 3] = (rows[0, 3] * 0.9).astype(dtype)
    with pytest.raises(InputError, match=r"information state=3\] sums to .*, not 1"):
        profiles.checked(rows, mask)


def test_what_narrow_rows_may_be_off_grows_with_the_actions_played():
    """Zeros have no rounding: one action of 32 is as exact as one of one."""
    row = np.zeros((1, 1, 32), np.float32)
    row[..., 5] = 1 - 3e-7
    with pytest.raises(InputError, match=r"sums to 0.9999997"):
        profiles.checked(row, np.ones(row.shape, bool))
    assert profiles.checked(np.full((1, 1, 32), (1 - 3e-7) / 32, np.float32),
                            np.ones(row.shape, bool)).sum() == 1
