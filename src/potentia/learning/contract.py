"""What own rules, oracles and games must return, checked once, on shapes and dtypes alone, before
the first iteration.

    rule.init(log_policy [H, A], mask [H, A], key) -> memory
    rule.update(log_policy, memory, view, iteration, key) -> (log_policy [H, A] float64,
        memory as before)
    rule.carried(memory, log_policy, mask) -> memory as before; if the rule has it
    oracle.evaluate(game, profile [N, H, A], key) -> Evaluation of float64 arrays
    oracle.begin(game, key) -> memory, oracle.evaluate_from(game, profile, key, memory) ->
        (Evaluation, memory as before); if the oracle has them
    game.evaluate(profile) -> Evaluation, game.best_response(profile) -> BestResponse

Nothing is computed: all of it runs while a program is traced, so that what a class does to its
arguments is seen as the program will see it. Potentia's own classes are held to the same by its
tests.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from potentia.errors import (
    InputError,
    one_line,
    positive_number,
    shown,
    truth_value,
    whole_number,
)
from potentia.game import BestResponse, Evaluation, Game, Reorientable, Shardable
from potentia.oracles.base import Oracle, counts_steps, is_batched, is_exact
from potentia.runtime.own import is_own

# What JAX raises where Python asks for a value that is not there yet.
ASKED_TOO_EARLY = (jax.errors.ConcretizationTypeError, jax.errors.NonConcreteBooleanIndexError,
                   jax.errors.TracerArrayConversionError, jax.errors.TracerIntegerConversionError)
UPDATE = ("log_policy", "memory", "view", "iteration", "key")


def refuse_bad_oracle(oracle: Oracle, game: Game) -> None:
    """Raise InputError unless the user's oracle gives an evaluation of the right shapes."""
    shape = jnp.shape(game.mask)
    found = called(oracle, "evaluate", game, jnp.zeros(shape), jax.random.key(0))
    refuse_bad_answer(oracle, "evaluate", found, shape)


def refuse_bad_answer(oracle: Oracle, method: str, found: Any, shape: tuple[int, ...]) -> None:
    """Raise InputError unless what a method of the user's oracle gave for a profile of that shape
    is an evaluation of the right shapes, with the steps if the oracle counts them."""
    method = f"{type(oracle).__name__}.{method}"
    _refuse_bad_evaluation(method, found, shape)
    if counts_steps(oracle):
        refuse_other(method, "agent_steps", found.agent_steps, ())


def refuse_bad_game(game: Game) -> None:
    """Raise InputError unless the user's game gives an evaluation and best responses of the right
    shapes."""
    name = type(game).__name__
    shape = jnp.shape(game.mask)
    _refuse_bad_evaluation(f"{name}.evaluate", called(game, "evaluate", jnp.zeros(shape)), shape)
    response = called(game, "best_response", jnp.zeros(shape))
    if not isinstance(response, BestResponse):
        raise InputError(
            f"{name}.best_response returned {what(response)}, but a BestResponse was expected")
    for field in ("gain", "worst_gain", "error"):
        refuse_other(f"{name}.best_response", field, getattr(response, field), shape[:1])
    for method in ("welfare", "potential"):
        found = called(game, method, jnp.zeros(shape))
        if not (method == "potential" and found is None):
            refuse_other(f"{name}.{method}", "its value", found, ())
    for start in ("uniform", "random"):
        drawn = called(game, "initial_profile", start, jax.random.key(0))
        refuse_other(f"{name}.initial_profile", "a profile", drawn, shape)


def refuse_bad_claims(oracle: Oracle) -> None:
    """Raise InputError unless a user's oracle says yes or no to whether it is exact, batched, and
    counts steps."""
    for claim, asked in (("exact", is_exact), ("batched", is_batched),
                         ("counts_steps", counts_steps)):
        with naming_method(f"{type(oracle).__name__}.{claim}"):
            truth_value(asked(oracle), f"{type(oracle).__name__}.{claim}")


