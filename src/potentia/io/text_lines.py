"""Text files line by line, so that what is wrong in one is said with its number; in gzip's format
too."""

from __future__ import annotations

import dataclasses
import gzip
import io
import math
import zlib
from pathlib import Path

from potentia.errors import InputError, one_line
from potentia.io.read import as_path, read_bytes

GZIP = b"\x1f\x8b"       # what files in its format begin with
MOST_BYTES = 500_000_000  # of text that is unpacked: the largest networks have a tenth of it


@dataclasses.dataclass(frozen=True)
class Line:
    """A line of a file: its path, its number from 1 on, its text without the blanks around it, and
    with them."""

    path: Path
    number: int
    text: str
    whole_text: str

    @property
    def where(self) -> str:
        return f"{self.path}, line {self.number}"

    def error(self, why: str) -> InputError:
        """An error that begins with the file and the line."""
        return InputError(f"{self.where}: {why}")

    def real(self, text: str, name: str, positive: bool = False, finite: bool = True) -> float:
        """A number that is not negative."""
        try:
            value = float(_plain(text))
        except ValueError:
            raise self.error(
                f"{name} is {one_line(text, 40)!r}, but a number was expected") from None
        if math.isnan(value) or (finite and math.isinf(value)):
            raise self.error(f"{name} is {text}, but a finite number was expected")
        if value < 0 or (positive and value == 0):
            raise self.error(
                f"{name} is {value:g}, but it must "
                f"{'be positive' if positive else 'not be negative'}")
        return value

    def whole(self, text: str, name: str, most: int | None = None) -> int:
        """A whole number from 1 on, up to `most`."""
        try:
            value = int(_plain(text))
        except ValueError:
            raise self.error(
                f"{name} is {one_line(text, 40)!r}, but a whole number was expected") from None
        if value < 1 or (most is not None and value > most):
            raise self.error(f"{name} is {value}, but the file has numbers 1 to {most}"
                             if most is not None
                             else f"{name} is {value}, but it must be at least 1")
        return value


def _plain(text: str) -> str:
    """The text of a number; Python would also read 1_000 and digits of other scripts."""
    if "_" in text or not text.isascii():
        raise ValueError
    return text


def plain_name(path: Path) -> Path:
    """The path without the ".gz" of what is compressed."""
    return path.with_suffix("") if path.suffix.lower() == ".gz" else path


def suffix(path: Path) -> str:
    """What kind of text a file holds, by its name: ".csv" of town.csv.gz."""
    return plain_name(path).suffix.lower()


def read_lines(path: object) -> list[Line]:
    """The lines of a text file that are not empty, whatever their ends; of a file in gzip's format,
    those of what it holds. Raises InputError naming a file that is none."""
    path = as_path(path)
    lines = [Line(path, number, line.strip(), line)
             for number, line in enumerate(read_text(path).split("\n"), 1)]
    return [line for line in lines if line.text]


def read_text(path: Path) -> str:
    """The text of a file that is not empty, its lines ending by \\n, however they end there; of a
    file in gzip's format, of what it holds. Raises InputError naming a file that is none."""
    content = read_bytes(path)
    if content.startswith(GZIP):
        content = _decompressed(path, content)
    if b"\0" in content:
        raise InputError(f"{path} is no text file: it holds NUL bytes")
    # Names of places in comments may be in any encoding; numbers are ASCII.
    text = content.decode("utf-8-sig", errors="replace")
    if not text.strip():
        raise InputError(f"{path} is empty")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decompressed(path: Path, content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            found = file.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} is compressed, but damaged: {one_line(error)}") from None
    if len(found) > MOST_BYTES:
        raise InputError(f"{path} would be more than {MOST_BYTES // 10**6:,} MB of text unpacked")
    return found
