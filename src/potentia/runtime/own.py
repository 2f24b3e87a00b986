"""Objects of a user's own classes as plain arrays and a token, and back.

JAX 0.10.2 takes the tree definitions of two classes for equal if they were registered by
`jax.tree_util.register_dataclass` with fields of the same names, so that a compiled program may
answer for another class. Hence a user's object never enters a JAX tree: `packed` takes it apart
into arrays by name, which are a program's data, and a `Token`, which holds all the rest and is part
of the program; `Token.rebuilt` puts it together again inside the program.

    leaves, token = packed(rule, "rule")          # {"step_size": 0.1, "schedule.rate": 0.5}
    same = token.rebuilt(leaves)

Floats and arrays are data. Whole numbers, truth values, text, None and functions are part of the
program, unless the field is marked `traced()`; a field marked `static()`, or registered with JAX as
a meta field, is part of the program whatever it holds. Two tokens are equal if their classes are
the same objects, and so are their functions, and what else they hold is equal, types included.
"""

from __future__ import annotations

import dataclasses
import enum
import types
from collections.abc import Callable
from typing import Any, Literal

import jax
import numpy as np
from jax.tree_util import GetAttrKey, PyTreeDef, keystr, tree_flatten_with_path

from potentia.errors import InputError, shown

Mode = Literal["by type", "static", "traced"]
COUNTS = (bool, int, np.integer, np.bool_)  # part of the program unless they are marked
WORDS = (str, bytes)                                           # always part of it
DATA = (float, complex, np.inexact, np.ndarray, jax.Array)


def is_own(value: object) -> bool:
    """Whether the class of `value` is a user's own, not Potentia's, or it holds a function in the
    place of a number, which is as good as a class."""
    return not is_ours(value) or bool(functions_of(value))


def is_ours(value: object) -> bool:
    """Whether the class of `value` is Potentia's."""
    return type(value).__module__.partition(".")[0] == "potentia"


def functions_of(value: object) -> dict[str, Callable[..., Any]]:
    """The functions that one of Potentia's dataclasses holds, by field."""
    if not is_ours(value) or not dataclasses.is_dataclass(value):
        return {}
    held = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return {name: each for name, each in held.items() if callable(each)}


@dataclasses.dataclass(frozen=True, eq=False)
class _Same:
    """A thing that only equals itself, whatever its own class says of equality."""

    thing: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return hash(type(self.thing))


@dataclasses.dataclass(frozen=True)
class _Data:
    """An array of the program's data, by name."""

    name: str


@dataclasses.dataclass(frozen=True)
class _Constant:
    """A value that is part of the program; `key` tells it from all others, 1 from True and 0.0 from
    -0.0."""

    key: Any
    value: Any = dataclasses.field(compare=False)


@dataclasses.dataclass(frozen=True)
class _Node:
    """An object: its class, how it is built, and the names and parts of what it holds."""

    cls: _Same
    build: _Build
    names: tuple[_Constant, ...]
    parts: tuple[_Part, ...]


_Build = Callable[[type, list, list], Any]
_Item = tuple[Any, str, Any, Mode]       # a name, the step to it, what lies there, and its mode
_Part = _Data | _Constant | _Node


@dataclasses.dataclass(frozen=True)
class Token:
    """All of an object but its arrays; hashable, equal for objects that may share a program."""

    root: _Part

    def rebuilt(self, leaves: dict[str, Any]) -> Any:
        """The object around `leaves`, its arrays by name. `__init__` and `__post_init__` are not
        called again."""
        return _rebuilt(self.root, leaves)


def packed(value: object, name: str, mode: Mode = "by type") -> tuple[dict[str, Any], Token]:
    """The arrays of `value` by name, and its token. With the mode "traced" all numbers are data.

    name: what messages call it. Raises InputError naming the field that cannot be part of a
    program.
    """
    packer = _Packer(name)
    root = packer.part(value, "", mode)
    return packer.leaves, Token(root)


