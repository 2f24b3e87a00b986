"""Headers that carry one SHA-256 over themselves and over the files that they name by theirs: what
was changed since is noticed. It is a seal, not a signature: who means to deceive can seal anew."""

from __future__ import annotations

import hashlib
import json
from io import BufferedReader
from typing import Any

SEAL = "seal"


def sealed(header: dict[str, Any]) -> dict[str, Any]:
    """The header, which holds nothing but what JSON holds, with the SHA-256 of the rest of it."""
    rest = {name: value for name, value in header.items() if name != SEAL}
    text = json.dumps(rest, sort_keys=True)
    return {**rest, SEAL: hashlib.sha256(text.encode()).hexdigest()}


def digest(file: BufferedReader) -> str:
    """The SHA-256 of an opened file, which is then at its beginning again."""
    found = hashlib.file_digest(file, "sha256").hexdigest()  # pyright: ignore[reportArgumentType]
    file.seek(0)
    return found
