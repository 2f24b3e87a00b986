"""Many runs in one program, each with numbers and a seed of its own."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.learning.batch import one_program, solve_each

GAME = pt.games.make("two-link-congestion")
STEPS = (0.01, 0.1, 0.5)


def assert_alike(rules: list[Any], seeds: list[int], game: Any = GAME, oracle: Any = None,
                 schedule: Any = None, **asked: Any) -> list[pt.Result]:
    """Each run of the batch is what a solve by itself gives, to the bit."""
    asked = {"max_iterations": 60, "check_every": 20, "tolerance": 1e-3, "progress": False} | asked
    found = solve_each(game, rules, seeds, oracle, schedule, **asked)
    for result, rule, seed in zip(found, rules, seeds, strict=True):
        alone = pt.solve(game, rule, oracle, seed=seed, schedule=schedule, **asked)
        assert (result.status, result.iterations, result.message) == (
            alone.status, alone.iterations, alone.message)
        assert result.settings == alone.settings
        np.testing.assert_array_equal(result.profile, alone.profile)
        assert result.history.keys() == alone.history.keys()
        for name, values in alone.history.items():
            np.testing.assert_array_equal(result.history[name], values, err_msg=name)
    return found


def test_steps_and_seeds_go_in_one_program() -> None:
    found = assert_alike([pt.rules.INPG(step_size=step) for step in STEPS], [3, 1, 3])
    assert len({result.iterations for result in found}) > 1


@pytest.mark.parametrize("rules", [
    [pt.rules.IPG(step_size=step) for step in STEPS],
    [pt.rules.LogBarrierINPG(step_size=0.1, barrier=weight) for weight in (0.001, 0.01)],
    [pt.rules.INPG(step_size=lambda iteration: 1 / (9 + iteration))] * 2,
], ids=["projected", "another number", "a function"])
def test_whatever_the_numbers(rules: list[Any]) -> None:
    assert_alike(rules, list(range(len(rules))))


def test_memories_schedules_and_roads() -> None:
    rules = [pt.rules.OptimisticINPG(step_size=step) for step in STEPS]
    assert_alike(rules, [0, 1, 2], schedule=pt.schedules.RandomOrder())
    game = pt.games.make("braess", n_agents=6)
    assert_alike([pt.rules.INPG(step_size=step) for step in (0.1, 0.2)], [0, 0], game)


def test_a_run_that_fails_is_told_of_by_itself() -> None:
    @pt.rules.rule
    class Bad:
        def init(self, log_policy: Any, mask: Any, key: Any) -> Any:
            return ()

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any,
                   key: Any) -> tuple:
            moved = jax.nn.log_softmax(log_policy + 0.01 * view.advantage)
            return jax.numpy.where(iteration > 3, np.nan, moved), memory

    bad = Bad()
    found = assert_alike([bad, bad], [0, 1])
    assert all("Bad.update gave a row" in result.message for result in found)


def test_samples_are_those_of_the_run() -> None:
    """Vectorised over the runs, whose sums may round otherwise."""
    oracle = pt.Sampled(episodes=4, horizon=3)
    rules = [pt.rules.INPG(step_size=step) for step in STEPS]
    found = solve_each(GAME, rules, [0, 1, 2], oracle, max_iterations=20, progress=False)
    for result, rule, seed in zip(found, rules, range(3), strict=True):
        alone = pt.solve(GAME, rule, oracle, seed=seed, max_iterations=20, progress=False)
        np.testing.assert_allclose(result.profile, alone.profile, rtol=1e-9)


def test_what_goes_in_one_program() -> None:
    inpg = pt.rules.INPG
    assert one_program(inpg(step_size=0.1), inpg(step_size=0.2))
    assert not one_program(inpg(step_size=0.1), pt.rules.IPG(step_size=0.1))
    assert not one_program(inpg(step_size=0.1), inpg(step_size=lambda iteration: 0.1))
    with pytest.raises(pt.InputError, match="the rules go in no one program"):
        solve_each(GAME, [inpg(step_size=0.1), pt.rules.IPG(step_size=0.1)], [0, 0])
    with pytest.raises(pt.InputError, match="1 rule and 2 seeds were given"):
        solve_each(GAME, [inpg(step_size=0.1)], [0, 0])


def test_a_failing_run_of_a_batch_is_asked_with_its_own_rule_and_schedule() -> None:
    """Steps so long that log-policies are not finite: whose turn it is first fails."""
    rules = [pt.rules.LogBarrierINPG(step_size=step, barrier=0.01)
             for step in (0.01, *[1e300] * 5)]
    found = assert_alike(rules, list(range(6)), schedule=pt.schedules.RandomOrder())
    assert [result.status for result in found].count(pt.Status.NONFINITE) == 5
    assert {result.message.partition(": [")[2][:7] for result in found[1:]} == {"agent=0",
                                                                               "agent=1"}


def test_rules_that_cannot_be_hashed_and_games_of_ones_own() -> None:
    @dataclasses.dataclass
    class Plain:
        step: float = 0.1

        def init(self, log_policy: Any, mask: Any, key: Any) -> Any:
            return ()

        def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any,
                   key: Any) -> tuple:
            return jax.nn.log_softmax(log_policy + self.step * view.advantage), memory

    rule = Plain()
    assert_alike([rule, rule], [0, 1])
    with pytest.raises(pt.InputError, match="go in no one program"):
        solve_each(GAME, [Plain(), Plain()], [0, 0])
    steps = [pt.rules.INPG(step_size=step) for step in STEPS]
    assert not one_program(*steps[:2], rule)


def test_a_start_does_not_depend_on_how_many_there_are() -> None:
    """To the last bit: vectorised over 200 runs, logarithms would round otherwise."""
    game, rule = pt.games.make("distancing", n_agents=3), pt.rules.INPG(step_size=0.1)
    asked = {"max_iterations": 0, "progress": False}
    many = solve_each(game, [rule] * 200, list(range(200)), **asked)
    for run in (0, 1, 199):
        alone = pt.solve(game, rule, seed=run, **asked)
        np.testing.assert_array_equal(many[run].profile, alone.profile)
