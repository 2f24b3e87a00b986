"""What makes a result again: Python that gives the same bits, and a line of the command line."""

from __future__ import annotations

import dataclasses
import math
import shlex
from collections.abc import Mapping
from typing import Any

from potentia import oracles, rules, schedules
from potentia.errors import InputError
from potentia.game import HasLinks, HasRecipe
from potentia.io.runs import rebuilds
from potentia.registry import Registry
from potentia.result import Result

OF_SOLVE = ("initial", "seed", "runs", "max_iterations", "tolerance", "relative_tolerance",
            "step_tolerance", "check_every", "record_every", "snapshots")
REGISTRIES: dict[str, Registry] = {"rule": rules.REGISTRY, "oracle": oracles.REGISTRY,
                                   "schedule": schedules.REGISTRY}
USUAL = {"oracle": "exact", "schedule": "simultaneous"}
STARTED = {"given": "it began at a profile that was given, which a run does not keep",
           "result": "it went on from another result, which a run does not keep"}


@dataclasses.dataclass(frozen=True)
class Repeated:
    """python, line: what does it again, "" where that cannot be; python_not, line_not: why not."""

    python: str
    line: str
    python_not: str
    line_not: str


@dataclasses.dataclass(frozen=True)
class _Thing:
    """A rule, oracle or schedule: its registered name and its parameters."""

    name: str
    parameters: Mapping[str, Any]


def repeated(result: Result, folder: str | None) -> Repeated:
    """How to make `result` again; folder: where it is saved, None if nowhere."""
    try:
        things = {kind: _thing(kind, result.settings) for kind in REGISTRIES}
        _refuse_unknown_start(result.settings)
        python = _python(result, things, folder)
    except InputError as error:
        return Repeated("", "", str(error), str(error))
    try:
        return Repeated(python, _line(result, things), "", "")
    except InputError as error:
        return Repeated(python, "", "", str(error))


def settings_of(result: Result) -> list[tuple[str, str]]:
    """All that the result says of how it was made."""
    recipe = _recipe(result)
    made = [] if recipe is None else [("game made by", _make("pt.games.make", recipe[0],
                                                             dict(recipe[1])))]
    return [("game", repr(result.game)), *made,
            *((name, str(value)) for name, value in sorted(result.settings.items()))]


def _thing(kind: str, settings: Mapping[str, Any]) -> _Thing:
    """Raises InputError for one that cannot be made by name, an own class or a function in it."""
    registry, cls = REGISTRIES[kind], settings.get(kind)
    if cls not in registry.classes:
        raise InputError(f"its {kind} {cls} is none of Potentia's, and a run does not keep its "
                         f"code")
    given = {key.partition(".")[2]: value for key, value in settings.items()
             if key.startswith(f"{kind}.")}
    name = registry.classes[str(cls)]
    try:
        registry.make(name, given)
    except (InputError, TypeError, ValueError):
        raise InputError(f"its {kind} {cls} has a parameter, a function say, that a run does not "
                         f"keep") from None
    return _Thing(name, given)


def _refuse_unknown_start(settings: Mapping[str, Any]) -> None:
    if (start := settings.get("initial")) in STARTED:
        raise InputError(STARTED[str(start)])


def _python(result: Result, things: Mapping[str, _Thing], folder: str | None) -> str:
    made = {kind: _make(f"pt.{kind}s.make", thing.name, thing.parameters)
            for kind, thing in things.items()}
    asked = {name: result.settings[name] for name in OF_SOLVE if name in result.settings}
    if isinstance(asked.get("snapshots"), list):
        asked["snapshots"] = tuple(asked["snapshots"])
    if "l1_accuracy" in result.history:
        asked["l1_accuracy"] = True
    named = ",\n    ".join(f"{name}={value!r}" for name, value in asked.items())
    return (f"import potentia as pt\n\n"
            f"game = {_game(result, folder)}\n"
            f"result = pt.solve(\n    game, {made['rule']},\n    oracle={made['oracle']},\n"
            f"    schedule={made['schedule']},\n    {named})\n")


def _recipe(result: Result) -> tuple[str, Any] | None:
    """The registered name and the parameters that build the game again; None where they would
    build another."""
    game = result.game
    return game.recipe if isinstance(game, HasRecipe) and rebuilds(game) else None


def _game(result: Result, folder: str | None) -> str:
    recipe = _recipe(result)
    if recipe is not None:
        return _make("pt.games.make", recipe[0], dict(recipe[1]))
    if folder is None:
        raise InputError("its game has no name that makes it again; save the result, and the game "
                         "is kept with it")
    return f"pt.load({folder!r}).game"


def _make(maker: str, name: str, parameters: Mapping[str, Any]) -> str:
    given = [f"{key}={_code(value)}" for key, value in parameters.items()]
    return f"{maker}({', '.join([repr(name), *given])})"


def _code(value: Any) -> str:
    """The value as Python writes it: there is no name for numbers that are not finite."""
    named = not isinstance(value, float) or math.isfinite(value)
    return repr(value) if named else f'float("{value}")'


def _line(result: Result, things: Mapping[str, _Thing]) -> str:
    """Raises InputError for what the command line cannot say."""
    settings = result.settings
    recipe = _recipe(result)
    if recipe is None:
        raise InputError("the command line makes named games only, and this one has no name")
    words = ["potentia", "solve", recipe[0]]
    words += _parameters("", dict(recipe[1]))
    for kind, thing in things.items():
        if thing.name != USUAL.get(kind):
            words += [f"--{kind}", thing.name]
        words += _parameters(f"{kind}.", thing.parameters)
    for name in ("initial", "runs", "seed", "max_iterations", "step_tolerance", "check_every"):
        if settings.get(name) is not None:
            words += [f"--{name.replace('_', '-')}", _word(name, settings[name])]
    return shlex.join([*words, *_goals(result), "--out", "RUN"])


def _goals(result: Result) -> list[str]:
    nash, relative = (result.settings.get(name) for name in ("tolerance", "relative_tolerance"))
    found = [] if nash is None else ["--tolerance", _word("tolerance", nash)]
    if relative is not None and isinstance(result.game, HasLinks):
        found += ["--relative-gap", _word("relative_tolerance", relative)]
    if not found:
        raise InputError("it had no tolerance, and the command line always has one")
    return found


def _parameters(owner: str, parameters: Mapping[str, Any]) -> list[str]:
    return [word for name, value in parameters.items()
            for word in ("-p", f"{owner}{name}={_word(name, value)}")]


def _word(name: str, value: Any) -> str:
    """A value as the command line reads it; raises InputError if it cannot."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple) and len(value) > 1 and all(
            isinstance(each, int | float) for each in value):
        return ",".join(_word(name, each) for each in value)
    if isinstance(value, str) and value and not _reads_as_another(value):
        return value
    raise InputError(f"the command line cannot say {name}={value!r}")


def _reads_as_another(text: str) -> bool:
    """Whether the command line takes the text for a number, a truth value or several things."""
    if "," in text or text.strip() != text or text.lower() in ("true", "false"):
        return True
    try:
        float(text)
    except ValueError:
        return False
    return True
