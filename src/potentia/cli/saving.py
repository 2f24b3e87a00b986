"""What was found is told, whether or not it can be written when the work is done: the place may
have filled up since it was tried, or be somebody else's by then."""

from __future__ import annotations

import dataclasses
import itertools
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potentia.result import Result
    from potentia.training.trained import Trained


@dataclasses.dataclass(frozen=True)
class Kept:
    """place: where a result was saved, None if nowhere. reason: why not where it was to be, ""
    if it is there."""

    place: Path | None
    reason: str = ""


def keep(result: Result | Trained, out: Path,
         files: Callable[[], Mapping[str, bytes] | None]) -> Kept:
    """Save a result in `out`, or else beside it, or else among the user's temporary files.

    files: makes what is to lie beside it; should that fail, the result is saved without.
    """
    from potentia.console.log import LOG
    try:
        beside = files()
    except BaseException:
        place = _kept(result, out, None).place
        LOG.warning("saved in %s, without what was to lie beside it", place)
        raise
    return _kept(result, out, beside)


def found_of(work: Callable[[], Any]) -> tuple[Any, str]:
    """What the work found, and why not all of it could be written, "" if it was."""
    from potentia.errors import NotWrittenError
    try:
        return work(), ""
    except NotWrittenError as error:
        print("potentia:", error, file=sys.stderr)
        return error.found, str(error)


def refusal_of(write: Callable[[], Any]) -> str:
    """Why something could not be written, "" if it was. Whatever goes wrong: what was found is
    still to be told."""
    from potentia.errors import one_line
    try:
        write()
    except KeyboardInterrupt:
        return "interrupted"
    except OSError as error:
        return one_line(error.strerror or error)
    except Exception as error:
        return one_line(error)
    return ""


def refuse_no_picture(picture: Path) -> None:
    """Refuse a file that cannot be written, or whose name says nothing of how to draw, before the
    work is done."""
    from potentia.errors import InputError
    from potentia.io.directories import refuse_no_file
    refuse_no_file(picture)
    if picture.suffix.lower() not in (".png", ".pdf", ".svg"):
        raise InputError(f"{picture} is no picture that can be drawn: its name must end in .png, "
                         f".pdf or .svg")


def _kept(result: Result | Trained, out: Path, beside: Mapping[str, bytes] | None) -> Kept:
    import potentia as pt
    from potentia.console.log import LOG
    reasons = []
    for place in itertools.chain((out,), _elsewhere(out)):
        try:
            pt.save(result, place, beside)
        except pt.InputError as error:
            reasons.append(str(error))
        else:
            if reasons:
                LOG.warning("%s; saved in %s instead", reasons[0], place)
            return Kept(place, reasons[0] if reasons else "")
    LOG.warning("not saved: %s", "; ".join(reasons))
    return Kept(None, "; ".join(reasons))


def _elsewhere(out: Path) -> Iterator[Path]:
    """Where else: beside `out`, and where temporary files go."""
    import tempfile
    yield next(place for number in range(2, 10**6)
               if not (place := out.resolve().with_name(f"{out.resolve().name}-{number}")).exists())
    try:
        yield Path(tempfile.gettempdir()) / f"potentia-{out.resolve().name}-{secrets.token_hex(4)}"
    except OSError:                  # no such place can be written
        return
