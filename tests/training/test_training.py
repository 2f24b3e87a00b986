"""Training: what is learnt from play alone is certified where there are tables; to the bits the
same however it is cut; and what fails is named, and loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.training.trained import TrainingStatus

GRID = pt.simulators.make("crowded-grid", n_agents=4, size=3, horizon=8)
QUICK = pt.learners.IndependentPPO(episodes=16, hidden=(16,))


class Fails:
    """A walk whose reward, or observation, is not finite once an agent does a certain thing."""

    action_counts = (2, 2)
    horizon = 5
    discount = 0.9

    def __init__(self, reward: float = np.nan, seen: float = 0.0):
        self.reward, self.seen = reward, seen

    def reset(self, key: Any) -> Any:
        return jnp.zeros((), jnp.int32)

    def step(self, state: Any, actions: Any, key: Any) -> Any:
        late = state == 3
        rewards = jnp.where(late, jnp.array([0.0, self.reward]), jnp.zeros(2))
        return state + 1, rewards, jnp.array(False)

    def observe(self, state: Any) -> Any:
        return jnp.where(state == 2, self.seen, 0.0) + jnp.zeros((2, 1))


@pytest.mark.parametrize("learner", [
    pt.learners.IndependentNPG(hidden=(), episodes=64),
    pt.learners.IndependentPPO(hidden=(), episodes=64, learning_rate=0.03)])
def test_what_is_learnt_from_play_is_certified(learner: Any) -> None:
    game = pt.games.make("stochastic-congestion", n_agents=2)
    found = pt.train(game, learner, updates=60, runs=2)
    assert found.status is TrainingStatus.MAX_UPDATES
    assert found.profile.shape == (2, *np.asarray(game.mask).shape)
    for profile in found.profile:
        assert pt.certify(game, profile).nash_gap < 0.1
    first = np.asarray(game.evaluate(game.initial_profile("uniform", 0)).v)
    random = game.initial_profile("random", 3)
    assert pt.certify(game, random).nash_gap_lower > 0.1
    assert found.returns[:, -1].mean() > first.mean()


def test_twenty_agents_on_a_grid_gain_by_learning() -> None:
    found = pt.train(pt.simulators.make("crowded-grid"), updates=25)
    assert found.returns[-3:].mean() > found.returns[:3].mean() + 0.2
    policy = found.profile
    chances = policy(np.zeros((3, 20, 7)))
    assert chances.shape == (3, 20, 5)
    np.testing.assert_allclose(chances.sum(axis=-1), 1.0)


@pytest.mark.parametrize(("given", "says"), [
    ({"observations": np.zeros((4, 6))}, r"observations have shape \[4, 6\]"),
    ({"observations": np.zeros((4, 7), complex)}, "observations must be an array of real numbers"),
    ({"observations": [[0] * 7, [0]]}, "observations must be an array of real numbers"),
    ({"observations": np.full((4, 7), 1e300)}, "observations must be finite numbers"),
    ({"legal": np.ones((4, 6))}, r"legal has shape \[4, 6\], but \[4, 5\] was expected"),
    ({"legal": np.arange(4)[:, None] != 2 * np.ones(5)}, r"legal\[2\] leaves agent 2 no action"),
    ({"legal": "all"}, "legal must be an array of real numbers, but 'all' was given")])
def test_what_a_policy_cannot_be_asked_is_named(given: dict[str, Any], says: str) -> None:
    policy = pt.train(GRID, QUICK, updates=0).policy()
    with pytest.raises(pt.InputError, match=says):
        policy(**{"observations": np.zeros((4, 7)), **given})


def test_a_policy_may_be_asked_nothing_and_a_table_must_fit() -> None:
    assert pt.train(GRID, QUICK, updates=0).policy()(np.zeros((0, 4, 7))).shape == (0, 4, 5)
    policy = pt.train(pt.games.make("stag-hunt"), QUICK, updates=0).policy()
    for exists in (np.ones((3, 1)), np.ones((1, 2, 2)), 1):
        with pytest.raises(pt.InputError, match=r"exists has shape .*, but \[2, 1, 2\]"):
            policy.table(exists)


@pytest.mark.parametrize("kind", [np.float64, jnp.float32, np.asarray])
def test_numbers_of_learners_are_kept_whatever_their_type(kind: Any, tmp_path: Path) -> None:
    learner = pt.learners.IndependentPPO(learning_rate=kind(0.5), episodes=16, hidden=())
    pt.save(pt.train(GRID, learner, updates=0), tmp_path / "run")
    assert pt.load(tmp_path / "run").learner.learning_rate == 0.5


@pytest.mark.parametrize("learner", [3, pt.learners.IndependentPPO])
def test_what_is_loaded_takes_a_learner(learner: Any, tmp_path: Path) -> None:
    pt.save(pt.train(GRID, QUICK, updates=0), tmp_path / "run")
    with pytest.raises(pt.InputError, match="learner is"):
        pt.load(tmp_path / "run", learner=learner)


def test_runs_are_the_same_however_many_go_together() -> None:
    both, one = (pt.train(GRID, QUICK, updates=5, runs=runs) for runs in (2, 1))
    np.testing.assert_array_equal(both.returns[0], one.returns)
    assert not np.array_equal(both.returns[0], both.returns[1])
    assert both.policy(1)(np.zeros((4, 7))).shape == (4, 5)
    with pytest.raises(pt.InputError, match="run is 2"):
        both.policy(2)


def test_it_goes_on_to_the_bits_of_one_longer_training(tmp_path: Path) -> None:
    whole = pt.train(GRID, QUICK, updates=9)
    part = pt.train(GRID, QUICK, updates=4)
    pt.save(part, tmp_path / "part")
    loaded = pt.load(tmp_path / "part")
    for begun in (part, loaded):
        after = pt.train(GRID, QUICK, updates=5, initial=begun)
        np.testing.assert_array_equal(after.returns, whole.returns)
        np.testing.assert_array_equal(after.agent_steps, whole.agent_steps)
        for one, other in zip(*map(jax.tree.leaves, (after.final.memory, whole.final.memory)),
                              strict=True):
            np.testing.assert_array_equal(one, other)


def test_a_checkpoint_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    whole = pt.train(GRID, QUICK, updates=9)
    pt.train(GRID, QUICK, updates=4, checkpoint=tmp_path / "kept", checkpoint_every=2)
    after = pt.train(GRID, QUICK, updates=9, checkpoint=tmp_path / "kept", resume=True)
    np.testing.assert_array_equal(after.returns, whole.returns)
    again = pt.train(GRID, QUICK, updates=9, checkpoint=tmp_path / "kept", resume=True)
    assert again.updates == 9
    for learner, options, says in (
            (pt.learners.IndependentPPO(episodes=8), {"resume": True}, "its episodes is 16, not 8"),
            (QUICK, {"resume": True, "seed": 7}, "holds a training of seed 0, not of 7"),
            (QUICK, {"resume": True, "runs": 2}, "holds a training of runs 1, not of 2"),
            (QUICK, {}, "go on from it by resume=True")):
        with pytest.raises(pt.InputError, match=says):
            pt.train(GRID, learner, updates=9, checkpoint=tmp_path / "kept", **options)


def test_a_table_is_saved_with_its_training(tmp_path: Path) -> None:
    game = pt.games.make("stag-hunt")
    found = pt.train(game, pt.learners.IndependentNPG(hidden=()), updates=3)
    pt.save(found, tmp_path / "run")
    loaded = pt.load(tmp_path / "run")
    np.testing.assert_array_equal(loaded.profile, found.profile)
    for seen in ([0, 1], [0, -1], [0.0, 0.0]):
        with pytest.raises(pt.InputError, match="observations must be whole numbers from 0 to 0"):
            found.policy()(seen)
    assert pt.certify(loaded.game, loaded.profile).nash_gap >= 0
    (tmp_path / "run" / "arrays.npz").write_bytes(b"PK")
    with pytest.raises(pt.InputError, match="was changed since it was saved"):
        pt.load(tmp_path / "run")


def test_of_a_users_own_simulator_policies_are_saved(tmp_path: Path) -> None:
    found = pt.train(Fails(reward=1.0), QUICK, updates=2)
    pt.save(found, tmp_path / "run")
    alone, whole = pt.load(tmp_path / "run"), pt.load(tmp_path / "run", simulator=Fails(1.0))
    seen = np.zeros((2, 1))
    np.testing.assert_array_equal(alone.policy()(seen), found.policy()(seen))
    assert pt.train(whole.simulator, QUICK, updates=1, initial=whole).updates == 3


@pytest.mark.parametrize(("simulator", "says"), [
    (Fails(), "step 3: the reward of agent 1 is not finite"),
    (Fails(0.0, np.inf), "after step 1: the observation of agent 0 is not finite")])
def test_what_is_not_finite_is_named_and_nothing_is_lost(simulator: Any, says: str) -> None:
    found = pt.train(simulator, QUICK, updates=3)
    assert found.status is TrainingStatus.NONFINITE
    assert says in found.message
    assert found.updates == 0
    assert np.isfinite(found.policy()(np.zeros((2, 1)))).all()


def test_steps_that_are_too_large_are_named() -> None:
    found = pt.train(Fails(3e38), pt.learners.IndependentPPO(episodes=4, learning_rate=1e38),
                     updates=4)
    assert found.status is TrainingStatus.NONFINITE
    assert "take smaller steps" in found.message


def test_the_table_of_a_training_counts_agent_steps() -> None:
    found = pt.train(GRID, QUICK, updates=3, runs=2)
    table = found.to_dataframe()
    assert list(table["agent_steps"][:3]) == [512, 1024, 1536]
    assert set(table["run"]) == {0, 1}
    np.testing.assert_allclose(table["mean_return"], found.returns.mean(axis=2).ravel())
    last = str(found).splitlines()[-1]
    assert last.startswith("mean discounted return, estimated:      ")
    assert last.endswith(" in the last 3, over all agents")


@pytest.mark.parametrize(("options", "says"), [
    ({"updates": -1}, "updates"), ({"runs": 0}, "runs"), ({"learner": 3}, "learner is 3"),
    ({"resume": True}, "resume needs checkpoint"), ({"initial": 3}, "initial is 3"),
    ({"checkpoint_every": 0, "checkpoint": "x"}, "checkpoint_every")])
def test_what_does_not_fit_is_named(options: dict[str, Any], says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        pt.train(GRID, **{"updates": 1, **options})


@pytest.mark.parametrize(("options", "says"), [
    ({"episodes": 0}, "episodes"), ({"learning_rate": 0}, "learning_rate"),
    ({"clip": -1}, "clip"), ({"trace": 2}, "trace is 2"), ({"hidden": 3}, "hidden is 3"),
    ({"hidden": (0,)}, r"hidden\[0\]"), ({"entropy": np.nan}, "entropy")])
def test_learners_check_their_numbers(options: dict[str, Any], says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        pt.learners.IndependentPPO(**options)


def test_after_a_fault_that_was_mended_training_goes_on() -> None:
    broken = pt.train(Fails(), QUICK, updates=2)
    after = pt.train(Fails(1.0), QUICK, updates=2, initial=broken)
    assert (after.status, after.updates) == (TrainingStatus.MAX_UPDATES, 2)


def test_what_fails_on_the_host_loses_nothing() -> None:
    calls = []

    def paid(state: Any) -> np.ndarray:
        calls.append(1)
        if len(calls) > 10:
            raise RuntimeError("out of fish")
        return np.zeros(2, np.float32)

    class Calls(Fails):
        def step(self, state: Any, actions: Any, key: Any) -> Any:
            rewards = jax.pure_callback(paid, jax.ShapeDtypeStruct((2,), jnp.float32),
                                        state, vmap_method="sequential")
            return state + 1, rewards, jnp.array(False)

    found = pt.train(Calls(), pt.learners.IndependentPPO(episodes=1, minibatches=1, hidden=()),
                     updates=4)
    assert found.status is TrainingStatus.FAILED
    assert "out of fish" in found.message
    with pytest.raises(pt.InputError, match=r"the simulator failed: .*out of fish"):
        pt.estimate_gap(Calls(), found, learner=QUICK, updates=1, episodes=30)
    assert found.policy()(np.zeros((2, 1))).shape == (2, 2)


def test_learners_that_do_not_fit_what_was_learnt_are_refused() -> None:
    before = pt.train(GRID, QUICK, updates=1)
    with pytest.raises(pt.InputError, match="not of this simulator and learner"):
        pt.train(GRID, pt.learners.IndependentPPO(episodes=16, hidden=(8,)), initial=before)
    with pytest.raises(pt.InputError, match="minibatches is 1000, but only 8 steps"):
        pt.train(GRID, pt.learners.IndependentPPO(episodes=1, minibatches=1000), updates=1)
    with pytest.raises(pt.InputError, match="not of this simulator"):
        pt.train(pt.simulators.make("crowded-grid", n_agents=4, size=3, horizon=9), QUICK,
                 initial=before)
