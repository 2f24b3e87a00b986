"""Work that may take so long and no longer."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from potentia.runtime.time_limits import TimeIsUpError, time_limit


def test_the_time_is_up() -> None:
    before = signal.getsignal(signal.SIGALRM)
    began = time.perf_counter()
    with pytest.raises(TimeIsUpError), time_limit(0.05):
        time.sleep(5.0)
    assert time.perf_counter() - began < 2.0
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0.0


def test_none_left_is_up_at_once_and_none_asked_for_is_never() -> None:
    with pytest.raises(TimeIsUpError), time_limit(0.0):
        pytest.fail("begun without time")
    with time_limit(None):
        pass


def test_an_alarm_that_is_set_is_left_alone() -> None:
    with time_limit(30.0), time_limit(0.02):
        time.sleep(0.1)
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 20.0


def test_another_thread_knows_no_limit() -> None:
    found = []

    def work() -> None:
        with time_limit(0.01):
            time.sleep(0.05)
        found.append("done")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == ["done"]
