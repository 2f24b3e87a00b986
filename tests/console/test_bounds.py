"""What is printed of a bound, read back, never says more than the bound does."""

from __future__ import annotations

import dataclasses
import math
import re
from decimal import Decimal

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

import potentia as pt
from potentia.certificates.certificate import Certificate
from potentia.console.bounds import above, below, between, from_to
from potentia.names import Names
from potentia.pages.certified import Judged, verdict
from potentia.result import Result, Status
from potentia.welfare.traffic import relative_gaps

NUMBER = r"(-?[\d,]+(?:\.\d+)?(?:e[+-]\d+)?)"
anything = st.floats(-1e307, 1e307)
gaps = st.floats(0, 1e9)


def read(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@given(anything, st.sampled_from([".2g", ".3g", ".6g", ",.2f", ".5f"]))
@example(1e15 + 0.125, ",.2f")
@example(0.1, ".3g")
@example(-1e-9, ".5f")
def test_bounds_read_back_hold_and_are_as_near_as_digits_allow(number, form):
    low, high = below(number, form), above(number, form)
    tiny = form.endswith("g") and abs(number) < 1e-300        # few digits are left there
    if not tiny:
        assert read(low) <= Decimal(number) <= read(high)
    assert float(read(low)) <= number <= float(read(high))
    assert format(number, form) in (low, high) or read(format(number, form)) == 0
    assert not re.fullmatch("-0[.0]*", low + high)


def test_what_is_no_finite_number_stays():
    assert [above(math.inf), below(-math.inf), above(math.nan)] == ["inf", "-inf", "nan"]
    assert (below(-0.001, ".2f"), above(-0.001, ".2f")) == ("-0.01", "0.00")
    assert (below(1234.567, ",.2f"), above(1234.561, ",.2f")) == ("1,234.56", "1,234.57")


@given(anything, anything)
def test_two_bounds_are_rounded_apart(one, other):
    low, high = sorted((one, other))
    told = re.fullmatch(rf"between {NUMBER} and {NUMBER}|{NUMBER}", between(low, high))
    if told and told[1]:
        assert float(told[1]) <= low <= high <= float(told[2])
        assert from_to(low, high) == told[0]
    else:
        assert f"{low:.6g}" == f"{high:.6g}" == between(low, high)


def certificate(low: float, high: float, **more) -> Certificate:
    return dataclasses.replace(Certificate(
        nash_gap=high, nash_gap_lower=low, worst_state_gap=high, worst_state_gap_lower=low,
        per_agent=np.array([high, low]), per_agent_lower=np.array([low, low]),
        witness=np.ones((1, 1)), witness_agent=0, values=np.zeros(2), method="exact"), **more)


@given(gaps, gaps)
def test_certificates_never_say_too_much(one, other):
    low, high = sorted((one, other))
    names = Names(agents=("Ada", "Ben"))
    for found, first in ((certificate(low, high), "{}, {}"),
                         (certificate(low, high, names=names), "Ada {}, Ben {}")):
        told = dict(found.lines())
        for label in ("Nash gap from the initial distribution", "Nash gap, worst over the states"):
            least, most = re.fullmatch(f"between {NUMBER} and {NUMBER}", told[label]).groups()
            assert float(least) <= low <= high <= float(most)
        by_agent = re.fullmatch(first.format(NUMBER, NUMBER), told["gain of each agent, at most"])
        assert float(by_agent[1]) >= high
        assert float(by_agent[2]) >= low
    roads = dict(certificate(low, high, relative_gap=high, witness_trip=(1, 2)).lines())
    for text in (roads["relative gap"], relative_gaps(high, 0.0)[0][1]):
        assert float(re.match(f"at most {NUMBER}:", text)[1]) >= high
    assert float(re.match(f"between {NUMBER} and {NUMBER}:", roads["Nash gap"])[2]) >= high


@given(gaps, gaps)
def test_reports_never_say_too_much(one, other):
    low, high = sorted((one, other))
    game = pt.games.make("stag-hunt")
    result = Result(game, np.zeros((2, 1, 2)), Status.CONVERGED, 1, {}, {})
    words = verdict(Judged(result, [certificate(low, high)]))
    more, *least = re.findall(f"(?:more than|can gain) {NUMBER}", words)
    assert float(more) >= high
    assert [float(each) <= low for each in least] == [True] * (low > 0)
    words = verdict(Judged(result, [certificate(0, high), certificate(0, low)]))
    most, best = re.findall(f"more than {NUMBER}", words)
    assert float(most) >= high
    assert float(best) >= low
    share, single = re.findall(f"(?:a share of|more than) {NUMBER}", verdict(Judged(
        result, [certificate(low, high, relative_gap=low)])))
    assert float(share) >= low
    assert float(single) >= high


def test_prices_from_some_equilibria_are_rounded_outward():
    found = pt.welfare.report(pt.games.make("random-potential"), starts=2, limit=1)
    found = dataclasses.replace(found, price_of_anarchy=1.23456789, price_of_stability=1.0000001)
    told = dict(found.lines())
    assert told["price of anarchy"] == "at least 1.23456"
    assert told["price of stability"] == "at most 1.00001"
