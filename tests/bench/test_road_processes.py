"""Processes that the benchmark of roads times."""

from __future__ import annotations

import sys

from potentia.bench import roads


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