class _Packer:
    """Takes one object apart; `above` are the objects that hold the one at hand."""

    def __init__(self, name: str):
        self.name = name
        self.leaves: dict[str, Any] = {}
        self.above: list[Any] = []

    def part(self, value: Any, path: str, mode: Mode) -> _Part:
        """What stands for `value`, which lies at `path`."""
        if mode != "static" and (isinstance(value, DATA)
                                 or (mode == "traced" and isinstance(value, COUNTS))):
            return self._data(value, path)
        if value is None or isinstance(value, (*COUNTS, *WORDS, float, complex, np.inexact)):
            return _constant(value)
        if isinstance(value, DATA):
            raise InputError(f"{self.name}{path} is an array, but its field is static, part of the "
                             f"program: leave the mark out, or give a tuple")
        if is_function(value) or isinstance(value, enum.Enum | types.ModuleType | np.dtype):
            return _Constant(_Same(value), value)
        if any(value is each for each in self.above):
            raise InputError(f"{self.name}{path} holds itself, so that it cannot be taken apart")
        self.above.append(value)
        try:
            return self._held(value, path, mode)
        finally:
            self.above.pop()

    def _data(self, value: Any, path: str) -> _Data:
        if isinstance(value, np.ma.MaskedArray):
            raise InputError(f"{self.name}{path} is a masked array, whose mask a program would not "
                             f"see: give its numbers and its mask as two arrays")
        if isinstance(value, np.ndarray) and value.dtype.kind not in "biufcV":
            raise InputError(
                f"{self.name}{path} is an array of {value.dtype}, but numbers were expected")
        name = path.removeprefix(".") or "value"
        while name in self.leaves:          # a stranger's keys may look alike
            name += "'"
        self.leaves[name] = value
        return _Data(name)

    def _held(self, value: Any, path: str, mode: Mode) -> _Part:
        """The part of a container or an object."""
        if type(value) in (tuple, list):
            return self._node(value, _sequence, path,
                              [(k, f"[{k}]", part, mode) for k, part in enumerate(value)])
        if type(value) is dict:
            return self._node(value, _dict, path,
                              [(key, _step(key), part, mode) for key, part in value.items()])
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            fields = type(value)._fields  # pyright: ignore[reportAttributeAccessIssue]
            named = zip(fields, value, strict=True)
            return self._node(value, _named_tuple, path,
                              [(name, f".{name}", part, mode) for name, part in named])
        children, structure = _children(value)
        held = attributes(value)
        data = _data_fields(children)
        named = dataclasses.is_dataclass(value) and len(data or ()) == len(children)
        if data is not None and not named:
            items: list[_Item] = [(structure, keystr(key), child, mode) for key, child in children]
            return self._node(value, _tree, path, items or [(structure, "", None, mode)])
        if not dataclasses.is_dataclass(value) and (mode == "static" or not held):
            return self._opaque(value, path)
        if not _is_rebuilt(type(value)):
            raise InputError(f"{self.name}{path} is of {type(value).__name__}, a class that cannot "
                             f"be part of a program: give a tuple, a dict or a frozen dataclass")
        modes = {} if mode == "static" else modes_of(value)
        return self._node(value, _object, path, [(name, f".{name}", part, modes.get(name, mode))
                                                 for name, part in held.items()])

    def _opaque(self, value: Any, path: str) -> _Constant:
        try:
            return _constant(value)
        except TypeError:
            raise InputError(f"{self.name}{path} is {shown(value)}, a {type(value).__name__}, "
                             f"which cannot be part of a program since it may change: give a "
                             f"tuple, an array or a frozen dataclass") from None

    def _node(self, value: Any, build: _Build, path: str, items: list[_Item]) -> _Node:
        try:
            names = tuple(_constant(name) for name, *_ in items)
        except TypeError:
            raise InputError(f"{self.name}{path} is a {type(value).__name__} whose static fields "
                             f"have no hash"
                             ) from None
        return _Node(_Same(type(value)), build, names,
                     tuple(self.part(part, path + step, mode) for _, step, part, mode in items))


def _constant(value: Any) -> _Constant:
    """Raises TypeError for what has no hash."""
    key = _typed(value)
    hash(key)
    return _Constant(key, value)


