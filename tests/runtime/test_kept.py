"""Programs that a later process finds without tracing: the very same ones, and never another's."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.learning.device import Stops
from potentia.runtime import asked, kept, program_cache
from potentia.runtime.program_cache import SealedCache
from potentia.runtime.pytree import static, tree

TRACED: list[str] = []


class Remembering(SealedCache):
    """A cache that tells what it was given: notes, and JAX's programs."""

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.given: dict[str, bytes] = {}

    def put(self, key: str, value: bytes) -> None:
        self.given[key] = value
        super().put(key, value)

    @property
    def notes(self) -> list[str]:
        return [key for key in self.given if key.startswith("note ")]


@pytest.fixture
def cache(tmp_path: Path, x64: None) -> Iterator[Remembering]:
    """A cache of this test alone; JAX's own is as it was afterwards."""
    before = {name: value for name, value in jax.config.values.items() if "_cache_" in name}
    cache = Remembering(tmp_path)
    assert program_cache._installed(cache)
    TRACED.clear()
    yield cache
    for name, value in before.items():
        jax.config.update(name, value)
    importlib.import_module(program_cache.PLACE).reset_cache()


def scaled(stops: Stops, x: Any, times: Any = 1) -> tuple[Stops, Any]:
    TRACED.append("scaled")
    return dataclasses.replace(stops, step=stops.step + 1.0), jnp.asarray(x, float) * times


def anew(function: Any) -> Any:
    """The function as a new process has it, of which JAX holds nothing in memory."""
    again = FunctionType(function.__code__, function.__globals__, function.__name__,
                         function.__defaults__, function.__closure__)
    again.__qualname__ = function.__qualname__
    return again


def in_a_new_process() -> Any:
    return kept.kept("times")(anew(scaled))


def usual() -> tuple[Stops, np.ndarray]:
    return Stops(step=np.float64(2.0), advantage=np.ones(3)), np.arange(4.0)


def answer(**named: Any) -> tuple[Stops, jax.Array]:
    return in_a_new_process()(*usual(), **named)


def test_a_later_process_asks_without_tracing(cache: Remembering) -> None:
    first = answer(times=3)
    second = answer(times=3)
    assert TRACED == ["scaled"]
    assert len(cache.notes) == 1
    for stops, x in (first, second):
        assert isinstance(stops, Stops)
        assert stops.step == 3.0
        assert np.array_equal(x, 3.0 * np.arange(4.0))
        assert not x.committed
        assert not x.weak_type


def test_numbers_are_data(cache: Remembering) -> None:
    answer(times=3)
    stops, _ = usual()
    _, x = in_a_new_process()(stops, -np.ones(4), times=3)
    assert TRACED == ["scaled"]
    assert np.array_equal(x, -3.0 * np.ones(4))


@pytest.mark.parametrize("other", ["times", "its type", "shape", "type", "tree", "environment",
                                   "setting", "code", "package"])
