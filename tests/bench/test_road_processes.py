"""Processes that the benchmark of roads times."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from potentia.bench import roads
from potentia.bench.city import city
from potentia.bench.harness import Asked, Figure
from potentia.bench.traffic import network_of
from potentia.errors import InputError

ANSWER = {"runs": [{"status": "CONVERGED", "iterations": 3,
                    "certificate": {"relative_gap": 1e-6}}],
          "version": "1", "iterations": 7, "gap": 1e-5, "seconds": 1.0}


def test_a_process_that_takes_too_long_is_ended() -> None:
    ran = roads._ran([sys.executable, "-c", "import time; time.sleep(60)"], {}, patience=0.3)
    assert (ran.output, ran.error) == ("", "")
    assert 0.3 <= ran.seconds < 30
    figure = roads._far("far", roads.Ran(0.1, 0, "{}"), ran)
    assert figure.holds is False
    assert figure.note == "not there yet when it was ended"


def test_a_process_that_is_done_in_time_is_told() -> None:
    ran = roads._ran([sys.executable, "-c", "print('done')"], {}, patience=60.0)
    assert (ran.output, ran.error) == ("done\n", "")


def test_why_a_process_failed_is_told() -> None:
    ran = roads._ran([sys.executable, "-c", "raise SystemExit('no such road')"], {}, patience=60.0)
    assert ran.error == "no such road"


def measured(monkeypatch: pytest.MonkeyPatch, seconds: list[float], error: str = "",
             round_takes: float = 1.0) -> tuple[list[Figure], list[str]]:
    """Figures of a town whose processes take these times, one after another, and the folders of
    programs that they were given; error: of the first."""
    left, kept, clock = iter(seconds), [], iter([0.0, round_takes] * len(seconds))

    def ran(command: list[str], environment: dict, patience: float | None = None) -> roads.Ran:
        kept.append(environment.get("XDG_CACHE_HOME", ""))
        return roads.Ran(next(left), 10**9, json.dumps(ANSWER), "" if kept[1:] else error)

    monkeypatch.setattr(roads, "_ran", ran)
    monkeypatch.setattr(roads.time, "perf_counter", lambda: next(clock))
    town = network_of("a town", city(side=3, zones=4, trips=20, room=0.01).game(parts=10**6))
    rounds = [*roads._rounds(Asked(Path("."), aequilibrae="python"), town, 1e-5, 1e-8, 3)]
    return roads._of("a town", rounds, 1e-5, 1e-8), kept


def test_the_middle_of_three_rounds_counts(monkeypatch) -> None:
    figures, kept = measured(monkeypatch, [9.0, 3.0, 4.0, 2.0, 8.0, 1.0, 90.0, 5.0,
                                           50.0, 2.0, 3.0, 4.0])
    assert [figure.value for figure in figures] == [9.0 / 4.0, 2.0 / 4.0, 4.0 / 2.0, 1.0]
    # Each round begins without compiled programs, which its later processes have.
    caches = [kept[4 * k:4 * k + 3] for k in range(3)]
    assert all(len({*own}) == 1 for own in caches)
    assert len({own[0] for own in caches}) == 3


def test_what_takes_long_is_done_once(monkeypatch) -> None:
    figures, kept = measured(monkeypatch, [9.0, 3.0, 4.0, 2.0], round_takes=61.0)
    assert len(kept) == 4
    assert figures[0].value == 4.5


def test_a_round_that_fails_is_the_last(monkeypatch) -> None:
    figures, kept = measured(monkeypatch, [9.0, 3.0, 4.0, 2.0], error="no memory")
    assert len(kept) == 4
    assert [figure.note for figure in figures] == ["not measured: no memory"]


def test_a_damaged_network_is_found_before_anything_is_measured(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "_begun_once", lambda asked: pytest.fail("has begun to measure"))
    paths = tmp_path / "A_net.tntp", tmp_path / "A_trips.tntp"
    for path in paths:
        path.write_text("no network\n")
    with pytest.raises(InputError, match=r"A_net\.tntp"):
        roads.measure(Asked(networks=(paths,)))
