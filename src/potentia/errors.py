"""The one exception that bad input raises, and the checks that name the culprit.

Every message is a single line: what was wrong, where, and what was expected. The command line turns
an `InputError` into exit status 2; anything else that escapes is a defect of Potentia.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

LISTED = 12             # names of what there is that a message lists
# What a user's own code may raise that Potentia calls, and that must not end the process.
RAISED = Exception, SystemExit
LEAST = np.finfo(np.float64).tiny        # XLA flushes what is smaller


class InputError(ValueError):
    """Input that Potentia refuses; `str(error)` is one line that names the culprit."""


class NotWrittenError(InputError):
    """What was found could not be written where it was asked for; it is whole, in `found`."""

    def __init__(self, message: str, found: Any):
        super().__init__(message)
        self.found = found


def shown(value: object, width: int = 60) -> str:
    """`value` as a message writes it: its repr on one line of at most `width` characters."""
    try:
        return one_line(repr(value), width)
    except Exception:
        # Whole numbers of thousands of digits have no repr, and a stranger's object may have a
        # broken one.
        return f"a {type(value).__name__}"


def one_line(text: object, width: int = 200) -> str:
    """Any text on one line of at most `width` characters, all of which can be seen."""
    line = printable(" ".join(str(text)[:100 * width].split()))
    return line if len(line) <= width else line[:width - 3] + "..."


def printable(text: str) -> str:
    """The text with escapes for what cannot be seen, such as what moves a terminal's cursor or
    turns the writing around: names from files may hold it."""
    return text if text.isprintable() else "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text)


def encodable(text: str) -> str:
    """The text with an escape for each half of a surrogate pair, which stands for no character and
    cannot be written as UTF-8."""
    return text.encode(errors="backslashreplace").decode()


def finite_number(value: object, name: str) -> np.float64:
    """`value` as a float64; refuses anything that is not one finite real number, text and booleans
    too."""
    try:
        # NumPy reads text as a number, None as nan, and what is masked as what lies under the mask.
        if value is None or isinstance(value, np.ma.MaskedArray) or np.asarray(
                value).dtype.kind not in "iufO":
            raise TypeError
        number = np.float64(value)  # pyright: ignore[reportArgumentType]
    except OverflowError:
        raise InputError(f"{name} is {shown(value)}, too large for a number") from None
    except (TypeError, ValueError):
        raise InputError(f"{name} is {shown(value)}, not a number") from None
    if np.ndim(number) != 0 or not np.isfinite(number):
        raise InputError(f"{name} is {one_line(value, 60)}, not a finite number")
    return number


def positive_number(value: object, name: str) -> np.float64:
    """`value` as a float64 above zero, and not so small that a program takes it for zero."""
    number = finite_number(value, name)
    if number <= 0:
        raise InputError(f"{name} is {number:g}, but it must be positive")
    if number < LEAST:
        raise InputError(f"{name} is {number:g}, which programs take for 0: it must be at least "
                         f"{LEAST:g}")
    return number


def not_negative_number(value: object, name: str) -> np.float64:
    """`value` as a float64 of at least zero."""
    number = finite_number(value, name)
    if number < 0:
        raise InputError(f"{name} is {number:g}, but it must not be negative")
    return number


def share_number(value: object, name: str) -> np.float64:
    """`value` as float64 in [0, 1]; raises InputError naming `name` for anything else."""
    number = not_negative_number(value, name)
    if number > 1:
        raise InputError(f"{name} is {number:g}, but it must be at most 1")
    return number


def whole_number(value: object, name: str, least: int = 0, most: int | None = None) -> int:
    """`value` as an int from `least` to `most`; refuses fractions, booleans and text."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise InputError(f"{name} is {shown(value)}, not a whole number")
    if value < least:
        raise InputError(f"{name} is {shown(value)}, but it must be at least {least}")
    if most is not None and value > most:
        raise InputError(f"{name} is {shown(value)}, but it must be at most {most:,}")
    return int(value)


def truth_value(value: object, name: str) -> bool:
    """`value` as a bool; refuses everything else, 0 and 1 too."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} is {shown(value)}, but it must be True or False")
    return bool(value)


def known_name(name: str, known: Iterable[str], kind: str) -> str:
    """`name` if it is one of `known`; else an error that suggests the nearest."""
    known = sorted(known)
    if isinstance(name, str) and name in known:
        return name
    close = nearest(name, known) if isinstance(name, str) else ""
    listed = ", ".join(known[:LISTED]) + (f", ... ({len(known)} in all)" if len(known) > LISTED
                                          else "")
    hint = close or f"; known: {listed or 'none'}"
    raise InputError(f"unknown {kind} {shown(name)}{hint}")


def nearest(name: str, known: Iterable[str]) -> str:
    """"; did you mean ...?" with the name that comes nearest; nothing if none is near."""
    spelled = {one.lower(): one for one in sorted(known)}
    near = difflib.get_close_matches(name.lower(), spelled, n=1, cutoff=0.5)
    return f"; did you mean {spelled[near[0]]!r}?" if near else ""


def known_parameters(build: Callable[..., object], named: Mapping[str, object], name: str) -> None:
    """Refuse parameters that `build` does not take, and the lack of one that it needs."""
    known = inspect.signature(build).parameters
    for parameter in named:
        known_name(parameter, known, f"parameter of {name}")
    missing = [key for key, value in known.items() if value.default is value.empty
               and key not in named]
    if missing:
        raise InputError(f"{name} needs {', '.join(missing)}: it has no usual value, so give one")
