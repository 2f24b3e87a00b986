"""Tables in CSV whose first row names the columns, with commas or tabs between the cells."""

from __future__ import annotations

import csv
import difflib
from collections.abc import Mapping, Sequence

from potentia.console.log import LOG
from potentia.console.text import there_are
from potentia.errors import InputError, known_name, shown
from potentia.io.text_lines import Line, read_lines

Row = tuple[Line, dict[str, str]]
NEAR = 0.8                # likeness of a column's name to one that is missing, to be told of


def read_table(path: object, needed: Sequence[str], optional: Sequence[str],
               renamed: Mapping[str, str], kinds: Mapping[str, str]) -> list[Row]:
    """Each row as its line and its cells by the names of the columns, `needed` and those `optional`
    ones that are there; other columns are ignored.

    renamed: what the file calls a column, by our name for it; no difference is made between small
        and capital letters. kinds: what a file is that has a column, by its name, for a message.

    Raises InputError naming the file, the line and the column.
    """
    first, *lines = read_lines(path)
    tab = "\t" if "\t" in first.text and "," not in first.text else ","
    found = [name.lower() for name in _cells(first, tab)]
    places = {}
    for name in (*needed, *optional):
        called = renamed.get(name, name).strip().lower()
        if found.count(called) > 1:
            raise first.error(f"the column {called!r} is there twice")
        if called in found:
            places[name] = found.index(called)
        elif name in needed or name in renamed:
            raise first.error(_missing(first, name, called, found, needed, optional, kinds))
    _note_slips(first, [name for k, name in enumerate(found) if k not in places.values()],
                [name for name in optional if name not in places])
    if not lines:
        raise first.error("the file ends after the names of its columns")
    return [(line, _row(line, tab, found, places)) for line in lines]


def checked_names(columns: object, known: Sequence[str]) -> dict[str, str]:
    """`columns` as a mapping from our names, all of them `known`, to those of a file; none if None.

    Raises InputError naming the column at fault.
    """
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise InputError(f"columns is {shown(columns)}, but it must be a mapping from names to the "
                         f"file's names, such as {{'free_flow_time': 't0'}}")
    for name, called in columns.items():
        known_name(name, known, "column")
        if not isinstance(called, str) or not called.strip():
            raise InputError(f"columns[{name!r}] is {shown(called)}, but a column's name is text")
    return dict(columns)


def _row(line: Line, tab: str, names: list[str], places: dict[str, int]) -> dict[str, str]:
    cells = _cells(line, tab)
    if len(cells) != len(names):
        raise line.error(f"{there_are(len(cells), 'column')}, but {len(names)} were expected: "
                         f"{','.join(names)}")
    return {name: cells[place] for name, place in places.items()}


def _cells(line: Line, tab: str) -> list[str]:
    text = line.whole_text if tab == "\t" else line.text        # tabs at an end are empty cells
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=tab))]
    except csv.Error as error:
        raise line.error(f"it is no row of CSV: {error}") from None


def _missing(first: Line, name: str, called: str, found: list[str], needed: Sequence[str],
             optional: Sequence[str], kinds: Mapping[str, str]) -> str:
    looks = next((what for sign, what in kinds.items() if sign in found),
                 "TNTP" if first.text.startswith(("<", "~")) else "")
    if looks:
        looks = f"; it looks like {looks}"
    if called != name:
        return f"the column {called!r} is missing, which columns gives for {name!r}{looks}"
    return (f"the column {name!r} is missing{looks}; the first row names the columns: "
            + ",".join((*needed, *(f"[{extra}]" for extra in optional))))


def _note_slips(first: Line, ignored: list[str], absent: list[str]) -> None:
    """Tell of columns that are ignored, but may have been meant."""
    for name in ignored:
        meant = difflib.get_close_matches(name, absent, n=1, cutoff=NEAR)
        if meant:
            LOG.warning("%s: the column %r is ignored; did you mean %r?", first.where, name,
                        meant[0])
