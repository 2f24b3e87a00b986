"""Bounds as people read them: rounded outward, lower ones down and upper ones up, so that what is
printed is true too."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

EXACT = 1_200             # digits that every sum of powers of two in float64 has room in


def below(number: float, form: str = ".6g") -> str:
    """A lower bound in a format of so many digits (.6g) or decimals (,.2f), rounded down."""
    return _rounded(number, form, ROUND_FLOOR)


def above(number: float, form: str = ".6g") -> str:
    """An upper bound, rounded up."""
    return _rounded(number, form, ROUND_CEILING)


def from_to(low: float, high: float, form: str = ".6g") -> str:
    """Two bounds on one number, always both: "between 1 and 2"."""
    return f"between {below(low, form)} and {above(high, form)}"


def between(low: float, high: float) -> str:
    """Two bounds on one number; the number itself where they agree to the digits shown."""
    return f"{low:.6g}" if f"{low:.6g}" == f"{high:.6g}" else from_to(low, high)


def _rounded(number: float, form: str, how: str) -> str:
    if not math.isfinite(number):
        return format(float(number), form)
    exact, places = Decimal(float(number) + 0.0), int(form.strip(",.fg"))         # no -0
    if form.endswith("g"):
        return format(float(Context(prec=places, rounding=how).plus(exact)), form)
    shown = exact.quantize(Decimal(1).scaleb(-places), how, Context(prec=EXACT))
    return format(shown if shown else abs(shown), form)               # no -0.00
