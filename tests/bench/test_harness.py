"""How time is taken, what a figure says, and that every benchmark runs (on tiny sizes; no time is
judged)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import jax
import numpy as np
import pytest

import potentia as pt
from potentia import bench
from potentia.bench import analysis, harness, large, opening
from potentia.bench.city import city
from potentia.bench.harness import Asked, Figure, Limit, learning, least
from potentia.bench.homotopy import LIMIT
from potentia.bench.traffic import network_of

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "benchmarks" / "peers"
TINY = {
    "machine": {"size": 8, "megabytes": 1, "draws": 16, "repeats": 1},
    "product": {"n_agents": 2, "repeats": 1},
    "starts": {"n_agents": 2, "runs": 2},
    "commands": {"rounds": 1, "command": ("--version",)},
    "enumeration": {"n_agents": 3, "count": 2, "repeats": 1},
    "checks": {"n_agents": 2, "repeats": 1},
    "tabular": {"sizes": [(2, 2, 3)], "repeats": 1},
    "published": {"n_agents": 2, "runs": 2, "repeats": 1},
    "playing": {"copies": 8, "repeats": 1},
    "training": {"n_agents": 2, "seeds": 2, "ppo_updates": 1, "npg_updates": 1, "fresh": 8,
                 "copies": 2},
    "growth": {"agents": (2, 3), "dense": (2, 4), "sparse": (50, 60), "destinations": (3, 4),
               "sides": (10, 11), "repeats": 1},
    "large": {"cases": [("n = 2", "stochastic-congestion",
                         {"n_agents": 2, "representation": "congestion"}, None)],
              "repeats": 1},
    "analysis": {"cases": [("classify", analysis.classify, "two-link-congestion", {},
                            Limit("at most", 1e9))]},
    "roads": {"networks": [network_of("a town", city(side=3, zones=4, trips=20,
                                                     room=0.01).game(parts=10**6))],
              "further": 1e-6, "times": 1},
    "opening": {"n_agents": 2, "runs": 2, "iterations": 20, "repeats": 1},
    "homotopy": {"agents": (2,), "starts": 1},
    "device": {"agents": (2,), "states": 3, "runs": 4, "travellers": 50,
               "town": city(side=3, zones=4, trips=20, room=0.01),
               "published_agents": 2, "iterations": 2, "repeats": 1},
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that shows what the last entry says."""
    shown = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: shown[-1])
    return shown


def test_times_are_the_least_of_several_taken_in_turns(clock: list[float]) -> None:
    order, lasts = [], {"a": iter([9.0, 3.0, 1.0, 2.0]), "b": iter([9.0, 5.0, 6.0, 4.0])}

    def work(name: str) -> None:
        order.append(name)
        clock.append(clock[-1] + next(lasts[name]))

    assert least({name: lambda name=name: work(name) for name in "ab"}, 3) == {"a": 1.0, "b": 4.0}
    assert order == list("abababab")


def test_the_first_call_is_not_timed(clock: list[float]) -> None:
    lasts = iter([1.0, 7.0])
    assert least({"a": lambda: clock.append(clock[-1] + next(lasts))}, 1) == {"a": 7.0}


@pytest.mark.parametrize(("limit", "value", "holds"), [
    (Limit("at most", 3), 3.0, True), (Limit("at most", 3), 3.1, False),
    (Limit("at least", 3), 3.0, True),
    (Limit("at least", 3), 2.9, False), (Limit("at least", 3), np.nan, False),
    (Limit("at most", 3), np.nan, False),
    (Limit("at most", 3), None, None), (None, 2.0, None),
])
def test_a_figure_holds_within_its_limit(limit: Limit | None, value: float | None,
                                         holds: bool | None) -> None:
    assert Figure("x", value, limit=limit).holds is holds
    assert Figure("x", value, limit=limit).entry()["holds"] is holds


