"""Training where JAX is set otherwise than usual, and in processes that are copies of others."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import jax
import numpy as np
import pytest

import potentia as pt
from jax_settings import UNUSUAL
from potentia.training.saving import load

LEARNER = pt.learners.IndependentPPO(episodes=4, hidden=(4,))


def trained(**options: object) -> pt.Trained:
    return pt.train(pt.games.make("prisoners-dilemma"), LEARNER, **{"updates": 2, **options})


@UNUSUAL
def test_settings_of_jax_change_nothing(setting: AbstractContextManager) -> None:
    expected = trained()
    with setting:
        found = trained()
        profile = found.profile
        gap = pt.estimate_gap(found.simulator, found, learner=LEARNER, updates=1, seeds=1,
                              episodes=30, agents=[0])
    assert found.status is expected.status, found.message
    assert np.asarray(profile).tobytes() == np.asarray(expected.profile).tobytes()
    assert gap.gain.shape == (1,)


def test_a_training_goes_on_under_another_generator(tmp_path: Path) -> None:
    with jax.default_prng_impl("rbg"):
        trained(updates=1, checkpoint=tmp_path / "kept")
    found = trained(checkpoint=tmp_path / "kept", resume=True)
    assert found.returns.tobytes() == trained().returns.tobytes()


def test_inside_a_trace_all_is_refused_with_the_remedy(tmp_path: Path) -> None:
    before = trained(updates=1)
    pt.save(before, tmp_path / "kept")
    game, rule = before.game, pt.rules.INPG(step_size=0.1)

    def whole(one: object, asked: Callable[[], object]) -> object:
        asked()
        return one

    for asked in (trained, lambda: before.policy()(np.zeros(2, int)),
                  lambda: load(tmp_path / "kept"),
                  lambda: pt.estimate_gap(game, before, learner=LEARNER, updates=1),
                  lambda: pt.solve(game, rule, max_iterations=1)):
        with pytest.raises(pt.InputError, match="inside a function that JAX traces"):
            jax.jit(partial(whole, asked=asked))(1.0)


def test_a_name_too_long_and_flags_that_are_none_are_named() -> None:
    with pytest.raises(pt.InputError, match="too long"):
        trained(checkpoint="x" * 300)
    with pytest.raises(pt.InputError, match="too long"):
        load("x" * 300)
    for name in ("progress", "resume"):
        with pytest.raises(pt.InputError, match=f"^{name} is 'yes'"):
            trained(**{name: "yes"})
    for agents in (np.array(0), np.array([[0]]), b"0"):
        with pytest.raises(pt.InputError, match=r"^agents is .* numbers were expected"):
            pt.estimate_gap(pt.games.make("prisoners-dilemma"), np.full((2, 1, 2), 0.5),
                            agents=agents)


def test_a_forked_process_is_refused_with_the_remedy(tmp_path: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    before = trained(updates=1)
    pt.save(before, tmp_path / "kept")
    monkeypatch.setattr(os, "getpid", lambda: -1)              # as the copy would find
    for asked in (trained, lambda: before.profile, lambda: load(tmp_path / "kept"),
                  lambda: pt.estimate_gap(before.simulator, before, learner=LEARNER, updates=1)):
        with pytest.raises(pt.InputError, match=r"was forked from .*\"spawn\" or \"forkserver\""):
            asked()


@pytest.mark.parametrize(("name", "discount", "says"), [
    ("a\nb", 2.0, "TableSimulator.discount is 2.0"), ("ab", 10**400, "ab.discount is 1000")],
    ids=["name of two lines", "no number of 64 bits"])
def test_what_a_simulator_says_of_itself_is_told_in_a_line(name: str, discount: float,
                                                           says: str) -> None:
    class TableSimulator:
        action_counts, horizon = (2, 2), 3
        reset = step = observe = len

    simulator = TableSimulator()
    simulator.name, simulator.discount = name, discount  # pyright: ignore
    with pytest.raises(pt.InputError, match=f"^{says}") as raised:
        pt.train(simulator, LEARNER, updates=1)
    assert "\n" not in str(raised.value)


def test_members_that_are_none_are_missing() -> None:
    class Mine:
        action_counts, horizon, discount = (2, 2), 3, 0.9
        reset = step = observe = None

    with pytest.raises(pt.InputError, match="is a Mine, which has no reset, no step, no observe"):
        pt.train(Mine(), LEARNER, updates=1)
