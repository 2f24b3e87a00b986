"""The registered rules as tests make them."""

from __future__ import annotations

import dataclasses
from typing import Any

import potentia as pt

# Those that are solved with on every game with every oracle, and stopped and gone on with: each
# program takes a second. What a game and an oracle are to a rule is a view, and all rules are shown
# those (`tests/conformance/test_views.py`).
SOLVED = ("inpg", "inpg-adaptive", "ipg")


def takes_a_step(name: str) -> bool:
    """Whether the rule of that name has a step size."""
    return "step_size" in {field.name for field in dataclasses.fields(pt.rules.load(name))}


def made(name: str, step_size: float) -> Any:
    """The rule of that name, with that step size if it has one."""
    return pt.rules.make(name, **({"step_size": step_size} if takes_a_step(name) else {}))
