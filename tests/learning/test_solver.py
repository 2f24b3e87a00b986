"""The loop: statuses, exactness of counts, replay, independence from chunks and batches."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.learning import device
from potentia.learning.chunk_size import ChunkSize
from potentia.runtime.pytree import tree

RNG = np.random.default_rng(7)
REWARDS = np.repeat(RNG.random((1, 3, 2, 3)), 2, axis=0)  # common interest: a potential game
TRANSITIONS = RNG.dirichlet(np.ones(3), size=(3, 2, 3))


@pytest.fixture(scope="module")
def game():
    return pt.MarkovGame.from_arrays(REWARDS, TRANSITIONS, discount=0.8)


@tree
class Poisoned:
    """A rule that returns NaN at one iteration."""

    at: int

    def init(self, log_policy, mask, key):
        return None

    def update(self, log_policy, memory, view, iteration, key):
        return jnp.where(iteration == self.at, jnp.nan, log_policy), None


def test_converged_means_an_exact_gap_within_the_tolerance(game):
    result = pt.solve(game, pt.rules.INPG(step_size=0.5), tolerance=1e-6, seed=1)
    assert result.status is pt.Status.CONVERGED
    assert result.history["nash_gap"][-1] <= 1e-6
    assert pt.certify(game, result.profile).nash_gap <= 1e-6 + 1e-12
    assert result.iterations == len(result.history["policy_step"])


@pytest.mark.parametrize("limit", [0, 1, 7, 300])
def test_max_iterations_is_exact(game, limit):
    result = pt.solve(game, pt.rules.INPG(step_size=1e-6), max_iterations=limit)
    assert result.status is pt.Status.MAX_ITERATIONS
    assert result.iterations == limit
    assert result.history["check_iteration"][-1] == limit


def test_a_small_step_is_not_called_convergence(game):
    result = pt.solve(game, pt.rules.INPG(step_size=1e-9), step_tolerance=1e-6, max_iterations=50)
    assert result.status is pt.Status.SMALL_STEP
    assert result.iterations == 1
    assert result.history["nash_gap"][-1] > 1e-3


def test_nonfinite_keeps_the_last_finite_profile(game):
    result = pt.solve(game, Poisoned(at=5), step_tolerance=0.0, initial="uniform",
                      max_iterations=20)
    assert result.status is pt.Status.SMALL_STEP        # it does not move at all before
    poisoned = pt.solve(game, Poisoned(at=0), initial="uniform", max_iterations=20)
    assert poisoned.status is pt.Status.NONFINITE
    assert poisoned.iterations == 0
    np.testing.assert_allclose(poisoned.profile.sum(axis=-1), 1)


def test_ctrl_c_returns_what_there_is(game, monkeypatch):
    advance, calls = device.advance, itertools.count()

    def interrupted(*arguments):
        if next(calls) == 2:
            raise KeyboardInterrupt
        return advance(*arguments)

    monkeypatch.setattr(device, "advance", interrupted)
    result = pt.solve(game, pt.rules.INPG(step_size=1e-4), max_iterations=10_000, runs=2,
                      l1_accuracy=True)
    assert result.status == (pt.Status.INTERRUPTED,) * 2
    assert 0 < result.iterations[0] < 10_000
    np.testing.assert_allclose(result.profile.sum(axis=-1), 1)
    assert result.history["policy_step"].shape == (2, result.iterations[0])


def test_chunks_and_batches_do_not_change_a_bit(game):
    options = {"max_iterations": 150, "tolerance": 0.0, "seed": 3}
    for oracle in (pt.Exact(), pt.Sampled(episodes=4, horizon=5)):
        rule = pt.rules.INPG(step_size=0.01)
        one = pt.solve(game, rule, oracle, check_every=100, **options)
        other = pt.solve(game, rule, oracle, check_every=7, **options)
        three = pt.solve(game, rule, oracle, check_every=100, runs=3, **options)
        assert (one.profile == other.profile).all()
        assert (one.profile == three.profile[0]).all()
        assert (one.history["policy_step"] == three.history["policy_step"][0]).all()
        assert not (three.profile[0] == three.profile[1]).all()


def test_replay_measures_the_distance_to_the_final_profile(game):
    options = {"tolerance": 0.0, "seed": 5}
    rule, oracle = pt.rules.INPG(step_size=0.05), pt.Sampled(episodes=4, horizon=5)
    full = pt.solve(game, rule, oracle, max_iterations=40, l1_accuracy=True, runs=2, **options)
    accuracy = full.history["l1_accuracy"]
    assert accuracy.shape == (2, 41)
    assert (accuracy[:, -1] == 0).all()
    part = pt.solve(game, rule, oracle, max_iterations=13, runs=2, **options)
    expected = np.abs(part.profile - full.profile).sum(axis=(1, 2, 3)) / game.n_agents
    np.testing.assert_allclose(accuracy[:, 13], expected, atol=1e-14)


def test_one_program_serves_all_numbers(game, monkeypatch):
    """Step sizes (1 and 1.0 alike), limits, tolerances and seeds are data: nothing is traced a
    second time."""
    traced = []
    learn = device._learn
    monkeypatch.setattr(device, "_learn", lambda *arguments: traced.append(1) or learn(*arguments))
    pt.solve(game, pt.rules.MWU(step_size=1), max_iterations=10, runs=5)
    first = len(traced)
    assert first > 0
    pt.solve(game, pt.rules.MWU(step_size=0.25), max_iterations=33, tolerance=1e-3, check_every=5,
             runs=5, seed=9)
    assert len(traced) == first


def test_the_users_jax_configuration_is_untouched(game):
    before = jax.config.jax_enable_x64
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=3)
    assert jax.config.jax_enable_x64 == before
    assert jnp.zeros(1).dtype == (jnp.float64 if before else jnp.float32)
    assert result.profile.dtype == np.float64
    assert all(rows.dtype in (np.float64, np.int64) for rows in result.history.values())


def test_the_recorded_potential_and_gap_are_the_games(game, x64):
    result = pt.solve(game, pt.rules.INPG(step_size=0.01), max_iterations=30, check_every=10,
                      initial="uniform")
    final = result.history["potential"][-1]
    assert final == pytest.approx(float(game.potential(jnp.asarray(result.profile))), abs=1e-12)
    assert final == pytest.approx(float(game.welfare(jnp.asarray(result.profile))) / 2, abs=1e-12)
    assert list(result.history["check_iteration"]) == [0, 10, 20, 30]


def test_the_potential_rises_at_small_steps(game):
    result = pt.solve(game, pt.rules.INPG(step_size=1e-3), max_iterations=100, check_every=1,
                      runs=3)
    assert (np.diff(result.history["potential"], axis=1) > 0).all()      # Lemma 3.4


def test_a_sampled_run_never_acts_on_the_gap(game):
    nash = np.zeros((2, 3, 3))
    best = pt.solve(game, pt.rules.INPG(step_size=1.0), tolerance=1e-10).profile
    nash[np.arange(2)[:, None], np.arange(3)[None, :], best.argmax(axis=-1)] = 1.0
    result = pt.solve(game, pt.rules.INPG(step_size=1e-3), pt.Sampled(episodes=4, horizon=5),
                      initial=nash,
                      max_iterations=5, tolerance=1.0)
    assert result.history["nash_gap"][-1] <= 1.0
    assert result.status is not pt.Status.CONVERGED


@pytest.mark.parametrize(("settings", "message"), [
    ({"max_iterations": -1}, "max_iterations is -1, but it must be at least 0"),
    ({"max_iterations": 2.5}, "max_iterations is 2.5, not a whole number"),
    ({"runs": 0}, "runs is 0, but it must be at least 1"),
    ({"runs": 10**12}, r"runs is 10\^12, which needs .* GB at once"),
    ({"runs": 10**5000}, r"runs is 10\^5000, which needs 10\^\d+ GB at once"),
    ({"seed": 10**5000}, r"seed is a int, but it must be below 2\*\*63"),
    ({"oracle": pt.Sampled(episodes=10**12)},
     r"episodes=10\^12 of .* steps need .* GB at once"),
    ({"check_every": 0}, "check_every is 0"),
    ({"progress": 3}, "progress is 3, but it must be True or False"),
    ({"l1_accuracy": "x"}, "l1_accuracy is 'x', but it must be True or False"),
    ({"tolerance": -1e-3}, "tolerance is -0.001, but it must not be negative"),
    ({"tolerance": float("nan")}, "tolerance is nan, not a finite number"),
    ({"step_tolerance": "small"}, "step_tolerance is 'small', not a number"),
    ({"seed": 1.5}, "seed is 1.5, not a whole number"),
    ({"seed": 2**63}, r"seed is 9223372036854775808, but it must be below 2\*\*63"),
    ({"initial": "unifrom"}, "initial is 'unifrom', but it must be"),
    ({"initial": 2 * np.eye(3)[[[0, 0, 0]] * 2]}, "sums to 2, not 1"),
    ({"oracle": pt.Exact}, "oracle is the class Exact; give an instance"),
])
def test_bad_settings_are_named(game, settings, message):
    with pytest.raises(pt.InputError, match=message):
        pt.solve(game, pt.rules.INPG(step_size=0.1), **settings)


@pytest.mark.parametrize(("rule", "message"), [
    (pt.rules.INPG, "rule is the class INPG"), ("inpg", "rule is the text 'inpg'")])
def test_a_rule_must_be_an_instance(game, rule, message):
    with pytest.raises(pt.InputError, match=message):
        pt.solve(game, rule)


def test_chunks_adapt_but_stay_within_the_record():
    chunk_size = ChunkSize()
    for _ in range(20):
        chunk_size.timed(lambda *_: (jnp.zeros(1), jnp.zeros(1)), None, None, None, None)
    assert chunk_size.limit == device.CHUNK
