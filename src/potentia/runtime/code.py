"""What a user's class says: a digest of its code and of what that code reads from outside.

A compiled program has read globals, closures and class attributes once, when it was traced. Whether
it may answer again is told by this digest. It follows two rules, as `runtime.own` has it:

    data   floats and arrays that the object itself holds are data of its program and not looked at
    whole  all that functions and classes reach is, to the last bit: what they call, their defaults,
           closures, globals, and the attributes of a user's modules

Of a library's functions only names, defaults and closures count. Nothing depends on the process:
no address, no order of a set, so that a checkpoint can hold the digest too. What it cannot see is
what code finds by names made at run time, such as `globals()[name]`; and JAX itself keeps what a
function of the user's own `jax.jit` has read.
"""

from __future__ import annotations

import enum
import hashlib
import types
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from potentia.runtime.origins import Origin, origin_of, root_of
from potentia.runtime.own import DATA, attributes, is_function, modes_of
from potentia.runtime.parts import (
    PLAIN,
    array_text,
    fields_of,
    is_container,
    is_here,
    is_special,
    parts_of_callable,
    plain,
    shown,
)
from potentia.runtime.reads import globals_read, held_code, modules_imported, names_in

Rule = Literal["data", "whole"]
DEEPEST = 100             # functions that call functions, objects that hold objects
BASES = (int, float, complex, str, bytes)     # what a class of numbers or texts may stand on
HOLDERS = ("types", "argparse")               # whose objects of Python's hold what others set
UNREAD = {"__dict__", "__weakref__", "__module__", "__doc__", "__annotations__", "__match_args__",
          "__dataclass_fields__", "__dataclass_params__", "__firstlineno__",
          "__static_attributes__"}            # of a class: where it stands, or said again elsewhere


def digest_of(thing: Any) -> str:
    """SHA-256 of the code of `thing`, an object of a user's class, and of what that code reads;
    not of the data that `thing` holds."""
    return _Walk(root_of(type(thing).__module__)).of(thing, "data")


def whole_digest_of(thing: Any) -> str:
    """SHA-256 of `thing` with all that it holds, and of its code if it has any."""
    return _hashed([_Walk().of(thing)])