def _typed(value: Any) -> Any:
    """A key that tells values apart which are equal but of other types, also inside."""
    if type(value) in (tuple, frozenset):
        return type(value), type(value)(map(_typed, value))
    if isinstance(value, PyTreeDef):
        node = value.node_data()
        return value, None if node is None else _typed(node[1])
    return type(value), repr(value) if isinstance(value, float | complex | np.inexact) else value


def is_function(value: Any) -> bool:
    """Whether it is part of the program as it is: a function, a method, a class; not an object
    whose class defines `__call__`."""
    if isinstance(value, type):
        return True
    by_class = callable(value) and isinstance(type(value).__call__, types.FunctionType)
    return callable(value) and (not by_class or type(value).__module__.partition(".")[0] == "jax")


def _step(key: Any) -> str:
    return f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"


def attributes(value: Any) -> dict[str, Any]:
    """What the object itself holds: its fields, slots, and whatever else was set."""
    slots = [name for cls in type(value).__mro__ if "__slots__" in vars(cls)
             for name, each in vars(cls).items() if isinstance(each, types.MemberDescriptorType)]
    fields = ([field.name for field in dataclasses.fields(value)] if dataclasses.is_dataclass(value)
              else [])
    names = dict.fromkeys([*fields, *slots, *getattr(value, "__dict__", {})])
    found = {name: getattr(value, name, _Same) for name in names
             if name not in ("__dict__", "__weakref__")}
    return {name: each for name, each in found.items() if each is not _Same}


def modes_of(value: Any) -> dict[str, Mode]:
    """The modes of a dataclass's marked fields, by their own marks or by what JAX was told."""
    if not dataclasses.is_dataclass(value):
        return {}
    marks = {field.name: field.metadata.get("static") for field in dataclasses.fields(value)}
    modes: dict[str, Mode] = {name: "static" if mark else "traced" for name, mark in marks.items()
                              if mark is not None}
    data = _data_fields(_children(value)[0])
    if data is not None:
        modes |= {name: "static" for name in marks if name not in data}
    return modes


def _children(value: Any) -> tuple[list[tuple[Any, Any]], Any]:
    """What JAX takes out of `value` itself, with paths, and its structure."""
    return tree_flatten_with_path(value, is_leaf=lambda node: node is not value)


def _data_fields(children: list[tuple[Any, Any]]) -> set[str] | None:
    """The fields that JAX was told are data; None for a class that JAX does not know."""
    if [key for key, _ in children] == [()]:
        return None
    return {key[0].name for key, _ in children if key and isinstance(key[0], GetAttrKey)}


def _is_rebuilt(cls: type) -> bool:
    """Whether `object.__new__` makes its objects: no base written in C has a `__new__` of its own,
    or says itself how it is taken apart (files, from Python 3.13 on: not at all)."""
    return not any(isinstance(vars(base).get("__new__"), types.BuiltinFunctionType)
                   or isinstance(vars(base).get("__reduce_ex__"), types.MethodDescriptorType)
                   for base in cls.__mro__ if base is not object)


def _rebuilt(part: _Part, leaves: dict[str, Any]) -> Any:
    if isinstance(part, _Data):
        return leaves[part.name]
    if isinstance(part, _Constant):
        return part.value
    return part.build(part.cls.thing, [name.value for name in part.names],
                      [_rebuilt(each, leaves) for each in part.parts])


def _sequence(cls: type, names: list, values: list) -> Any:
    return cls(values)


def _named_tuple(cls: type, names: list, values: list) -> Any:
    return tuple.__new__(cls, values)


def _dict(cls: type, names: list, values: list) -> Any:
    return dict(zip(names, values, strict=True))


def _object(cls: type, names: list, values: list) -> Any:
    built = object.__new__(cls)
    for name, value in zip(names, values, strict=True):
        object.__setattr__(built, name, value)
    return built


def _tree(cls: type, names: list, values: list) -> Any:
    """A node that JAX knows; its structure stands in the place of the names."""
    structure = names[0]
    return structure.unflatten(values[:structure.num_leaves])
