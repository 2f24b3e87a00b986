"""Programs compiled before they are called: compiled once, and a fault is the call's to tell."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import jax
import numpy as np
import pytest

from potentia import games
from potentia.games.roads import compiled
from potentia.learning import device
from potentia.learning.solver import solve
from potentia.rules.inpg import INPG
from potentia.runtime import ahead
from potentia.runtime.ahead import compiled_ahead
from potentia.runtime.kept import kept

DONE = "Finished XLA compilation of "


def compilations(caplog: pytest.LogCaptureFixture, name: str) -> list[str]:
    """The threads that compiled the program of that name."""
    return [record.threadName or "" for record in caplog.records
            if record.getMessage().startswith(f"{DONE}jit({name})")]


@pytest.fixture
def told(caplog):
    """What JAX says of compiling, in any thread."""
    jax.config.update("jax_log_compiles", True)
    with caplog.at_level(logging.WARNING):
        yield caplog
    jax.config.update("jax_log_compiles", False)


def test_a_call_finds_the_program(told):
    @kept()
    def doubled(x):
        return 2.0 * x

    wait = compiled_ahead(doubled, np.ones(3))
    wait()
    with jax.enable_x64(True):
        doubled(np.ones(3))
    assert len(compilations(told, "doubled")) == 1
    assert compilations(told, "doubled")[0].startswith("potentia-compiles")


def test_what_goes_wrong_is_told_by_the_call():
    @kept()
    def failing(x):
        raise ArithmeticError("not this way")

    compiled_ahead(failing, np.ones(3))()
    with pytest.raises(ArithmeticError, match="not this way"):
        failing(np.ones(3))


def test_where_no_thread_can_be_begun_the_call_compiles(monkeypatch):
    # As at the end of a process, where other threads still compute.
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    monkeypatch.setattr(ahead, "_WORKERS", closed)
    found = solve(games.make("prisoners-dilemma"), INPG(step_size=0.1), max_iterations=1,
                  progress=False)
    assert found.iterations == 1


def test_a_call_finds_the_program_under_settings_of_a_users(told):
    device.advance.clear_cache()
    jax.config.update("jax_numpy_rank_promotion", "raise")
    try:
        solve(games.make("stochastic-congestion", n_agents=2), INPG(step_size=0.1), seed=0,
              max_iterations=3, progress=False)
    finally:
        jax.config.update("jax_numpy_rank_promotion", "allow")
    assert len(compilations(told, "advance")) == 1


def test_a_solve_compiles_its_chunks_once(told):
    device.advance.clear_cache()
    solve(games.make("stochastic-congestion", n_agents=2), INPG(step_size=0.1), seed=0,
          max_iterations=3, progress=False)
    assert len(compilations(told, "advance")) == 1
    assert compilations(told, "advance")[0].startswith("potentia-compiles")


def test_a_solve_without_iterations_compiles_no_chunk(told):
    device.advance.clear_cache()
    solve(games.make("stochastic-congestion", n_agents=2), INPG(step_size=0.1), seed=0,
          max_iterations=0, progress=False)
    assert not compilations(told, "advance")


def test_totals_of_a_solved_game_find_their_program(told):
    game = games.make("braess", policies="destination")
    compiled.answered.clear_cache()
    result = solve(game, INPG(step_size=0.1), initial="uniform", max_iterations=3, progress=False)
    result.game.totals(result.profile)
    assert len(compilations(told, "answered")) == 1
