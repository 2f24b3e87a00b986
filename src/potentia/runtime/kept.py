"""Programs of ours that a later command finds without tracing them.

JAX looks into its cache of compiled programs only once a function was traced and lowered, which
takes longer than all the rest of many a command. `kept` stands in the place of `jax.jit`: where
commands keep compiled programs (`program_cache`), a note beside a program says which question it
answers (`asked`), so that the same question of a later process reads the note and loads the
program. It is the very program that JAX kept, and gives the same bits. Without a note, or where
anything is unusual about the arguments, a call is that of `jax.jit`.

JAX has no public place for what a compiled program takes and returns (0.10); where it is not found,
no note is written or read.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import json
import threading
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jax.sharding import get_abstract_mesh

from potentia.console.log import LOG
from potentia.runtime import asked, program_cache
from potentia.runtime.float64 import inside_a_trace

R = TypeVar("R")
Loaded = Callable[[list[Any]], Any]


# What these leave out takes a quarter of the compilers' time and half of their memory, and gains
# nothing in programs that gather and scatter all the time; parts beyond four cost a tenth.
QUICK = {"xla_cpu_use_fusion_emitters": False, "xla_backend_optimization_level": 1,
         "xla_cpu_parallel_codegen_split_count": 4}
# Threads that compile at the same time would each ask the compiler what it understands.
ONE_AT_A_TIME = threading.RLock()


@runtime_checkable
class Gathers(Protocol):
    """An argument whose programs gather and scatter. small: whether those that run often are better
    compiled soon than run fast, too."""

    @property
    def small(self) -> bool: ...


@functools.cache
def _understood() -> dict[str, bool | int]:
    """The options of quick compilation, if this compiler knows them."""
    try:
        jax.jit(lambda: 0, compiler_options=QUICK).lower().compile()
    except Exception as error:                    # whatever a compiler raises
        LOG.debug("programs are not compiled quickly: %r", error)
        return {}
    return QUICK


def kept(*fixed: str, seldom: bool = False) -> Callable[[Callable[..., R]], Kept[R]]:
    """Decorator: compile a function as `jax.jit` does, and keep it for later processes.

    fixed: names of arguments that are part of the program. seldom: whether it is called so seldom
    that compiling soon counts for more.
    """
    return lambda function: Kept(function, fixed, seldom)


@dataclasses.dataclass
class _Answer:
    """What one question came to: the loaded program; None where JAX is to call it. `lock`: of who
    looks for it, for whom others wait."""

    lock: threading.RLock = dataclasses.field(default_factory=threading.RLock)
    known: bool = False
    program: Loaded | None = None


class Kept(Generic[R]):
    """A function, compiled by `jax.jit`, whose programs are kept for later processes."""

    def __init__(self, function: Callable[..., R], fixed: tuple[str, ...], seldom: bool):
        functools.update_wrapper(self, function)
        self._jitted: Callable[[bool], Any] = functools.cache(lambda quick: jax.jit(
            function, static_argnames=fixed, compiler_options=_understood() if quick else None))
        self._name = f"{function.__module__}:{function.__qualname__}"
        self._names, self._fixed = tuple(inspect.signature(function).parameters), fixed
        self._seldom = seldom
        self._answers: dict[Any, _Answer] = {}

    def __call__(self, *arguments: Any, **named: Any) -> R:
        question = self._question(arguments, named)
        program = None if question is None else self._answer(question, arguments, named)
        if question is None or program is None:
            return self.compiler(arguments, named)(*arguments, **named)
        return program(question.leaves)

    def compiler(self, arguments: tuple[Any, ...], named: dict[str, Any] | None = None) -> Any:
        """What JAX calls and compiles for these arguments."""
        given = (*arguments, *(named or {}).values())
        quick = any(isinstance(each, Gathers) and (self._seldom or each.small) for each in given)
        with ONE_AT_A_TIME:
            return self._jitted(quick and not _inside(given))

    def ahead(self, *arguments: Any) -> None:
        """Load or compile the program for arguments of these shapes."""
        question = self._question(arguments, {})
        if question is None or self._answer(question, arguments, {}) is None:
            self.compiler(arguments).lower(*arguments).compile()

    def clear_cache(self) -> None:
        """Forget what was compiled and loaded in this process."""
        self._answers.clear()
        for quick in (False, True):
            self._jitted(quick).clear_cache()

    def _question(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> _Question | None:
        """What is asked; None where no program is kept for it."""
        if (program_cache.installed() is None or not named.keys() <= {*self._fixed}
                or jax.process_count() > 1 or not get_abstract_mesh().empty):
            return None
        given = {**dict(zip(self._names, arguments, strict=False)), **named}
        fixed = {name: given.pop(name) for name in self._fixed if name in given}
        leaves, structure = jax.tree.flatten(tuple(given.values()))
        if any(isinstance(leaf, Tracer) for leaf in leaves):
            return None
        try:
            shapes = asked.shapes(leaves)
            key = (structure, tuple(shapes), tuple(fixed.items()), str(jnp.result_type(float)))
            hash(key)
        except (asked.UntoldError, TypeError):
            return None
        return _Question(leaves, structure, shapes, fixed, key)

    def _answer(self, question: _Question, arguments: tuple[Any, ...],
                named: dict[str, Any]) -> Loaded | None:
        """The program that was kept; None where it was not, after it was compiled and noted."""
        answer = self._answers.setdefault(question.key, _Answer())
        with answer.lock:
            if not answer.known:
                name = question.name(self._name)
                if name:
                    answer.program = _loaded(name)
                    if answer.program is None:
                        _note(name, self.compiler(arguments, named).lower(*arguments, **named))
                answer.known = True
        return answer.program


def _inside(given: tuple[Any, ...]) -> bool:
    """Whether JAX traces a call with these, or takes a derivative of it: inside another program it
    is that one which is compiled, and JAX lets no other say how."""
    return inside_a_trace() or any(isinstance(leaf, Tracer) for leaf in jax.tree.leaves(given))


@dataclasses.dataclass
class _Question:
    """Arguments of a call, numbers apart from all else; key: what tells it in this process."""

    leaves: list[Any]
    structure: Any
    shapes: list[str]
    fixed: dict[str, Any]
    key: Any

    def name(self, function: str) -> str:
        """What tells it from all other questions of any process; "" where nothing does."""
        try:
            surroundings = asked.surroundings()
            told = [function, asked.written(self.structure), self.shapes, asked.plain(self.fixed),
                    surroundings]
        except (asked.UntoldError, OSError) as error:
            LOG.debug("%s is compiled in every process: %r", function, error)
            return ""
        told_apart = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        return f"note {told_apart}" if surroundings else ""


def _note(name: str, lowered: Any) -> None:
    """Compile a program, and note under `name` where JAX keeps it and how it is called."""
    cache = program_cache.installed()
    assert cache is not None
    with cache.watched() as keys:
        compiled = lowered.compile()
    try:
        inside = compiled._executable
        results, structure = inside.out_avals, asked.written(compiled.out_tree)
        if (len(keys) != 1 or compiled._params.const_args
                or any(each.weak_type for each in results)
                or asked.read(structure) != compiled.out_tree):
            return
        note = {"program": keys[0], "used": sorted(inside._kept_var_idx),
                "structure": structure,
                "keys": [asked.key_of(each.dtype) for each in results]}
    except (asked.UntoldError, AttributeError, TypeError, ValueError, KeyError) as error:
        LOG.debug("no note is kept of a program: %r", error)
        return
    cache.put(name, json.dumps(note).encode())


def _loaded(name: str) -> Loaded | None:
    """The program that a note names, as a function of leaves; None without one."""
    cache = program_cache.installed()
    assert cache is not None
    held = cache.get(name)
    if held is None:
        return None
    try:
        note = json.loads(held)
        program = program_cache.program(note["program"])
        if program is None:
            return None
        return functools.partial(_called, program, note["used"],
                                 asked.read(note["structure"]), note["keys"])
    except (AttributeError, ImportError, TypeError, ValueError, KeyError) as error:
        LOG.debug("a kept program was not loaded: %r", error)
        return None


def _called(program: Callable[[list[jax.Array]], list[jax.Array]], used: list[int], structure: Any,
            keys: list[str | None], leaves: list[Any]) -> Any:
    # A key of JAX's goes in and comes out as the words that it is made of.
    data = jax.device_put([_in_words(leaves[place]) for place in used])
    return jax.tree.unflatten(structure, [
        result if key is None else jax.random.wrap_key_data(result, impl=key)
        for result, key in zip(program(data), keys, strict=True)])


def _in_words(leaf: Any) -> Any:
    return (jax.random.key_data(leaf) if isinstance(leaf, jax.Array) and asked.key_of(leaf.dtype)
            else leaf)
