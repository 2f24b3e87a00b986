"""Units of GMNS networks: a row of config.csv says those of lengths and speeds."""

from __future__ import annotations

from pathlib import Path

from potentia.errors import one_line
from potentia.io.csv_tables import read_table
from potentia.io.text_lines import Line

MILE = 1.609344
KILOMETRES = {"km": 1.0, "kilometer": 1.0, "kilometre": 1.0, "mi": MILE, "mile": MILE,
              "m": 1e-3, "meter": 1e-3, "metre": 1e-3, "ft": 3.048e-4, "foot": 3.048e-4,
              "feet": 3.048e-4}
SPEEDS = {"kph": 1.0, "kmh": 1.0, "km/h": 1.0, "kmph": 1.0, "km/hr": 1.0, "mph": MILE, "mi/h": MILE,
          "mi/hr": MILE, "m/s": 3.6}


def minutes_of(config: Path | None) -> float:
    """How many minutes a unit of length takes at a unit of speed; 60 where nothing is said, as
    speeds are in units of length per hour then.

    Raises InputError naming the unit that is not known, and where one of two is said.
    """
    if config is None:
        return 60.0
    rows = read_table(config, (), ("long_length", "speed"), {}, {})
    if len(rows) > 1:
        raise rows[1][0].error("a second row, but units are said in one")
    line, cells = rows[0]
    length, speed = cells.get("long_length", "").strip(), cells.get("speed", "").strip()
    if not length and not speed:
        return 60.0
    if not length or not speed:
        said, other = ("long_length", "speed") if length else ("speed", "long_length")
        raise line.error(f"{said} has a unit and {other} has none: times follow from both, or from "
                         f"neither")
    return 60.0 * _unit(line, length, KILOMETRES, "long_length") / _unit(line, speed, SPEEDS,
                                                                         "speed")


def _unit(line: Line, text: str, known: dict[str, float], column: str) -> float:
    name = text.lower().strip()
    for one in (name, name.removesuffix("s")):
        if one in known:
            return known[one]
    raise line.error(f"{column} is {one_line(text, 40)!r}, but one of {', '.join(known)} was "
                     f"expected")
