"""What the arrays of a game file claim, held against what such a game needs, before they are
unpacked: a megabyte can unpack to gigabytes of zeros."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Any

from potentia.errors import InputError, known_name
from potentia.io import routing_files, structured_files
from potentia.io.claims import Claim

SMALL = 10_000_000        # bytes that are unpacked at once: what is wrong with them is said later
LONGEST_HEADER = 64_000_000
ARRAYS = {"rewards", "transitions", "initial", "mask", "information", "stage_potential"}
SPARSE = ("transitions.data", "transitions.indices", "transitions.indptr")


def refuse_long_header(claims: Mapping[str, Claim]) -> None:
    """Raise InputError for a header that is no text, or much longer than any."""
    header = claims.get("header")
    if header is not None and (header.shape or header.size > LONGEST_HEADER):
        raise InputError(f"the header claims {header.size:,} bytes and the shape {header.shape}, "
                         f"but one text of at most {LONGEST_HEADER:,} was expected")


def refuse_misfits(claims: Mapping[str, Claim], header: Mapping[str, Any]) -> None:
    """Raise InputError for an array that a game of this header has not, and, of a table that is
    large unpacked, for one of a size that does not go with the shape of the rewards."""
    kind: Any = header.get("kind")
    own = [name for name in claims if name != "header"]
    if kind == "routing":
        _refuse_unknown([name for name in own if not name.startswith("costs.")],
                        routing_files.ARRAYS)
    elif kind in structured_files.KINDS:
        _, build, normalised = structured_files.KINDS[kind]
        _refuse_unknown(own, {*inspect.signature(build).parameters,
                              *(structured_files.KEPT + name for name in normalised)})
    else:
        _refuse_unknown(own, {*ARRAYS, *SPARSE})
        if "rewards" in claims and sum(claim.size for claim in claims.values()) > SMALL:
            _refuse_other_tables(claims)


def _refuse_unknown(names: list[str], known: set[str]) -> None:
    for name in names:
        known_name(name, known, "array")


def _refuse_other_tables(claims: Mapping[str, Claim]) -> None:
    shape = claims["rewards"].shape
    if len(shape) < 3 or len(shape) != shape[0] + 2:
        raise InputError(f"rewards has shape {shape}, but [N, S, A1, ..., AN] was expected")
    n_agents, n_states, *counts = shape
    pairs = n_states * math.prod(counts)
    entries = {"initial": {n_states}, "information": {n_agents * n_states},
               "mask": {n_agents * n_states * max(counts)}, "stage_potential": {pairs},
               "transitions": {pairs, pairs * n_states}, SPARSE[2]: {pairs + 1}}
    for name, claim in claims.items():
        there, most = math.prod(claim.shape), pairs * n_states
        if there not in entries.get(name, {there}) or (name in SPARSE[:2] and there > most):
            needed = " or ".join(f"{number:,}" for number in sorted(entries.get(name, {most})))
            raise InputError(f"the array {name!r} claims the shape {claim.shape}, but a game whose "
                             f"rewards have the shape {shape} needs {needed} entries")
