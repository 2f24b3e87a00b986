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
from pathlib import Path
from typing import Any

import pandas as pd

from potentia.errors import InputError
from potentia.io.atomic import write_bytes, write_text
from potentia.io.directories import cannot_write, refuse_unwritable
from potentia.io.read import as_path, check_format, read_json
from potentia.sweeps.groups import Learnt, parquet
from potentia.sweeps.spec import Spec, text_of

FORMAT, VERSION = "potentia sweep", 1
HEADER, TABLE = "sweep.json", "table.parquet"


class Folder:
    """The folder of one sweep."""

    def __init__(self, directory: object, spec: Spec):
        """Opens it, or makes it. Raises InputError for one of another sweep, or of other files."""
        self.path, self.spec = as_path(directory, "out"), spec
        asked, header = {"format": FORMAT, "version": VERSION, **spec.asked}, self.path / HEADER
        refuse_unwritable(self.path)
        with cannot_write(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            if not header.exists():
                if any(self.path.iterdir()):
                    raise InputError(f"{self.path} holds files, but no sweep: give another folder")
                write_text(header, text_of(asked))
        _refuse_another(header, asked)
        with cannot_write(self.path):
            for part in ("cells", "curves"):
                (self.path / part).mkdir(exist_ok=True)

    def done(self) -> set[str]:
        """The cells that are done; one that failed is not."""
        return {digest for digest in self.spec.cells if self._is_done(digest)}

    def keep(self, learnt: Learnt) -> None:
        """Write what a cell gave: its curves, then its rows, which say that it is done."""
        with cannot_write(self.path):
            write_bytes(self.path / "curves" / f"{learnt.digest}.parquet", learnt.curves)
            write_bytes(self.path / "cells" / f"{learnt.digest}.parquet", learnt.rows)

    def table(self) -> pd.DataFrame:
        """The rows of all cells that are there, in the order asked for; written to the folder."""
        found = self._read("cells")
        with cannot_write(self.path):
            write_bytes(self.path / TABLE, parquet(found))
        return found

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
    asked = check_format(read_json(path / HEADER), path / HEADER, FORMAT, VERSION)
    done = [name for name in asked["cells"] if (path / "cells" / f"{name}.parquet").is_file()]
    if not done:
        raise InputError(f"{path} holds a sweep of which no cell is done")
    table, curves = (joined([_parquet(path / part / f"{name}.parquet") for name in done])
                     for part in ("cells", "curves"))
    return table, curves


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


def _refuse_another(path: Path, asked: dict[str, Any]) -> None:
    found = check_format(read_json(path), path, FORMAT, VERSION)
    for name, here in json.loads(text_of(asked)).items():
        if found.get(name) != here:
            what = {"cells": "has other cells", "seeds": "has other seeds",
                    "settings": "has other settings"}.get(name, f"has another {name}")
            raise InputError(f"{path.parent} is of another sweep, which {what}: give another "
                             f"folder")
