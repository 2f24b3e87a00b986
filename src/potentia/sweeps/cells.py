"""What a cell gave as two Parquet files, its rows and its curves, under one seal.

The rows' file says in its `attrs` which cell of which sweep it is, and has a SHA-256 over that,
over the rows and over the file of the curves: what was cut off, edited or copied over is noticed.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from potentia.errors import InputError
from potentia.io.seals import sealed
from potentia.sweeps.columns import told

FORMAT = "potentia sweep cell"


class DamagedError(InputError):
    """A file of a cell is not what was written for it."""


def parquet(table: pd.DataFrame) -> bytes:
    """A table as a Parquet file, with what it says of itself (`DataFrame.attrs`)."""
    file = io.BytesIO()
    table.to_parquet(file, index=False)
    return file.getvalue()


def read_table(content: bytes) -> pd.DataFrame:
    """A table from a Parquet file's content."""
    return pd.read_parquet(io.BytesIO(content))


def asked_of(seeds: Sequence[int], settings: Mapping[str, Any]) -> str:
    """What tells the seeds and settings of a sweep from those of any other."""
    text = json.dumps({"seeds": list(seeds), "settings": dict(settings)}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def sealed_rows(rows: pd.DataFrame, curves: bytes, digest: str, asked: str) -> bytes:
    """The file of a cell's rows, sealed together with that of its curves."""
    found = rows.copy()
    found.attrs = {**sealed({"format": FORMAT, "cell": digest, "asked": asked,
                             "rows": _content(rows), "curves": _sha256(curves)})}
    return parquet(found)


def read_rows(file: Path, digest: str, asked: str) -> pd.DataFrame:
    """A cell's rows. Raises DamagedError if they are not those that were written for this cell of
    this sweep, InputError where the file cannot be read."""
    try:
        found = read_table(_bytes(file))
        said: dict[str, Any] = {str(name): value for name, value in found.attrs.items()}
        sound = said == sealed(said) and said["rows"] == _content(found) and (
            said["format"], said["cell"], said["asked"]) == (FORMAT, digest, asked)
    except InputError:
        raise
    except Exception:           # there is no end to what readers raise on bytes of others
        sound = False
    if not sound:
        raise DamagedError(f"{file} is damaged, or of another cell: the same sweep learns its cell "
                           f"again")
    return found


def read_curves(file: Path, rows: pd.DataFrame) -> bytes:
    """The curves that were written with these rows. Raises as `read_rows` does, also where there
    are none."""
    content = _bytes(file)
    if _sha256(content) != rows.attrs["curves"]:
        raise DamagedError(f"{file} is damaged, or of another cell: the same sweep learns its cell "
                           f"again")
    return content


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of several, whose columns may differ. A column that has numbers in some and text in
    others, which no file could hold, is text."""
    rows = [table for table in tables if len(table)]
    if not rows:
        return pd.DataFrame()
    kinds: dict[str, set[str]] = {}
    for table in rows:
        for name, dtype in table.dtypes.items():
            kinds.setdefault(str(name), set()).add(_kind(dtype))
    mixed = {name for name, own in kinds.items() if len(own) > 1}
    found = pd.concat([table.assign(**{name: [told(value) for value in table[name].tolist()]
                                       for name in table if name in mixed}) for table in rows],
                      ignore_index=True)
    found.attrs = {}
    return found


def _kind(dtype: Any) -> str:
    return "number" if dtype.kind in "iuf" else "truth value" if dtype.kind == "b" else "text"


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise DamagedError(f"{file} is missing: the same sweep learns its cell again") from None
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror or error}") from None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _content(table: pd.DataFrame) -> str:
    """The SHA-256 of what a table says, whatever version of Parquet holds it."""
    found = hashlib.sha256()
    for name in table:
        column = table[name].to_numpy()
        if column.dtype.kind == "f":
            column = np.where(np.isnan(column), np.nan, column)     # there are many bits of NaN
        numbers = column.dtype.kind in "biuf"
        found.update(repr((name, column.dtype.str if numbers else column.tolist())).encode())
        found.update(column.tobytes() if numbers else b"")
    return found.hexdigest()
