"""A sweep's folder: what was asked for, a file of each cell that is done, and the table of all.

    sweep.json             what was asked for; a folder belongs to one sweep
    cells/CELL.parquet     a cell's rows of the table; there once the cell is done
    curves/CELL.parquet    its curves, written before
    table.parquet          the rows of all cells

Every file is written beside its place and renamed, and says the same whoever writes it: so a sweep
that is killed goes on cell by cell, and two in one folder do each other no harm.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from potentia.errors import InputError, one_line
from potentia.io.atomic import write_bytes, write_text
from potentia.io.directories import cannot_write, refuse_unwritable
from potentia.io.read import as_path, check_format, read_json
from potentia.sweeps.groups import Learnt, parquet
from potentia.sweeps.spec import Spec, text_of

FORMAT, VERSION = "potentia sweep", 3
HEADER, TABLE = "sweep.json", "table.parquet"
ANEW = "sweep again into another folder"


class Folder:
    """The folder of one sweep."""

    def __init__(self, directory: object, spec: Spec):
        """Opens it, or makes it. Raises InputError for one of another sweep, or of other files."""
        self.path, self.spec = as_path(directory, "out"), spec
        refuse_another(self.path, spec)
        with cannot_write(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            if not (self.path / HEADER).exists():
                write_text(self.path / HEADER, text_of(_header(spec)))
            for part in ("cells", "curves"):
                (self.path / part).mkdir(exist_ok=True)

    def done(self) -> set[str]:
        """The cells that are done; one that failed is not."""
        return {digest for digest in self.spec.cells if self._is_done(digest)}

    def keep(self, learnt: Learnt) -> None:
        """Write what a cell gave: its curves, then its rows, which say that it is done."""
        with self._writing():
            write_bytes(self.path / "curves" / f"{learnt.digest}.parquet", learnt.curves)
            write_bytes(self.path / "cells" / f"{learnt.digest}.parquet", learnt.rows)

    def table(self) -> pd.DataFrame:
        """The rows of all cells that are there, in the order asked for; written to the folder."""
        found = with_origin(self._read("cells"), self.spec)
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
        """The curves of all cells that are there."""
        return self._read("curves")

    def _is_done(self, digest: str) -> bool:
        file = self.path / "cells" / f"{digest}.parquet"
        return file.is_file() and "failed" not in _parquet(file)["status"].tolist()

    def _read(self, part: str) -> pd.DataFrame:
        files = [self.path / part / f"{digest}.parquet" for digest in self.spec.cells]
        return joined([_parquet(file) for file in files if file.is_file()])


def read_folder(directory: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The table and the curves of all cells that are done, of whatever sweep left the folder.

    Raises InputError for a folder of no sweep, and where no cell is done.
    """
    path = as_path(directory, "sweep")
    if not (path / HEADER).is_file():
        raise InputError(f"{path} is no folder of a sweep: it has no {HEADER}")
    asked = _read_header(path / HEADER)
    done = [name for name in asked["cells"] if (path / "cells" / f"{name}.parquet").is_file()]
    if not done:
        raise InputError(f"{path} holds a sweep of which no cell is done")
    table, curves = (joined([_parquet(path / part / f"{name}.parquet") for name in done])
                     for part in ("cells", "curves"))
    return table, curves


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
    files = [place / "cells" / f"{digest}.parquet" for digest in header["cells"]]
    if not (found := joined([_parquet(file) for file in files if file.is_file()])).size:
        raise InputError(f"{place} is of a sweep of which no cell is done yet")
    found.attrs = {name: header[name] for name in ("format", "version", "settings", "seeds")}
    return found


def joined(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """One table of several, whose columns may differ."""
    rows = [table for table in tables if len(table)]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def read_table(content: bytes) -> pd.DataFrame:
    """A table from a Parquet file's content."""
    return pd.read_parquet(io.BytesIO(content))


def _parquet(file: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is damaged, delete it and the cell is learnt again: "
                         f"{type(error).__name__}") from None


def _of_this_version(file: Path) -> pd.DataFrame:
    """The table that a sweep wrote to `file`."""
    try:
        found = pd.read_parquet(file)
    except FileNotFoundError:
        raise InputError(f"{file} does not exist") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is no table of a sweep, a Parquet file: "
                         f"{one_line(error, 80)}") from None
    _refuse_version(check_format(found.attrs, file, FORMAT, VERSION), file)
    return found


def _read_header(header: Path) -> dict[str, Any]:
    found = check_format(read_json(header), header, FORMAT, VERSION)
    _refuse_version(found, header)
    return found


def _refuse_version(found: dict[str, Any], path: Path) -> None:
    """Older tables have times that count compilation."""
    if found["version"] != VERSION:
        raise InputError(f"{path} was written by an older Potentia: its version is "
                         f"{found['version']}, and this Potentia reads {VERSION}; {ANEW}")


def _header(spec: Spec) -> dict[str, Any]:
    return {"format": FORMAT, "version": VERSION, **spec.asked}