def refuse_bad_facts(game: Game) -> None:
    """Raise InputError unless a user's game tells of itself what it must: all of `Game` but the
    methods."""
    name = type(game).__name__
    base = next((cls for cls in type(game).__mro__[1:]
                 if cls.__module__.startswith("potentia.games") and dataclasses.is_dataclass(cls)),
                None)
    if base is not None and jax.tree.leaves(game, is_leaf=lambda node: node is not game) == [game]:
        raise InputError(f"{name} derives from {base.__name__} but is no pytree: decorate it with "
                         f"potentia.runtime.pytree.tree")
    with naming_method(f"{name}.mask"):
        mask = game.mask
        if not isinstance(mask, np.ndarray | jax.Array) or mask.dtype != bool or mask.ndim != 3:
            raise InputError(f"{name}.mask is {what(mask)}, but it must be bool [N, H, A], the "
                             f"actions that exist")
        if not np.asarray(mask).any():
            raise InputError(f"{name}.mask allows no action at all")
    with naming_method(f"{name}.scale"):
        positive_number(game.scale, f"{name}.scale")
    with naming_method(f"{name}.n_agents"):
        whole_number(game.n_agents, f"{name}.n_agents", 1)
    for fact in ("undiscounted", "full_information"):
        with naming_method(f"{name}.{fact}"):
            truth_value(getattr(game, fact), f"{name}.{fact}")
    with naming_method(name):
        every = game.reorient_every if isinstance(game, Reorientable) else None
        shards = game.shards if isinstance(game, Shardable) else 1
    whole_number(1 if every is None else every, f"{name}.reorient_every", 1)
    whole_number(shards, f"{name}.shards", 1)
    with naming_method(f"{name}.name"):
        if not isinstance(game.name, str):
            raise InputError(f"{name}.name is {shown(game.name)}, but it must be a text")


def _refuse_bad_evaluation(method: str, found: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(found, Evaluation):
        raise InputError(f"{method} returned {what(found)}, but an Evaluation was expected")
    for field, expected in (("q", shape), ("v", shape[:2]), ("visitation", shape[:2])):
        refuse_other(method, field, getattr(found, field), expected)
    if found.slope is not None:
        refuse_other(method, "slope", found.slope, shape)


def refuse_other(method: str, name: str, found: Any, shape: tuple[int, ...]) -> None:
    """Raise InputError unless `found` is a float64 array of that shape."""
    if getattr(found, "shape", None) != shape or found.dtype != jnp.float64:
        raise InputError(
            f"{method} returned {name} as {what(found)}, but float64 {shape} was expected")


def called(thing: Any, method: str, *arguments: Any) -> Any:
    """What a method gives; where a user's own fails, InputError names its class, the method, and
    what went wrong."""
    if not is_own(thing):
        return getattr(thing, method)(*arguments)
    with naming_method(f"{type(thing).__name__}.{method}"):
        return getattr(thing, method)(*arguments)


@contextmanager
def naming_method(method: str) -> Iterator[None]:
    """Turn whatever a user's method, of that name, raises into one line."""
    try:
        yield
    except InputError:
        raise
    except ASKED_TOO_EARLY as error:
        raise InputError(f"{method} failed: {type(error).__name__}: its arguments are traced, so "
                         f"that if, int() and NumPy cannot have their values; jnp.where and the "
                         f"functions of jax.numpy can, and a field marked static() has one"
                         ) from error
    except jax.errors.JaxRuntimeError as error:
        raise InputError(f"{method} failed: {_told_by_host(error)}") from error
    except Exception as error:
        first = (str(error).splitlines() or [""])[0]
        raise InputError(f"{method} failed: {type(error).__name__}: {one_line(first)}") from error


@contextmanager
def naming_host_functions(*things: Any) -> Iterator[None]:
    """Turn the failure of what a user's rule or oracle calls on the host into one line."""
    try:
        yield
    # The second is what JAX raises for a callback under vmap that does not say how it is mapped.
    except (jax.errors.JaxRuntimeError, NotImplementedError) as error:
        users = [type(thing).__name__ for thing in things if is_own(thing)]
        if not users:
            raise
        raise InputError(f"a function that {' or '.join(users)} calls on the host failed: "
                         f"{_told_by_host(error)}") from error


def _told_by_host(error: Exception) -> str:
    """What a function on the host raised: the last line of the traceback that JAX hands on as its
    message."""
    return one_line(([line for line in str(error).splitlines() if line.strip()] or [""])[-1])


def refuse_missing(thing: Any, kind: str, methods: Iterable[str],
                   facts: Iterable[str] = ()) -> None:
    """Raise InputError, naming all that is missing, unless the object has these methods and
    facts."""
    name = type(thing).__name__
    with naming_method(name):
        missing = [fact for fact in facts if not hasattr(thing, fact)]
        missing += [method for method in methods if not callable(getattr(thing, method, None))]
    if missing:
        raise InputError(f"{kind} is a {name}, which is no {kind}: it has no "
                         f"`{'` and no `'.join(missing)}`")


def refuse_other_arguments(thing: Any, method: str, names: tuple[str, ...]) -> None:
    """Raise InputError unless the method of that name can be called with these arguments, by
    position."""
    function: Callable[..., Any] = getattr(thing, method)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return                # what cannot be asked is found out when it is called
    try:
        signature.bind(*names)
    except TypeError:
        raise InputError(f"{type(thing).__name__}.{method} takes {signature}, but it is called "
                         f"with ({', '.join(names)})") from None


def what(value: Any) -> str:
    """Shape and dtype of an array, or the class of anything else."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.dtype} {tuple(value.shape)}"
    if isinstance(value, tuple):
        return f"a tuple of {len(value)}"
    return "None" if value is None else f"a {type(value).__name__}"