def test_learning_is_the_loops_own(x64) -> None:
    """As many updates as it says: the profile is that of a solve with this limit."""
    game = pt.games.make("stochastic-congestion", n_agents=2, representation="congestion")
    some = learning(game, call_seconds=0.01)
    state, _ = some.run()
    solved = pt.solve(game, pt.rules.INPG(step_size=harness.TINY_STEP), max_iterations=some.count,
                      tolerance=None)
    np.testing.assert_allclose(np.exp(np.asarray(state.log_profile))[0], solved.profile, atol=1e-15)
    assert int(state.iteration[0]) == some.count


def test_benchmarks_match_the_files() -> None:
    files = {file.stem for file in Path(bench.__file__).parent.glob("*.py")}
    others = {"__init__", "city", "harness", "peers", "runner", "traffic"}
    assert files - others == set(bench.REGISTRY)
    assert set(TINY) == set(bench.REGISTRY)


@pytest.fixture
def sgamesolver(tmp_path: Path) -> str:
    """A program that answers as sgamesolver's environment would, with a Nash profile of two
    agents."""
    game = pt.games.make("stochastic-congestion", n_agents=2)
    profile = pt.solve(game, pt.rules.INPG(step_size=0.1), tolerance=1e-7).profile
    return answering(tmp_path / "python", {"seconds": 5.0, "profile": profile.tolist()})


@pytest.fixture
def aequilibrae(tmp_path: Path) -> str:
    """A program that answers as AequilibraE's environment would."""
    return answering(tmp_path / "python",
                     {"seconds": 5.0, "iterations": 7, "gap": 1e-5, "version": "1"})


def answering(program: Path, answer: dict) -> str:
    """A program that prints an answer, whatever it is asked."""
    program.with_suffix(".json").write_text(json.dumps(answer))
    program.write_text(f"#!/bin/sh\ncat '{program.with_suffix('.json')}'\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize("name", bench.REGISTRY)
def test_every_benchmark_measures(name: str, x64, request, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == "opening" and opening.browser() is None:
        pytest.skip("there is no Chromium")
    # other tests go on with what is compiled
    monkeypatch.setattr(jax, "clear_caches", lambda: None)
    # writes down compiled modules, of which nothing is seen but the time
    monkeypatch.setattr(bench.module("roads"), "_begun_once", lambda asked: None)
    others = {"homotopy": "sgamesolver", "roads": "aequilibrae"}
    told = {others[name]: request.getfixturevalue(others[name])} if name in others else {}
    figures = bench.module(name).measure(Asked(PEERS, **told), **TINY[name])
    assert figures
    for figure in figures:
        assert figure.value is not None, figure
        assert figure.value > 0 or name in ("growth", "tabular", "training")
        assert all(taken > 0 for taken in figure.seconds.values())
    assert bench.module(name).__doc__


def test_what_needs_peers_says_so_without_them() -> None:
    for name in ("enumeration", "homotopy"):
        for figure in bench.module(name).measure(Asked()):
            assert figure.value is None
            assert figure.note.startswith("not measured: it ")


def test_a_failing_sgamesolver_is_quoted(tmp_path: Path, x64) -> None:
    program = tmp_path / "python"
    program.write_text(
        "#!/bin/sh\necho 'Traceback' >&2\necho 'ImportError: no sgamesolver' >&2\nexit 1\n")
    program.chmod(0o755)
    figure, = bench.module("homotopy").measure(Asked(PEERS, str(program)), agents=(6,))
    assert figure.value is None
    assert figure.limit == LIMIT
    assert figure.note == "not measured: it cannot be run: ImportError: no sgamesolver"


def test_a_case_that_is_refused_is_not_measured(x64) -> None:
    figure, = large.measure(Asked(), cases=[("n = 0", "stochastic-congestion", {"n_agents": 0},
                                             Limit("at most", 1))])
    assert figure.value is None
    assert figure.holds is None
    assert figure.note == "not measured: n_agents is 0, but it must be at least 1"


def test_the_users_own_setting_stays() -> None:
    before = jax.config.jax_enable_x64
    bench.module("homotopy").measure(Asked())
    assert jax.config.jax_enable_x64 == before
