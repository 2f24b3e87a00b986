"""Oracles of a user's own that keep something from one iteration to the next."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt

GAME = pt.games.make("stag-hunt")
RULE = pt.rules.INPG(step_size=0.05)
ASKED: dict[str, Any] = {"tolerance": None, "check_every": 5, "progress": False, "seed": 2}


@dataclasses.dataclass(frozen=True)
class Kept:
    mean: Any
    count: Any


@pt.oracles.oracle
class Averaging:
    """The mean of all noisy values so far."""

    noise: float = 0.3

    def begin(self, game: Any, key: Any) -> Any:
        return Kept(jnp.zeros(game.mask.shape), 0)

    def evaluate(self, game: Any, profile: Any, key: Any) -> Any:
        return self.evaluate_from(game, profile, key, self.begin(game, key))[0]

    def evaluate_from(self, game: Any, profile: Any, key: Any, memory: Any) -> Any:
        truth = game.evaluate(profile)
        noisy = truth.q + self.noise * jax.random.normal(key, truth.q.shape)
        mean = memory.mean + (noisy - memory.mean) / (1 + memory.count)
        return dataclasses.replace(truth, q=mean), Kept(mean, memory.count + 1)


def solved(updates: int, oracle: Any = None, **asked: Any) -> pt.Result:
    return pt.solve(GAME, RULE, oracle or Averaging(), max_iterations=updates, **(ASKED | asked))


def test_what_it_keeps_is_of_each_run() -> None:
    together, alone = solved(20, runs=3), solved(20)
    np.testing.assert_allclose(together.profile[0], alone.profile, rtol=1e-12)
    assert together.final is not None
    assert together.final.oracle == "Averaging"
    assert together.final.arrays[".experience['count']"].tolist() == [20] * 3


def test_it_goes_on_after_a_result_and_a_checkpoint(tmp_path: Path) -> None:
    whole, half = solved(30, runs=2), solved(20, runs=2)
    pt.save(half, tmp_path / "half")
    found = solved(10, initial=pt.load(tmp_path / "half"), seed=None)
    np.testing.assert_array_equal(found.profile, whole.profile)
    solved(20, runs=2, checkpoint=tmp_path / "kept")
    again = solved(30, runs=2, checkpoint=tmp_path / "kept", resume=True)
    np.testing.assert_array_equal(again.profile, whole.profile)


def other(**methods: Any) -> Any:
    return type("Odd", (Averaging,), methods)()


@pytest.mark.parametrize(("oracle", "message"), [
    (other(evaluate_from=lambda self, game, profile, key, memory: game.evaluate(profile)),
     r"Odd.evaluate_from returned a Evaluation, but \(evaluation, memory\) was expected"),
    (other(evaluate_from=lambda self, game, profile, key, memory: (memory.mean, memory)),
     r"Odd.evaluate_from returned float64 \(2, 1, 2\), but an Evaluation was expected"),
    (other(evaluate_from=lambda self, game, profile, key, memory:
           (game.evaluate(profile), (memory.mean,))),
     "Odd.evaluate_from returned a memory of another structure than Odd.begin: arrays named "),
    (other(evaluate_from=lambda self, game, profile, key, memory:
           (game.evaluate(profile), Kept(memory.mean[0], memory.count))),
     r"returned the memory 'mean' as float64 \(1, 2\), but Odd.begin gave float64 \(2, 1, 2\)"),
    (other(begin=lambda self: 0), r"Odd.begin takes \(\), but it is called with \(game, key\)"),
    (other(begin=lambda self, game, key: 1 / 0), "Odd.begin failed: ZeroDivisionError"),
])
def test_what_breaks_the_contract_is_refused(oracle: Any, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        solved(1, oracle)


def test_another_oracle_begins_anew() -> None:
    asked: dict[str, Any] = {"seed": None}
    half = solved(10)
    np.testing.assert_array_equal(solved(5, initial=half, **asked).final.arrays[
        ".experience['count']"], [15])
    played = solved(5, pt.oracles.Trajectory(steps=3), initial=half, **asked)
    assert played.final.oracle == "Trajectory"
    assert played.final.arrays[".experience.plays"].sum() == 2 * 15
    back = solved(5, pt.Exact(), initial=played, **asked)
    assert back.final.oracle == ""
    assert not any(name.startswith(".experience") for name in back.final.arrays)
    anew = solved(5, initial=back, **asked)
    assert anew.final.arrays[".experience['count']"].tolist() == [5]
