"""Files of nodes of the General Modeling Network Specification (GMNS): where nodes lie."""

from __future__ import annotations

from collections.abc import Sequence

from potentia.errors import one_line, shown
from potentia.io import tntp
from potentia.io.csv_tables import read_table
from potentia.io.road_nodes import WHOLE, note_strangers
from potentia.io.text_lines import Line

COORDINATES = ("x_coord", "y_coord")


def is_node_file(first: str) -> bool:
    """Whether a file of nodes that begins with this line is one of GMNS."""
    return "node_id" in [name.strip(' "').lower() for name in first.replace("\t", ",").split(",")]


def read_nodes(path: object, names: Sequence[str] = ()) -> dict[int, tuple[float, float]]:
    """Where each node lies, by its number; names: of the nodes 1, 2, ..., if they are not called by
    numbers. Others are told of and ignored then; so are nodes without coordinates.

    Raises InputError naming the file, the line and the column.
    """
    numbers = {name: number for number, name in enumerate(names, 1)}
    lines: dict[str, Line] = {}
    places, strangers = {}, []
    for line, cells in read_table(path, ("node_id", *COORDINATES), (), {}, {}):
        text = cells["node_id"]
        if not names and not WHOLE.fullmatch(text):
            raise line.error(f"node_id is {one_line(text, 40)!r}, but a whole number was expected")
        called = text if names else str(int(text))
        refuse_twice(line, called, lines)
        place = coordinates(line, cells)
        if names and called not in numbers:
            strangers.append(called)
        elif place is not None:
            places[numbers[called] if names else int(called)] = place
    note_strangers(path, strangers)
    return places


def coordinates(line: Line, cells: dict[str, str]) -> tuple[float, float] | None:
    """(x, y) of a row; None where it has neither. Raises InputError naming what is no number."""
    x, y = (cells.get(name, "") for name in COORDINATES)
    if not x and not y:
        return None
    return tntp.coordinate(line, x), tntp.coordinate(line, y)


def refuse_twice(line: Line, node: str, lines: dict[str, Line]) -> None:
    """Raise InputError for a node that another line has; lines: of the nodes before, which it
    joins."""
    if node in lines:
        raise line.error(f"node_id is {shown(node)}, as in line {lines[node].number}")
    lines[node] = line