class _Walk:
    """One walk through all that a thing reaches. home: the package whose code is a user's although
    it may be installed."""

    def __init__(self, home: str = ""):
        self.home = home
        self.origins: dict[str, Origin] = {}
        self.known: dict[Any, str] = {}
        self.above: dict[Any, int] = {}       # what holds the thing at hand, from the outermost
        self.kept: list[Any] = []             # so that no other thing gets the id of a known one

    def of(self, thing: Any, rule: Rule = "whole", names: tuple[str, ...] = ()) -> str:
        """The text of a thing. names: what may be read of it, if it is a module."""
        if type(thing) in PLAIN or isinstance(thing, np.generic):
            return plain(thing) if rule == "whole" else ""
        if isinstance(thing, DATA) and rule == "data":
            return ""
        key = (id(thing), rule, names if isinstance(thing, types.ModuleType) else ())
        if key in self.above:
            return f"above {self.above[key]}"
        if len(self.above) == DEEPEST:
            return f"deep {type(thing).__qualname__}"
        if key not in self.known:
            self.kept.append(thing)
            self.above[key] = len(self.above)
            try:
                self.known[key] = _hashed(self._texts(thing, rule, names))
            finally:
                del self.above[key]
        return self.known[key]

    def _texts(self, thing: Any, rule: Rule, names: tuple[str, ...]) -> Iterator[str]:
        if isinstance(thing, types.ModuleType):
            return self._module(thing, names)
        if isinstance(thing, types.FunctionType):
            return self._function(thing)
        if isinstance(thing, types.CodeType):
            return self._code(thing)
        if isinstance(thing, type):
            return self._class(thing)
        if isinstance(thing, np.ndarray | jax.Array):
            return self._array(thing)
        parts = parts_of_callable(thing)
        if parts is not None:
            return self._each([type(thing).__qualname__, *parts])
        if rule == "data" and (is_function(thing) or isinstance(thing, enum.Enum | set | frozenset)
                               or not (attributes(thing) or is_container(thing))):
            rule = "whole"                     # part of the program as it is
        return self._object(thing, rule)

    def _each(self, things: Iterable[Any], rule: Rule = "whole") -> Iterator[str]:
        return (self.of(each, rule) for each in things)

    def _object(self, thing: Any, rule: Rule) -> Iterator[str]:
        """Its class, what is in it as a container, and its attributes."""
        yield self.of(type(thing))
        yield from self._contents(thing, rule)
        origin = self._origin(type(thing).__module__)
        if origin == "python" and type(thing).__module__ not in HOLDERS:
            yield "" if is_container(thing) else shown(thing)
            return
        held = fields_of(thing)
        modes = modes_of(thing) if rule == "data" else {}
        for name, value in sorted(held.items()):
            yield name
            yield self.of(value, "whole" if modes.get(name) == "static" else rule)
        if not held and not is_container(thing):
            yield shown(thing)

    def _contents(self, thing: Any, rule: Rule) -> Iterator[str]:
        if isinstance(thing, dict | types.MappingProxyType):
            for key, value in thing.items():
                yield self.of(key)
                yield self.of(value, rule)
        elif isinstance(thing, set | frozenset):
            yield from sorted(map(self._alone, thing))
        elif isinstance(thing, tuple | list | deque):
            yield from self._each(thing, rule)
        base: Any
        for base in BASES:
            if isinstance(thing, base):
                yield f"{base.__name__} {base.__repr__(thing)}"

    def _alone(self, thing: Any) -> str:
        """The text of an element of a set, whichever element comes first."""
        known, self.known = self.known, {}
        try:
            return self.of(thing)
        finally:
            self.known = known

    def _array(self, array: Any) -> Iterator[str]:
        if isinstance(array, Tracer):
            yield "traced"
        elif isinstance(array, jax.Array) and not is_here(array):
            yield f"{array.dtype} {array.shape}"
        elif jnp.issubdtype(array.dtype, jax.dtypes.prng_key):
            yield f"{array.dtype} {array_text(np.asarray(jax.random.key_data(array)))}"
        elif array.dtype.hasobject or array.dtype.kind == "T":      # whose bytes are addresses
            yield f"{array.dtype} {array.shape}"
            yield self.of(array.tolist())
        else:
            yield array_text(np.asarray(array))
            if isinstance(array, np.ma.MaskedArray):
                yield array_text(np.ma.getmaskarray(array))

    def _module(self, module: types.ModuleType, names: tuple[str, ...]) -> Iterator[str]:
        """What code that holds these names may read of a user's module; if there are none, its
        numbers and texts."""
        yield module.__name__ if self._origin(module.__name__) != "user" else ""
        if self._origin(module.__name__) == "user":
            held = vars(module)
            for name in sorted(held if not names else set(names) & set(held)):
                if not is_special(name) and (names or type(held[name]) in PLAIN):
                    yield name
                    yield self.of(held[name], names=names)

    def _class(self, cls: type) -> Iterator[str]:
        """Methods and attributes of a class and of its bases, as far as they are a user's."""
        for base in cls.__mro__:
            yield base.__qualname__
            if self._origin(base.__module__) == "user":
                for name, value in sorted(vars(base).items()):
                    if name not in UNREAD:
                        yield name
                        yield self.of(value)

    def _function(self, function: types.FunctionType) -> Iterator[str]:
        """Its defaults and closure; of a user's also its code, what was set on it, and what it
        reads from outside."""
        yield function.__qualname__
        yield self.of(function.__defaults__)
        yield self.of(function.__kwdefaults__)
        for cell in function.__closure__ or ():
            yield self._cell(cell, function.__code__)
        space = function.__globals__
        if self._origin(space.get("__name__")) != "user":
            return
        yield self.of(function.__code__)
        yield self.of(fields_of(function))
        names = names_in(function.__code__)
        for name, value in globals_read(names, space):
            yield name
            yield self.of(value, names=names)
        for module in modules_imported(function.__code__, space):
            if self._origin(module.__name__) == "user":
                yield self.of(module, names=names)

    def _cell(self, cell: types.CellType, code: types.CodeType) -> str:
        try:
            held = cell.cell_contents
        except ValueError:                     # not yet set
            return "unset"
        return self.of(held, names=names_in(code))

    def _code(self, code: types.CodeType) -> Iterator[str]:
        yield held_code(code)
        yield from self._each(code.co_consts)

    def _origin(self, module: object) -> Origin:
        """Whose the module of this name is, for this walk."""
        root = root_of(module)
        if root not in self.origins:
            self.origins[root] = "user" if root == self.home else origin_of(root)
        return self.origins[root]


def _hashed(texts: Iterable[str]) -> str:
    found = hashlib.sha256()
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        found.update(b"%d " % len(content) + content)
    return found.hexdigest()
