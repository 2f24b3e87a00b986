"""How much play a run took: on record by check, along a picture's axis, in checkpoints and after
them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt

GAME = pt.MarkovGame.from_arrays(
    np.random.default_rng(3).random((2, 2, 2, 2)),
    np.random.default_rng(4).dirichlet(np.ones(2), size=(2, 2, 2)), discount=0.5)
RULE = pt.rules.INPG(step_size=0.05)
ROLLOUTS = pt.oracles.Rollouts(episodes=3, cap=5)
ASKED: dict[str, Any] = {"tolerance": None, "check_every": 10, "progress": False}


def solved(oracle: Any, updates: int = 25, **asked: Any) -> pt.Result:
    return pt.solve(GAME, RULE, oracle, max_iterations=updates, **(ASKED | asked))


@pytest.fixture(scope="module")
def drawn() -> pt.Result:
    return solved(ROLLOUTS, runs=3, record_every=4)


def test_steps_of_a_fixed_length_are_counted_exactly() -> None:
    found = solved(pt.Sampled(episodes=3, horizon=4))
    expected = 2 * 3 * (2 * 4 - 1) * found.history["check_iteration"]
    np.testing.assert_array_equal(found.history["agent_steps"], expected)
    one = solved(pt.oracles.OneSample(horizon=4))
    np.testing.assert_array_equal(3 * one.history["agent_steps"], expected)


def test_steps_of_drawn_lengths_are_those_that_were_drawn(drawn: pt.Result) -> None:
    """Each of 3 episodes takes two agents from 1 to 2 * 5 - 1 steps."""
    made = np.diff(drawn.history["agent_steps"], axis=1)
    updates = np.diff(drawn.history["check_iteration"], axis=1)
    assert (drawn.history["agent_steps"][:, 0] == 0).all()
    assert (made >= 6 * updates).all()
    assert (made <= 54 * updates).all()
    assert len({*made[:, 0]}) == 3
    assert not (drawn.history["agent_steps"] % 2).any()


def test_frames_have_them(drawn: pt.Result) -> None:
    table = drawn.to_dataframe()
    rows = table[(table["quantity"] == "agent_steps") & (table["run"] == 1)]
    np.testing.assert_array_equal(rows["value"], drawn.history["agent_steps"][1])
    np.testing.assert_array_equal(rows["iteration"], drawn.history["check_iteration"][1])
    arrays = drawn.to_xarray()
    assert arrays["agent_steps"].dims == ("run", "check_iteration")


def test_an_oracle_that_plays_nothing_has_none() -> None:
    found = solved(pt.Exact())
    assert "agent_steps" not in found.history
    for results, message in ((found, "x is 'agent_steps', which .* does not have: its oracle"),
                             ({"exact": found}, "which 'exact' does not have")):
        with pytest.raises(pt.InputError, match=message):
            pt.plot.curves(results, x="agent_steps")
    with pytest.raises(pt.InputError, match="unknown x 'agent_step'; did you mean 'agent_steps'"):
        pt.plot.curves(found, x="agent_step")


def test_curves_go_along_them(drawn: pt.Result) -> None:
    axes = pt.plot.curves(drawn, quantities=["nash_gap", "policy_step"], x="agent_steps")
    assert [axis.get_xlabel() for axis in axes] == ["steps of all agents in play"] * 2
    gap, step = (next(iter(axis.get_lines())) for axis in axes)
    np.testing.assert_array_equal(gap.get_xdata(), drawn.history["agent_steps"][0])
    np.testing.assert_array_equal(gap.get_ydata(), drawn.history["nash_gap"][0])
    between = np.interp(drawn.history["iteration"][0], drawn.history["check_iteration"][0],
                        drawn.history["agent_steps"][0])
    np.testing.assert_array_equal(step.get_xdata(), between)


def test_sweeps_have_them() -> None:
    oracles = [{"name": "sampled", "episodes": 2, "horizon": 2}, "exact"]
    swept = pt.sweep(["stag-hunt"], [{"name": "inpg", "step_size": 0.1}], oracles=oracles, seeds=2,
                     max_iterations=4, check_every=2, progress=False)
    assert swept.curves["agent_steps"].isna().sum() == len(swept.curves) / 2
    axes = pt.plot.curves(swept, x="agent_steps")
    assert axes[0].get_lines()[0].get_xdata()[-1] == 4 * 2 * 2 * 3


def test_they_go_on_after_a_result_and_a_checkpoint(tmp_path: Path) -> None:
    whole, half = solved(ROLLOUTS, 30), solved(ROLLOUTS, 20)
    pt.save(half, tmp_path / "half")
    found = solved(ROLLOUTS, 10, initial=pt.load(tmp_path / "half"))
    np.testing.assert_array_equal(found.history["agent_steps"], whole.history["agent_steps"])
    first = solved(ROLLOUTS, 20, checkpoint=tmp_path / "kept")
    again = solved(ROLLOUTS, 30, checkpoint=tmp_path / "kept", resume=True)
    assert first.history["agent_steps"][-1] == again.history["agent_steps"][-2]
    np.testing.assert_array_equal(again.history["agent_steps"], whole.history["agent_steps"])


def test_they_begin_where_an_oracle_that_plays_takes_over() -> None:
    half = solved(pt.Exact(), 10)
    found = solved(pt.Sampled(episodes=1, horizon=2), 10, initial=half)
    np.testing.assert_array_equal(found.history["agent_steps"], [np.nan, 0, 60])
    back = solved(pt.Exact(), 10, initial=found)
    assert "agent_steps" not in back.history


@pt.oracles.oracle
class Counting:
    counts_steps: bool = True
    told: bool = True

    def evaluate(self, game: Any, profile: Any, key: Any) -> Any:
        count = jnp.asarray(7.0) if self.told else None
        return dataclasses.replace(game.evaluate(profile), agent_steps=count)


def test_an_own_oracle_may_count() -> None:
    found = solved(Counting())
    np.testing.assert_array_equal(found.history["agent_steps"],
                                  7 * found.history["check_iteration"])
    assert "agent_steps" not in solved(Counting(counts_steps=False)).history
    with pytest.raises(pt.InputError, match=r"Counting.evaluate returned agent_steps as None, but "
                                            r"float64 \(\) was expected"):
        solved(Counting(told=False))