def test_another_question_is_another_program(other: str, cache: Remembering,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    answer(times=3)
    (stops, x), times = usual(), 3
    match other:
        case "times":
            times = 4
        case "its type":
            times = True
        case "shape":
            x = np.arange(5.0)
        case "type":
            x = np.arange(4)
        case "tree":
            stops = dataclasses.replace(stops, advantage=(np.ones(3),))
        case "environment":
            monkeypatch.setenv("XLA_OF_TOMORROW", "1")
        case "code":
            monkeypatch.setattr(asked, "_code", lambda: "changed")
        case "package":
            monkeypatch.setattr(asked, "_installed", lambda: ["jax-99"])
    with jax.numpy_rank_promotion("warn" if other == "setting" else "allow"):
        _, found = in_a_new_process()(stops, x, times=times)
    assert TRACED == ["scaled"] * 2
    assert np.array_equal(found, x * times)


def test_every_line_of_ours_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ours = tmp_path / "runtime" / "asked.py"
    ours.parent.mkdir()
    monkeypatch.setattr(asked, "__file__", str(ours))
    digest = asked._code.__wrapped__
    found = [digest()]
    for path, text in ((ours, "one = 1\n"), (ours, "one = 2\n"), (tmp_path / "more.py", "")):
        path.write_text(text)
        found.append(digest())
    assert found[0] == ""                    # without sources nothing is kept
    assert len({*found}) == 4


class OfAUser:
    """A part of a program that is no plain value."""


@pytest.mark.parametrize("unusual", ["function", "object", "dataclass", "key", "inside a trace"])
def test_what_cannot_be_told_whole_is_not_kept(unusual: str, cache: Remembering) -> None:
    @jax.tree_util.register_dataclass
    @dataclasses.dataclass
    class Pair:
        x: Any

    def given(stops: Stops, x: Any, times: Any = 1) -> Any:
        TRACED.append("given")
        return stops.step

    stops, x = usual()
    program = kept.kept("times")(given)
    ask = jax.jit(program) if unusual == "inside a trace" else program
    held = {"dataclass": Pair(x), "key": jax.random.key(0, impl="rbg")}.get(unusual, x)
    named = {"function": {"times": jnp.add}, "object": {"times": OfAUser()}}.get(unusual, {})
    assert [float(ask(stops, held, **named)) for _ in range(2)] == [2.0] * 2
    assert TRACED == ["given"]
    assert not cache.notes


def test_keys_come_and_go(cache: Remembering) -> None:
    def drawn(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        TRACED.append("drawn")
        return jax.random.split(key)[0], jax.random.uniform(key)

    found = []
    for _ in range(2):
        found.append(kept.kept()(anew(drawn))(jax.random.key(7)))
    (one, first), (two, second) = found
    assert TRACED == ["drawn"]
    assert one.dtype == two.dtype
    assert np.array_equal(jax.random.key_data(one), jax.random.key_data(two))
    assert first == second


@pytest.mark.parametrize("fault", ["program gone", "no JSON", "other words", "another's"])
def test_a_bad_note_is_no_fault(fault: str, cache: Remembering) -> None:
    _, first = answer(times=3)
    note, = cache.notes
    held = cache.given[note]
    if fault == "program gone":
        for key in cache.given.keys() - {note}:
            (cache.folder / program_cache._name(key)).unlink()
    else:
        cache.put(note, {"no JSON": held[:-5], "other words": b"[]",
                         "another's": held.replace(b"device:Stops", b"device:Steps")}[fault])
    _, second = answer(times=3)
    assert TRACED == ["scaled"] * 2
    assert np.array_equal(first, second)
    answer(times=3)
    assert TRACED == ["scaled"] * 2          # a good one took its place


def test_without_a_cache_it_is_compiled_by_jax_alone() -> None:
    with jax.enable_x64(True):
        TRACED.clear()
        assert program_cache.installed() is None
        program = in_a_new_process()
        program(*usual(), times=2)
        program(*usual(), times=2)
    assert TRACED == ["scaled"]


@tree
class Sized:
    """An argument that says whether it is small."""

    x: Any
    small: bool = static(default=True)


def doubled(sized: Sized, times: Any) -> Any:
    TRACED.append("doubled")
    return 2 * sized.x * times


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What compilers are asked for, in the order of the programs."""
    asked_for, jit = [], jax.jit

    def watched(function: Any, **named: Any) -> Any:
        asked_for.append(named.get("compiler_options"))
        return jit(function, **named)

    TRACED.clear()
    kept._understood.cache_clear()
    monkeypatch.setattr(jax, "jit", watched)
    yield asked_for
    kept._understood.cache_clear()


def test_programs_of_what_is_small_are_compiled_quickly(options: list[Any]) -> None:
    program = kept.kept()(doubled)
    for small in (True, False, True):
        assert program(Sized(np.float32(3.0), small), 2) == 12
    assert kept.QUICK in options
    assert options[-1] is None
    assert TRACED == ["doubled"] * 2


@pytest.mark.parametrize("options_of", [{"xla_option_of_tomorrow": True},
                                        {"xla_backend_optimization_level": "much"}])
def test_a_compiler_that_refuses_the_options_serves_all_the_same(
        options_of: dict[str, Any], options: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "QUICK", options_of)
    assert kept.kept()(doubled)(Sized(np.float32(3.0)), 2) == 12
    assert options[0] == options_of                  # it was tried
    assert not options[1]                            # and left


def test_programs_of_what_is_small_trace_inside_others() -> None:
    program = kept.kept()(doubled)
    outer = kept.kept()(lambda sized, times: program(sized, times) + 1)
    sized, xs = Sized(jnp.float32(3.0)), jnp.arange(3.0)
    assert outer(sized, 2) == 13
    assert jax.jit(program)(sized, 2) == 12
    assert jax.grad(lambda times: program(sized, times))(1.0) == 6
    assert jax.grad(lambda times: program(sized, times=times) + program(sized, 2.0))(1.0) == 6
    assert jax.jvp(lambda times: program(sized, times), (1.0,), (1.0,))[1] == 6
    np.testing.assert_array_equal(jax.lax.map(lambda times: program(sized, times), xs), 6 * xs)
    np.testing.assert_array_equal(jax.vmap(lambda times: program(sized, times))(xs), 6 * xs)
    assert jax.eval_shape(program, sized, 2).shape == ()


def test_a_small_program_is_kept_for_a_later_process(cache: Remembering) -> None:
    def weighed(game: pt.RoutingGame, x: Any) -> Any:
        TRACED.append("weighed")
        return game.weight * x

    game = pt.games.make("braess")
    assert game.small
    for _ in range(2):
        assert kept.kept()(anew(weighed))(game, np.ones(2)).tolist() == [game.weight] * 2
    assert TRACED == ["weighed"]
    assert len(cache.notes) == 1


def test_small_road_games_are_asked_for_many_profiles_at_once_and_for_derivatives() -> None:
    game = pt.games.make("braess")
    profile = np.asarray(game.initial_profile("uniform", 0))
    with jax.enable_x64(True):
        found = jax.vmap(lambda each: game.potential(each))(jnp.stack([profile, profile]))
        np.testing.assert_allclose(found, [game.potential(profile)] * 2, rtol=1e-14)
        _, change = jax.jvp(lambda each: game.potential(each), (jnp.asarray(profile),),
                            (jnp.asarray(profile),))
        assert np.isfinite(change)
