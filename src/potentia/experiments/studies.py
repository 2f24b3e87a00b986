"""What is reproduced beside figures and statements: each study writes files of its own to a
directory, and returns entries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from potentia.experiments import chaos, lemmas

STUDIES: dict[str, Callable[[Path, int], list[dict[str, object]]]] = {
    "chaos": lambda out, seed: chaos.reproduce(out),
    "lemmas": lemmas.reproduce,
}
