"""Lines of road files: metadata of the TNTP format, rows, entries of trips, and what a foreign file
looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from potentia.console.text import there_are
from potentia.errors import InputError, one_line
from potentia.io.text_lines import Line

TAG = re.compile(r"<\s*([^>]*?)\s*>\s*(.*)")
END = "END OF METADATA"
ORIGIN = "origin"
BEGUN = re.compile(r"\d+\s*:?")          # an entry of trips that goes on in the next line
# What a file of another format begins with.
SIGNS = {"JSON": ("{", "["), "a table of flows": ("from ", "from\t"),
         "a table of nodes": ("node ", "node\t")}
MOST = 2**31 - 1  # nodes: more than any road network has, and few enough for every integer type


def metadata(lines: list[Line], needed: str, what: str,
             without: str = "") -> tuple[dict[str, Line], list[Line]]:
    """The lines of the tags by name, and the rows after them. `what` has the tag `needed`, but none
    `without`."""
    tags: dict[str, Line] = {}
    for index, line in enumerate(lines):
        found = TAG.match(line.text)
        if found is None and not line.text.startswith("~"):
            break
        if found is not None and found[1].upper() == END:
            rows = [row for row in lines[index + 1:] if not row.text.startswith("~")]
            if needed not in tags or without in tags:
                raise InputError(f"{line.path} is not {what} in TNTP format: its metadata "
                                 + (f"lacks <{needed}>{_looks_like_trips(rows)}"
                                    if needed not in tags
                                    else f"has <{without}>; it looks like a network file"))
            return tags, rows
        if found is not None:
            if found[1].upper() in tags:
                raise line.error(f"<{found[1]}> is there twice")
            tags[found[1].upper()] = line
    else:
        line = lines[-1]
    raise InputError(f"{line.path} is not {what} in TNTP format: it does not begin with metadata "
                     f"'<{needed}> ...' to '<{END}>'; {_looks(line)}")


def value(line: Line) -> str:
    """What stands after the tag, without a comment."""
    found = TAG.match(line.text)
    return (found[2] if found else "").split("~")[0].strip()


def number(tags: dict[str, Line], name: str, first: Line) -> int:
    """The whole number that the metadata gives for `name`."""
    if name not in tags:
        raise InputError(f"{first.path} has no <{name}> in its metadata")
    return node_number(tags[name], value(tags[name]), f"<{name}>")


def node_number(line: Line, text: str, name: str) -> int:
    """A whole number from 1 on that arrays can hold."""
    found = line.whole(text, name)
    if found > MOST:
        raise line.error(f"{name} is {one_line(text, 40)}, but it must be at most {MOST:,}")
    return found


def rows_of(lines: list[Line]) -> list[Line]:
    """The rows of a table: no comments, no metadata, and no first row of names."""
    rows = [line for line in lines if line.text[0] not in "~<"]
    return rows[1:] if rows and _names_columns(rows[0].text) else rows


def _names_columns(text: str) -> bool:
    """Whether a row is no data: it begins with a letter, and nothing after that with a digit."""
    return text[0].isalpha() and not any(cell[0] in "+-.0123456789" for cell in text.split()[1:])


def cells_of(line: Line, counts: tuple[int, ...], names: str) -> list[str]:
    """The columns of a row, which must be as many as one of `counts`."""
    cells = line.text.replace(";", " ").replace(":", " ").split()
    if len(cells) not in counts:
        raise line.error(
            f"{there_are(len(cells), 'column')}, but {counts[0]} were expected: {names}")
    return cells


def statements(rows: list[Line]) -> Iterator[tuple[Line, str]]:
    """Each 'Origin NUMBER' and each entry 'zone : trips', with the line it ends on; an entry may
    begin on another."""
    begun = None
    for line in rows:
        text = line.text
        if begun is not None and text.lower().startswith(ORIGIN):
            yield begun                   # for the reader to refuse: what it lacks does not come
        elif begun is not None:
            text = f"{begun[1]} {text}"
        *entries, last = (part.strip() for part in text.split(";"))
        begun = (line, last) if BEGUN.fullmatch(last) else None
        yield from ((line, entry) for entry in entries if entry)
        if last and begun is None:
            yield line, last
    if begun is not None:
        yield begun


def _looks_like_trips(rows: list[Line]) -> str:
    return ("; it looks like a trips file" if rows and rows[0].text.lower().startswith(ORIGIN)
            else "")


def _looks(line: Line) -> str:
    """What the line suggests that stands where metadata should."""
    text = line.text.lower()
    if "\ufffd" in text or not text.replace("\t", " ").isprintable():
        return "it looks like no text"
    for kind, signs in SIGNS.items():
        if text.startswith(signs):
            return f"it looks like {kind}"
    return ("it looks like CSV" if "," in text
            else f"line {line.number} is {one_line(line.text, 40)!r}")
