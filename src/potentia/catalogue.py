"""What is registered, in words: parameters, what docstrings say, and sources. Our own ideas have no
source."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from typing import Any

from potentia import games, oracles, rules

# Annotations as people say them; what is not here is shown as it stands.
WORDS = {"int": "whole number", "float": "number", "str": "text", "bool": "true or false",
         "object": "anything", "Hashable": "name or number", "None": "none",
         "Number": "number or function of the iteration", "Sequence[float]": "numbers",
         "ByLoad": "numbers or function by load",
         "Mapping[tuple, ByLoad]": "mapping of edges to these"}


@dataclasses.dataclass(frozen=True)
class Parameter:
    """A parameter: `kind` in words, `default` as Python writes it, None where it must be given and
    "" where nothing stands for it."""

    name: str
    kind: str
    default: str | None

    def __str__(self) -> str:
        if self.default is None:
            return f"{self.name}: {self.kind}"
        omitted = f"{self.default} if omitted" if self.default else "may be omitted"
        return f"{self.name}: {self.kind}; {omitted}"


@dataclasses.dataclass(frozen=True)
class Entry:
    """A registered game, rule or oracle.

    text: its docstring, unindented. gives: the classes of what a game's `build` returns, in words;
    "" of others.
    """

    name: str
    parameters: tuple[Parameter, ...]
    text: str
    source: str | None
    gives: str = ""

    @property
    def line(self) -> str:
        """The first paragraph, on one line."""
        return " ".join(self.text.partition("\n\n")[0].split())


def game(name: str) -> Entry:
    """A registered game. Raises InputError for an unknown one."""
    module = games.module(name)
    gives = inspect.signature(module.build).return_annotation
    return _entry(name, module.build, module, words(gives))


def rule(name: str) -> Entry:
    """A registered rule. Raises InputError for an unknown one."""
    return _of_class(name, rules.load(name))


def oracle(name: str) -> Entry:
    """A registered oracle. Raises InputError for an unknown one."""
    return _of_class(name, oracles.load(name))


def words(annotation: object) -> str:
    """An annotation as people say it: `"float | None"` is "number or none"."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__",
                                                                  str(annotation))
    return " or ".join(WORDS.get(part, part) for part in text.split(" | "))


def _of_class(name: str, cls: type) -> Entry:
    return _entry(name, cls, sys.modules[cls.__module__])


def _entry(name: str, thing: Any, module: Any, gives: str = "") -> Entry:
    known = inspect.signature(thing).parameters.values()
    return Entry(name, tuple(map(_parameter, known)), inspect.getdoc(thing) or "",
                 getattr(module, "SOURCE", None), gives)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    default = (None if parameter.default is parameter.empty
               else "" if parameter.default is None else repr(parameter.default))
    kind = words(parameter.annotation).removesuffix(" or none")
    return Parameter(parameter.name, kind, default)
