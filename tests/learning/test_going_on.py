"""A solve that goes on from a result, and what it keeps on the way."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.result import Final

GAME = pt.games.make("two-link-congestion")
ASKED: dict[str, Any] = {"tolerance": None, "check_every": 30, "progress": False}


def solved(rule: Any, updates: int, **asked: Any) -> pt.Result:
    return pt.solve(GAME, rule, max_iterations=updates, **(ASKED | asked))


def assert_goes_on(rule: Any, first: int = 70, then: int = 80, saved: Path | None = None,
                   **asked: Any) -> None:
    """Two solves give the bits of one, and its history; but for a check at the seam."""
    whole = solved(rule, first + then, runs=2, seed=3, **asked)
    half = solved(rule, first, runs=2, seed=3, **asked)
    if saved is not None:
        pt.save(half, saved)
        half = pt.load(saved)
    found = solved(rule, then, initial=half, **asked)
    np.testing.assert_array_equal(found.profile, whole.profile)
    np.testing.assert_array_equal(found.iterations, whole.iterations)
    for name in ("iteration", "policy_step", "advantage"):
        np.testing.assert_array_equal(found.history[name], whole.history[name])
    at = found.history["check_iteration"]
    assert at[0].tolist() == sorted({*whole.history["check_iteration"][0].tolist(), first})
    np.testing.assert_array_equal(found.history["nash_gap"][at != first],
                                  whole.history["nash_gap"][whole.history["check_iteration"]
                                                            != first])


@pytest.mark.parametrize("rule", [
    pt.rules.INPG(step_size=0.01), pt.rules.AdaptiveINPG(), pt.rules.IPG(step_size=0.01),
    pt.rules.INPG(step_size=lambda iteration: 0.1 / (1 + iteration)),
], ids=["multiplicative", "learnt steps", "projected", "a function of the iteration"])
def test_two_solves_give_the_bits_of_one(rule: Any) -> None:
    assert_goes_on(rule)


def test_a_saved_result_goes_on_too(tmp_path: Path) -> None:
    assert_goes_on(pt.rules.AdaptiveINPG(), saved=tmp_path / "run")


def test_schedules_and_samples_go_on() -> None:
    assert_goes_on(pt.rules.INPG(step_size=0.01), schedule=pt.schedules.RandomOrder())
    assert_goes_on(pt.rules.INPG(step_size=0.01), oracle=pt.Sampled(episodes=4, horizon=3))


def test_play_of_one_trajectory_goes_on(tmp_path: Path) -> None:
    assert_goes_on(pt.rules.INPG(step_size=0.01), oracle=pt.oracles.Trajectory(steps=3),
                   saved=tmp_path / "run")


def test_an_own_rule_goes_on_with_its_memory() -> None:
    @pt.rules.rule
    class Momentum:
        def init(self, log_policy: Any, mask: Any, key: Any) -> Any:
            return {"sum": 0.0 * log_policy}

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any,
                   key: Any) -> tuple:
            total = 0.9 * memory["sum"] + view.advantage
            return jax.nn.log_softmax(log_policy + 0.01 * total), {"sum": total}

    assert_goes_on(Momentum())


def test_roads_go_on_with_their_orientation() -> None:
    game = pt.games.make("sioux-falls", n_agents=50)
    asked: dict[str, Any] = ASKED | {"initial": "uniform"}
    rule = pt.rules.AdaptiveINPG()
    whole = pt.solve(game, rule, max_iterations=70, **asked)
    half = pt.solve(game, rule, max_iterations=40, **asked)
    found = pt.solve(game, rule, max_iterations=30, **(asked | {"initial": half}))
    np.testing.assert_array_equal(found.profile, whole.profile)


def test_probabilities_below_all_numbers_go_on() -> None:
    """A profile holds them as 0, from which no multiplicative rule comes back."""
    game, rule = pt.games.make("prisoners-dilemma"), pt.rules.INPG(step_size=1.0)
    half, whole = (pt.solve(game, rule, max_iterations=updates, **ASKED)
                   for updates in (1_000, 1_010))
    assert half.final is not None
    lowest = half.final.arrays[".log_profile"].min()
    assert -np.inf < lowest < -800
    assert half.profile.min() == 0.0
    found = pt.solve(game, rule, max_iterations=10, **ASKED, initial=half)
    np.testing.assert_array_equal(found.final.arrays[".log_profile"],
                                  whole.final.arrays[".log_profile"])


def test_another_rule_begins_from_the_log_policies() -> None:
    half = solved(pt.rules.AdaptiveINPG(), 50, seed=1)
    found = solved(pt.rules.SoftmaxPG(step_size=0.1), 20, initial=half)
    alone = solved(pt.rules.SoftmaxPG(step_size=0.1), 20, initial=half.profile)
    np.testing.assert_allclose(found.profile, alone.profile, rtol=1e-9)
    assert found.iterations == 70


def test_a_run_that_had_converged_is_judged_again() -> None:
    rule = pt.rules.INPG(step_size=0.1)
    half = solved(rule, 10_000, tolerance=1e-3)
    assert half.status is pt.Status.CONVERGED
    same, further = (solved(rule, 10_000, initial=half, tolerance=goal) for goal in (1e-3, 1e-9))
    assert same.status is further.status is pt.Status.CONVERGED
    assert same.iterations == half.iterations < further.iterations
    assert (same.history["check_iteration"] == half.history["check_iteration"]).all()
    assert further.history["nash_gap"][-1] < 1e-9


def test_checkpoints_of_a_solve_that_goes_on(tmp_path: Path) -> None:
    rule, half = pt.rules.INPG(step_size=0.01), solved(pt.rules.INPG(step_size=0.01), 40, seed=1)
    whole = solved(rule, 60, initial=half, snapshots=25)
    asked: dict[str, Any] = {"initial": half, "checkpoint": tmp_path / "ck", "snapshots": 25}
    solved(rule, 20, **asked)
    found = solved(rule, 60, resume=True, **asked)
    np.testing.assert_array_equal(found.profile, whole.profile)
    assert whole.snapshots is not None
    assert found.snapshots is not None
    np.testing.assert_array_equal(found.snapshots.profile[-1], whole.profile)
    with pytest.raises(pt.InputError, match="is of another solve: initial"):
        solved(rule, 60, resume=True, **(asked | {"initial": solved(rule, 40, seed=2)}))


def test_each_run_has_a_profile_of_its_own() -> None:
    profiles = np.array([[[[0.7, 0.3]], [[0.4, 0.6]]], [[[0.2, 0.8]], [[0.5, 0.5]]]])
    rule = pt.rules.INPG(step_size=0.1)
    both = solved(rule, 20, initial=profiles)
    for run, start in enumerate(profiles):
        np.testing.assert_array_equal(both.profile[run], solved(rule, 20, initial=start).profile)


def test_what_is_recorded_follows_its_rule() -> None:
    rule = pt.rules.INPG(step_size=0.01)
    whole = solved(rule, 50, seed=1, l1_accuracy=True)
    thin = solved(rule, 50, seed=1, l1_accuracy=True, record_every=7)
    assert thin.history["iteration"].tolist() == list(range(0, 50, 7))
    for name in ("policy_step", "advantage"):
        np.testing.assert_array_equal(thin.history[name], whole.history[name][::7])
    np.testing.assert_array_equal(thin.history["l1_accuracy"],
                                  [*whole.history["l1_accuracy"][:50:7], 0.0])
    on = solved(rule, 20, initial=thin, l1_accuracy=True, record_every=5)
    assert on.history["iteration"].tolist() == [*range(0, 50, 7), 50, 55, 60, 65]
    assert np.isnan(on.history["l1_accuracy"][:8]).all()
    assert on.history["l1_accuracy"][-1] == 0


@pytest.mark.parametrize(("wanted", "kept"), [
    (20, [0, 20, 40, 50]), ([3, 50], [3, 50]), ((), [50]), (2**62, [0, 50]),
    (np.array([50, 3, 2**62, 3]), [3, 50]),
    ("logarithmic", [0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50])])
def test_snapshots_are_the_profiles_on_the_way(wanted: Any, kept: list[int]) -> None:
    rule = pt.rules.INPG(step_size=0.01)
    result = solved(rule, 50, seed=1, runs=2, snapshots=wanted)
    assert result.snapshots is not None
    assert result.snapshots.iteration.tolist() == [kept, kept]
    np.testing.assert_array_equal(result.snapshots.profile[:, -1], result.profile)
    for place, at in enumerate(kept):
        np.testing.assert_array_equal(result.snapshots.profile[:, place],
                                      solved(rule, at, seed=1, runs=2).profile)


def test_snapshots_of_a_result_are_saved_and_go_on(tmp_path: Path) -> None:
    rule = pt.rules.INPG(step_size=0.01)
    whole = solved(rule, 50, seed=1, snapshots=20)
    pt.save(solved(rule, 30, seed=1, snapshots=20), tmp_path / "run")
    found = solved(rule, 20, initial=pt.load(tmp_path / "run"), snapshots=20)
    assert whole.snapshots is not None
    assert found.snapshots is not None
    np.testing.assert_array_equal(found.snapshots.iteration, whole.snapshots.iteration)
    np.testing.assert_array_equal(found.snapshots.profile, whole.snapshots.profile)


@pytest.mark.parametrize(("asked", "message"), [
    ({"seed": 1}, "seed is 1, but the runs of a result in initial go on with their own keys"),
    ({"runs": 3}, "runs is 3, but the result in initial has 1, which go on"),
    ({"initial": np.full((2, 2, 1, 2), 0.5), "runs": 3}, "runs is 3, but initial has 2 profiles"),
    ({"initial": np.full((2, 2, 1, 2), 0.4)}, r"initial\[run=0\]: profile\[agent=0, .* sums to"),
    ({"record_every": 0}, "record_every is 0, but it must be at least 1"),
    ({"snapshots": 0}, "snapshots is 0, but it must be at least 1, or 'logarithmic', or a list"),
    ({"snapshots": "often"}, "snapshots is 'often', not a whole number, or 'logarithmic'"),
    ({"snapshots": [1.5]}, "snapshots is 1.5, not a whole number"),
    ({"snapshots": 10**30}, "snapshots is 10{30}, but it must be at most 4,611,686,018,427,387,904,"
                            " or 'logarithmic', or a list"),
    ({"snapshots": [10**30]}, "snapshots is 10{30}, but it must be at most"),
    ({"snapshots": np.array(3)}, r"snapshots is array\(3\), not a whole number"),
    ({"snapshots": b"ab"}, "snapshots is b'ab', not a whole number"),
    ({"snapshots": range(10**7)}, "snapshots lists more than 100,000 iterations: a number k keeps"),
    ({"snapshots": itertools.count()}, "snapshots lists more than 100,000 iterations"),
    ({"runs": np.array([1, 1])}, r"runs is array\(\[1, 1\]\), not a whole number"),
    ({"seed": 10**5000}, "seed is a int, but the runs of a result"),
    ({"snapshots": 1, "max_iterations": 10**9}, "which keeps up to 1,000,000,001 profiles of 32 "
                                                "bytes, but the limit is 1 GB; every 33"),
])
def test_bad_input_is_named(asked: dict[str, Any], message: str) -> None:
    rule = pt.rules.INPG(step_size=0.01)
    asked = {"initial": solved(rule, 3), "max_iterations": 10, **ASKED, **asked}
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, rule, **asked)


def test_what_was_edited_does_not_go_on() -> None:
    """The states go on, so that nothing beside them may say otherwise."""
    rule = pt.rules.INPG(step_size=0.01)
    two = solved(rule, 3, runs=2)
    assert two.final is not None
    logs = two.final.arrays[".log_profile"]
    for name, edited in (
            ("profiles", {"profile": two.profile[::-1]}),
            ("profiles", {"final": with_array(two.final, ".log_profile", logs[:1])}),
            ("iterations", {"iterations": np.array([3, 4])}),
            ("iterations", {"iterations": np.array([3, -1]),
                            "final": with_array(two.final, ".iteration", np.array([3, -1]))}),
            ("history", {"history": {}}),
            ("history", {"history": two.history | {"nash_gap": two.history["nash_gap"][:, :1]}}),
            ("history", {"history": two.history | {"policy_step": "none"}})):
        other = dataclasses.replace(two, **edited)
        with pytest.raises(pt.InputError, match=f"^initial is a result whose .* other {name}: it "):
            pt.solve(GAME, rule, initial=other, max_iterations=1)


def with_array(final: Final, name: str, array: np.ndarray) -> Final:
    return dataclasses.replace(final, arrays=final.arrays | {name: array})


def test_only_the_same_actions_go_on() -> None:
    half = solved(pt.rules.INPG(step_size=0.01), 3)
    with pytest.raises(pt.InputError, match="initial is a result of a game with actions"):
        pt.solve(pt.games.make("distancing", n_agents=2), pt.rules.AdaptiveINPG(), initial=half)
    old = dataclasses.replace(half, final=None)
    with pytest.raises(pt.InputError, match=r"holds no state to go on from.*initial=result\.prof"):
        pt.solve(GAME, pt.rules.AdaptiveINPG(), initial=old)
