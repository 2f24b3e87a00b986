"""A sweep's folder: what was asked for, a file of each cell that is done, and the table of all.

    sweep.json             what was asked for; a folder belongs to one sweep
    cells/CELL.parquet     a cell's rows of the table; there once the cell is done
    curves/CELL.parquet    its curves, written before
    table.parquet          the rows of all cells

Every file is written beside its place and renamed, and says the same whoever writes it: so a sweep
that is killed goes on cell by cell, and two in one folder do each other no harm. A cell whose files
are not as they were written (`sweeps.cells`) is not done.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from potentia import __version__
from potentia.console.log import LOG
from potentia.errors import InputError, one_line, shown, whole_number
from potentia.io.atomic import write_bytes, write_text
from potentia.io.directories import cannot_write, refuse_unwritable
from potentia.io.read import as_path, check_format, field, opened_file, read_json
from potentia.sweeps.cells import (
    DamagedError,
    asked_of,
    joined,
    parquet,
    read_curves,
    read_rows,
    read_table,
)
from potentia.sweeps.columns import FAILED
from potentia.sweeps.groups import Learnt
from potentia.sweeps.spec import Spec, text_of

FORMAT, VERSION = "potentia sweep", 3
TABLES = 3                       # the oldest version whose table says the same
DIGEST = re.compile(r"[0-9a-f]+")
HEADER, TABLE = "sweep.json", "table.parquet"
ANEW = "sweep again into another folder"


class Folder:
    """The folder of one sweep."""

    def __init__(self, directory: object, spec: Spec):
        """Opens it, or makes it. Raises InputError for one of another sweep, or of other files."""
        self.path, self.spec = as_path(directory, "out"), spec
        self.asked = asked_of(spec.seeds, spec.settings)
        refuse_another(self.path, spec)
        with cannot_write(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            if not (self.path / HEADER).exists():
                write_text(self.path / HEADER, text_of(
                    {"potentia": __version__, **_header(spec)}))
            for part in ("cells", "curves"):
                (self.path / part).mkdir(exist_ok=True)

    def done(self) -> set[str]:
        """The cells that are done; one that failed is not."""
        return {digest for digest in self.spec.cells if self._is_done(digest)}

    def keep(self, learnt: Learnt) -> None:
        """Write what a cell gave: its curves, then its rows, which say that it is done."""
        with self._writing():
            write_bytes(_file(self.path, "curves", learnt.digest), learnt.curves)
            write_bytes(_file(self.path, "cells", learnt.digest), learnt.rows)

    def table(self) -> pd.DataFrame:
        """The rows of all cells, in the order asked for; written to the folder."""
        found = with_origin(joined(self._rows()), self.spec)
        with self._writing():
            write_bytes(self.path / TABLE, parquet(found))
        return found

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Turn what the system refuses, a full disk say, into an InputError that tells what is
        whole."""
        try:
            with cannot_write(self.path):
                yield
        except InputError as error:
            raise InputError(f"{error}; {len(self.done())} of {len(self.spec.cells)} cells are "
                             f"whole there, and the same sweep goes on with the others") from None

    def curves(self) -> pd.DataFrame:
        """The curves of all cells, in the order asked for."""
        return _curves(self.path, self.spec.cells, self._rows())

    def _rows(self) -> list[pd.DataFrame]:
        return [read_rows(_file(self.path, "cells", digest), digest, self.asked)
                for digest in self.spec.cells]

    def _is_done(self, digest: str) -> bool:
        if not (file := _file(self.path, "cells", digest)).exists():
            return False
        try:
            rows = read_rows(file, digest, self.asked)
            read_curves(_file(self.path, "curves", digest), rows)
        except DamagedError as error:
            LOG.warning("%s", error)
            return False
        return FAILED not in rows["status"].tolist()


