"""Calls to the host inside a program, in float64.

`jax.pure_callback` hands its arrays to a thread of the runtime, where the setting "float64" of the
thread that runs the program does not hold: JAX 0.10.2 rounds them to float32 there, or fails, as it
happens. Here 64-bit numbers cross as pairs of 32-bit words, bit for bit, and the function on the
host finds the same setting as the program.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

if TYPE_CHECKING:           # 0.03 s that only a user's own classes need
    from jax.extend import core

WIDE = (np.float64, np.int64, np.uint64)      # complex numbers cross as JAX lets them


def in_float64(work: Callable[..., Any], *arguments: Any) -> Any:
    """`work(*arguments)` as a part of a program that is being traced, its calls to the host in
    float64."""
    program, out = jax.make_jaxpr(work, return_shape=True)(*arguments)
    answers = _core().jaxpr_as_fun(_mended(program))(*jax.tree.leaves(arguments))
    return jax.tree.unflatten(jax.tree.structure(out), answers)


def _mended(program: core.ClosedJaxpr) -> core.ClosedJaxpr:
    """The same program with its calls to the host mended, in loops and branches too."""
    if not _calls(program.jaxpr):
        return program
    return jax.make_jaxpr(lambda *data: _run(program.jaxpr, program.consts,
                                             data))(*program.in_avals)


def _calls(jaxpr: core.Jaxpr) -> bool:
    return any(equation.primitive.name == "pure_callback"
               or any(map(_calls, _inner(equation.params)))
               for equation in jaxpr.eqns)


def _inner(params: dict[str, Any]) -> Iterator[core.Jaxpr]:
    for value in params.values():
        for each in value if isinstance(value, tuple | list) else (value,):
            if isinstance(each, _core().ClosedJaxpr):
                yield each.jaxpr
            elif isinstance(each, _core().Jaxpr):
                yield each


def _run(jaxpr: core.Jaxpr, constants: Sequence[Any], data: Sequence[Any]) -> list[Any]:
    """Evaluate `jaxpr`, its calls to the host mended."""
    known = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*constants, *data], strict=True))

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, _core().Literal) else known[atom]

    for equation in jaxpr.eqns:
        answers = _answers(equation, [read(atom) for atom in equation.invars])
        known.update(zip(equation.outvars, answers, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _answers(equation: core.JaxprEqn, data: list[Any]) -> list[Any]:
    params = equation.params
    if equation.primitive.name == "pure_callback":
        return _called(params, data, tuple(atom.aval for atom in equation.invars))
    if any(map(_calls, _inner(params))):
        params = {name: _mended_parameter(value) for name, value in params.items()}
    with equation.ctx.manager:
        answers = equation.primitive.bind(*data, **equation.primitive.get_bind_params(params))
    return answers if equation.primitive.multiple_results else [answers]


def _mended_parameter(value: Any) -> Any:
    if isinstance(value, _core().ClosedJaxpr):
        return _mended(value)
    return tuple(map(_mended_parameter, value)) if isinstance(value, tuple) else value


def _called(params: dict[str, Any], data: list[Any], inputs: tuple[Any, ...]) -> list[Any]:
    """The answers of a call to the host; inputs: shapes and dtypes of `data`."""
    expected = params["result_avals"]
    call = _Call(params["callback"], inputs, expected)
    words = jax.pure_callback(call, tuple(map(_crossing, expected)), *map(_words, data, inputs),
                              sharding=params["sharding"], vmap_method=params["vmap_method"])
    return [jax.lax.bitcast_convert_type(word, aval.dtype) if aval.dtype in WIDE else word
            for word, aval in zip(words, expected, strict=True)]


def _crossing(aval: Any) -> jax.ShapeDtypeStruct:
    """The form in which an array of that shape and dtype crosses."""
    if aval.dtype in WIDE:
        return jax.ShapeDtypeStruct((*aval.shape, 2), np.uint32)
    return jax.ShapeDtypeStruct(aval.shape, aval.dtype)


def _words(value: Any, aval: Any) -> Array:
    return jax.lax.bitcast_convert_type(value, jnp.uint32) if aval.dtype in WIDE else value


@dataclasses.dataclass(frozen=True)
class _Call:
    """What the runtime calls: `function` behind words of 32 bits. inputs, expected: shapes and
    dtypes."""

    function: Callable[..., Any]
    inputs: tuple[Any, ...]
    expected: tuple[Any, ...]

    def __call__(self, *words: Any) -> tuple[np.ndarray, ...]:
        with jax.enable_x64(True):
            answers = self.function(*map(_from_words, words, self.inputs))
            return tuple(map(_to_words, answers, self.expected))


def _from_words(words: Any, aval: Any) -> Array:
    if aval.dtype not in WIDE:
        return jnp.asarray(words)
    return jnp.asarray(np.ascontiguousarray(words).view(aval.dtype).reshape(aval.shape))


def _to_words(answer: Any, aval: Any) -> np.ndarray:
    array = np.asarray(answer)
    if (array.dtype, array.shape) != (aval.dtype, aval.shape):
        raise TypeError(
            f"a host function gave {array.dtype} {array.shape}, but {aval.dtype} {aval.shape} was "
            f"promised")
    # Not `ascontiguousarray`, which gives a single number an axis.
    return (np.asarray(array, order="C")[..., None].view(np.uint32) if aval.dtype in WIDE
            else array)


def _core() -> Any:
    return importlib.import_module("jax.extend.core")
