"""What a certificate of many tells: the largest gains, and whose they are."""

from __future__ import annotations

import numpy as np

import potentia as pt
from potentia.certificates.certificate import Certificate
from potentia.console.text import as_text
from potentia.names import Names


def of_gains(gains: np.ndarray, **more) -> Certificate:
    worst = int(gains.argmax())
    return Certificate(
        nash_gap=float(gains.max()), nash_gap_lower=0.0, worst_state_gap=1.0,
        worst_state_gap_lower=0.0, per_agent=gains, per_agent_lower=0 * gains,
        witness=np.ones((1, 1)), witness_agent=worst, values=-np.arange(1.0, len(gains) + 1),
        method="exact", **more)


def test_of_many_types_the_largest_are_told_first_with_their_trips() -> None:
    gains = np.zeros(89)
    gains[[70, 3]] = 0.5, 0.25
    trips = tuple((k, k + 100, "lorry") for k in range(89))
    told = dict(of_gains(gains, relative_gap=0.1, witness_trip=trips[70][:2], trips=trips).lines())
    assert told["largest gains, at most"].startswith(
        "0.5 from 70 to 170 (lorry), 0.25 from 3 to 103 (lorry), 0")
    assert told["largest gains, at most"].endswith(", ... (89 types)")
    assert told["expected cost of each type"] == (
        "1 from 0 to 100 (lorry) up to 89 from 88 to 188 (lorry) (89 types)")
    assert "in units of cost" in told["Nash gap"]


def test_of_many_agents_too_named_or_not() -> None:
    gains = np.zeros(9)
    gains[8] = 2.0
    plain = dict(of_gains(gains).lines())
    assert plain["largest gains, at most"].startswith("2 of agent 8, 0 of agent 0, ")
    named = dict(of_gains(gains, names=Names(agents=tuple("ABCDEFGHI"))).lines())
    assert named["largest gains, at most"].startswith("I 2, A 0, ")
    few = dict(of_gains(gains[6:]).lines())
    assert few["gain of each agent, at most"] == "0, 0, 2"
    assert "largest" not in as_text(list(few.items()))


def test_a_class_is_told_of_its_trips() -> None:
    roads = pt.RoutingGame.from_links(
        [(1, 2), (1, 2)], pt.link_costs.polynomial([[0, 1], [3, 0]]),
        [(1, 2, 4, "car"), (1, 2, 1, "lorry")], node_names=("A", "B"),
        classes={"car": pt.TrafficClass(), "lorry": pt.TrafficClass(value_of_time=2.0)})
    certificate = pt.certify(roads, np.asarray(roads.initial_profile("uniform", 0)))
    assert set(certificate.trips) == {("A", "B", "car"), ("A", "B", "lorry")}
    assert "from A to B (lorry)" in str(certificate)