def read_folder(directory: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table and the curves of all cells that are done, of whatever sweep left the folder.

    Raises InputError for a folder of no sweep, where no cell is done, and for a file that is not as
    the sweep wrote it.
    """
    path = as_path(directory, "sweep")
    if not (path / HEADER).is_file():
        raise InputError(f"{path} is no folder of a sweep: it has no {HEADER}")
    rows = _rows_there(path, _read_header(path / HEADER))
    return joined(list(rows.values())), _curves(path, rows, rows.values())


def refuse_another(path: Path, spec: Spec) -> None:
    """Raise InputError unless this sweep may be kept in the folder `path`: it is not there, or
    empty, or of the same sweep. Writes nothing."""
    refuse_unwritable(path)
    if not (header := path / HEADER).exists():
        with cannot_write(path):
            if path.exists() and any(path.iterdir()):
                raise InputError(f"{path} holds files, but no sweep: give another folder")
        return
    found = _read_header(header)
    for name, here in json.loads(text_of(_header(spec))).items():
        if found.get(name) != here:
            what = {"cells": "has other cells", "seeds": "has other seeds",
                    "settings": "has other settings"}.get(name, f"has another {name}")
            raise InputError(f"{path} is of another sweep, which {what}: give another folder")


def with_origin(table: pd.DataFrame, spec: Spec) -> pd.DataFrame:
    """The table, which says in its `attrs` what it is a table of."""
    table.attrs = {"format": FORMAT, "version": VERSION, "settings": spec.settings,
                   "seeds": list(spec.seeds)}
    return table


def read_swept(path: object) -> pd.DataFrame:
    """The table of a sweep, from its folder, finished or not, or from the file table.parquet.

    Raises InputError for what is no sweep, or one of another version.
    """
    place = as_path(path, "sweep")
    if not place.is_dir():
        return _of_this_version(place)
    header = _read_header(place / HEADER)
    if (place / TABLE).is_file():
        return _of_this_version(place / TABLE)
    found = joined(list(_rows_there(place, header).values()))
    found.attrs = {name: header[name] for name in ("format", "version", "settings", "seeds")}
    return found


def files_of(path: Path) -> list[Path]:
    """The files of a sweep, by its folder or its table."""
    return [path, path / HEADER, path / TABLE, *sorted(path.glob("*/*.parquet"))]


def _rows_there(path: Path, header: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """The rows of each cell that is done. Raises InputError if none is."""
    asked = asked_of(header["seeds"], header["settings"])
    files = {digest: _file(path, "cells", digest) for digest in header["cells"]}
    found = {digest: read_rows(file, digest, asked) for digest, file in files.items()
             if file.exists()}
    if not found:
        raise InputError(f"{path} holds a sweep of which no cell is done yet")
    return found


def _curves(path: Path, digests: Iterable[str], rows: Iterable[pd.DataFrame]) -> pd.DataFrame:
    return joined([read_table(read_curves(_file(path, "curves", digest), own))
                   for digest, own in zip(digests, rows, strict=True)])


def _file(path: Path, part: str, digest: str) -> Path:
    return path / part / f"{digest}.parquet"


def _of_this_version(file: Path) -> pd.DataFrame:
    """The table that a sweep wrote to `file`."""
    opened_file(file).close()
    try:
        found = pd.read_parquet(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is no table of a sweep, a Parquet file: "
                         f"{one_line(error, 80)}") from None
    _refuse_version(check_format(found.attrs, file, FORMAT, VERSION), file, TABLES)
    return found


def _read_header(header: Path) -> dict[str, Any]:
    found = check_format(read_json(header), header, FORMAT, VERSION)
    _refuse_version(found, header, VERSION)
    seeds, cells = field(found, "seeds", list, header), field(found, "cells", list, header)
    field(found, "settings", dict, header)
    for seed in seeds:
        whole_number(seed, f"{header}: seeds")
    for cell in cells:
        if not isinstance(cell, str) or not DIGEST.fullmatch(cell):
            raise InputError(f"{header} has a cell {shown(cell)}, which is none")
    return found


def _refuse_version(found: dict[str, Any], path: Path, oldest: int) -> None:
    """Tables before TABLES have arrivals that are not told to the same checks; folders before
    VERSION no seals."""
    if found["version"] < oldest:
        raise InputError(f"{path} was written by an older Potentia: its version is "
                         f"{found['version']}, and this Potentia reads {oldest}; {ANEW}")


def _header(spec: Spec) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, **spec.asked}
