"""What users write on the command line, as what the library takes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potentia.game import Game
    from potentia.games.roads.departures import Departures

STEP_SIZE = 0.1
OWNERS = ("game", "rule", "oracle", "schedule")       # of parameters


def game_of(text: str, parameters: dict[str, Any]) -> Game:
    """A registered game by name, or the game in a file."""
    from potentia import games
    from potentia.errors import InputError
    from potentia.io.games import read_game
    from potentia.io.runs import is_run
    path = Path(text)
    if is_registered(text) or not text or not (path.suffix or path.exists() or "/" in text):
        return games.make(text, **parameters)
    if path.is_dir():
        raise InputError(f"{text} is a saved run, not a game; potentia certify {text} tells about "
                         f"it" if is_run(path)
                         else f"{text} is a directory, not a game file")
    if parameters:
        raise InputError(
            f"{text} is a file, which takes no parameters (-p {next(iter(parameters))})")
    return read_game(path)


def keep_programs(no_cache: bool) -> None:
    """Keep compiled programs for the next command, and use those of earlier ones; unless told
    otherwise."""
    if no_cache:
        return
    from potentia.console.log import notes_on_stderr
    from potentia.runtime import program_cache
    with notes_on_stderr():
        program_cache.keep_programs()


def made(owner: str, name: str, given: dict[str, Any], step_size: float | None = None) -> Any:
    """The rule, oracle or schedule of that name; `owner` says which. Of the parameters that are
    `given` by -p, the one at fault is named as it was there. step_size: a rule's, of its option."""
    import potentia as pt
    from potentia.errors import InputError
    make = {"rule": pt.rules.make, "oracle": pt.oracles.make, "schedule": pt.schedules.make}[owner]
    parameters = _with_step_size(name, step_size, given) if owner == "rule" else given
    try:
        return make(name, **parameters)
    except InputError as error:
        named = str(error).partition(" ")[0] in given
        raise InputError(f"{owner}.{error}" if named else str(error)) from None


def is_registered(text: str) -> bool:
    from potentia import games
    return text in games.names()


def _with_step_size(rule: str, step_size: float | None,
                    parameters: dict[str, Any]) -> dict[str, Any]:
    """The rule's parameters, with the step size of the command line or the usual one."""
    import inspect

    from potentia import rules
    from potentia.errors import InputError
    if step_size is not None and "step_size" in parameters:
        raise InputError("step_size is given twice, by --step-size and by -p rule.step_size")
    own = inspect.signature(rules.load(rule)).parameters.get("step_size")
    if step_size is None and (own is None or own.default is not inspect.Parameter.empty):
        return parameters
    return {"step_size": STEP_SIZE if step_size is None else step_size, **parameters}


def parameters_of(texts: list[str] | None,
                  owners: tuple[str, ...] = OWNERS) -> tuple[dict[str, Any], ...]:
    """Parameters of each of `owners` from KEY=VALUE texts, which are the first one's, and
    OWNER.KEY=VALUE texts."""
    from potentia.errors import InputError
    found: dict[str, dict[str, Any]] = {name: {} for name in owners}
    for text in texts or []:
        key, equals, value = text.partition("=")
        owner, _, own_key = key.strip().rpartition(".")
        if not equals or not own_key or (owner or owners[0]) not in found:
            *ways, last = ("KEY=VALUE", *(f"{name}.KEY=VALUE" for name in owners[1:]))
            raise InputError(f"parameter {text!r} is not {', '.join(ways)} or {last}")
        chosen = found[owner or owners[0]]
        if own_key in chosen:
            raise InputError(f"parameter {key!r} is given twice")
        chosen[own_key] = _value(value.strip())
    return tuple(found.values())


def trips_of(paths: list[Path] | None) -> Path | dict[str, Path] | None:
    """The file of trips, or those of classes by name, from PATH or NAME=PATH; None if there is
    none."""
    from potentia.errors import InputError
    if not paths:
        return None
    if len(paths) == 1 and ("=" not in str(paths[0]) or paths[0].exists()):
        return paths[0]
    found: dict[str, Path] = {}
    for path in paths:
        name, equals, file = (part.strip() for part in str(path).partition("="))
        if not (name and equals and file):
            raise InputError(f"--trips {path} says no class, but several files of trips are of "
                             f"classes: NAME=PATH, such as lorry=lorries.tntp")
        if name in found:
            raise InputError(f"--trips gives the class {name!r} twice")
        found[name] = Path(file)
    return found


def classes_of(texts: list[str] | None) -> dict[str, dict[str, float]] | None:
    """Weights and values of time by class, from NAME:weight=W,value_of_time=V texts; None if there
    are none."""
    from potentia.errors import InputError, known_name, not_negative_number, positive_number
    allowed = {"weight": positive_number, "value_of_time": not_negative_number}
    found: dict[str, dict[str, float]] = {}
    for text in texts or []:
        name, _, rest = (part.strip() for part in text.partition(":"))
        if not name:
            raise InputError(f"--class {text!r} is not NAME:weight=W,value_of_time=V")
        if name in found:
            raise InputError(f"--class gives {name!r} twice")
        found[name] = {}
        for part in filter(None, rest.split(",")):
            key, _, value = (each.strip() for each in part.partition("="))
            known_name(key, allowed, f"number of --class {name}")
            if key in found[name]:
                raise InputError(f"--class {name} gives {key} twice")
            try:
                number = float(value)
            except ValueError:
                raise InputError(f"--class {name}: {key} is {value!r}, not a number") from None
            found[name][key] = float(allowed[key](number, f"--class {name}: {key}"))
    return found or None


def departures_of(text: str | None) -> Departures | None:
    """When trips may leave and wish to arrive, from earliest=A,latest=B,arrival=T,early=E,late=L;
    None if it is not told."""
    if text is None:
        return None
    from potentia.errors import InputError, known_name
    from potentia.games.roads.departures import Departures
    found: dict[str, Any] = {}
    names = tuple(each.name for each in dataclasses.fields(Departures))
    for part in text.split(","):
        name, _, value = (each.strip() for each in part.partition("="))
        known_name(name, names, "number of --departures")
        if name in found:
            raise InputError(f"--departures gives {name} twice")
        found[name] = _value(value)
    for name in names[1:]:
        if name not in found:
            raise InputError(f"--departures {text!r} says no {name}: earliest=0,latest=6,arrival=8,"
                             f"early=0.5,late=2")
    return Departures(**found)


def columns_of(texts: list[str] | None) -> dict[str, str] | None:
    """What files call the columns, by our names, from NAME=COLUMN,... texts; None if there are
    none."""
    from potentia.errors import InputError
    found: dict[str, str] = {}
    for text in (part for given in texts or [] for part in given.split(",")):
        name, equals, called = (part.strip() for part in text.partition("="))
        if not (name and equals and called):
            raise InputError(f"columns {text!r} is not NAME=COLUMN, such as capacity=cap")
        if name in found:
            raise InputError(f"column {name!r} is given twice")
        found[name] = called
    return found or None


def _value(text: str) -> Any:
    """A whole number, a number, true or false, several of these with commas between, or else
    text."""
    if "," in text:
        return tuple(_value(part.strip()) for part in text.split(",") if part.strip())
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
