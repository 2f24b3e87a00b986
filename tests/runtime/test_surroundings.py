"""Settings of JAX's that are not as usual, and processes that are copies of one that computed."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from functools import partial

import jax
import pytest

import potentia as pt
from jax_settings import UNUSUAL
from potentia.runtime import float64


@UNUSUAL
def test_settings_of_jax_change_nothing(setting: AbstractContextManager) -> None:
    # Few programs, and each of them compiled under the setting.
    game, rule = pt.games.make("prisoners-dilemma"), pt.rules.INPG(step_size=0.1)
    oracle = pt.oracles.Rollouts(episodes=4)
    expected = pt.solve(game, rule, oracle=oracle, seed=1, max_iterations=3)
    with setting:
        found = pt.solve(game, rule, oracle=oracle, seed=1, max_iterations=3)
        game.evaluate(found.profile)
    assert found.profile.tobytes() == expected.profile.tobytes()


def test_the_settings_are_in_force_inside_only() -> None:
    settings = {name: partial(getattr, jax.config, name) for name, _, _ in float64.SETTINGS}
    with jax.debug_nans(True), jax.numpy_dtype_promotion("strict"):
        with float64.float64_on_one_blas_thread():
            assert not settings["jax_debug_nans"]()
            assert settings["jax_numpy_dtype_promotion"]() == "standard"
        assert settings["jax_debug_nans"]()
        assert settings["jax_numpy_dtype_promotion"]() == "strict"


def test_a_forked_process_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    game = pt.games.make("prisoners-dilemma")
    game.initial_profile("uniform", None)
    monkeypatch.setattr(os, "getpid", lambda: -1)              # as the copy would find
    with pytest.raises(pt.InputError, match=r"was forked from .*\"spawn\" or \"forkserver\""):
        pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=1)
