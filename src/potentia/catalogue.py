"""What is registered, in words: parameters, what docstrings say, and sources (our own ideas have
none); and of games, whether they are potential games."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Mapping
from typing import Any

from potentia import games, oracles, rules, schedules
from potentia.console.bounds import between
from potentia.errors import InputError
from potentia.potential.classification import PROVEN
from potentia.potential.verdict import classify

# Annotations as people say them; what is not here is shown as it stands.
WORDS = {"int": "whole number", "float": "number", "str": "text", "bool": "true or false",
         "object": "anything", "Hashable": "name or number", "None": "none",
         "Number": "number or function of the iteration", "Sequence[float]": "numbers",
         "ByLoad": "numbers or function by load",
         "Mapping[tuple, ByLoad]": "mapping of edges to these"}
# The parameters that a game is classified at, where its defaults are not enough or take long.
CLASSIFIED_AT: dict[str, tuple[Mapping[str, object], ...]] = {
    "anonymous-congestion": ({"n_agents": 2},),
    "constrained-grid": ({}, {"price": 0.0, "size": 3, "observe": "state"}),
    "distancing": ({"n_agents": 2}, {"n_agents": 3}),
    "facility-congestion": ({"n_agents": 2, "weights": (1, 2)},
                            {"n_agents": 3, "weights": (1, 2), "steepness": 25.0}),
    "loop-congestion": ({"n_agents": 2}, {"n_agents": 3}),
    "markov-routing": ({"n_agents": 3}, {"n_agents": 3, "pay": "common"},
                       {"n_agents": 3, "moved_by": "chance"}),
    "networked-traffic": ({"horizon": 4},),
    "performative-loop": ({"n_agents": 2, "omega_r": 0.0, "omega_p": 0.0}, {"n_agents": 2},
                          {"n_agents": 3}),
    "random-potential": ({"n_states": 2}, {"shaping": 0.0}, {"alpha": 0.1}),
    "sioux-falls": ({"n_agents": 50},),
    "stochastic-congestion": ({"n_agents": 2}, {"n_agents": 3}, {"n_agents": 3, "observe": "own"}),
    "stochastic-congestion-published": ({"n_agents": 2}, {"n_agents": 3}),
}


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
    """A registered game, rule, oracle or schedule.

    text: its docstring, unindented. gives: the classes of what a game's `build` returns, in words;
    "" of others. cls: the public name of the class of any other; "" of games.
    """

    name: str
    parameters: tuple[Parameter, ...]
    text: str
    source: str | None
    gives: str = ""
    cls: str = ""

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
    return _of_class(name, rules)


def oracle(name: str) -> Entry:
    """A registered oracle. Raises InputError for an unknown one."""
    return _of_class(name, oracles)


def schedule(name: str) -> Entry:
    """A registered schedule. Raises InputError for an unknown one."""
    return _of_class(name, schedules)


@dataclasses.dataclass(frozen=True)
class Kind:
    """Whether a named game is a potential game at some parameters.

    verdict: "PROVEN", "REFUTED", "UNKNOWN", or "not classified" where there is no way to ask. why:
    how that was found, with the bounds on alpha, the distance from a potential game.
    """

    parameters: Mapping[str, object]
    verdict: str
    why: str

    def __str__(self) -> str:
        at = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{at or 'as it stands'}: {self.verdict}: {self.why}"


def kinds(name: str) -> list[Kind]:
    """What `classify` says of a registered game, at each of the parameters that stand for it."""
    return [_kind(name, parameters) for parameters in CLASSIFIED_AT.get(name, ({},))]


def _kind(name: str, parameters: Mapping[str, object]) -> Kind:
    try:
        found = classify(games.make(name, **parameters))
    except InputError as error:
        return Kind(parameters, "not classified", str(error))
    why = found.proof
    if found.verdict != PROVEN:
        why += f" (alpha {between(found.alpha_lower, found.alpha_upper)})"
    return Kind(parameters, found.verdict, f"{why}; {found.policies} policies")


def words(annotation: object) -> str:
    """An annotation as people say it: `"float | None"` is "number or none"."""
    text = annotation if isinstance(annotation, str) else getattr(annotation, "__name__",
                                                                  str(annotation))
    return " or ".join(WORDS.get(part, part) for part in text.split(" | "))


def _of_class(name: str, package: Any) -> Entry:
    cls = package.load(name)
    public = f"{package.__name__.replace('potentia', 'pt')}.{cls.__name__}"
    return dataclasses.replace(_entry(name, cls, sys.modules[cls.__module__]), cls=public)


def _entry(name: str, thing: Any, module: Any, gives: str = "") -> Entry:
    known = inspect.signature(thing).parameters.values()
    return Entry(name, tuple(map(_parameter, known)), inspect.getdoc(thing) or "",
                 getattr(module, "SOURCE", None), gives)


def _parameter(parameter: inspect.Parameter) -> Parameter:
    default = (None if parameter.default is parameter.empty
               else "" if parameter.default is None else repr(parameter.default))
    kind = words(parameter.annotation).removesuffix(" or none")
    return Parameter(parameter.name, kind, default)
